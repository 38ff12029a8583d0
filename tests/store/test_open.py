"""Opening, migrating, refusing."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from jupyter_datachain_jobs.domain import JobsError
from jupyter_datachain_jobs.store import open_store
from jupyter_datachain_jobs.store.open import HEAD
from jupyter_datachain_jobs.store.tables import metadata


async def test_the_migrations_build_what_the_code_uses(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    await (await open_store(path)).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_head_is_the_newest_migration() -> None:
    from jupyter_datachain_jobs.store import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


async def test_several_servers_may_start_at_once(tmp_path: Path) -> None:
    stores = await asyncio.gather(*(open_store(tmp_path / "new" / "jobs.sqlite") for _ in range(4)))
    for store in stores:
        assert await store.seq() == 0
        await store.close()


async def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "jobs.sqlite"
    await (await open_store(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(JobsError) as caught:
        await open_store(path)
    assert caught.value.code == "database_unusable"


async def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    await (await open_store(path)).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(JobsError) as caught:
        await open_store(path)
    assert caught.value.code == "database_too_new"

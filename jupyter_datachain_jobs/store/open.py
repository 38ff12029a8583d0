"""Opens the jobs database: engine, pragmas, migrations."""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from jupyter_datachain_jobs.domain import Category, JobsError

from .jobs import JobStore
from .ranks import AGEING_S

#: Revision that this code needs; a test holds it to the newest file in `migrations/versions`.
HEAD = "0002"

#: How long a statement waits for another writer, in seconds. Writes take about a millisecond each.
BUSY_TIMEOUT_S = 30.0


async def open_store(path: Path, *, ageing_s: float = AGEING_S) -> JobStore:
    """Open (and where needed create or migrate) the SQLite database at `path`. `ageing_s`: see `JobStore`.

    Raises
    ------
    JobsError
        ``database_too_new`` when a newer version of this package wrote it, ``database_unusable`` when it is not a
        database or cannot be written.
    """
    await asyncio.to_thread(_migrate, path)
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        connect_args={"timeout": BUSY_TIMEOUT_S},
        pool_size=4,
        max_overflow=8,
    )
    _prepare(engine)
    return JobStore(engine, ageing_s=ageing_s)


def _prepare(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver's own implicit BEGIN is deferred, and a deferred transaction that reads and then writes fails at
        # once with SQLITE_BUSY_SNAPSHOT, whatever the timeout. So: no implicit transactions.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        # NORMAL would lose the last commits at a power cut; a state that was published must not be taken back.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _migrate(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # Several servers may start at once over one folder.
        with open(path.with_suffix(".lock"), "a+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            version = _version(path)
            if version == HEAD:
                return
            _upgrade(path, version)
    except (sqlite3.DatabaseError, OSError) as error:
        raise JobsError(
            "database_unusable",
            f"The jobs database {path} cannot be used: {error}.",
            "Check that the folder is writable and not full. If the file is damaged, move it away: a new one is made.",
            category=Category.UNAVAILABLE,
        ) from error


def _version(path: Path) -> str | None:
    """Revision found in the file, without importing Alembic: it costs more than the whole look."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        path.chmod(0o600)
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None
    finally:
        connection.close()


def _upgrade(path: Path, version: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise JobsError(
            "database_too_new",
            f"The jobs database {path} was written by a newer version of jupyter-datachain-jobs.",
            "Install the newer version again, or point `JobsApp.data_dir` at another folder.",
            category=Category.UNAVAILABLE,
        )
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()

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

from .failures import told
from .jobs import JobStore
from .ranks import AGEING_S

#: Revision that this code needs; a test holds it to the newest file in `migrations/versions`.
HEAD = "0002"

#: How long a statement waits for another writer, in seconds. Writes take about a millisecond each.
BUSY_TIMEOUT_S = 30.0


#: And for the others to let go of a database that must leave the write-ahead log, in seconds.
LEAVE_WAL_TIMEOUT_S = 5.0


async def open_store(path: Path, *, ageing_s: float = AGEING_S, wal: bool = True) -> JobStore:
    """Open (and where needed create or migrate) the SQLite database at `path`. `ageing_s`: see `JobStore`.

    wal: a write-ahead log may be used; on a network file system it may not, since its index is shared memory, which
        ends at the machine. A database that once left it stays without: another machine may be using it.

    Raises
    ------
    JobsError
        ``database_too_new`` when a newer version of this package wrote it, ``database_unusable`` when it is not a
        database or cannot be written, ``database_busy`` and ``database_full`` as `failures.told`, ``database_in_use``
        when it must leave the write-ahead log and another server has it open.
    """
    await asyncio.to_thread(_migrate, path, wal)
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}",
        connect_args={"timeout": BUSY_TIMEOUT_S},
        pool_size=4,
        max_overflow=8,
    )
    _prepare(engine, wal)
    return JobStore(engine, ageing_s=ageing_s)


def _prepare(engine: AsyncEngine, wal: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver's own implicit BEGIN is deferred, and a deferred transaction that reads and then writes fails at
        # once with SQLITE_BUSY_SNAPSHOT, whatever the timeout. So: no implicit transactions.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        # NORMAL would lose the last commits at a power cut; a state that was published must not be taken back.
        cursor.execute("PRAGMA synchronous=FULL")
        if not wal:
            # Each connection says it anew: of the modes only WAL is kept in the file.
            cursor.execute("PRAGMA journal_mode=TRUNCATE")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _migrate(path: Path, wal: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        # Several servers may start at once over one folder.
        with told(), open(path.with_suffix(".lock"), "a+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            version = _version(path, wal)
            if version == HEAD:
                return
            _upgrade(path, version)
    except OSError as error:
        raise JobsError(
            "database_unusable",
            f"The jobs database {path} cannot be used: {error.strerror or error}.",
            "Check that its folder is writable and not full.",
            category=Category.UNAVAILABLE,
        ) from error


def _version(path: Path, wal: bool) -> str | None:
    """Revision found in the file, without importing Alembic: it costs more than the whole look."""
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)
    try:
        _choose_journal(connection, path, wal)
        path.chmod(0o600)
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None
    finally:
        connection.close()


def _choose_journal(connection: sqlite3.Connection, path: Path, wal: bool) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if wal and mode != "wal" and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        connection.execute("PRAGMA journal_mode=WAL")
    elif not wal and mode == "wal":
        try:
            connection.execute(f"PRAGMA busy_timeout={LEAVE_WAL_TIMEOUT_S * 1000:.0f}")
            connection.execute("PRAGMA journal_mode=TRUNCATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            raise JobsError(
                "database_in_use",
                f"The jobs database {path} is on a network file system and must leave its write-ahead log, but another "
                "server has it open.",
                "Stop the other servers over this data folder: it goes on by itself once they are gone.",
                category=Category.UNAVAILABLE,
            ) from error


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

"""Tables that say which row stands where, for versions whose ids do not say it themselves.

Versions are immutable, so an order is made once and kept in a file of its own in the cache folder: written under another
name, then renamed, so that a reader finds all of it or nothing, and several servers can share the folder. DataChain's
own file is only read.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from .connection import MissingFile, MissingTable, ReadPool, translated
from .errors import CacheUnwritable, DatasetUnreadable

#: The oldest orders beyond this many bytes are deleted; five million rows take about 60 MB.
CACHE_LIMIT = 2 * 1024**3
#: SQLite's instructions between two looks at whether to go on; about 10 ms.
_PROGRESS = 500_000


class Orders:
    """The order tables of one cache folder. Safe from many threads; builds run one at a time on a thread of their own."""

    def __init__(self, folder: Path, limit: int = CACHE_LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._pools: dict[str, ReadPool] = {}
        self._builds: dict[str, Future[None]] = {}
        self._closed = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="datachain-jobs-order")

    def slice(self, key: str, offset: int, limit: int) -> tuple[list[int], int] | None:
        """Row ids at positions `offset` to `offset + limit`, and the number of positions; None while it is not built."""
        with self._lock:
            pool = self._pools.setdefault(key, ReadPool(self._path(key), kept=1))
        try:
            with pool.read() as connection:
                ids = connection.execute(
                    "select id from ord where position between ? and ? order by position", (offset + 1, offset + limit)
                ).fetchall()
                (total,) = connection.execute("select max(position) from ord").fetchone()
        except MissingFile:
            return None
        except (MissingTable, DatasetUnreadable):
            # A cache that is damaged is a cache that is not there.
            self._path(key).unlink(missing_ok=True)
            return None
        return [row[0] for row in ids], total or 0

    def build(self, key: str, source: Path, statement: str, parameters: Sequence[object] = ()) -> Future[None]:
        """Begin to build an order, unless that is already going on.

        key: names the version and everything that decides the order. statement: selects ids, in order, from the tables
        of `source`. The future fails with `ResultsBusy`, `DatasetUnreadable` or `CacheUnwritable`, or is cancelled by `close`.
        """
        with self._lock:
            future = self._builds.get(key)
            if future is None:
                future = self._builds[key] = self._executor.submit(self._build, key, source, statement, parameters)
                future.add_done_callback(lambda _: self._builds.pop(key, None))
            return future

    def close(self) -> None:
        """Interrupt what is being built and let go of all files."""
        with self._lock:
            self._closed = True
            pools = list(self._pools.values())
            self._pools.clear()
        self._executor.shutdown(wait=True, cancel_futures=True)
        for pool in pools:
            pool.close()

    def _path(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.order"

    def _build(self, key: str, source: Path, statement: str, parameters: Sequence[object]) -> None:
        path = self._path(key)
        draft = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with translated(source):
                self._write(draft, source, statement, parameters)
            os.replace(draft, path)
        except OSError as error:
            raise CacheUnwritable(str(self._folder), error.strerror or str(error)) from None
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        self._trim(keep=path)

    def _write(self, draft: Path, source: Path, statement: str, parameters: Sequence[object]) -> None:
        connection = sqlite3.connect(f"file:{quote(str(draft))}", uri=True, isolation_level=None)
        try:
            # Unlike interrupt(), this also stops a statement that has not begun yet.
            connection.set_progress_handler(lambda: self._closed, _PROGRESS)
            # Nothing is lost with a draft: it can be made again.
            connection.execute("pragma journal_mode = off")
            connection.execute("pragma synchronous = off")
            connection.execute("create table ord (position integer primary key, id integer not null)")
            connection.execute("attach ? as source", (f"file:{quote(str(source))}?mode=ro",))
            connection.execute(f"insert into ord (id) {statement}", tuple(parameters))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise CancelledError from None
            # The draft is all that is written here.
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY):
                raise OSError(errno.ENOSPC, str(error)) from None
            raise
        finally:
            connection.close()

    def _trim(self, keep: Path) -> None:
        found = []
        for path in self._folder.glob("*.order"):
            with contextlib.suppress(OSError):  # another server trims as well
                found.append((path.stat().st_mtime, path.stat().st_size, path))
        size = 0
        for _, bytes_, path in sorted(found, reverse=True):
            size += bytes_
            if size > self._limit and path != keep:
                with contextlib.suppress(OSError):
                    path.unlink()

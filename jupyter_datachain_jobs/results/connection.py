"""Read-only connections to a SQLite file that other processes write.

A few connections are kept open: opening one for each page doubled its time (0.9 against 0.45 ms), because each new
connection parses the whole schema. `mmap_size` is left alone: it gained nothing measurable for pages, and a file that is
truncated while mapped would end the server with SIGBUS.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from .errors import DatasetUnreadable, ResultsBusy, SchemaUnknown

#: Seconds to wait for a lock. Readers of a WAL file wait only for recovery and exclusive locking, which are rare.
BUSY_TIMEOUT = 1.0
#: Connections kept for reuse; more are opened when needed and closed afterwards.
KEPT = 4

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class MissingFile(Exception):
    """The database does not exist: DataChain has not been used in this root yet."""


class MissingTable(Exception):
    """A table or column that the statement names is not there (any more)."""


class ReadPool:
    """Hands out read-only connections to one file; safe for use from many threads.

    A file that was deleted and made anew is noticed (device and inode) and opened again.
    """

    def __init__(self, path: Path, kept: int = KEPT, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self._kept = kept
        self._busy_timeout = busy_timeout
        self._idle: deque[tuple[tuple[int, int], sqlite3.Connection]] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One read transaction: everything read inside is of one moment, and it ends with the block.

        Keep the block short: DataChain's write-ahead log cannot shrink while it lasts.

        Raises MissingFile, MissingTable, `ResultsBusy`, `DatasetUnreadable`.
        """
        identity = self.identity()
        with translated(self.path):
            connection = self._take(identity)
            try:
                connection.execute("begin")
                yield connection
            except sqlite3.Error:
                # Whatever it was, a new connection is the surest way to be rid of it.
                connection.close()
                raise
            except BaseException:
                self._end(identity, connection)
                raise
            else:
                self._end(identity, connection)

    def identity(self) -> tuple[int, int]:
        """(device, inode) of the file. Raises MissingFile, `DatasetUnreadable`."""
        try:
            found = os.stat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            self.close()
            raise MissingFile(str(self.path)) from None
        except OSError as error:
            raise _unreadable(self.path, str(error)) from None
        return found.st_dev, found.st_ino

    def close(self) -> None:
        with self._lock:
            while self._idle:
                self._idle.pop()[1].close()

    def _take(self, identity: tuple[int, int]) -> sqlite3.Connection:
        with self._lock:
            while self._idle:
                # Last in, first out: the connection with the warmest page cache.
                opened, connection = self._idle.pop()
                if opened == identity:
                    return connection
                connection.close()
        return open_read_only(self.path, self._busy_timeout)

    def _end(self, identity: tuple[int, int], connection: sqlite3.Connection) -> None:
        connection.rollback()
        with self._lock:
            if len(self._idle) < self._kept:
                self._idle.append((identity, connection))
                return
        connection.close()


def open_read_only(path: Path, busy_timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    """Open a database that is never written through this connection.

    In a folder that we may not write, SQLite cannot make the shared-memory file that a WAL database needs; if there is no
    log with newer content either, the file is read as it lies.
    """
    address = f"file:{quote(str(path))}?mode=ro"
    log = path.with_name(path.name + "-wal")
    if not os.access(path.parent, os.W_OK) and not log.exists():
        address += "&immutable=1"
    return sqlite3.connect(
        address, uri=True, timeout=busy_timeout, isolation_level=None, check_same_thread=False, cached_statements=256
    )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours. Raises MissingTable, `ResultsBusy`, `DatasetUnreadable`."""
    try:
        yield
    except sqlite3.Error as error:
        extended: int | None = getattr(error, "sqlite_errorcode", None)
        if extended is None and "decode" in str(error):
            raise _unreadable(path, f"it holds text that is not UTF-8 ({error})") from None
        if extended is None:
            raise  # raised by Python's module, not by SQLite: a fault of ours
        code = extended & 0xFF
        if code in _BUSY:
            raise ResultsBusy from None
        if code in _BROKEN:
            raise _unreadable(path, f"it is damaged ({error})") from None
        if code == sqlite3.SQLITE_ERROR and "no such" in str(error):
            raise MissingTable(str(error)) from None
        if code in {sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_ERROR}:
            raise SchemaUnknown(str(error)) from None
        raise _unreadable(path, str(error)) from None


def _unreadable(path: Path, why: str) -> DatasetUnreadable:
    return DatasetUnreadable(
        f"DataChain's database {path} cannot be read: {why}.",
        "Check the file, its permissions and the disk; a damaged file can be set aside and DataChain makes a new one.",
    )

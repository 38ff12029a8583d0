"""Exactly once, and alive or not: the attempt's lock and its `run.json`.

The lock is held by guard and supervisor together for as long as either lives, so "held" means alive, from any
container and after any reboot, where a pid would mean nothing. `run.json` is linked once and never replaced, so the
attempt can begin once only, even when the first supervisor is late. A server that cancels an attempt before it began
takes the lock and links a `run.json` of its own (a tombstone).
"""

import errno
import fcntl
import os

from .codec import dumps
from .names import PROTOCOL

_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


class LocksUnsupported(OSError):
    """The file system has no working locks: the state has to live elsewhere."""


def take_lock(path: str) -> int | None:
    """Takes an attempt's lock, without waiting.

    Args:
        path: the lock file, made if it is missing. Nobody may unlink it before the attempt is final.

    Returns:
        A descriptor (CLOEXEC) that holds the lock until it and its copies in forked processes are closed; None if
        somebody else holds it.

    Raises:
        LocksUnsupported: the file system has no locks.
        OSError: the lock file cannot be opened.
    """
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_same(fd, path):
                return fd
        except BlockingIOError:
            os.close(fd)
            return None
        except OSError as error:
            os.close(fd)
            if error.errno in _NO_LOCKS:
                raise LocksUnsupported(error.errno, os.strerror(error.errno), path) from None
            raise
        # Unlinked between open and lock: this lock would guard nothing.
        os.close(fd)


def held(path: str) -> bool | None:
    """Whether somebody holds a lock; None if there is no such file.

    Raises:
        OSError: it cannot be opened, or the file system has no locks.
    """
    try:
        # To read: a disk that became read-only still tells who lives.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        # Shared, so that those who look at the same moment do not take each other for the holder.
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _is_same(fd: int, path: str) -> bool:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return False
    mine = os.fstat(fd)
    return (mine.st_dev, mine.st_ino) == (found.st_dev, found.st_ino)


def sync_folder(folder: str) -> None:
    """Makes names that were linked or renamed in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        # Some network file systems cannot, and have nothing to lose by it.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(fd)


def link_once(folder: str, name: str, document: object) -> bool:
    """Makes a file that is complete and durable from the moment it exists, if there is none of that name.

    Returns:
        False if there is one.

    Raises:
        OSError: the folder is missing, or cannot be written.
    """
    path = os.path.join(folder, name)
    temporary = f"{path}.{os.getpid()}.{os.urandom(4).hex()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            os.write(fd, dumps(document) + b"\n")
            os.fsync(fd)
        finally:
            os.close(fd)
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)
    sync_folder(folder)
    return True


def tombstone(folder: str, lock: str, job: str, attempt: int, error: object = None) -> bool:
    """Makes sure that an attempt which has not begun never will. For a server to call.

    Takes the lock as a supervisor would and links `run.json`: a supervisor that comes late finds either.

    Args:
        folder: of the attempt.
        lock: its lock file.
        job, attempt: which one.
        error: why it will not run, as JSON values; None where it was stopped.

    Returns:
        False if the attempt has begun, or is beginning at this moment.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)
    fd = take_lock(lock)
    if fd is None:
        return False
    try:
        document = {"protocol": PROTOCOL, "job": job, "attempt": attempt, "tombstone": True, "error": error}
        if link_once(folder, "run.json", document):
            return True
        with open(os.path.join(folder, "run.json"), "rb") as file:
            return b'"tombstone"' in file.read()
    finally:
        os.close(fd)

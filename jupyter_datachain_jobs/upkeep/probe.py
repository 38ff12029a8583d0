"""Tries locks and links in a folder: ``python -I -S probe.py FOLDER`` prints ``ok``, or what does not work.

A process of its own, with the standard library alone, so that a file system that hangs takes nobody with it. An error
which says nothing of locks or links (no room, no right to write) is told by the exit status, which is its number.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
import tempfile
from collections.abc import Callable

#: How file systems say that they have no such thing. That one is full is no reason to keep the state elsewhere.
MISSING = frozenset(
    {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EPERM, errno.EINVAL, errno.EMLINK, errno.EXDEV}
)


def main(folder: str) -> str:
    """Raises OSError as said above."""
    place = tempfile.mkdtemp(prefix=".probe.", dir=folder)
    try:
        return _links(place) or _locks(place) or "ok"
    finally:
        for name in os.listdir(place):
            os.unlink(os.path.join(place, name))
        os.rmdir(place)


def _links(place: str) -> str | None:
    draft, name, other = (os.path.join(place, each) for each in ("draft", "name", "other"))
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        os.link(draft, name)
    except OSError as error:
        return f"hard links do not work ({_meaning(error)})"
    try:
        os.link(draft, name)
    except FileExistsError:
        pass
    else:
        return "a second hard link of the same name is not refused"
    os.rename(draft, other)
    os.rename(other, name)
    return None


def _locks(place: str) -> str | None:
    """In a file each: over NFS, flock is an fcntl lock too, and the two would keep each other out."""
    for kind, lock, inherited in (("flock", fcntl.flock, True), ("an fcntl lock", fcntl.lockf, False)):
        try:
            wrong = _lock(os.path.join(place, kind), lock, inherited)
        except OSError as error:
            return f"{kind} does not work ({_meaning(error)})"
        if wrong:
            return f"{kind} {wrong}"
    return None


def _lock(path: str, lock: Callable[[int, int], None], inherited: bool) -> str | None:
    """A child holds it: it must keep us out as long as the child lives, and no longer.

    inherited: taken by us and handed down, as a supervisor gets it; else taken by the child.
    """
    held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if inherited:
            lock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        told, done = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            _hold(None if inherited else lock, held, told, done)
    finally:
        os.close(held)
    os.close(told[1])
    os.close(done[0])
    try:
        number = int(os.read(told[0], 8) or b"0")
        free = number == 0 and _free(lock, path)
    finally:
        os.close(done[1])
        os.waitpid(child, 0)
    if number:
        raise OSError(number, os.strerror(number))
    if free:
        return "keeps nobody out"
    return None if _free(lock, path) else "outlives who held it"


def _hold(lock: Callable[[int, int], None] | None, held: int, told: tuple[int, int], done: tuple[int, int]) -> None:
    """The child: says 0, or the number of its error, and lives until the other end of `done` is closed."""
    number = 0
    try:
        os.close(done[1])
        if lock is not None:
            lock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        number = error.errno or errno.ENOLCK
    finally:
        os.write(told[1], b"%d" % number)
        os.read(done[0], 1)
        os._exit(0)


def _free(lock: Callable[[int, int], None], path: str) -> bool:
    descriptor = os.open(path, os.O_RDWR)
    try:
        lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    finally:
        os.close(descriptor)
    return True


def _meaning(error: OSError) -> str:
    if error.errno not in MISSING:
        raise error
    return error.strerror or str(error)


if __name__ == "__main__":
    try:
        print(main(sys.argv[1]), flush=True)
    except OSError as failed:
        sys.exit(failed.errno or 1)

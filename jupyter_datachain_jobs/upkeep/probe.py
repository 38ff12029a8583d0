"""Tries locks and links in a folder: ``python -I -S probe.py FOLDER`` prints ``ok``, or what does not work.

A process of its own, with the standard library alone, so that a file system that hangs takes nobody with it.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable


def main(folder: str) -> str:
    name = os.path.join(folder, f".probe.{os.getpid()}.{os.urandom(4).hex()}")
    linked, moved = f"{name}.linked", f"{name}.moved"
    try:
        with open(name, "wb") as file:
            for kind, lock in (("flock", _flock), ("fcntl locks", _fcntl)):
                if wrong := _lock(file.fileno(), name, kind, lock):
                    return wrong
        if wrong := _link(name, linked):
            return wrong
        os.rename(name, moved)
    except OSError as error:
        return f"files cannot be made there ({error.strerror})"
    finally:
        for path in (name, linked, moved):
            try:
                os.unlink(path)
            except OSError:
                pass
    return "ok"


def _flock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _fcntl(descriptor: int) -> None:
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _lock(descriptor: int, name: str, kind: str, lock: Callable[[int], None]) -> str | None:
    try:
        lock(descriptor)
    except OSError as error:
        return f"{kind} does not work ({error.strerror})"
    child = os.fork()
    if child == 0:
        # Opened anew: a descriptor that was inherited shares the lock.
        try:
            lock(os.open(name, os.O_RDWR))
        except BlockingIOError:
            os._exit(0)
        except OSError:
            os._exit(2)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    return None if status == 0 else f"{kind} keeps nobody out"


def _link(name: str, linked: str) -> str | None:
    try:
        os.link(name, linked)
    except OSError as error:
        return f"hard links do not work ({error.strerror})"
    try:
        os.link(name, linked)
    except FileExistsError:
        return None
    except OSError:
        pass
    return "a second hard link of the same name is not refused"


if __name__ == "__main__":
    print(main(sys.argv[1]), flush=True)

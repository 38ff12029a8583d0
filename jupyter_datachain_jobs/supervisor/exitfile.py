"""`exit.json`: how an attempt ended. Written once, complete, also when the disk is full."""

import os

from .claim import sync_folder
from .codec import bounded, dumps
from .names import PROTOCOL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "exit.json"
# So much fits whatever a job left behind: see `bounded`.
_RESERVED = 131072


def document(job: str, attempt: int) -> "dict[str, Any]":
    """An exit document with every field, as if nothing had been started. Times are wall microseconds, `boot_*` boot
    nanoseconds, sizes bytes."""
    return {
        "protocol": PROTOCOL,
        "job": job,
        "attempt": attempt,
        "reason": "never_started",
        "exit_code": None,
        "message": None,
        "pid": None,
        "started_at": None,
        "ended_at": 0,
        "boot_started": None,
        "boot_ended": 0,
        "log_size": 0,
        "log_lines": 0,
        "cancel": None,
        "leftovers": [],
        "peak_rss": 0,
        "cpu_s": 0.0,
        "oom_kills": 0,
        "masked": 0,
        "dropped_bytes": 0,
    }


class ExitFile:
    """A file that waits, with its space reserved, to be renamed to `exit.json`.

    A rename works on a full disk, where a new file fails. Guard and supervisor share it: whoever is left writes it.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._path = os.path.join(folder, NAME)
        self._waiting = f"{self._path}.new"
        self._fd = os.open(self._waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._fd, 0, _RESERVED)
            else:
                os.write(self._fd, bytes(_RESERVED))
        except OSError:
            self.discard()
            raise

    @property
    def written(self) -> bool:
        """Whether the attempt's end is on disk."""
        return os.path.exists(self._path)

    def write(self, document: "dict[str, Any]") -> None:
        """Writes the end. Returns when it is durable.

        Raises:
            OSError: the disk failed, or the folder is gone.
        """
        data = dumps(bounded(document)) + b"\n"
        done = 0
        while done < len(data):
            done += os.pwrite(self._fd, data[done:], done)
        os.ftruncate(self._fd, len(data))
        os.fsync(self._fd)
        os.rename(self._waiting, self._path)
        sync_folder(self._folder)

    def discard(self) -> None:
        """Removes the waiting file of an attempt that does not begin."""
        try:
            os.unlink(self._waiting)
        except OSError:
            pass

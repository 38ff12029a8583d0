"""Files that only grow, with disk space reserved ahead of their end.

What is reserved can still be written when the disk is full: that is how the last events and the log's marker get
through. Where the file system cannot reserve, writes fail as they come.
"""

import os

from . import kernel

MARGIN = 4096
"""Bytes that ordinary writes leave free for the words that must get through."""


def sentence(error: OSError) -> str:
    """What went wrong, without the file's name."""
    return os.strerror(error.errno) if error.errno else str(error)


class GrowingFile:
    """An append-only file.

    Not for two threads at once. Opens an existing file at its end, so that a guard can go on where a supervisor was
    killed.
    """

    def __init__(self, path: str, window: int, margin: int = MARGIN) -> None:
        """Opens the file.

        Args:
            path: the file.
            window: how many bytes to reserve at a time.
            margin: how many of them `room` leaves free.

        Raises:
            OSError: it cannot be opened or made.
        """
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.size = os.fstat(self.fd).st_size
        """Bytes written. Only this thread's own writes move it."""
        self.problem = ""
        """Why the last write or reservation failed."""
        self._window = window
        self._margin = margin
        self._reserved = self.size
        self._reserving = True

    def hold(self) -> None:
        """Reserves the margin before anything is written.

        Raises:
            OSError: the disk is full.
        """
        missing = self.size + self._margin - self._reserved
        if self._reserving and missing > 0:
            try:
                self._reserving = kernel.reserve(self.fd, self._reserved, missing)
            except OSError as error:
                raise OSError(error.errno, sentence(error)) from None
            self._reserved += missing

    def room(self, length: int) -> int:
        """How many of `length` bytes can be written with the margin left free."""
        wanted = self.size + length + self._margin
        if not self._reserving or wanted <= self._reserved:
            return length
        for more in (max(self._window, wanted - self._reserved), wanted - self._reserved):
            try:
                if not kernel.reserve(self.fd, self._reserved, more):
                    self._reserving = False
                    return length
            except OSError as error:
                self.problem = sentence(error)
                continue
            self._reserved += more
            return length
        return max(0, self._reserved - self._margin - self.size)

    def append(self, data: bytes) -> None:
        """Writes all of `data` at the end, through short writes.

        Raises:
            OSError: the disk is full or failed; `size` says how far it came.
        """
        rest = memoryview(data)
        try:
            while rest:
                done = os.pwrite(self.fd, rest, self.size)
                self.size += done
                rest = rest[done:]
        except OSError as error:
            self.problem = sentence(error)
            raise

    def release(self) -> None:
        """Gives back what was reserved and not used."""
        try:
            os.ftruncate(self.fd, self.size)
        except OSError:
            pass

    def close(self) -> None:
        """Gives back what was not used, and closes."""
        self.release()
        os.close(self.fd)

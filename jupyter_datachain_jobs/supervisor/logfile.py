"""`output.log` and its sparse index `output.idx`.

The log holds the job's bytes as they were written (after masking), and between them lines of the supervisor's own. A
full disk stops the log with a marker and never the job: bytes that have no room are counted, and each second it is
tried again.
"""

import os
import struct
import time

from . import clocks
from .reserve import GrowingFile

INDEX_STEP = 65536
"""Bytes of log after which the next chunk gets an index record."""
INDEX_US = 50_000
"""Microseconds after which the next chunk gets an index record."""
RECORD = struct.Struct("<QQQ")
"""Wall time in microseconds, byte offset, number of newlines before that offset."""
_LOG_WINDOW = 1 << 20
_INDEX_WINDOW = 16384
_RETRY_S = 1.0


def own_line(text: str) -> bytes:
    """A line of the supervisor's: dim, and told from the job's own lines by its beginning."""
    plain = "".join(char if char.isprintable() else "?" for char in text)
    return f"\x1b[2m── {plain}\x1b[0m\n".encode(errors="replace")


class LogFile:
    """The log of one attempt. For one thread, except `position`, which any thread may read."""

    def __init__(self, folder: str) -> None:
        self._log = GrowingFile(os.path.join(folder, "output.log"), _LOG_WINDOW)
        self._index = GrowingFile(os.path.join(folder, "output.idx"), _INDEX_WINDOW)
        self.dropped = 0
        """Bytes of output that found no room on the disk."""
        self._gap = 0
        self._retry_at: float | None = None
        self._at_line_start = True
        self._indexed_offset = -INDEX_STEP
        self._indexed_at = 0
        self.position = (0, 0)
        """Bytes and newlines written."""
        if self._log.size:
            self._resume()

    def _resume(self) -> None:
        """Finds the state that the killed writer of this log had."""
        # A torn record would shift all that follow.
        self._index.size -= self._index.size % RECORD.size
        lines = offset = 0
        if self._index.size:
            record = os.pread(self._index.fd, RECORD.size, self._index.size - RECORD.size)
            self._indexed_at, offset, lines = RECORD.unpack(record)
            self._indexed_offset = offset
        last = b"\n"
        while chunk := os.pread(self._log.fd, 1 << 20, offset):
            lines += chunk.count(b"\n")
            offset += len(chunk)
            last = chunk[-1:]
        self._at_line_start = last == b"\n"
        self.position = (self._log.size, lines)

    def write(self, data: bytes) -> None:
        """Appends output. Never fails: what finds no room is counted in `dropped`."""
        if not data:
            return
        if self._retry_at is not None and not self._again(len(data)):
            self._count(len(data))
            return
        written = self._append(data[: self._log.room(len(data))])
        if written < len(data):
            self._lose(len(data) - written)

    def say(self, text: str) -> bool:
        """Appends a line of the supervisor's own, on a line of its own. Returns whether it could be written.

        May use the margin that `write` leaves free.
        """
        line = own_line(text)
        line = line if self._at_line_start else b"\n" + line
        return self._append(line) == len(line)

    def finish(self) -> None:
        """Says at the end what is missing there."""
        if self._gap:
            self._say_gap()

    def sync(self) -> None:
        """Makes what is written so far durable. Any thread may call it.

        Raises:
            OSError: the disk failed.
        """
        # Each costs most of a millisecond, and a job without output has nothing to lose.
        for file in (self._log, self._index):
            if file.size:
                os.fsync(file.fd)

    def close(self) -> None:
        """Closes both files."""
        self._log.close()
        self._index.close()

    def _lose(self, count: int) -> None:
        if self._retry_at is None:
            self.say(f"The log cannot be written ({self._log.problem}): output is lost until it can")
        self._retry_at = time.monotonic() + _RETRY_S
        self._count(count)

    def _count(self, lost: int) -> None:
        self.dropped += lost
        self._gap += lost

    def _again(self, length: int) -> bool:
        """Whether output can be written again; then it has said what is missing."""
        assert self._retry_at is not None
        now = time.monotonic()
        if now < self._retry_at:
            return False
        if self._log.room(length) < length or not self._say_gap():
            self._retry_at = now + _RETRY_S
            return False
        self._retry_at = None
        return True

    def _say_gap(self) -> bool:
        if not self.say(f"{self._gap} bytes of output are missing here ({self._log.problem})"):
            return False
        self._gap = 0
        return True

    def _append(self, data: bytes) -> int:
        """Appends and indexes. Returns how many bytes were written."""
        before, lines = self.position
        now = clocks.wall_us()
        try:
            self._log.append(data)
        except OSError:
            data = data[: self._log.size - before]
        if data:
            self._at_line_start = data.endswith(b"\n")
            self.position = (self._log.size, lines + data.count(b"\n"))
            self._note(now, before, lines)
        return len(data)

    def _note(self, now: int, offset: int, lines: int) -> None:
        if offset - self._indexed_offset < INDEX_STEP and now - self._indexed_at < INDEX_US:
            return
        try:
            self._index.append(RECORD.pack(now, offset, lines))
        except OSError:
            # The index is sparse: readers count on from the record before.
            self._index.size -= self._index.size % RECORD.size
            return
        self._indexed_offset, self._indexed_at = offset, now

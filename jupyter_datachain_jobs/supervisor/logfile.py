"""An attempt's log: `output.log`, the segments after it, and a sparse index beside each.

The log holds the job's bytes as they were written (after masking), and between them lines of the supervisor's own. A
full disk stops the log with a marker and never the job: bytes that have no room are counted, and each second it is
tried again. A log with a limit keeps its first segment and its newest ones; offsets count all that was ever written.
"""

import os
import struct
import time

from . import clocks
from .claim import sync_folder
from .reserve import GrowingFile, sentence
from .segments import FIRST, Segment, index_of, name_of, segments, step

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
    """The log of one attempt. For one thread, except `position` and `sync`, which any thread may use."""

    def __init__(self, folder: str, limit: int = 0) -> None:
        """Opens the log at its end.

        Args:
            folder: the attempt's folder.
            limit: bytes to keep at most (see `segments.LEAST_LIMIT`); 0 for all.

        Raises:
            OSError: it cannot be opened or made.
        """
        self._folder = folder
        self._limit = limit
        self._step, self._reach = step(limit)
        *self._before, present = segments(folder) or [Segment(os.path.join(folder, FIRST), 0, 0, 0)]
        self._unsynced: list[str] = []
        self._open(present)
        self.dropped = 0
        """Bytes of output that found no room on the disk."""
        self._gap = 0
        self._retry_at: float | None = None
        self._at_line_start = True
        self._indexed_offset = present.start - INDEX_STEP
        self._indexed_at = 0
        self.position = (present.start, present.lines)
        """Bytes and newlines written."""
        if self._log.size:
            self._resume()

    def hold(self) -> None:
        """Sees to it that a disk which is full from now on cannot keep the word that output is lost from being written.

        Raises:
            OSError: it is full already.
        """
        self._log.hold()

    def _open(self, segment: Segment) -> None:
        """Makes this the segment that is written to, once both its files are open."""
        window = min(_LOG_WINDOW, self._step // 4) or _LOG_WINDOW
        log = GrowingFile(segment.path, window)
        try:
            index = GrowingFile(segment.index, _INDEX_WINDOW)
        except OSError:
            log.close()
            raise
        self._present, self._log, self._index = segment, log, index

    def _resume(self) -> None:
        """Finds the state that the killed writer of this log had."""
        # A torn record would shift all that follow.
        self._index.size -= self._index.size % RECORD.size
        start, lines = offset, _ = self.position
        if self._index.size:
            record = os.pread(self._index.fd, RECORD.size, self._index.size - RECORD.size)
            self._indexed_at, offset, lines = RECORD.unpack(record)
            self._indexed_offset = offset
        last = b"\n"
        while chunk := os.pread(self._log.fd, 1 << 20, offset - start):
            lines += chunk.count(b"\n")
            offset += len(chunk)
            last = chunk[-1:]
        self._at_line_start = last == b"\n"
        self.position = (start + self._log.size, lines)

    def write(self, data: bytes) -> None:
        """Appends output. Never fails: what finds no room is counted in `dropped`."""
        if not data:
            return
        if self._retry_at is not None and not self._again(data):
            self._count(len(data))
            return
        while data and self._turn():
            part = data[: self._fit(data)]
            written = self._append(part[: self._log.room(len(part))])
            data = data[written:]
            if written < len(part):
                break
        if data:
            self._lose(len(data))

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
        # By name, since the writing thread may turn to the next segment meanwhile. Each costs most of a millisecond,
        # and a job without output has nothing to lose.
        present = self._present.path
        if not self.position[0]:
            return
        if self._unsynced:
            sync_folder(self._folder)
        while self._unsynced:
            _sync(self._unsynced.pop(0))
        _sync(present)

    def close(self) -> None:
        """Closes the files."""
        self._log.close()
        self._index.close()

    def _fit(self, data: bytes) -> int:
        """How many of these bytes belong into the present segment: it ends with a line, where one ends near."""
        room = self._step - self._log.size
        if not self._limit or len(data) <= room:
            return len(data)
        most = room + self._reach
        newline = data.find(b"\n", max(room - 1, 0), most)
        if newline >= 0:
            return newline + 1
        if len(data) <= most:
            return len(data)
        # A line without end is cut, but no character of it (in UTF-8, those go on with 10xxxxxx).
        cut = most
        while cut > max(most - 3, 1) and data[cut] & 0xC0 == 0x80:
            cut -= 1
        return cut

    @property
    def _full(self) -> bool:
        over = self._log.size - self._step
        return bool(self._limit) and over >= 0 and (self._at_line_start or over >= self._reach - 3)

    def _turn(self) -> bool:
        """Goes on in a new segment when the present one is full, and forgets old ones for it.

        Returns:
            False if it is full and there is no other: the disk is full, or the folder gone.
        """
        if not self._full:
            return True
        self._forget()
        start, lines = self.position
        before = present, log, index = self._present, self._log, self._index
        try:
            self._open(Segment(os.path.join(self._folder, name_of(start, lines)), start, lines, 0))
        except OSError as error:
            log.problem = sentence(error)
            return False
        if self._log.room(1) < 1:
            # Without a margin, the word that output is lost would be lost too: there still is one where we were.
            log.problem = self._log.problem
            self.close()
            _remove(self._present)
            self._present, self._log, self._index = before
            return False
        self._log.problem = log.problem
        present.size = log.size
        self._before.append(present)
        self._unsynced.append(present.path)
        log.close()
        index.close()
        self._indexed_offset = start - INDEX_STEP
        return True

    def _forget(self) -> None:
        """Removes segments after the first until there is room for another under the limit."""
        kept = sum(one.size for one in self._before) + self._log.size
        while kept + self._step + self._reach > self._limit and len(self._before) > 1:
            oldest = self._before.pop(1)
            kept -= oldest.size
            _remove(oldest)

    def _lose(self, count: int) -> None:
        if self._retry_at is None:
            self.say(f"The log cannot be written ({self._log.problem}): output is lost until it can")
        self._retry_at = time.monotonic() + _RETRY_S
        self._count(count)

    def _count(self, lost: int) -> None:
        self.dropped += lost
        self._gap += lost

    def _again(self, data: bytes) -> bool:
        """Whether output can be written again; then it has said what is missing."""
        assert self._retry_at is not None
        now = time.monotonic()
        if now < self._retry_at:
            return False
        if not self._turn() or self._log.room(part := self._fit(data)) < part or not self._say_gap():
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
            data = data[: self._present.start + self._log.size - before]
        if data:
            self._at_line_start = data.endswith(b"\n")
            self.position = (before + len(data), lines + data.count(b"\n"))
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


def _remove(segment: Segment) -> None:
    for path in (segment.path, segment.index):
        try:
            os.unlink(path)
        except OSError:
            # It is not there, or the disk fails: neither is a reason to stop the log.
            pass


def _sync(path: str) -> None:
    """Makes a segment and its index durable; one that was removed since needs not be."""
    for name in (path, index_of(path)):
        try:
            fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

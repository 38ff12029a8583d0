"""Reads one attempt's log by byte and by line, while it is being written."""

import os
from pathlib import Path
from typing import NamedTuple, Self

from .index import START, Mark, SparseIndex

# What one read asks of the disk while it looks for newlines: large enough to be fast, small enough to hold many times.
BLOCK = 1 << 20


class Slice(NamedTuple):
    """Some bytes of a log, where they begin, and how long the log was when they were read."""

    offset: int
    data: bytes
    size: int


class Page(NamedTuple):
    """Where some lines are: bytes `offset` to `next_offset` begin with line number `line`."""

    offset: int
    next_offset: int
    line: int


class LogReader:
    """One attempt's `output.log` and `output.idx`.

    Lines are numbered from 0 and end with a newline; text after the last newline is a line too. A log that does not
    exist (yet) is empty. Safe to use from several threads.
    """

    def __init__(self, attempt_folder: str | os.PathLike[str]) -> None:
        folder = Path(attempt_folder)
        self._path = folder / "output.log"
        self._index = SparseIndex(folder / "output.idx")
        # The furthest place a scan has reached. Without it a log whose index is missing would be counted from its
        # start for each new line. A tuple replaced as a whole needs no lock.
        self._furthest: Mark = START

    def size(self) -> int:
        """Bytes so far."""
        try:
            return os.stat(self._path).st_size
        except OSError:
            return 0

    def total_lines(self) -> int:
        """Lines so far, an unfinished last one included."""
        with _Log(self._path) as log:
            return self._total(log)

    def read(self, offset: int, limit: int) -> Slice:
        """At most `limit` bytes from `offset`; a negative offset counts from the end."""
        with _Log(self._path) as log:
            start = _clamp(offset + log.size if offset < 0 else offset, log.size)
            return Slice(start, log.read(start, min(max(limit, 0), log.size - start)), log.size)

    def line_start(self, line: int) -> int:
        """The byte where `line` starts; the size of the log for a line that is not there yet."""
        with _Log(self._path) as log:
            return self._start_of(log, line)

    def line_at(self, offset: int) -> int:
        """The number of the line that the byte at `offset` belongs to."""
        with _Log(self._path) as log:
            return self._line_of(log, _clamp(offset, log.size))

    def page(self, line: int, count: int) -> Page:
        """Where lines `line` to `line + count` are; a negative line counts from the end, one past the end is the end."""
        with _Log(self._path) as log:
            total = self._total(log)
            first = _clamp(line + total if line < 0 else line, total)
            offset = self._start_of(log, first)
            return Page(offset, self._start_of(log, first + max(count, 0)), first)

    def tail_start(self, nbytes: int) -> tuple[int, int]:
        """The first line start in the last `nbytes` bytes, and that line's number.

        Where one line fills all of them there is no such start: then it is the byte `nbytes` before the end, in the
        middle of that line, so that a tail is never longer than was asked.
        """
        with _Log(self._path) as log:
            wanted = max(log.size - max(nbytes, 0), 0)
            if wanted == 0:
                return 0, 0
            offset, found = wanted - 1, False
            while offset < log.size and not found:
                block = log.read(offset, BLOCK)
                if not block:
                    break
                at = block.find(b"\n")
                found = at >= 0
                offset += at + 1 if found else len(block)
            start = offset if found else wanted
            return start, self._line_of(log, start)

    def _total(self, log: "_Log") -> int:
        if log.size == 0:
            return 0
        ended = log.read(log.size - 1, 1) == b"\n"
        return self._line_of(log, log.size) + (0 if ended else 1)

    def _line_of(self, log: "_Log", offset: int) -> int:
        mark = self._index.before_offset(offset, log.size)
        if mark.offset < self._furthest.offset <= offset:
            mark = self._furthest
        at, lines = mark.offset, mark.lines
        while at < offset:
            block = log.read(at, min(BLOCK, offset - at))
            if not block:
                break
            at += len(block)
            lines += block.count(b"\n")
        self._remember(at, lines)
        return lines

    def _start_of(self, log: "_Log", line: int) -> int:
        if line <= 0:
            return 0
        mark = self._index.before_line(line, log.size)
        if mark.lines < self._furthest.lines < line:
            mark = self._furthest
        at, lines = mark.offset, mark.lines
        while at < log.size:
            block = log.read(at, min(BLOCK, log.size - at))
            if not block:
                break
            found = block.count(b"\n")
            if lines + found >= line:
                return at + _nth_newline(block, line - lines) + 1
            at += len(block)
            lines += found
        self._remember(at, lines)
        return log.size

    def _remember(self, offset: int, lines: int) -> None:
        if offset > self._furthest.offset:
            self._furthest = Mark(0, offset, lines)


class _Log:
    """The open log file and its size at that moment, so that one answer speaks of one moment."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None
        self.size = 0

    def __enter__(self) -> Self:
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            self.size = os.fstat(self._fd).st_size
        except OSError:
            self._fd = None
        return self

    def __exit__(self, *_: object) -> None:
        if self._fd is not None:
            os.close(self._fd)

    def read(self, offset: int, limit: int) -> bytes:
        """As many of the bytes as there are; one system call may give fewer than the file has."""
        parts: list[bytes] = []
        while limit > 0 and self._fd is not None:
            part = os.pread(self._fd, limit, offset)
            if not part:
                break
            parts.append(part)
            offset += len(part)
            limit -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _clamp(value: int, high: int) -> int:
    return max(0, min(value, high))


def _nth_newline(block: bytes, nth: int) -> int:
    """Where the nth newline (from 1) of a block that has so many is: by halves, since counting is much faster than
    finding them one by one."""
    low, high = 0, len(block)
    while high - low > 1:
        middle = (low + high) // 2
        found = block.count(b"\n", low, middle)
        if found >= nth:
            high = middle
        else:
            nth -= found
            low = middle
    return low

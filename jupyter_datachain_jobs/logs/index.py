"""The sparse index: which byte and which line each written chunk began at."""

import os
import struct
from collections.abc import Callable
from typing import NamedTuple

RECORD = struct.Struct("<QQQ")


class Mark(NamedTuple):
    """A place in the log where both the byte and the line are known."""

    time_us: int
    offset: int
    lines: int
    """Newlines before `offset`, which is the number of the line that `offset` is in."""


START = Mark(0, 0, 0)


class SparseIndex:
    """Finds the last mark at or before a byte or a line, by binary search in the file: an index of days of output is
    tens of megabytes, and a lookup needs 20 records of it.

    It is read while it is written, and after a crash its end may be half a record or a block of zeros. So a tail that
    cannot be true is passed over, and callers scan the log from the mark they get: a short index costs time, never truth.
    """

    def __init__(self, path: str | os.PathLike[str], start: Mark = START) -> None:
        """start: where the segment begins that this is the index of."""
        self._path = path
        self._start = start

    def before_offset(self, offset: int, size: int) -> Mark:
        """The last mark whose offset is at most `offset`, in a log that ends at `size`."""
        return self._last(lambda mark: mark.offset <= offset, size)

    def before_line(self, line: int, size: int) -> Mark:
        """A mark at or before the start of `line`, as near as the index knows."""
        # A mark inside line N has N newlines before it, but the line began earlier: its start may precede the mark.
        # So N marks count only when they are fewer: the newline that starts `line` lies behind such a mark.
        return self._last(lambda mark: mark.lines < line, size)

    def last(self, size: int) -> Mark:
        """The newest mark of a log that ends at `size`."""
        return self._last(lambda mark: True, size)

    def _last(self, holds: Callable[[Mark], bool], size: int) -> Mark:
        """The last mark for which `holds`, which must hold for a prefix of the marks."""
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return self._start
        try:
            low, high = 0, _believable(fd, self._start, size)
            best = self._start
            while low < high:
                middle = (low + high) // 2
                mark = _read(fd, middle)
                if mark is None:
                    high = middle
                elif holds(mark):
                    best, low = mark, middle + 1
                else:
                    high = middle
            return best
        finally:
            os.close(fd)


def _believable(fd: int, start: Mark, size: int) -> int:
    """How many records to believe: whole ones, up to the last that can be true of a log that ends at `size`."""
    count = os.fstat(fd).st_size // RECORD.size
    while count:
        mark = _read(fd, count - 1)
        # Only the first record may say zero. A mark past the end speaks of bytes that are not there (yet).
        if (
            mark
            and mark.time_us
            and start.lines <= mark.lines <= mark.offset
            and start.offset <= mark.offset <= size
            and (mark.offset > start.offset or count == 1)
        ):
            break
        count -= 1
    return count


def _read(fd: int, number: int) -> Mark | None:
    raw = os.pread(fd, RECORD.size, number * RECORD.size)
    return Mark(*RECORD.unpack(raw)) if len(raw) == RECORD.size else None

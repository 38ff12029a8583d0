"""Reads one attempt's log by byte and by line, while it is being written."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from jupyter_datachain_jobs.supervisor.segments import Segment, log_size

from .gap import Gap
from .index import START, Mark, SparseIndex
from .view import LogView, SegmentRemoved

# What one read asks of the disk while it looks for newlines: large enough to be fast, small enough to hold many times.
BLOCK = 1 << 20

# How often to look again because a segment was removed under a reader. A supervisor removes one for 32 MiB of output, or
# for an eighth of a small limit.
TRIES = 100

T = TypeVar("T")


class Slice(NamedTuple):
    """Some bytes of a log, where they begin, and how long the log was when they were read.

    gap: what was removed where they were asked for; they begin behind it.
    """

    offset: int
    data: bytes
    size: int
    gap: Gap | None = None


class Page(NamedTuple):
    """Where some lines are: bytes `offset` to `next_offset` begin with line number `line`.

    gap: what was removed, if that moved the page behind it or if the page ends there.
    """

    offset: int
    next_offset: int
    line: int
    gap: Gap | None = None


class LogReader:
    """One attempt's log, all its segments.

    Lines are numbered from 0 and end with a newline; text after the last newline is a line too. Numbers and offsets
    count what was removed, and never change. A log that does not exist (yet) is empty. Safe to use from several threads.
    """

    def __init__(self, attempt_folder: str | os.PathLike[str]) -> None:
        self._folder = Path(attempt_folder)
        # The furthest place a scan has reached. Without it a log whose index is missing would be counted from its
        # start for each new line. A tuple replaced as a whole needs no lock.
        self._furthest: Mark = START
        # Segments that are complete need no second look. Replaced as a whole too.
        self._known: dict[str, Segment] = {}
        self._newest = ""

    def size(self) -> int:
        """Bytes so far, removed ones included."""
        return log_size(str(self._folder)) or 0

    def total_lines(self) -> int:
        """Lines so far, an unfinished last one and removed ones included."""
        return self._look(self._total)

    def read(self, offset: int, limit: int) -> Slice:
        """At most `limit` bytes from `offset`; a negative offset counts from the end.

        Fewer before a gap, so that they follow on each other; in a gap, what comes after it.
        """
        return self._look(lambda log: self._read(log, offset, max(limit, 0)))

    def line_start(self, line: int) -> int:
        """The byte where `line` starts, or its first one that is left; the size of the log for a line to come."""
        return self._look(lambda log: log.after_hole(self._start_of(log, line)))

    def line_at(self, offset: int) -> int:
        """The number of the line that the byte at `offset` belongs to; of a removed one, where the gap begins."""
        return self._look(lambda log: self._line_of(log, _clamp(offset, log.size)))

    def gap(self) -> Gap | None:
        """What was removed so far."""
        return self._look(lambda log: self._gap(log, hole[0].end) if (hole := log.hole_after(-1)) else None)

    def page(self, line: int, count: int) -> Page:
        """Where lines `line` to `line + count` are; a negative line counts from the end, one past the end is the end.

        Of lines in a gap, those after it; a page that reaches a gap ends there.
        """
        return self._look(lambda log: self._page(log, line, max(count, 0)))

    def tail_start(self, nbytes: int) -> tuple[int, int]:
        """The first line start in the last `nbytes` bytes, and that line's number.

        Where one line fills all of them there is no such start: then it is the byte `nbytes` before the end, in the
        middle of that line, so that a tail is never longer than was asked. No tail begins in a gap.
        """
        return self._look(lambda log: self._tail_start(log, max(nbytes, 0)))

    def _look(self, work: Callable[[LogView], T]) -> T:
        """Does what must see one moment of the log: where a segment went meanwhile, again."""
        for _ in range(TRIES):
            try:
                with LogView(self._folder, self._known) as log:
                    if log.parts and log.parts[-1].path != self._newest:
                        self._known = {os.path.basename(part.path): part for part in log.parts[:-1]}
                        self._newest = log.parts[-1].path
                    return work(log)
            except SegmentRemoved:
                continue
        with LogView(self._folder, strict=False) as log:
            return work(log)

    def _read(self, log: LogView, offset: int, limit: int) -> Slice:
        asked = _clamp(offset + log.size if offset < 0 else offset, log.size)
        start = log.after_hole(asked)
        gap = self._gap(log, asked) if start > asked else None
        return Slice(start, log.read(start, limit), log.size, gap)

    def _page(self, log: LogView, line: int, count: int) -> Page:
        total = self._total(log)
        first = _clamp(line + total if line < 0 else line, total)
        offset, told = self._start_of(log, first), None
        if gap := self._gap(log, offset):
            told = gap if gap.line > first else None
            offset, first = gap.end, gap.line
        next_offset = self._start_of(log, first + count)
        if count and (hole := log.hole_after(offset)) and next_offset >= hole[0].end:
            next_offset = hole[0].end
            told = told or self._gap(log, next_offset)
        return Page(offset, max(next_offset, offset), first, told)

    def _tail_start(self, log: LogView, nbytes: int) -> tuple[int, int]:
        wanted = max(log.size - nbytes, 0)
        if wanted == 0:
            return 0, 0
        if gap := self._gap(log, wanted):
            return gap.end, gap.line
        offset, found = wanted - 1, False
        if log.hole(offset):
            return wanted, self._line_of(log, wanted)
        while offset < log.size and not found:
            block = log.read(offset, BLOCK)
            if not block:
                break
            at = block.find(b"\n")
            found = at >= 0
            offset += at + 1 if found else len(block)
        start = offset if found else wanted
        return start, self._line_of(log, start)

    def _gap(self, log: LogView, offset: int) -> Gap | None:
        """The gap that the byte at `offset` is in."""
        hole = log.hole(offset)
        if hole is None:
            return None
        before, after = hole
        first = self._line_of(log, before.end)
        if before.size and log.read(before.end - 1, 1) != b"\n":
            first += 1
        return Gap(before.end, after.start, first, after.lines)

    def _total(self, log: LogView) -> int:
        if log.size == 0:
            return 0
        ended = log.read(log.size - 1, 1) == b"\n"
        return self._line_of(log, log.size) + (0 if ended else 1)

    def _line_of(self, log: LogView, offset: int) -> int:
        part = log.part_of(offset)
        if part is None:
            return 0
        offset = min(offset, part.end)
        at, lines = self._mark(part, _index(part).before_offset(offset, part.end), lambda far: far.offset <= offset)
        while at < offset:
            block = log.read(at, min(BLOCK, offset - at))
            if not block:
                break
            at += len(block)
            lines += block.count(b"\n")
        self._remember(at, lines)
        return lines

    def _start_of(self, log: LogView, line: int) -> int:
        """Where a line starts; where the gap begins that its start is in; or the size of the log."""
        part = next((part for part in reversed(log.parts) if part.lines < line), None)
        if part is None:
            return 0
        at, lines = self._mark(part, _index(part).before_line(line, part.end), lambda far: far.lines < line)
        while at < part.end:
            block = log.read(at, min(BLOCK, part.end - at))
            if not block:
                break
            found = block.count(b"\n")
            if lines + found >= line:
                return at + _nth_newline(block, line - lines) + 1
            at += len(block)
            lines += found
        self._remember(at, lines)
        return part.end

    def _mark(self, part: Segment, mark: Mark, holds: Callable[[Mark], bool]) -> tuple[int, int]:
        """Where to count from: a byte of the segment, and the newlines before it."""
        far = self._furthest
        best = far if mark.offset < far.offset <= part.end and holds(far) else mark
        return best.offset, best.lines

    def _remember(self, offset: int, lines: int) -> None:
        if offset > self._furthest.offset:
            self._furthest = Mark(0, offset, lines)


def _index(part: Segment) -> SparseIndex:
    return SparseIndex(part.index, Mark(0, part.start, part.lines))


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

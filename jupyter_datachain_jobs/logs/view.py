"""A log's segments as one file, at one moment."""

import os
from pathlib import Path
from typing import Self

from jupyter_datachain_jobs.supervisor.segments import Segment, segments


class SegmentRemoved(Exception):
    """A segment was removed between the moment that it was listed and that it was opened."""


class LogView:
    """The segments of a log as they were listed, so that one answer speaks of one moment.

    The supervisor may remove any but the first and the newest meanwhile; one that is open stays readable.

    known: see `segments`.
    strict: raise SegmentRemoved for one that is gone; else it is part of the gap from then on.
    """

    def __init__(self, folder: Path, known: dict[str, Segment] | None = None, *, strict: bool = True) -> None:
        self._folder = str(folder)
        self._known = known
        self._strict = strict
        self._open: dict[str, int] = {}
        self.parts: list[Segment] = []
        self.size = 0
        """Bytes written so far, removed ones included."""

    def __enter__(self) -> Self:
        self.parts = segments(self._folder, self._known)
        self.size = self.parts[-1].end if self.parts else 0
        return self

    def __exit__(self, *_: object) -> None:
        for fd in self._open.values():
            os.close(fd)

    def part_of(self, offset: int) -> Segment | None:
        """The segment with the byte at `offset`, or the last before it."""
        return next((part for part in reversed(self.parts) if part.start <= offset), None)

    def hole(self, offset: int) -> tuple[Segment, Segment] | None:
        """The segments on both sides, if the byte at `offset` was removed."""
        for before, after in zip(self.parts, self.parts[1:], strict=False):
            if before.end <= offset < after.start:
                return before, after
        return None

    def after_hole(self, offset: int) -> int:
        """The first byte at or after `offset` that was not removed."""
        hole = self.hole(offset)
        return hole[1].start if hole else offset

    def hole_after(self, offset: int) -> tuple[Segment, Segment] | None:
        """The same for the first hole that begins after `offset`."""
        for before, after in zip(self.parts, self.parts[1:], strict=False):
            if offset < before.end < after.start:
                return before, after
        return None

    def read(self, offset: int, limit: int) -> bytes:
        """As many of the bytes as there are before the next hole."""
        found: list[bytes] = []
        limit = min(limit, self.size - offset)
        while limit > 0:
            data = self._read(offset, limit)
            if not data:
                break
            found.append(data)
            offset += len(data)
            limit -= len(data)
        return found[0] if len(found) == 1 else b"".join(found)

    def _read(self, offset: int, limit: int) -> bytes:
        """Some bytes; one system call may give fewer than the file has. None in a hole, or at the end."""
        part = self.part_of(offset)
        if part is None or offset >= part.end:
            return b""
        fd = self._open.get(part.path)
        if fd is None:
            try:
                fd = self._open[part.path] = os.open(part.path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                if self._strict:
                    raise SegmentRemoved from None
                self.parts.remove(part)
                return b""
            except OSError:
                return b""
        data = os.pread(fd, min(limit, part.end - offset), offset - part.start)
        if not data:
            # Shorter than it was: a machine that crashed lost what was not yet on its disk.
            part.size = offset - part.start
        return data

"""`events.jsonl`: one JSON object a line, numbered from 1 without a gap."""

import os

from . import clocks
from .codec import bounded, dumps, loads
from .reserve import GrowingFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PAGE = 1 << 18
"""Bytes of one page of a replay at most (a single longer line excepted)."""
_WINDOW = 131072
# The last words of a job: signals, leftovers and the end, each with lists of pids.
_MARGIN = 65536
_MARK_EVERY = 256


def _number(line: bytes) -> int:
    """The sequence number of a line that this module wrote; 0 for a torn one."""
    try:
        return int(line[len(b'{"seq": ') : line.index(b",")])
    except ValueError:
        return 0


class Journal:
    """The events of one attempt. For one thread."""

    def __init__(self, folder: str) -> None:
        self._file = GrowingFile(os.path.join(folder, "events.jsonl"), _WINDOW, _MARGIN)
        self.seq = 0
        """Number of the last event."""
        # (number, offset) of some events, so that a replay need not read from the beginning.
        self._marks = [(0, 0)]
        self.started: dict[str, Any] = {}
        """The `started` event, once there is one."""
        self.peak_rss = 0
        """The most that a sample saw, in bytes."""
        if self._file.size:
            self._resume()

    def _resume(self) -> None:
        offset, last = 0, b""
        while chunk := os.pread(self._file.fd, 1 << 20, offset):
            lines = (last + chunk).split(b"\n")
            last = lines.pop()
            offset += len(chunk)
            for line in lines:
                self._learn(line)
        if last:
            # Half a line of a writer that was killed: readers skip it.
            self._file.append(b"\n")

    def _learn(self, line: bytes) -> None:
        self.seq = max(self.seq, _number(line))
        if b'"started"' in line or b'"sample"' in line:
            try:
                event = loads(line)
            except ValueError:
                return
            if event.get("type") == "started":
                self.started = event
            self.peak_rss = max(self.peak_rss, event.get("rss", 0))

    def append(self, kind: str, at: tuple[int, int], fields: "dict[str, Any]", essential: bool = True) -> bytes:
        """Writes one event.

        Args:
            kind: its type.
            at: when it happened, `(wall microseconds, boot nanoseconds)`.
            fields: the rest.
            essential: may use the space that is kept for the job's last words.

        Returns:
            The line; empty if it was left out, since the disk is full and it can be spared.
        """
        event = {"seq": self.seq + 1, "t": at[0], "b": at[1], "type": kind, **bounded(fields)}
        line = dumps(event) + b"\n"
        # Asked for each event, since it also keeps the margin ahead of the end.
        if self._file.room(len(line)) < len(line) and not essential:
            return b""
        self.seq += 1
        if self.seq % _MARK_EVERY == 0:
            self._marks.append((self.seq, self._file.size + len(line)))
        try:
            self._file.append(line)
        except OSError:
            # Whoever listens still gets it; a reader of the file sees a gap in the numbers or half a line.
            self._mend()
        return line

    def _mend(self) -> None:
        """Keeps half a line from swallowing the next."""
        try:
            if self._file.size and os.pread(self._file.fd, 1, self._file.size - 1) != b"\n":
                self._file.append(b"\n")
        except OSError:
            pass

    def page(self, after: int, offset: int | None = None) -> tuple[bytes, int, bool]:
        """Events with a number larger than `after`, as lines.

        Args:
            after: the last number that the reader has.
            offset: where an earlier page ended.

        Returns:
            The lines, the offset to go on at, and whether that was all.
        """
        if offset is None:
            offset = next(at for number, at in reversed(self._marks) if number <= after)
        data, whole = b"", 0
        while not whole and offset + len(data) < self._file.size:
            at = offset + len(data)
            chunk = os.pread(self._file.fd, min(PAGE, self._file.size - at), at)
            if not chunk:
                break
            data += chunk
            whole = data.rfind(b"\n") + 1
        lines = data[:whole]
        if lines and _number(lines) <= after:
            lines = b"".join(line for line in lines.splitlines(keepends=True) if _number(line) > after)
        return lines, offset + whole, not whole or offset + whole >= self._file.size

    def finish(self) -> None:
        """Gives back what was reserved. The journal can still be read."""
        self._file.release()


def now() -> tuple[int, int]:
    """The time of an event, on both clocks."""
    return clocks.wall_us(), clocks.boot_ns()

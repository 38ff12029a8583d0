"""The files that an attempt's log is made of, by name.

`output.log` holds the log from its first byte on, and nothing else is there while no limit asks for more. A log with a
limit goes on in segments named by where they begin, `output.<offset>.<lines>.log`: the bytes and the newlines before
them. So a place keeps its number for ever, also when segments between the first one and the newest were removed. Each
segment has an index of its own beside it (`.idx`), which goes with it: an endless log has no endless index.
"""

import os

FIRST = "output.log"
LARGEST = 32 << 20
"""Bytes of a segment, where the limit is not small."""
LEAST_LIMIT = 1 << 20
"""Bytes. A smaller limit is refused: of it, neither a beginning nor an end worth reading could be kept."""
# One of eight is the beginning, one is being written: at least five of them always hold the newest output.
_PARTS = 8
_SUFFIX = ".log"


class Segment:
    """One file of a log, as it was when it was looked at."""

    __slots__ = ("lines", "path", "size", "start")

    def __init__(self, path: str, start: int, lines: int, size: int) -> None:
        self.path = path
        self.start = start
        """Bytes of the log before it."""
        self.lines = lines
        """Newlines before it."""
        self.size = size
        """Bytes in it."""

    @property
    def end(self) -> int:
        """Where the log goes on."""
        return self.start + self.size

    @property
    def index(self) -> str:
        """The path of its index."""
        return index_of(self.path)


def name_of(start: int, lines: int) -> str:
    """The name of the segment that begins after so many bytes and newlines."""
    return f"output.{start}.{lines}{_SUFFIX}" if start else FIRST


def index_of(path: str) -> str:
    """The path of a segment's index."""
    return f"{path[: -len(_SUFFIX)]}.idx"


def begins_at(name: str) -> tuple[int, int] | None:
    """The bytes and newlines before the segment of this name; None for other files."""
    if name == FIRST:
        return 0, 0
    parts = name.split(".")
    if len(parts) != 4 or parts[0] != "output" or parts[3] != _SUFFIX[1:]:
        return None
    start, lines = parts[1:3]
    return (int(start), int(lines)) if start.isdecimal() and lines.isdecimal() else None


def segments(folder: str, known: "dict[str, Segment] | None" = None) -> list[Segment]:
    """The segments of a log in order; none where there is no log. They may be removed while they are listed.

    Args:
        folder: the attempt's folder.
        known: segments by name from an earlier look, all but the last of then: those never change any more.
    """
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = []
    for name in names:
        if not name.endswith(_SUFFIX):
            continue
        if known and (segment := known.get(name)):
            found.append(segment)
            continue
        place = begins_at(name)
        if place is None:
            continue
        path = os.path.join(folder, name)
        try:
            size = os.stat(path).st_size
        except OSError:
            continue
        found.append(Segment(path, *place, size))
    found.sort(key=lambda one: one.start)
    return found


def log_size(folder: str) -> int | None:
    """Bytes that were written to a log, removed ones included; None where there is no log."""
    found = segments(folder)
    return found[-1].end if found else None


def step(limit: int) -> tuple[int, int]:
    """How a log of so many bytes at most is cut.

    Returns:
        Bytes after which a segment ends, and how many more it may get so that it ends with a line.
    """
    size = min(LARGEST, limit // _PARTS)
    return size, size // 64

"""What a log with a limit no longer has, and how that is told."""

from typing import NamedTuple

from jupyter_datachain_jobs.supervisor.logfile import own_line


class Gap(NamedTuple):
    """Bytes `start` to `end` of a log were removed. `first` is the first line of which nothing is left, `line` the one
    that `end` is in."""

    start: int
    end: int
    first: int
    line: int

    @property
    def lines(self) -> int:
        """How many lines are missing as a whole."""
        return max(self.line - self.first, 0)


def gap_line(nbytes: int, *, fresh: bool = True) -> bytes:
    """The line that stands for so many bytes, where a log is shown to people.

    fresh: what was shown before it ended with a newline.
    """
    line = own_line(
        f"{size_text(nbytes)} of output was dropped here: a long log keeps its beginning and its newest part "
        "(JobsApp.max_log_size)"
    )
    return line if fresh else b"\n" + line


def size_text(nbytes: int) -> str:
    """Bytes in binary units, as in "1.2 GiB"."""
    if nbytes < 1024:
        return f"{nbytes} B"
    value = float(nbytes)
    for unit in ("KiB", "MiB", "GiB"):
        value /= 1024
        if value < 1024:
            return f"{value:.1f} {unit}"
    return f"{value / 1024:.1f} TiB"

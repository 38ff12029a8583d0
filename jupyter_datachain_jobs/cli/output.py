"""What a person reads on a terminal: plain words, aligned; colour only adds."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from jupyter_datachain_jobs.domain import JobsError

from .backend import JobBody

#: Of the longest state.
STATE_WIDTH = 9
MAX_CELL = 40

_COLOURS = {
    "COMPLETE": "32",
    "FAILED": "31",
    "CANCELED": "33",
    "CANCELING": "33",
    "RUNNING": "36",
    "INIT": "36",
}


class Printer:
    """Standard output and error of one command.

    as_json: nothing but JSON on standard output; sentences for people still go to standard error.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._mid_line = False
        _open_closed()
        for stream in (sys.stdout, sys.stderr):
            # A name that the terminal's encoding cannot show is no reason to fail.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")

    def json(self, value: Any) -> None:
        """One line."""
        print(json.dumps(value), flush=True)

    def line(self, text: str = "") -> None:
        print(text, flush=True)

    def say(self, text: str) -> None:
        """To standard error, on a line of its own also when a log just left its line open on the same terminal."""
        if self._mid_line and sys.stderr.isatty():
            print(file=sys.stderr)
            self._mid_line = False
        print(text, file=sys.stderr, flush=True)

    def raw(self, content: bytes) -> None:
        """Bytes as they are. Blocks while whoever reads them does not; raises BrokenPipeError when nobody does."""
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        self._mid_line = sys.stdout.isatty() and not content.endswith(b"\n")

    def nobody_reads(self) -> None:
        """What is still buffered for a reader who left must not fail at exit."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def state(self, job: JobBody, text: str = "") -> None:
        """A line for a change of state."""
        at = clock(_stamp(job))
        self.say(f"{at}  {coloured(job['state'], sys.stderr)}{f'  {text}' if text else ''}".rstrip())

    def error(self, error: JobsError) -> None:
        if self.as_json:
            self.json({"type": "error", "code": error.code, "message": error.message, "hint": error.hint,
                       "details": error.details})  # fmt: skip
            return
        self.say(f"error: {clean(error.message)}")
        if error.hint:
            self.say(clean(error.hint))


def _open_closed() -> None:
    """Started with a stream closed (``2>&-``), the next file that is opened would take its place and its text."""
    for number, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", closefd=False))  # noqa: SIM115


def coloured(state: str, stream: TextIO, *, padded: bool = True) -> str:
    """The state, in colour where that is wanted."""
    word = state.ljust(STATE_WIDTH) if padded else state
    colour = _COLOURS.get(state)
    if not colour or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not stream.isatty():
        return word
    return f"\x1b[{colour}m{word}\x1b[0m"


def clean(text: str) -> str:
    """Without characters that move a terminal's cursor or change its colours: names and values are others' text."""
    return "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else repr(c)[1:-1] for c in text)


def one_line(text: str, width: int = MAX_CELL) -> str:
    text = clean(text.replace("\n", "\\n").replace("\t", "\\t"))
    return text if len(text) <= width else text[: width - 3] + "..."


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Lines with aligned columns; those in `right` are flush right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    flush_right = set(right)
    return [
        "  ".join(
            cell.rjust(width) if i in flush_right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


def parsed(at: str | None) -> datetime | None:
    return datetime.fromisoformat(at) if at else None


def clock(at: datetime | None) -> str:
    """Local time of day."""
    return (at or datetime.now(UTC)).astimezone().strftime("%H:%M:%S")


def moment(at: str | None) -> str:
    """Local date and time."""
    found = parsed(at)
    return found.astimezone().strftime("%Y-%m-%d %H:%M:%S") if found else "-"


def duration(job: JobBody, *, exact: bool = False) -> str:
    """hh:mm:ss of the user's code, up to now while it runs; "-" before. exact: a short one in seconds and parts."""
    began = parsed(job["started_at"])
    if began is None:
        return "-"
    passed = max(((parsed(job["finished_at"]) or datetime.now(UTC)) - began).total_seconds(), 0.0)
    if exact and passed < 10:
        return f"{passed:.2f} s"
    seconds = int(passed)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _stamp(job: JobBody) -> datetime | None:
    """When the job came into its present state, where that is recorded."""
    match job["state"]:
        case "QUEUED":
            return parsed(job["queued_at"])
        case "RUNNING":
            return parsed(job["started_at"])
        case "CANCELING":
            return parsed(job["cancel_requested_at"])
        case "COMPLETE" | "FAILED" | "CANCELED":
            return parsed(job["finished_at"])
    return None


def size(count: int | None) -> str:
    """Bytes in binary units."""
    if count is None:
        return "-"
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def frame_lines(error: dict[str, Any]) -> list[str]:
    """The user's own line, with those around it."""
    frame = error["frame"]
    if not frame:
        return []
    lines = [f"  {clean(frame['path'])}, line {frame['line']}, in {clean(frame['function'])}"]
    context = frame["context"] or [{"line": frame["line"], "text": frame["text"]}]
    lines += [f"  {'>' if at['line'] == frame['line'] else ' '} {at['line']:>4}  {clean(at['text'])}" for at in context]
    return lines

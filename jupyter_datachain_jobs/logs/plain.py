"""Terminal output made plain: no colours, no control characters, progress bars in their last state."""

import codecs
import re
from collections.abc import Callable

# The most lines above the newest that a program may still redraw, as a terminal of that height would allow.
SCREEN = 64

# An escape sequence that was never ended must not swallow the log: strings end with their line, and half a sequence
# at the end of a chunk is kept for the next one only while it is this short.
LONGEST_SEQUENCE = 4096

_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?P<move>[\n\r\b\t])"
    r"|(?:\x1b\[|\x9b)(?P<args>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\n\x07\x1b\x9c]*(?:\x07|\x9c|\x1b\\)?"
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x1f\x7f-\x9f]"
)
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\n\x07\x1b]*\x1b?|[ -/]*)\Z|\x9b[0-?]*[ -/]*\Z")
_PLAIN = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f]*")


def plain_lines(data: bytes) -> list[str]:
    """All of `data` as plain lines, without their newlines."""
    lines = PlainLines(hold=SCREEN)
    return lines.feed(data) + lines.close()


class PlainLines:
    """Makes a stream plain, as it comes. `feed` gives the lines that are finished, `close` the rest.

    Lines that the program goes back to (nested progress bars move the cursor up) are redrawn only while they are held
    here. None is held at first, so that lines come at once; a program that moves up n lines is given n from then on.
    """

    def __init__(self, hold: int = 0) -> None:
        self._hold = hold
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._kept = ""
        # None is a line that was only made room for: the program moved above what is still held, and wrote nothing.
        self._rows: list[list[str] | None] = [None]
        self._row = 0
        self._fresh = False

    def feed(self, data: bytes) -> list[str]:
        return self._take(self._decode(data, False))

    def close(self) -> list[str]:
        done = self._take(self._decode(b"", True))
        rest = ["".join(row) for row in self._rows if row is not None]
        self._rows, self._row, self._kept = [None], 0, ""
        return done + rest

    def _take(self, text: str) -> list[str]:
        # Colours go first and all at once: most escapes are colours, and a token each is 20 times slower.
        text = _COLOUR.sub("", self._kept + text)
        self._kept = ""
        if self._hold == 0 and not self._fresh and _PLAIN.fullmatch(text):
            return self._split(text)
        done: list[str] = []
        unfinished = _UNFINISHED.search(text)
        if unfinished and len(text) - unfinished.start() < LONGEST_SEQUENCE:
            self._kept = text[unfinished.start() :]
            text = text[: unfinished.start()]
        for token in _TOKEN.finditer(text):
            if token["text"]:
                self._write(token["text"])
            elif token["move"]:
                self._move(token["move"], done.append)
            elif token["final"]:
                self._sequence(token["final"], token["args"])
        return done

    def _split(self, text: str) -> list[str]:
        """The short way for text in which nothing moves, which is most of it."""
        *whole, last = text.split("\n")
        if whole:
            whole[0] = "".join(self._rows[0] or ()) + whole[0]
            self._rows[0] = None
        if last:
            self._write(last)
        return whole

    def _write(self, text: str) -> None:
        row = self._rows[self._row]
        if row is None or self._fresh:
            self._rows[self._row] = [text]
            self._fresh = False
        else:
            row.append(text)

    def _move(self, char: str, emit: Callable[[str], None]) -> None:
        if char == "\n":
            self._down(emit)
        elif char == "\r":
            self._fresh = True
        elif char == "\t":
            self._write("\t")
        else:
            row = self._rows[self._row]
            # A piece that is used up gives way to the one before: where a stream is cut must not matter.
            while row and not row[-1]:
                row.pop()
            if row:
                row[-1] = row[-1][:-1]

    def _down(self, emit: Callable[[str], None]) -> None:
        if self._rows[self._row] is None and self._row == len(self._rows) - 1:
            self._rows[self._row] = []
        self._row += 1
        # A terminal's newline also returns to the first column: text on a line that is there already replaces it.
        self._fresh = self._row < len(self._rows)
        if not self._fresh:
            self._rows.append(None)
        while len(self._rows) - 1 > self._hold and self._row > 0:
            row = self._rows.pop(0)
            self._row -= 1
            if row is not None:
                emit("".join(row))

    def _sequence(self, final: str, args: str) -> None:
        first = args.split(";")[0]
        number = int(first) if first.isdecimal() and len(first) < 6 else 0
        if final in "AF":
            self._up(max(number, 1))
            self._fresh = self._fresh or final == "F"
        elif final in "BE":
            self._row = min(self._row + max(number, 1), len(self._rows) - 1)
            self._fresh = self._fresh or final == "E"
        elif final == "J" and number == 0:
            del self._rows[self._row + 1 :]
            if self._fresh:
                self._rows[self._row] = []
        elif final == "G" and number <= 1:
            self._fresh = True
        elif final == "K" and (self._fresh or number in (1, 2)):
            self._rows[self._row] = []

    def _up(self, lines: int) -> None:
        lines = min(lines, SCREEN)
        self._hold = max(self._hold, lines)
        missing = lines - self._row
        if missing > 0:
            self._rows[:0] = [None] * missing
            self._row += missing
        self._row -= lines

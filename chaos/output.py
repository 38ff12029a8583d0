"""What scripts write, and whether a log holds exactly that.

Every script of the suite writes numbered lines of one length, so that the bytes at any offset are known and a line that
is lost, doubled or moved shows. Between them a log may hold lines of the supervisor's own, and text of Python or
DataChain where the script was interrupted or imports them (`noise`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

#: Bytes of a line, its newline included.
LINE = 100

#: The most that the death of a supervisor may cost: what it had read and not yet written. See `supervisor.pump`.
CHUNK = 1 << 18

_FILL = "abcdefghijklmnopqrstuvwxyz" * 4
_NUMBERED = re.compile(rb"^(\d{9}) (\S+)$")
_OWN = re.compile(rb"(?m)^\x1b\[2m\xe2\x94\x80\xe2\x94\x80 [^\n]*\x1b\[0m\n")
_MISSING = re.compile(rb"(\d+) bytes of output are missing here")
_KILLED = b"output may be missing here"

#: For scripts: `line(n)` as they write it. The same rule as `expected`.
WRITER = f"""
FILL = {_FILL!r}
def line(number):
    return ("%09d %s" % (number, FILL))[:{LINE - 1}].encode() + b"\\n"
"""


@lru_cache(maxsize=4)
def expected(lines: int) -> bytes:
    """What a script writes that writes so many lines."""
    rest = (" " + _FILL)[: LINE - 10]
    return "".join(f"{number:09d}{rest}\n" for number in range(lines)).encode()


@dataclass(frozen=True)
class Told:
    """What may be in a log.

    least: lines that the script is known to have written. exact: it wrote these and no more.
    killed: the attempt's supervisor was killed. noise: text that is no numbered line may be there.
    dropped: bytes that the supervisor says it could not write.
    """

    least: int
    exact: bool
    killed: bool = False
    noise: bool = False
    dropped: int = 0


class Lost(Exception):
    """The log is not what it must be; the text says how."""


def check(log: bytes, told: Told) -> None:
    """Raises `Lost`."""
    position, lost = (_loose if told.noise else _strict)(log, told)
    allowed = CHUNK if told.killed else told.dropped
    if not told.killed and not told.noise:
        # A disk that was full to the end: the last line says what is missing behind the log.
        *_, before, last = (b"", b""), *_pieces(log)
        behind = 0 if last[0] else _said(before[1])
        if lost + behind != told.dropped:
            raise Lost(f"{lost} bytes are missing inside the log, {behind} behind it; exit.json says {told.dropped}")
        position, allowed = position + behind, lost
    short = told.least * LINE - position
    # The pipe dies with guard and supervisor, and with it what nobody had read.
    if short > (max(0, allowed - lost) if told.killed or told.dropped else 0):
        raise Lost(f"the script wrote {told.least * LINE} bytes at least, and the log ends at {position}")
    if short > 0 and told.killed and _KILLED not in log:
        raise Lost(f"{short} bytes are missing at the end of the log, and no line says so")
    if told.exact and position > told.least * LINE:
        raise Lost(f"the script wrote {told.least * LINE} bytes, and the log goes on to {position}")


def _said(own: bytes) -> int:
    """How many bytes the supervisor's own lines say are missing there."""
    return sum(map(int, _MISSING.findall(own)))


def _pieces(log: bytes) -> list[tuple[bytes, bytes]]:
    """(the job's bytes, the own lines after them) in order."""
    pieces, at = [], 0
    own = b""
    job = b""
    for found in _OWN.finditer(log):
        if found.start() > at:
            if own:
                pieces.append((job, own))
                own = b""
            job = log[at : found.start()]
        own += found.group()
        at = found.end()
    if own:
        pieces.append((job, own))
        job = b""
    pieces.append((log[at:], b""))
    return pieces


def _strict(log: bytes, told: Told) -> tuple[int, int]:
    """(offset in the script's output at which the log ends, bytes lost before that)."""
    script = expected(max(told.least, len(log) // LINE) + 2 + (CHUNK + told.dropped) // LINE)
    position = lost = 0
    before = b""
    for piece, own in _pieces(log):
        if not piece:
            before += own
            continue
        at = _place(script, position, piece, ended=bool(own))
        if at > position:
            if told.killed and _KILLED not in before:
                raise Lost(f"{at - position} bytes are missing at {position}, and no line before that says so")
            if told.killed and at - position > CHUNK:
                raise Lost(f"{at - position} bytes are missing at {position}, more than a chunk")
            if not told.killed and at - position != _said(before):
                raise Lost(f"{at - position} bytes are missing at {position}; the log says {before!r}")
        lost += at - position
        # A newline of the supervisor's own ends a line that was cut in two.
        fits = script[at : at + len(piece)] == piece
        position = at + len(piece) - (0 if fits else 1)
        before = own
    return position, lost


def _place(script: bytes, position: int, piece: bytes, ended: bool) -> int:
    """Where the piece stands in the script's output, at `position` or behind a gap."""

    def fits(at: int) -> bool:
        return at >= position and (
            script[at : at + len(piece)] == piece
            or (ended and piece.endswith(b"\n") and script[at : at + len(piece) - 1] == piece[:-1])
        )

    if fits(position):
        return position
    head, newline, tail = piece.partition(b"\n")
    candidates = []
    if newline and (number := _number(tail[:LINE])) is not None:
        candidates.append(number * LINE - len(head) - 1)
    if (number := _number(piece[:LINE])) is not None:
        candidates.append(number * LINE)
    for at in candidates:
        if fits(at):
            return at
    raise Lost(_difference(script, position, piece))


def _number(text: bytes) -> int | None:
    return int(text[:9]) if len(text) > 9 and text[:9].isdigit() else None


def _difference(script: bytes, position: int, piece: bytes) -> str:
    wanted = script[position : position + len(piece)]
    first = next((i for i, (a, b) in enumerate(zip(piece, wanted, strict=False)) if a != b), len(wanted))
    cut = slice(max(0, first - 20), first + 120)
    return f"at byte {position + first} of the output stands {piece[cut]!r} in place of {wanted[cut]!r}"


def _loose(log: bytes, told: Told) -> tuple[int, int]:
    """As `_strict`, of the whole numbered lines alone: each once, in order, none left out but where that is allowed."""
    wanted = lost = 0
    rest = (" " + _FILL)[1 : LINE - 10].encode()
    for text in log.split(b"\n"):
        found = _NUMBERED.match(text)
        if not found or found[2] != rest:
            continue
        number = int(found[1])
        if number < wanted:
            raise Lost(f"line {number} stands after line {wanted - 1}")
        # A line that was cut in two by another text is lost to this eye, though its bytes are there.
        if number > wanted + 1 and (number - wanted) * LINE > (CHUNK + LINE if told.killed else told.dropped + LINE):
            raise Lost(f"lines {wanted} to {number - 1} are missing")
        lost += max(0, number - wanted - 1) * LINE
        wanted = number + 1
    return wanted * LINE, lost

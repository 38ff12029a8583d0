"""The kinds of scripts, and what each must come to when nothing happens to it.

A script tells the truth into a file of its own, past supervisor and log: that an attempt began, how many lines it has
written, and that it is about to end. The auditor believes that file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .output import WRITER

#: How an attempt ends by itself: None for exit code 0, else the error's code; FOREVER: it does not.
FOREVER = "forever"

_PRELUDE = """
import os, sys, time
{writer}
ATTEMPT = int(os.environ["DATACHAIN_JOBS_ATTEMPT"].rpartition(".")[2])
TRUTH = os.open({truth!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
def tell(*words):
    os.write(TRUTH, (" ".join(map(str, (ATTEMPT, *words))) + "\\n").encode())
def write(first, last, step=1, pause=0.0):
    for begin in range(first, last, step):
        data = b"".join(line(n) for n in range(begin, min(begin + step, last)))
        while data:
            data = data[os.write(1, data):]
        tell("wrote", min(begin + step, last))
        if pause:
            time.sleep(pause)
if __name__ == "__main__":
    tell("begin")
"""

_BACKGROUND = """
import signal
def background(ways):
    if os.fork() == 0:
        if "session" in ways:
            os.setsid()
        if "twice" in ways and os.fork():
            os._exit(0)
        if "deaf" in ways:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
        if "silent" in ways:
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            os.dup2(1, 2)
        try:
            time.sleep(600)
        finally:
            os._exit(0)
"""

# Worker processes import the script anew: only the main one does what stands below the guard.
_DATASET = """
import datachain as dc
def double(number: int) -> int:
    time.sleep({pause})
    return 2 * number
if __name__ == "__main__":
    write(0, 10)
    dc.read_values(number=list(range({rows}))).map(double=double).save({dataset!r})
    write(10, 20)
    tell("end", 0)
"""


@dataclass(frozen=True)
class Kind:
    """A kind of script.

    body: the script after its prelude, for a random choice of sizes; may set fields of the job.
    weight: how often it is chosen.
    """

    name: str
    weight: int
    make: Callable[[random.Random, Job], str]


@dataclass(frozen=True)
class Act:
    """Something that was done to a job, in an attempt (0: before the first, or to all of it)."""

    what: str
    attempt: int = 0


@dataclass
class Job:
    """One planned job.

    ends: how each attempt ends by itself; the last entry stands for all further ones.
    noise: its log may hold more than numbered lines. lines: how many it writes when it is left alone.
    dataset, rows: what it saves.
    """

    name: str
    kind: str
    truth: Path
    settings: dict[str, Any] = field(default_factory=dict)
    ends: tuple[str | None, ...] = (None,)
    noise: bool = False
    lines: int = 0
    dataset: str = ""
    rows: int = 0
    text: str = ""
    id: str = ""
    acts: list[Act] = field(default_factory=list)
    log: dict[int, bytes] = field(default_factory=dict)
    """What browsers saw of each attempt, to the end."""

    def own_end(self, attempt: int) -> str | None:
        return self.ends[min(attempt, len(self.ends)) - 1]

    @property
    def retries(self) -> int:
        return int(self.settings.get("retries", {}).get("count", 0))

    def done(self, what: str, attempt: int | None = None) -> bool:
        """Whether that was done to it (in this attempt)."""
        return any(act.what == what and attempt in (None, act.attempt) for act in self.acts)


def _quick(rng: random.Random, job: Job) -> str:
    job.lines = rng.choice((0, 1, 20))
    return f"write(0, {job.lines})\ntell('end', 0)\n"


def _slow(rng: random.Random, job: Job) -> str:
    job.lines = rng.randint(60, 250)
    return f"write(0, {job.lines}, 1, 0.004)\ntell('end', 0)\n"


def _chatty(rng: random.Random, job: Job) -> str:
    job.lines = rng.randint(20, 300) * 1000
    return f"write(0, {job.lines}, 1000)\ntell('end', 0)\n"


def _failing(rng: random.Random, job: Job) -> str:
    job.lines, job.ends = rng.randint(1, 50), ("exit_code",)
    return f"write(0, {job.lines}, 1, 0.002)\ntell('end', 7)\nsys.exit(7)\n"


def _raising(rng: random.Random, job: Job) -> str:
    job.lines, job.ends, job.noise = rng.randint(1, 50), ("script_error",), True
    return f"write(0, {job.lines}, 1, 0.002)\ntell('end', 1)\nraise ValueError('as planned')\n"


def _long(rng: random.Random, job: Job) -> str:
    job.ends = (FOREVER,)
    return "write(0, 100_000, 1, 0.01)\n"


def _deaf(rng: random.Random, job: Job) -> str:
    job.ends = (FOREVER,)
    return (
        f"{_BACKGROUND}\nfor number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)\n"
        "background({'deaf', 'session'})\nwrite(0, 100_000, 1, 0.01)\n"
    )


def _forking(rng: random.Random, job: Job) -> str:
    job.lines = rng.randint(10, 60)
    ways = [tuple(way for way in ("session", "twice", "deaf", "silent") if rng.random() < 0.5) for _ in range(3)]
    calls = "".join(f"background({set(way)!r})\n" for way in ways)
    return f"{_BACKGROUND}\n{calls}write(0, {job.lines}, 1, 0.004)\ntell('end', 0)\n"


def _flaky(rng: random.Random, job: Job) -> str:
    good = rng.randint(2, 4)
    job.lines = 10
    job.ends = (*["exit_code"] * (good - 1), None)
    job.settings["retries"] = {"count": rng.randint(1, 3), "backoff": rng.choice((0.0, 0.05, 0.3))}
    return f"write(0, 10, 1, 0.002)\nbad = ATTEMPT < {good}\ntell('end', 3 if bad else 0)\nsys.exit(3 if bad else 0)\n"


def _timed(rng: random.Random, job: Job) -> str:
    job.ends = ("timeout",)
    job.settings["timeout"] = 0.4
    return "write(0, 100_000, 1, 0.01)\n"


def _dataset(rng: random.Random, job: Job) -> str:
    job.lines, job.rows, job.noise = 20, rng.randint(10, 200), True
    job.dataset = job.name.replace("-", "_")
    if rng.random() < 0.4:
        job.settings["workers"] = 2
    return _DATASET.format(rows=job.rows, dataset=job.dataset, pause=rng.choice((0, 0.002, 0.01)))


KINDS = {
    kind.name: kind
    for kind in (
        Kind("quick", 4, _quick),
        Kind("slow", 5, _slow),
        Kind("chatty", 3, _chatty),
        Kind("failing", 2, _failing),
        Kind("raising", 2, _raising),
        Kind("long", 4, _long),
        Kind("deaf", 2, _deaf),
        Kind("forking", 2, _forking),
        Kind("flaky", 3, _flaky),
        Kind("timed", 1, _timed),
        Kind("dataset", 1, _dataset),
    )
}


def make(rng: random.Random, kind: str, name: str, folder: Path) -> Job:
    """A job of a kind. Further choices: a priority, and retries for one that may be killed."""
    job = Job(name, kind, folder / name)
    if rng.random() < 0.3:
        job.settings["priority"] = rng.randint(1, 10)
    if rng.random() < 0.25:
        job.settings["retries"] = {"count": rng.randint(1, 2), "backoff": rng.choice((0.0, 0.2))}
    body = KINDS[kind].make(rng, job)
    job.text = _PRELUDE.format(writer=WRITER, truth=str(job.truth)) + body
    return job


def pick(rng: random.Random, count: int) -> list[str]:
    names = list(KINDS)
    return rng.choices(names, [KINDS[name].weight for name in names], k=count)


@dataclass(frozen=True)
class Truth:
    """What one attempt says of itself."""

    begins: int = 0
    wrote: int = 0
    end: int | None = None


def truth(path: Path) -> dict[int, Truth]:
    """What the attempts of a job say of themselves."""
    found: dict[int, dict[str, Any]] = {}
    text = path.read_text() if path.exists() else ""
    for attempt, word, *rest in (line.split() for line in text.splitlines()):
        told = found.setdefault(int(attempt), {"begins": 0, "wrote": 0, "end": None})
        if word == "begin":
            told["begins"] += 1
        else:
            told[word] = int(rest[0])
    return {attempt: Truth(**told) for attempt, told in found.items()}

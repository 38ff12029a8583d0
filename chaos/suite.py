"""Rounds in a row over one world, each audited, and what came of all of them."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jupyter_datachain_jobs.submit.folders import ORPHAN_AGE_S

from .auditor import Evidence, Violation, audit, leftovers
from .jobs import Job
from .plan import Plan, plan
from .rounds import play
from .world import Hang, World, until

#: Seconds that what is left may take to go: a supervisor waits a second for a reader that does not read.
GOING_S = 8.0
#: Seconds until DataChain has been told of every end. Its database may be locked, and then it is tried again and again.
SETTLE_S = 60.0

_TRACEBACK = re.compile(r"Traceback \(most recent call last\)")


@dataclass
class Outcome:
    """What came of a run. violations: (round, violation)."""

    seed: int
    rounds: int = 0
    jobs: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[int, Violation]] = field(default_factory=list)
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, 0)
    tmpfs: bool = True

    def report(self) -> str:
        """For the end of a run. What is needed to see a violation again stands beside it."""
        mean, (longest, number) = self.seconds / max(1, self.rounds), self.slowest
        each = f"{mean:.1f} s each; the slowest, {number}, {longest:.1f} s"
        lines = [
            f"rounds      {self.rounds} with seed {self.seed}, {self.seconds:.0f} s ({each})",
            f"jobs        {self.jobs.total()} ({_listed(self.jobs)})",
            f"            {_listed(self.states)}",
            f"faults      {self.faults.total()} ({_listed(self.faults)})",
            f"            {self.missed.total()} came too late ({_listed(self.missed)})",
        ]
        if not self.tmpfs:
            lines.append("            no full disk: a file system of our own cannot be mounted here (that takes root)")
        lines.append(f"violations  {len(self.violations)}")
        for number, violation in self.violations:
            lines.append(f"  round {number}: {violation}")
            lines.append(f"    again: python chaos/run.py --seed {self.seed} --first {number} --rounds 1")
        return "\n".join(lines)


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted.most_common()) or "none"


class Suite:
    """``run``. say: is told a line about each round."""

    def __init__(self, seed: int, *, say: Callable[[str], None] = lambda _: None, keep: bool = False) -> None:
        self.outcome = Outcome(seed)
        self._say = say
        self._keep = keep
        self._world: World | None = None
        self._log_read = 0
        self._crashed = False

    async def run(self, numbers: Sequence[int]) -> Outcome:
        begun = time.monotonic()
        try:
            for number in numbers:
                await self._round(number)
            await self._end(numbers[-1])
        finally:
            await self._close()
            self.outcome.seconds = time.monotonic() - begun
        return self.outcome

    async def _opened(self) -> World:
        if self._world is None:
            self._world = World()
            await self._world.open()
            self._log_read = 0
            self._crashed = False
            self.outcome.tmpfs = self._world.tmpfs
        return self._world

    async def _close(self) -> None:
        world, self._world = self._world, None
        if world is not None and not self._keep:
            await world.close()

    async def _round(self, number: int) -> None:
        world = await self._opened()
        begun = time.monotonic()
        chosen = plan(self.outcome.seed, number, world.truth)
        played = await play(world, chosen)
        ended = time.monotonic() - begun
        self._crashed |= any("server" in name for name in played.faults)
        found = [Violation("hang" if played.hung else "seen", name, what) for name, what in played.problems]
        evidence = Evidence(world.data_dir, world.datachain, world.sockets, chosen.jobs)
        if not played.hung:
            found += await self._audit(world, evidence)
        calm = not any(name.startswith(("fill_disk", "lock_")) for name in played.faults)
        found += self._server_errors(world, calm=calm)
        took = time.monotonic() - begun
        self._note(number, chosen, evidence, found, took)
        self.outcome.faults += played.faults
        self.outcome.missed += played.missed
        self._say(_line(number, chosen, evidence, played.faults, len(found), (took, ended)))
        for violation in found:
            self._say(f"    {violation}")
        if found and self._keep:
            self._say(f"    kept: {world.home}")
        if played.hung:
            await self._close()
            self._world = None
        else:
            self.outcome.violations += [(number, each) for each in await self._forget(world, chosen.jobs)]

    async def _audit(self, world: World, evidence: Evidence) -> list[Violation]:
        try:
            marks = ", ".join("?" * len(evidence.jobs))
            ids = [job.id for job in evidence.jobs]
            await until(
                lambda: not world.query(f"SELECT 1 FROM jobs WHERE NOT settled AND id IN ({marks})", *ids),
                "DataChain was told of every end",
                SETTLE_S,
            )
        except Hang as hang:
            return [Violation("hang", "", str(hang)), *await asyncio.to_thread(audit, evidence)]
        found = await asyncio.to_thread(audit, evidence)
        return found + await self._leftovers(evidence)

    async def _leftovers(self, evidence: Evidence, servers: int | None = None) -> list[Violation]:
        deadline = time.monotonic() + GOING_S
        while True:
            left = await asyncio.to_thread(leftovers, evidence, servers=servers, crashed=self._crashed)
            if not left or time.monotonic() > deadline:
                return left
            await asyncio.sleep(0.05)

    def _server_errors(self, world: World, *, calm: bool) -> list[Violation]:
        """Tracebacks in the server's log. When its disk was full or its database locked, they are to be expected."""
        log = world.first.log()
        new, self._log_read = log[self._log_read :], len(log)
        found = _TRACEBACK.search(new) if calm else None
        return [Violation("server_error", "", new[max(0, found.start() - 300) : found.start() + 2500])] if found else []

    def _note(self, number: int, chosen: Plan, evidence: Evidence, found: list[Violation], took: float) -> None:
        outcome = self.outcome
        outcome.rounds += 1
        outcome.jobs += Counter(job.kind for job in chosen.jobs)
        outcome.states += Counter(row["state"] for row in evidence.rows.values())
        outcome.violations += [(number, violation) for violation in found]
        outcome.slowest = max(outcome.slowest, (took, number))

    async def _forget(self, world: World, jobs: Sequence[Job]) -> list[Violation]:
        """Delete the round's jobs, as a user would; nothing of them may stay."""
        found = []
        for job in jobs:
            answer = await world.ask("DELETE", f"jobs/{job.id}")
            if answer.status not in (200, 404):
                found.append(Violation("delete", job.name, f"answered {answer.status} {answer.body}"))
            for table in ("moves", "attempts"):
                if world.query(f"SELECT 1 FROM {table} WHERE job_id = ?", job.id):
                    found.append(Violation("delete", job.name, f"left rows in {table}"))
            left = [*world.data_dir.glob(f"jobs/*{job.id}*"), *world.data_dir.glob(f"locks/{job.id}*")]
            if left:
                found.append(Violation("delete", job.name, f"left {[path.name for path in left]}"))
        return found

    async def _end(self, number: int) -> None:
        """What a crash left half made is swept by the next start once it is old; and a stopped server leaves nothing."""
        world = await self._opened()
        await world.end_second(15)  # type: ignore[arg-type]
        await asyncio.to_thread(world.first.stop)
        long_ago = time.time() - ORPHAN_AGE_S - 60
        for folder in ("jobs", "locks"):
            for path in (world.data_dir / folder).iterdir():
                os.utime(path, (long_ago, long_ago))
        await asyncio.to_thread(world.first.start)
        evidence = Evidence(world.data_dir, world.datachain, world.sockets, ()).read()
        self._crashed = False
        found = await self._leftovers(evidence, servers=1)
        await asyncio.to_thread(world.first.stop)
        found += leftovers(evidence, servers=0)
        self.outcome.violations += [(number, violation) for violation in found]


def _line(
    number: int, chosen: Plan, evidence: Evidence, faults: Counter[str], wrong: int, took: tuple[float, float]
) -> str:
    ends = ", ".join(f"{job.kind} {evidence.rows.get(job.id, {}).get('state', '?')}" for job in chosen.jobs)
    return f"round {number} ({took[0]:.1f} s, played in {took[1]:.1f}): {ends} | {_listed(faults)} | {'ok' if not wrong else f'{wrong} VIOLATIONS'}"


def run(seed: int, numbers: Sequence[int], *, quiet: bool = False, keep: bool = False) -> Outcome:
    """Run these rounds."""

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    return asyncio.run(Suite(seed, say=(lambda _: None) if quiet else say, keep=keep).run(numbers))

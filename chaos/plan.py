"""What one round does, chosen before it begins, so that a seed says all of it but the timing of the machine."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from . import faults, jobs
from .faults import Fault
from .jobs import FOREVER, Job

#: How often each is chosen.
SERVERS: dict[Fault, int] = {
    faults.kill_server: 4,
    faults.stop_server: 1,
    faults.second_server: 2,
    faults.kill_datachain_worker: 3,
}
PROCESSES: dict[Fault, int] = {
    faults.kill_supervisor: 5,
    faults.kill_guard: 3,
    faults.kill_both: 4,
    faults.kill_main: 4,
    faults.kill_child: 3,
    faults.kill_starting: 2,
    faults.terminate_guard: 2,
    faults.freeze_supervisor: 3,
}
USERS: dict[Fault, int] = {
    faults.cancel: 6,
    faults.cancel_twice: 3,
    faults.cancel_force: 3,
    faults.priority: 3,
    faults.delete_early: 1,
}
LOCKS: dict[Fault, int] = {faults.lock_jobs: 1, faults.lock_datachain: 1}


@dataclass(frozen=True)
class When:
    """The event that a fault waits for. state: of its job. lines: in its log. after: further seconds."""

    state: str = ""
    lines: int = 0
    ending: bool = False
    after: float = 0.0

    def __str__(self) -> str:
        event = self.state or (f"{self.lines} lines" if self.lines else "the end" if self.ending else "submit")
        return f"{event} + {self.after * 1000:.0f} ms" if self.after else event


@dataclass(frozen=True)
class Strike:
    """One planned fault. target: index of its job. seed: for its own choices."""

    fault: Fault
    target: int
    when: When
    seed: int

    @property
    def name(self) -> str:
        return self.fault.__name__


@dataclass(frozen=True)
class Plan:
    number: int
    jobs: tuple[Job, ...]
    strikes: tuple[Strike, ...]
    browsers: tuple[int, ...]
    """Indexes of the jobs that a browser follows."""


def plan(seed: int, number: int, truth: Path) -> Plan:
    """The round of this number."""
    rng = random.Random(f"{seed}.{number}")
    kinds = jobs.pick(rng, rng.randint(2, 5))
    mood = rng.choices(("any", "disk", "folder", "lock"), (88, 4, 4, 4))[0]
    if mood == "disk":
        kinds = [kind if kind not in ("dataset", "deaf") else "chatty" for kind in kinds]
    made = tuple(jobs.make(rng, kind, f"r{number}-{i}-{kind}", truth) for i, kind in enumerate(kinds))
    strikes = []
    match mood:
        case "disk":
            strikes.append(_strike(rng, faults.fill_disk, made))
        case "folder":
            strikes.append(
                _strike(rng, faults.delete_folder, made, when=When(state="RUNNING", after=rng.uniform(0, 0.3)))
            )
        case "lock":
            strikes.append(_strike(rng, _choose(rng, LOCKS), made))
    if mood == "any":
        strikes += [_strike(rng, _choose(rng, PROCESSES), made) for _ in range(rng.randint(0, 2))]
        strikes += [_strike(rng, _choose(rng, SERVERS), made) for _ in range(rng.choice((0, 0, 0, 0, 1, 1, 1, 2)))]
    strikes += [_strike(rng, _choose(rng, USERS), made) for _ in range(rng.randint(0, 2))]
    browsers = tuple(i for i in range(len(made)) if rng.random() < 0.3) if mood != "folder" else ()
    return Plan(number, made, tuple(strikes), browsers)


def _choose(rng: random.Random, weights: dict[Fault, int]) -> Fault:
    return rng.choices(list(weights), list(weights.values()))[0]


def _strike(rng: random.Random, fault: Fault, made: tuple[Job, ...], when: When | None = None) -> Strike:
    # Some faults find something in some kinds of jobs only.
    special: dict[Fault, tuple[str, ...]] = {
        faults.kill_child: ("forking", "deaf", "dataset"),
        faults.delete_early: ("long", "deaf"),
    }
    kinds = special.get(fault, ())
    target = rng.choice([i for i, job in enumerate(made) if job.kind in kinds] or list(range(len(made))))
    return Strike(fault, target, when or _when(rng, fault, made[target]), rng.getrandbits(32))


def _when(rng: random.Random, fault: Fault, job: Job) -> When:
    if fault is faults.kill_starting:
        return When(state="INIT")
    if fault is faults.priority:
        return When()
    moment = rng.choices(("submit", "INIT", "RUNNING", "lines", "ending", "CANCELING"), (1, 3, 3, 4, 1, 1))[0]
    after = rng.choice((0.0, rng.uniform(0, 0.02), rng.uniform(0, 0.5)))
    match moment:
        case "lines" if job.own_end(1) == FOREVER or job.lines:
            return When(lines=rng.randint(1, min(job.lines or 30, 30)), after=after)
        case "ending" if job.own_end(1) != FOREVER:
            return When(ending=True, after=after)
        case "INIT" | "RUNNING" | "CANCELING":
            return When(state=moment, after=after)
    return When(after=after)

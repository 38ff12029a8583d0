"""The moves of a job, its times, and its attempts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chaos.jobs import Job
from jupyter_datachain_jobs.domain import FINAL, TRANSITIONS, State

from .evidence import Evidence

#: Seconds that a time may be before one that it must follow: a supervisor's clock is read on another CPU.
SLACK_US = 2000


def history(evidence: Evidence, job: Job) -> Iterator[tuple[str, str]]:
    yield from _moves(evidence, job)
    yield from _times(evidence, job)
    yield from _attempts(evidence, job)


def _moves(evidence: Evidence, job: Job) -> Iterator[tuple[str, str]]:
    row, moves = evidence.rows[job.id], evidence.moves.get(job.id, [])
    path = " → ".join([str(moves[0]["old"]), *(move["new"] for move in moves)]) if moves else "nothing"
    if not moves or (moves[0]["old"], moves[0]["new"]) != (None, "CREATED"):
        yield "illegal_move", f"begins with {path}"
    for before, move in pairwise(moves):
        if move["old"] != before["new"]:
            yield "illegal_move", f"{move['old']} → {move['new']} follows a move to {before['new']}: {path}"
        elif State(move["new"]) not in TRANSITIONS[State(move["old"])]:
            yield "illegal_move", f"{move['old']} → {move['new']}: {path}"
        if move["attempt"] < before["attempt"]:
            yield "illegal_move", f"attempt {move['attempt']} follows attempt {before['attempt']}: {path}"
    finals = [move["new"] for move in moves if State(move["new"]) in FINAL]
    if len(finals) != 1:
        yield "not_one_end", f"{len(finals)} final moves: {path}"
    if moves and moves[-1]["new"] != row["state"]:
        yield "illegal_move", f"the row says {row['state']}, its moves say {path}"


def _times(evidence: Evidence, job: Job) -> Iterator[tuple[str, str]]:
    row = evidence.rows[job.id]
    named = ("created_at", "queued_at", "started_at", "finished_at")
    known = [(name, row[name]) for name in named if row[name] is not None]
    for (earlier, first), (later, second) in pairwise(known):
        if second < first - SLACK_US:
            yield "time", f"{later} is {(first - second) / 1e6:.6f} s before {earlier}"
    if row["finished_at"] is None:
        yield "time", "finished_at is missing"
    if row["state"] == "COMPLETE" and row["started_at"] is None:
        yield "time", "started_at is missing"


def _attempts(evidence: Evidence, job: Job) -> Iterator[tuple[str, str]]:
    row, attempts = evidence.rows[job.id], evidence.attempts.get(job.id, {})
    if sorted(attempts) != list(range(1, row["attempt"] + 1)):
        yield "attempts", f"the row is at attempt {row['attempt']}, and there are rows of {sorted(attempts)}"
    claims = sum(move["new"] == "INIT" for move in evidence.moves.get(job.id, []))
    if claims != row["attempt"]:
        yield "attempts", f"{claims} claims, and {row['attempt']} attempts"
    for number, attempt in attempts.items():
        if attempt["ended_at"] is None:
            yield "attempts", f"attempt {number} has no end"
        named = ("queued_at", "claimed_at", "started_at", "ended_at")
        known = [(name, attempt[name]) for name in named if attempt[name] is not None]
        for (earlier, first), (later, second) in pairwise(known):
            if second < first - SLACK_US:
                yield "time", f"attempt {number}: {later} is {(first - second) / 1e6:.6f} s before {earlier}"
    last = attempts.get(row["attempt"])
    if last is not None and row["state"] != "CANCELED":
        for name in ("exit_code", "log_size", "started_at"):
            if last[name] != row[name]:
                yield "attempts", f"{name} of the last attempt is {last[name]}, of the job {row[name]}"

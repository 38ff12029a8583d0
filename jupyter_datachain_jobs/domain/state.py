"""The states of a job and the one table of legal moves."""

from __future__ import annotations

from enum import StrEnum

from .errors import Category, JobsError


class State(StrEnum):
    CREATED = "CREATED"
    SCHEDULED = "SCHEDULED"
    QUEUED = "QUEUED"
    INIT = "INIT"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    CANCELING = "CANCELING"
    CANCELED = "CANCELED"


MEANING: dict[State, str] = {
    State.CREATED: "Recorded, not yet handed to the queue.",
    State.SCHEDULED: "Will be queued at its time.",
    State.QUEUED: "Waiting for worker slots.",
    State.INIT: "Its environment is being prepared.",
    State.RUNNING: "The code is executing.",
    State.COMPLETE: "Ended with exit code 0.",
    State.FAILED: "Ended with an error.",
    State.CANCELING: "Stop was asked for; signals are being sent.",
    State.CANCELED: "Stopped by the user.",
}

FINAL = frozenset({State.COMPLETE, State.FAILED, State.CANCELED})

#: CANCELING may still end as COMPLETE or FAILED: the code can finish before the first signal reaches it.
#: INIT and RUNNING lead back to QUEUED for a retry.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.CREATED: frozenset({State.SCHEDULED, State.QUEUED, State.FAILED, State.CANCELED}),
    State.SCHEDULED: frozenset({State.QUEUED, State.FAILED, State.CANCELED}),
    State.QUEUED: frozenset({State.INIT, State.FAILED, State.CANCELED}),
    State.INIT: frozenset({State.RUNNING, State.FAILED, State.CANCELING, State.QUEUED}),
    State.RUNNING: frozenset({State.COMPLETE, State.FAILED, State.CANCELING, State.QUEUED}),
    State.CANCELING: frozenset({State.CANCELED, State.COMPLETE, State.FAILED}),
    State.COMPLETE: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELED: frozenset(),
}


class IllegalMove(JobsError):
    def __init__(self, job_id: str, old: State, new: State) -> None:
        super().__init__(
            "illegal_move",
            f"Job {job_id} cannot go from {old} to {new}.",
            "Look at its present state and try again.",
            category=Category.CONFLICT,
        )


def check_move(job_id: str, old: State, new: State) -> None:
    """Raise `IllegalMove` unless the table allows old → new."""
    if new not in TRANSITIONS[old]:
        raise IllegalMove(job_id, old, new)

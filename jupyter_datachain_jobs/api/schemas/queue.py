"""Who waits and why, and what attempts came to."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from jupyter_datachain_jobs.domain import Hold

from .base import Body, Time
from .jobs import JobError
from .settings import Priority


class SetPriority(Body):
    priority: Priority


class Wait(Body):
    """Why a queued job waits."""

    job_id: str
    hold: Hold
    position: Annotated[int, Field(description="1 for the job that is next.")]
    ahead: Annotated[int, Field(description="Jobs before it.")]
    ahead_workers: Annotated[int, Field(description="Worker slots that those want.")]
    message: str
    blockers: Annotated[list[str], Field(description="Ids of jobs in the way, a few of them.")]
    estimate: Annotated[
        float | None,
        Field(description="Seconds until it probably starts, from past runs; null when one in the way has none."),
    ]
    until: Annotated[Time | None, Field(description="When its next attempt is due.")]


class Queue(Body):
    """The first jobs of the queue, in order."""

    items: list[Wait]


class Signal(Body):
    signal: str
    at: Annotated[int, Field(description="Microseconds since 1970, UTC.")]
    pids: list[int]


class CancelReport(Body):
    """What stopping an attempt did: what was sent when, which processes ended by themselves and which were killed."""

    model_config = ConfigDict(extra="ignore", frozen=True, json_schema_serialization_defaults_required=True)

    requested_at: int
    signals: list[Signal]
    ended: list[int]
    killed: list[int]
    survivors: list[int]


class Attempt(Body):
    """One try at a job."""

    attempt: int
    queued_at: Time | None
    claimed_at: Time
    started_at: Time | None
    finished_at: Time | None
    exit_code: int | None
    reason: Annotated[str | None, Field(description="How it ended, null while it lasts.")]
    error: JobError | None
    log_size: int | None
    cancel: CancelReport | None


class Attempts(Body):
    """Oldest first."""

    items: list[Attempt]

"""What is needed of jobs to decide who runs next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class Waiting:
    """A queued job.

    expected: seconds that it will run, from past runs or its timeout; None when nothing is known.
    due_in: seconds until it may start; more than 0 for one whose last attempt failed not long ago.
    """

    id: str
    name: str
    owner: str
    workers: int
    priority: int
    expected: float | None = None
    due_in: float = 0.0


@dataclass(frozen=True)
class Occupant:
    """A job that holds worker slots. `left`: seconds until it is expected to end; None when nothing is known."""

    id: str
    name: str
    owner: str
    workers: int
    left: float | None = None


@dataclass(frozen=True)
class Slots:
    """Worker slots in all, and how many of them the jobs of one user may hold (0: all)."""

    total: int
    per_owner: int = 0


class Hold(StrEnum):
    """Why a queued job does not start."""

    SLOTS = "slots"  # too few are free for it, and it is next
    ORDER = "order"  # others are before it
    RESERVED = "reserved"  # the free slots are kept for a larger job before it
    OWNER_LIMIT = "owner_limit"
    BACKOFF = "backoff"  # it failed, and its next attempt is not due yet
    TOO_LARGE = "too_large"  # it needs more slots than there are on this server, or than its user may hold
    NO_SERVER = "no_server"  # nobody is there to start it
    STARTING = "starting"  # it is about to start


@dataclass(frozen=True)
class Wait:
    """Why a queued job waits.

    position: 1 for the job that is next.
    ahead, ahead_workers: jobs before it, and the slots that they want.
    blockers: ids of the jobs in the way, those that run first; a few of them.
    estimate: seconds until it probably starts; None when a job in the way has no past to judge by.
    until: when its next attempt is due.
    """

    job_id: str
    hold: Hold
    position: int
    ahead: int
    ahead_workers: int
    message: str
    blockers: tuple[str, ...] = ()
    estimate: float | None = None
    until: datetime | None = None

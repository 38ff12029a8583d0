"""Errors with a stable code, a sentence for what happened and one for what to do.

::

    JobsError
    ├── InvalidRequest      what was asked for cannot be done as it stands
    │   └── CannotResume
    ├── JobNotFound
    ├── AttemptNotFound
    ├── JobNotFinal         the job still runs
    ├── JobAlreadyFinal
    ├── JobNotQueued
    ├── QueueFull           too many jobs wait or run already
    ├── IllegalMove         (state.py) a state change that the table does not allow
    ├── StaleJob            somebody else changed the job meanwhile
    ├── DatasetNotFound
    └── DatasetUnreadable

An error carries a `Category`; the API turns that into an HTTP status and the CLI into an exit code, so that this
room knows neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Category(StrEnum):
    """What kind of failure it is, for doors that must choose a status."""

    INVALID = "invalid"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"


class JobsError(Exception):
    """Base of every failure that a user can meet.

    Parameters
    ----------
    code: stable, lower case with underscores; tests, docs and clients rely on it.
    message: what happened, one sentence.
    hint: what to do about it, one sentence.
    category: see `Category`.
    details: facts for a machine (a line, a column, an id); JSON values only.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        category: Category = Category.INVALID,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.category = category
        self.details = dict(details) if details else None


class InvalidRequest(JobsError):
    """The request cannot be carried out as it stands."""


class JobNotFound(JobsError):
    def __init__(self, job_id: str) -> None:
        super().__init__(
            "job_not_found",
            f"There is no job {job_id[:64]!r}.",
            "It may have been deleted. List the jobs to see those that exist.",
            category=Category.NOT_FOUND,
        )


class AttemptNotFound(JobsError):
    def __init__(self, job_id: str, attempt: int, last: int) -> None:
        had = {0: "has had none yet", 1: "has had one"}.get(last, f"has had {last}")
        super().__init__(
            "attempt_not_found",
            f"Job {job_id} has no attempt {attempt}: it {had}.",
            "Leave the attempt out for the newest one.",
            category=Category.NOT_FOUND,
        )


class JobNotFinal(JobsError):
    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(
            "job_not_final",
            f"Job {job_id} is {state}, so it cannot be deleted yet.",
            "Stop it first, then delete it.",
            category=Category.CONFLICT,
        )


class JobAlreadyFinal(JobsError):
    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(
            "job_already_final",
            f"Job {job_id} has already ended ({state}).",
            "There is nothing to stop. Run it again to start a new job.",
            category=Category.CONFLICT,
        )


class CannotResume(InvalidRequest):
    def __init__(self, job_id: str, why: str) -> None:
        super().__init__(
            "cannot_resume",
            f"Job {job_id} cannot be resumed: {why}.",
            "Resume a run of the same script that has ended, or run it from the start.",
            category=Category.CONFLICT,
        )


class JobNotQueued(JobsError):
    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(
            "job_not_queued",
            f"Job {job_id} is {state}: it does not wait in the queue.",
            "Only a queued job has a place in the queue, and a priority that can be changed.",
            category=Category.CONFLICT,
        )


class QueueFull(JobsError):
    def __init__(self, count: int, most: int, *, owner: str | None) -> None:
        whose = f"{owner} has" if owner is not None else "There are"
        limit = "max_jobs_per_owner" if owner is not None else "max_jobs"
        super().__init__(
            "queue_full",
            f"{whose} {count:,} jobs that wait or run, and {most:,} is the limit.",
            f"Wait until some have ended, stop some, or have `JobsApp.{limit}` raised.",
            category=Category.CONFLICT,
            details={"jobs": count, "limit": most},
        )


class StaleJob(JobsError):
    """The job changed between reading and writing it; read it again and decide anew."""

    def __init__(self, job_id: str) -> None:
        super().__init__(
            "job_changed",
            f"Job {job_id} was changed by someone else at the same moment.",
            "Look at its present state and try again.",
            category=Category.CONFLICT,
        )


class DatasetNotFound(JobsError):
    def __init__(self, name: str) -> None:
        super().__init__(
            "dataset_not_found",
            f"There is no dataset {name[:200]!r}.",
            "Check its name and version; it may have been deleted.",
            category=Category.NOT_FOUND,
        )


class DatasetUnreadable(JobsError):
    """DataChain's files cannot be read the way they are."""

    def __init__(self, message: str, hint: str, *, code: str = "dataset_unreadable") -> None:
        super().__init__(code, message, hint, category=Category.CONFLICT)

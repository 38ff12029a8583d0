"""What the data folder holds, and what leaves it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jupyter_datachain_jobs.domain import State

from .base import Body, Query, Time


class DiskQuery(Query):
    top: Annotated[int, Field(ge=0, le=100, description="How many of the biggest jobs to name.")] = 10


class JobSize(Body):
    """`name` and `state` are null for a folder whose job is not recorded (any more)."""

    id: str
    name: str | None
    state: State | None
    bytes: int
    log_bytes: int


class LeavingJob(Body):
    id: str
    name: str
    finished_at: Time
    reason: Literal["age", "count", "bytes"]
    bytes: Annotated[int, Field(description="0 where a limit on bytes does not apply: nobody measured it.")]


class LeavingJobs(Body):
    """`items`: the first of them."""

    count: int
    bytes: int
    items: list[LeavingJob]


class Retention(Body):
    """The limits (0: none), and the jobs that are over them now."""

    keep_days: float
    keep_jobs: int
    keep_bytes: int
    leaving: LeavingJobs


class Disk(Body):
    """Bytes on the disk, but for `logs` and `snapshots`: those are the bytes that were written."""

    data_dir: str
    recorded: Annotated[int, Field(description="Jobs in the database.")]
    folders: Annotated[int, Field(description="Job folders that were measured.")]
    jobs: Annotated[int, Field(description="All job folders; logs, snapshots and job_rest are its parts.")]
    logs: int
    snapshots: int
    job_rest: int
    database: int
    caches: int
    environments: int | None
    rest: int
    total: int
    free: int
    capacity: int
    complete: Annotated[bool, Field(description="False when time ran out: then the sums are too small.")]
    biggest: list[JobSize]
    retention: Retention


class PruneJobs(Body):
    """dry_run: only say what would be removed."""

    dry_run: bool = False


class Pruned(Body):
    """`left`: jobs that are still to be removed; ask again."""

    dry_run: bool
    left: int
    removed: LeavingJobs

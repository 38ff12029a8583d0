"""Jobs, and what is asked of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from jupyter_datachain_jobs.domain import State

from .base import Body, Query, Time
from .settings import ScriptText, Settings


class SubmitJob(Body):
    script: ScriptText
    name: Annotated[str, StringConstraints(min_length=1, max_length=256, strip_whitespace=True)] | None = None
    settings: Settings = Settings()
    resume: Annotated[
        str | None,
        Field(max_length=64, description="Id of an ended job of this script, to go on from its checkpoints."),
    ] = None


class RerunJob(Body):
    """resume: go on from the checkpoints of that job, in place of starting afresh."""

    resume: bool = False


class CancelJob(Body):
    """force: do not wait for the code to end by itself."""

    force: bool = False


class Script(Body):
    path: str
    sha256: str
    size: int


class ContextLine(Body):
    line: int
    text: str


class UserFrame(Body):
    path: str
    line: int
    function: str
    text: str
    context: list[ContextLine]


class JobError(Body):
    code: str
    message: str
    hint: str
    exception: str | None
    traceback: str | None
    frame: UserFrame | None


class Progress(Body):
    phase: str
    label: str | None
    done: int | None
    total: int | None
    rate: float | None


class Job(Body):
    """A job, the same in REST, websocket and CLI."""

    id: str
    name: str
    kind: str
    state: State
    revision: int
    seq: int
    owner: str
    cluster: str
    script: Script
    settings: Settings
    progress: Progress | None
    exit_code: Annotated[int | None, Field(description="Negative: the number of the signal that ended it.")]
    attempt: int
    error: JobError | None
    log_size: Annotated[int | None, Field(description="Bytes; known when the job is final.")]
    created_at: Time
    queued_at: Time | None
    started_at: Annotated[Time | None, Field(description="When the user's code began.")]
    finished_at: Time | None
    cancel_requested_at: Time | None
    resumed_from: Annotated[str | None, Field(description="The job whose checkpoints it goes on from.")]
    not_before: Annotated[Time | None, Field(description="When the next attempt of a queued job is due.")]


class JobPage(Body):
    """Newest first. `next` continues the list; `seq` is what to subscribe to the jobs channel with."""

    items: list[Job]
    next: str | None
    seq: int


class JobsQuery(Query):
    state: str = ""
    q: Annotated[str, StringConstraints(max_length=256)] = ""
    script: str = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    cursor: Annotated[int, Field(ge=0, lt=2**63)] | None = None


class DeleteQuery(Query):
    datasets: Annotated[
        bool, Field(description="Also remove the dataset versions that the job made, not those that it reused.")
    ] = False


class RemovedDataset(Body):
    uuid: str
    full_name: str
    version: str


class KeptDataset(RemovedDataset):
    """`why`: DataChain's own words."""

    why: str


class Removed(Body):
    """What went with a job: `files` of its folder, taking `bytes` on the disk; `log_bytes` and `snapshot_bytes` of them."""

    log_bytes: int
    snapshot_bytes: int
    files: int
    bytes: int
    datasets: Annotated[list[RemovedDataset], Field(description="Empty unless they were asked for.")]


class DeletedJob(Body):
    id: str
    removed: Removed
    kept_datasets: Annotated[list[KeptDataset], Field(description="Those that could not be removed.")]


class ScriptSnapshot(Body):
    path: str
    text: str
    sha256: str

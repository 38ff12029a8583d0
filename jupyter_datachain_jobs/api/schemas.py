"""Bodies on the wire. The one source of their shape: OpenAPI and the front end's types are made from here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel as _BaseModel
from pydantic import ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

from jupyter_datachain_jobs.domain import (
    DEFAULT_PRIORITY,
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    MOST_BACKOFF_S,
    MOST_TIMEOUT_S,
    Hold,
    Retryable,
    State,
)


def iso(at: datetime) -> str:
    """UTC with microseconds and Z, always of one length, so that text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Time = Annotated[
    datetime,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Body(_BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_serialization_defaults_required=True, from_attributes=True
    )


class Query(_BaseModel):
    """Query parameters; unknown ones are let through, since JupyterLab adds a time stamp against caches."""

    model_config = ConfigDict(extra="ignore", frozen=True)


# Jobs


class ScriptText(Body):
    """Which script to run. `text` is what the editor shows; without it the file is read."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    text: str | None = None


ParameterName = Annotated[str, StringConstraints(min_length=1, max_length=256)]
ParameterValue = Annotated[str, StringConstraints(max_length=65536)]


Priority = Annotated[int, Field(ge=LOWEST_PRIORITY, le=HIGHEST_PRIORITY, description="Higher ones start sooner.")]


class Retries(Body):
    """Whether a failed attempt is followed by another one."""

    count: Annotated[int, Field(ge=0, le=100, description="Attempts after the first.")] = 0
    backoff: Annotated[
        float,
        Field(
            ge=0,
            le=MOST_BACKOFF_S,
            allow_inf_nan=False,
            description="Seconds before the first retry; each further one waits twice as long.",
        ),
    ] = 10.0
    on: Annotated[
        list[Retryable],
        Field(max_length=len(Retryable), description="Error codes that are tried again; empty for all that can be."),
    ] = []


class Settings(Body):
    """How a job runs."""

    workers: Annotated[int, Field(ge=1, le=100_000, description="Worker slots that the job occupies.")] = 1
    priority: Priority = DEFAULT_PRIORITY
    timeout: Annotated[
        float | None,
        Field(
            gt=0,
            le=MOST_TIMEOUT_S,
            allow_inf_nan=False,
            description="Seconds that an attempt's code may run; null for no limit.",
        ),
    ] = None
    retries: Retries = Retries()
    parameters: Annotated[
        dict[ParameterName, ParameterValue],
        Field(max_length=1000, description="Reach the script as datachain.query.params.param(name)."),
    ] = {}


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


# Logs


class LogQuery(Query):
    offset: Annotated[int, Field(ge=-(2**53), le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=4 * 1024 * 1024)] = 1024 * 1024
    attempt: Annotated[int, Field(ge=1, le=10_000)] | None = None


class LogDownloadQuery(Query):
    attempt: Annotated[int, Field(ge=1, le=10_000)] | None = None


class LogLinesQuery(Query):
    line: Annotated[int, Field(ge=0, le=2**53)] | None = None
    offset: Annotated[int, Field(ge=0, le=2**53)] | None = None
    count: Annotated[int, Field(ge=1, le=10_000)] = 500
    attempt: Annotated[int, Field(ge=1, le=10_000)] | None = None


class LogGap(Body):
    """Bytes `from` to `to` are no longer kept: the log is limited. Offsets and line numbers still count them."""

    model_config = ConfigDict(populate_by_name=True)

    from_: Annotated[int, Field(alias="from")]
    to: int
    line: Annotated[int, Field(description="Number of the line that `to` is in, 0-based.")]
    lines: Annotated[int, Field(description="How many lines before it are gone as a whole.")]


class LogLines(Body):
    """Where lines are: bytes `offset` to `next_offset` hold `count` lines from number `line` (0-based).

    Of lines in a gap it answers those after it, and a page that reaches a gap ends there; then `gap` says so.
    """

    offset: int
    line: int
    next_offset: int
    total_lines: int
    size: int
    complete: bool
    gap: LogGap | None = None


# Datasets


class DatasetVersion(Body):
    uuid: str
    name: str
    namespace: str
    project: str
    full_name: str
    version: str
    num_rows: int | None
    size: int | None
    created_at: Time
    status: str
    created_by_job: bool
    job_id: str | None


class DatasetVersions(Body):
    items: list[DatasetVersion]


class Column(Body):
    name: str
    path: list[str]
    type: str
    hidden: bool


class DatasetDetail(DatasetVersion):
    columns: list[Column]


class DatasetQuery(Query):
    name: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class RowsQuery(Query):
    offset: Annotated[int, Field(ge=0, lt=2**63)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class RowPage(Body):
    """`rows` holds one list per row, in the order of `columns`; `truncated` lists [row, column, full length]."""

    uuid: str
    offset: int
    limit: int
    total: int
    columns: list[str]
    rows: list[list[Any]]
    truncated: list[tuple[int, int, int]]


# The server


class Problem(Body):
    """The body of every refusal. `code` is stable; `hint` says what to do."""

    code: str
    message: str
    hint: str
    details: dict[str, Any] | None = None


class Notice(Body):
    """Something that users should know of this server, though it works."""

    code: str
    message: str
    hint: str


class Status(Body):
    version: str
    protocol: int
    server_id: str
    max_workers: int
    busy_workers: int
    queued: int
    running: int
    datachain_version: str | None
    notices: list[Notice]


class Template(Body):
    name: str
    text: str


# The disk


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


# Websocket, server to client


class Hello(Body):
    type: Literal["hello"] = "hello"
    protocol: int
    version: str
    server_id: str


class SubscribedJobs(Body):
    type: Literal["subscribed"] = "subscribed"
    channel: Literal["jobs"] = "jobs"
    seq: int


class SubscribedLog(Body):
    """Bytes follow from `offset`, which is the start of line `line` (0-based) unless the client resumed.

    `gap`: what is gone of the log so far; a later one that is in the way comes as `log_gap`.
    """

    type: Literal["subscribed"] = "subscribed"
    channel: Literal["log"] = "log"
    job: str
    attempt: int
    offset: int
    line: int
    size: int
    gap: LogGap | None = None


class JobChanged(Body):
    type: Literal["job"] = "job"
    seq: int
    job: Job


class JobDeleted(Body):
    type: Literal["job_deleted"] = "job_deleted"
    seq: int
    id: str


class StatusChanged(Body):
    type: Literal["status"] = "status"
    status: Status


class LogSkip(Body):
    """The next bytes are those from `to` on: bytes `from`, where the ones before ended, to `to` are gone."""

    model_config = ConfigDict(populate_by_name=True)

    type: Literal["log_gap"] = "log_gap"
    job: str
    attempt: int
    from_: Annotated[int, Field(alias="from")]
    to: int
    line: Annotated[int, Field(description="Number of the line that `to` is in, 0-based.")]


class LogEnd(Body):
    type: Literal["log_end"] = "log_end"
    job: str
    attempt: int
    size: int


class SocketProblem(Body):
    type: Literal["error"] = "error"
    code: str
    message: str
    hint: str
    op: str | None = None
    channel: str | None = None
    job: str | None = None


class Pong(Body):
    type: Literal["pong"] = "pong"


# Websocket, client to server


class Subscribe(Body):
    """jobs: everything newer than `seq`, then live. log: from `offset` exactly, or the last `tail` bytes."""

    op: Literal["subscribe"]
    channel: Literal["jobs", "log"]
    seq: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    job: str | None = None
    attempt: Annotated[int, Field(ge=1, le=10_000)] | None = None
    offset: Annotated[int, Field(ge=0, le=2**53)] | None = None
    tail: Annotated[int, Field(ge=0, le=64 * 1024 * 1024)] = 262_144


class Unsubscribe(Body):
    op: Literal["unsubscribe"]
    channel: Literal["jobs", "log"]
    job: str | None = None


class Acknowledge(Body):
    """Log bytes up to `offset` were handled."""

    op: Literal["ack"]
    job: str
    offset: Annotated[int, Field(ge=0, le=2**53)]


class Ping(Body):
    op: Literal["ping"]

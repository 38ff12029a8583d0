"""The websocket: what the server says, then what clients say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from .base import Body
from .jobs import Job
from .logs import LogGap
from .server import Status


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


# What clients say


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

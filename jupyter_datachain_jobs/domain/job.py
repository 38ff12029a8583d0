"""What a job is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .settings import RunSettings
from .state import FINAL, State


def new_job_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Script:
    """The script that a job runs.

    path: contents path (POSIX, relative to the server's root), or an absolute path for a job from a terminal.
    location: absolute path on disk; the script's own folder is its working directory and import path.
    sha256, size: of the snapshot that runs, which may be text that was never saved.
    """

    path: str
    location: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Progress:
    """How far a running job is; counts are None where they are not known."""

    phase: str
    label: str | None = None
    done: int | None = None
    total: int | None = None
    rate: float | None = None


@dataclass(frozen=True)
class UserFrame:
    """The traceback's last frame of user code; `context` holds (line number, text) around it."""

    path: str
    line: int
    function: str
    text: str
    context: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class JobError:
    """Why a job failed: a stable code, what happened, what to do, and the user's own traceback if there is one."""

    code: str
    message: str
    hint: str
    exception: str | None = None
    traceback: str | None = None
    frame: UserFrame | None = None


@dataclass(frozen=True)
class Job:
    """One job as the store knows it. Times are aware UTC datetimes with microseconds.

    revision: grows with each change of this job; writes compare it.
    seq: global change counter at this job's newest change; clients resume from it.
    exit_code: negative for a signal, None while unknown.
    resumed_from: the job whose checkpoints it goes on from; None for one that starts afresh.
    not_before: a queued job does not start earlier: its last attempt failed not long ago.
    claim: id of the server that dispatches it, while it does.
    settled: DataChain's own records of a final job were brought in line.
    """

    id: str
    name: str
    state: State
    owner: str
    script: Script
    settings: RunSettings
    created_at: datetime
    kind: str = "script"
    cluster: str = "local"
    revision: int = 0
    seq: int = 0
    attempt: int = 0
    queued_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    not_before: datetime | None = None
    exit_code: int | None = None
    log_size: int | None = None
    error: JobError | None = None
    progress: Progress | None = None
    claim: str | None = None
    settled: bool = False
    resumed_from: str | None = None
    report: Mapping[str, Any] | None = field(default=None, compare=False)

    @property
    def final(self) -> bool:
        return self.state in FINAL


@dataclass(frozen=True)
class Attempt:
    """One try at a job; a job without retries has one at most.

    queued_at: when it began to wait. claimed_at: when it was given its slots. started_at: when the user's code began.
    reason: how it ended, as its supervisor said ("exited", "timeout", …), None while it lasts.
    report: what the supervisor recorded about its end: signals, leftovers, peak memory.
    """

    attempt: int
    queued_at: datetime | None
    claimed_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    exit_code: int | None
    reason: str | None
    error: JobError | None
    log_size: int | None
    report: Mapping[str, Any] | None

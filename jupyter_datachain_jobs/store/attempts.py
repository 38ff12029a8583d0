"""What each attempt of a job came to, and how long scripts run. All inside a transaction of the caller's."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from jupyter_datachain_jobs.domain import Attempt, Job, JobError

from .rows import attempt_from_row, now, to_micros
from .tables import attempts, runtimes

#: How many runs of a script are remembered: enough that one odd run does not decide, and few enough to follow changes.
REMEMBERED = 7


@dataclass(frozen=True)
class AttemptEnd:
    """How an attempt ended. `reason`: the supervisor's word, or the error's code."""

    finished_at: datetime
    reason: str | None = None
    exit_code: int | None = None
    error: JobError | None = None
    log_size: int | None = None
    report: Mapping[str, Any] | None = None


async def begin_attempt(connection: AsyncConnection, job: Job) -> None:
    await connection.execute(
        insert(attempts).values(
            job_id=job.id, attempt=job.attempt, queued_at=to_micros(job.queued_at), claimed_at=to_micros(now())
        )
    )


async def start_attempt(connection: AsyncConnection, job: Job) -> None:
    await _change(connection, job, started_at=to_micros(job.started_at))


async def end_attempt(connection: AsyncConnection, job: Job, end: AttemptEnd) -> None:
    await _change(
        connection,
        job,
        started_at=to_micros(job.started_at),
        ended_at=to_micros(end.finished_at),
        reason=end.reason,
        exit_code=end.exit_code,
        error=dataclasses.asdict(end.error) if end.error else None,
        log_size=end.log_size,
        report=dict(end.report) if end.report else None,
    )


async def _change(connection: AsyncConnection, job: Job, **values: Any) -> None:
    await connection.execute(
        update(attempts).where(attempts.c.job_id == job.id, attempts.c.attempt == job.attempt).values(**values)
    )


async def attempts_of(connection: AsyncConnection, job_id: str) -> tuple[Attempt, ...]:
    query = select(attempts).where(attempts.c.job_id == job_id).order_by(attempts.c.attempt)
    return tuple(attempt_from_row(row) for row in (await connection.execute(query)).mappings())


async def learn_runtime(connection: AsyncConnection, job: Job) -> None:
    """Remember how long a successful run of this script took."""
    if job.started_at is None or job.finished_at is None:
        return
    path, took = job.script.path, (job.finished_at - job.started_at).total_seconds()
    if took < 0:
        return  # the clock was set back meanwhile
    known = (
        await connection.execute(select(runtimes.c.seconds).where(runtimes.c.script_path == path))
    ).scalar_one_or_none()
    if known is None:
        await connection.execute(insert(runtimes).values(script_path=path, seconds=[took]))
    else:
        await connection.execute(
            update(runtimes).where(runtimes.c.script_path == path).values(seconds=[*known, took][-REMEMBERED:])
        )


def expected(seconds: Sequence[float] | None, timeout: float | None) -> float | None:
    """Seconds that a run of a script probably takes; its timeout is the most that it can."""
    if not seconds:
        return timeout
    return min(median(seconds), timeout) if timeout else median(seconds)

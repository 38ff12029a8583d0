"""The queue as rows: its order, what is before a job, and what holds the slots."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from jupyter_datachain_jobs.domain import FINAL, Job, JobNotQueued, Occupant, QueueFull, State, Waiting

from .attempts import expected
from .jobs import JobStore
from .ranks import rank_column
from .reads import OCCUPYING
from .rows import now, to_micros
from .tables import jobs, runtimes
from .whole import whole

#: Taken out by the database: reading all settings of a window of jobs as JSON costs more than the rest of the look.
_TIMEOUT = jobs.c.settings["timeout"].as_float().label("timeout")
_QUEUED = jobs.c.state == State.QUEUED.value


#: Clocks of two machines over one folder may differ by so much, in seconds.
SKEW_S = 60.0


class JobQueue:
    """Reads the queue and changes its order.

    max_jobs, max_jobs_per_owner: jobs that may wait or run at once (0: no limit).
    """

    def __init__(self, store: JobStore, *, max_jobs: int = 0, max_jobs_per_owner: int = 0) -> None:
        self._store = store
        self._max_jobs = max_jobs
        self._max_jobs_per_owner = max_jobs_per_owner

    @whole
    async def rank_anew(self) -> None:
        """Bring the order in line with how fast waiting jobs rise, which is a setting and may have changed."""
        rank = rank_column(self._store.ageing_s)
        async with self._store.reading() as connection:
            stale = (await connection.execute(select(func.count()).where(_QUEUED, jobs.c.rank != rank))).scalar_one()
        if stale:
            async with self._store.begin() as connection:
                await connection.execute(update(jobs).where(_QUEUED).values(rank=rank))
            self._store.committed()

    async def admit(self, connection: AsyncConnection, owner: str) -> None:
        """Raises QueueFull when no further job of `owner` may wait."""
        if not (self._max_jobs or self._max_jobs_per_owner):
            return
        live = jobs.c.state.in_([state.value for state in State if state not in FINAL])
        for limit, whose in ((self._max_jobs_per_owner, owner), (self._max_jobs, None)):
            if not limit:
                continue
            mine: tuple[ColumnElement[bool], ...] = (jobs.c.owner == owner,) if whose is not None else ()
            count = (await connection.execute(select(func.count()).where(live, *mine))).scalar_one()
            if count >= limit:
                raise QueueFull(count, limit, owner=whose)

    @whole
    async def set_priority(self, job_id: str, priority: int) -> Job:
        """Raises JobNotFound, JobNotQueued."""
        async with self._store.begin() as connection:
            job = await self._store.current(connection, job_id)
            if job.state is not State.QUEUED:
                raise JobNotQueued(job_id, job.state)
            settings = dataclasses.replace(job.settings, priority=priority)
            changed = await self._store.write(connection, job, settings=settings)
        self._store.committed()
        return changed

    @whole
    async def next_due(self, after: datetime) -> datetime | None:
        """When the first job that was not due yet at `after` may start its next attempt; it may be due by now."""
        # Whatever the state: that of a job which was stopped meanwhile costs one look too many, a state here the index.
        query = select(func.min(jobs.c.not_before)).where(jobs.c.not_before > to_micros(after))
        async with self._store.reading() as connection:
            due = (await connection.execute(query)).scalar_one()
        return None if due is None else datetime.fromtimestamp(due / 1e6, UTC)

    async def occupants(self, connection: AsyncConnection) -> tuple[Occupant, ...]:
        """The jobs that hold slots."""
        rows = await connection.execute(
            select(
                jobs.c.id, jobs.c.name, jobs.c.owner, jobs.c.workers, jobs.c.started_at, _TIMEOUT,
                runtimes.c.seconds,
            )
            .select_from(jobs.outerjoin(runtimes, runtimes.c.script_path == jobs.c.script_path))
            .where(jobs.c.state.in_(OCCUPYING))
            .order_by(jobs.c.number)
        )  # fmt: skip
        at = to_micros(now()) or 0
        found = []
        for row in rows:
            left = expected(row.seconds, row.timeout)
            if left is not None and row.started_at is not None:
                left = max(0.0, left - max(0, at - row.started_at) / 1e6)
            found.append(Occupant(row.id, row.name, row.owner, row.workers, left))
        return tuple(found)

    async def waiting(
        self, connection: AsyncConnection, limit: int, *, without: Collection[str] = (), due: bool = True
    ) -> tuple[Waiting, ...]:
        """The first `limit` jobs of the queue, in order.

        without: leave out the jobs of these users. due: leave out those whose next attempt is not due yet.
        """
        wanted = [_QUEUED]
        if without:
            wanted.append(jobs.c.owner.not_in(without))
        if due:
            wanted.append(_due())
        # The join comes after the limit, or it would be made for the whole queue.
        first = (
            select(
                jobs.c.id, jobs.c.name, jobs.c.owner, jobs.c.workers, jobs.c.priority, _TIMEOUT,
                jobs.c.script_path, jobs.c.rank, jobs.c.number, jobs.c.not_before, _due().label("due"),
            )
            .where(*wanted)
            .order_by(jobs.c.rank, jobs.c.number)
            .limit(limit)
            .subquery()
        )  # fmt: skip
        rows = await connection.execute(
            select(first, runtimes.c.seconds)
            .select_from(first.outerjoin(runtimes, runtimes.c.script_path == first.c.script_path))
            .order_by(first.c.rank, first.c.number)
        )
        at = to_micros(now()) or 0
        return tuple(
            Waiting(
                row.id, row.name, row.owner, row.workers, row.priority, expected(row.seconds, row.timeout),
                0.0 if row.due else (row.not_before - at) / 1e6,
            )
            for row in rows
        )  # fmt: skip

    async def before(self, connection: AsyncConnection, job_id: str) -> tuple[int, int]:
        """How many jobs that may start are before this one in the queue, and how many slots they want."""
        place = select(jobs.c.rank, jobs.c.number).where(jobs.c.id == job_id)
        rank, number = (await connection.execute(place)).one()
        query = select(func.count(), func.coalesce(func.sum(jobs.c.workers), 0)).where(
            and_(_QUEUED, _due(), tuple_(jobs.c.rank, jobs.c.number) < (rank, number))
        )
        count, workers = (await connection.execute(query)).one()
        return int(count), int(workers)


def _due() -> ColumnElement[bool]:
    """Whether a job's next attempt may start.

    One that was queued in the future waits no longer: the clock was set back since, and by how much nobody knows.
    """
    at = to_micros(now()) or 0
    return or_(jobs.c.not_before.is_(None), jobs.c.not_before <= at, jobs.c.queued_at > at + int(SKEW_S * 1e6))

"""Writes of jobs. `JobStore.move` is the only writer of a state, with `add`, `requeue` and `Claims.claim` beside it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from jupyter_datachain_jobs.domain import FINAL, Job, JobNotFinal, StaleJob, State, check_move

from .attempts import AttemptEnd, begin_attempt, end_attempt, learn_runtime, start_attempt
from .failures import told
from .ranks import AGEING_S, rank
from .reads import OCCUPYING, JobReads
from .rows import changes_to_row, from_row, now, to_micros, to_row
from .tables import counters, deleted, jobs, moves
from .whole import check_whole, whole

#: Fields that `move` and `update` may set; a state changes through `move` alone, counters by themselves.
SETTABLE = frozenset(
    {"queued_at", "started_at", "finished_at", "cancel_requested_at", "exit_code", "log_size", "error", "progress",
     "report", "claim", "settings", "not_before"}
)  # fmt: skip


class JobStore(JobReads):
    """The jobs database, shared by all rooms of a process. All times are UTC.

    ageing_s: seconds of waiting that weigh as much as one priority; see `ranks`.
    """

    def __init__(self, engine: AsyncEngine, *, ageing_s: float = AGEING_S) -> None:
        super().__init__(engine)
        self.ageing_s = ageing_s
        self._listeners: list[Callable[[], None]] = []

    async def close(self) -> None:
        await self._engine.dispose()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that changed a job; it must not block."""
        self._listeners.append(listener)

    def _committed(self) -> None:
        for listener in self._listeners:
            listener()

    @whole
    async def add(self, job: Job, admit: Callable[[AsyncConnection, str], Awaitable[None]] | None = None) -> Job:
        """Record a job as CREATED and hand it to the queue, in one transaction.

        admit: asked inside it, with the job's owner, whether one more may wait; raises when not.
        """
        async with self.begin() as connection:
            if admit is not None:
                await admit(connection, job.owner)
            seq = await self._next_seq(connection)
            arrived = now()
            queued = replace(job, state=State.QUEUED, queued_at=arrived, revision=1, seq=seq)
            check_move(job.id, job.state, queued.state)
            place = rank(arrived, job.settings.priority, self.ageing_s)
            await connection.execute(insert(jobs).values(**to_row(queued), rank=place))
            for old, new, at in (
                (None, job.state, job.created_at),
                (job.state, queued.state, arrived),
            ):
                await self._record(connection, queued, old, new, at)
        self._committed()
        return queued

    @whole
    async def move(
        self,
        job_id: str,
        new: State,
        *,
        revision: int | None = None,
        attempt: int | None = None,
        at: datetime | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Job:
        """Change a job's state, and `changes` with it; checked, committed, then published.

        revision: what the caller decided on; None takes the present one (the table still decides).
        attempt: which one the caller speaks of: another server may have queued the job again, and begun the next.
        at: when it happened, where that is not now (a job that ended while no server ran).

        Raises JobNotFound, StaleJob, IllegalMove.
        """
        async with self.begin() as connection:
            job = await self._current(connection, job_id, revision)
            if attempt is not None and job.attempt != attempt:
                raise StaleJob(job_id)
            check_move(job_id, job.state, new)
            moved = await self.write(connection, job, state=new, **changes)
            await self._record(connection, moved, job.state, new, at or now(), reason)
            if new in FINAL and job.state in OCCUPYING:
                end = AttemptEnd(moved.finished_at or now(), reason, moved.exit_code, moved.error, moved.log_size,
                                 moved.report)  # fmt: skip
                await end_attempt(connection, moved, end)
            elif new is State.RUNNING:
                await start_attempt(connection, moved)
            if new is State.COMPLETE:
                await learn_runtime(connection, moved)
        self._committed()
        return moved

    @whole
    async def requeue(self, job: Job, end: AttemptEnd, *, not_before: datetime) -> Job:
        """Put a job whose attempt failed back into the queue, for another one.

        Raises JobNotFound, StaleJob when it is no more as `job` says, IllegalMove.
        """
        async with self.begin() as connection:
            current = await self._current(connection, job.id, job.revision)
            check_move(job.id, current.state, State.QUEUED)
            await end_attempt(connection, job, end)
            moved = await self.write(
                connection,
                current,
                state=State.QUEUED,
                queued_at=now(),
                not_before=not_before,
                started_at=None,
                log_size=end.log_size,
                progress=None,
                claim=None,
            )
            await self._record(connection, moved, current.state, State.QUEUED, end.finished_at, end.reason)
        self._committed()
        return moved

    @whole
    async def update(self, job_id: str, *, revision: int | None = None, **changes: Any) -> Job:
        """Change fields that are not the state. Raises JobNotFound, StaleJob."""
        async with self.begin() as connection:
            job = await self._current(connection, job_id, revision)
            changed = await self.write(connection, job, **changes)
        self._committed()
        return changed

    @whole
    async def settle(self, job_id: str) -> None:
        """Mark that DataChain's records of a final job are in line. No change that anybody need be told of."""
        async with self.begin() as connection:
            await connection.execute(update(jobs).where(jobs.c.id == job_id).values(settled=True))

    @whole
    async def delete(self, job_id: str) -> Job:
        """Forget a final job and leave a mark for clients that were away. Raises JobNotFound, JobNotFinal."""
        async with self.begin() as connection:
            job = await self._current(connection, job_id, None)
            if not job.final:
                raise JobNotFinal(job_id, job.state)
            seq = await self._next_seq(connection)
            await connection.execute(delete(jobs).where(jobs.c.id == job_id))
            await connection.execute(insert(deleted).values(job_id=job_id, seq=seq))
        self._committed()
        return job

    # Shared with claims.py, inside one transaction of the caller's

    @contextlib.asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A write transaction, for a caller marked with `whole`. Raises as `failures.told`."""
        check_whole()
        with told():
            async with self._engine.begin() as connection:
                yield connection

    def committed(self) -> None:
        """To be called after a transaction from `begin` that changed a job."""
        self._committed()

    async def write(self, connection: AsyncConnection, job: Job, **changes: Any) -> Job:
        unknown = changes.keys() - SETTABLE - {"state", "attempt"}
        if unknown:
            raise TypeError(f"not settable: {sorted(unknown)}")
        changed = replace(job, revision=job.revision + 1, seq=await self._next_seq(connection), **changes)
        row = changes_to_row(changes | {"revision": changed.revision, "seq": changed.seq})
        if changed.state is State.QUEUED and changed.queued_at is not None:
            row["rank"] = rank(changed.queued_at, changed.settings.priority, self.ageing_s)
        await connection.execute(update(jobs).where(jobs.c.id == job.id).values(**row))
        return changed

    async def _record(
        self,
        connection: AsyncConnection,
        job: Job,
        old: State | None,
        new: State,
        at: datetime | None,
        reason: str | None = None,
    ) -> None:
        await connection.execute(
            insert(moves).values(
                job_id=job.id,
                attempt=job.attempt,
                old=old and old.value,
                new=new.value,
                at=to_micros(at),
                reason=reason,
            )
        )

    async def begin_claim(self, connection: AsyncConnection, job_id: str, dispatcher: str) -> Job:
        """Move a job that was read as queued in this transaction to INIT, for its next attempt."""
        check_move(job_id, State.QUEUED, State.INIT)
        claimed = await connection.execute(
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state == State.QUEUED.value)
            .values(
                state=State.INIT.value,
                attempt=jobs.c.attempt + 1,
                revision=jobs.c.revision + 1,
                seq=await self._next_seq(connection),
                claim=dispatcher,
                not_before=None,
                log_size=None,
            )
            .returning(*jobs.c)
        )
        job = from_row(claimed.mappings().one())
        await self._record(connection, job, State.QUEUED, job.state, now())
        await begin_attempt(connection, job)
        return job

    async def current(self, connection: AsyncConnection, job_id: str) -> Job:
        """A job as it is inside the caller's transaction. Raises JobNotFound."""
        return from_row(await self._row(connection, job_id))

    async def _current(self, connection: AsyncConnection, job_id: str, revision: int | None) -> Job:
        job = from_row(await self._row(connection, job_id))
        if revision is not None and job.revision != revision:
            raise StaleJob(job_id)
        return job

    async def _next_seq(self, connection: AsyncConnection) -> int:
        query = (
            update(counters)
            .where(counters.c.name == "seq")
            .values(value=counters.c.value + 1)
            .returning(counters.c.value)
        )
        return (await connection.execute(query)).scalar_one()

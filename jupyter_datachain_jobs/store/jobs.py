"""Reads and writes of jobs. `JobStore.move` is the only writer of a state."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from jupyter_datachain_jobs.domain import (
    FINAL,
    Job,
    JobDeleted,
    JobNotFinal,
    JobNotFound,
    StaleJob,
    State,
    check_move,
)

from .failures import told
from .rows import changes_to_row, from_row, now, to_micros, to_row
from .tables import attempts, counters, deleted, jobs, moves

#: Fields that `move` and `update` may set; a state changes through `move` alone, counters by themselves.
SETTABLE = frozenset(
    {"queued_at", "started_at", "finished_at", "cancel_requested_at", "exit_code", "log_size", "error", "progress",
     "report", "claim"}
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first; `next` continues it, None at the end. `seq`: change counter of the moment."""

    items: tuple[Job, ...]
    next: str | None
    seq: int


class JobStore:
    """The jobs database, shared by all rooms of a process. All times are UTC."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(reading=True)
        self._listeners: list[Callable[[], None]] = []

    async def close(self) -> None:
        await self._engine.dispose()

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that changed a job; it must not block."""
        self._listeners.append(listener)

    def _committed(self) -> None:
        for listener in self._listeners:
            listener()

    # Reading

    async def get(self, job_id: str) -> Job:
        """Raises JobNotFound."""
        async with self.reading() as connection:
            return from_row(await self._row(connection, job_id))

    async def page(
        self,
        *,
        states: Sequence[State] = (),
        text: str = "",
        script: str = "",
        limit: int = 50,
        cursor: int | None = None,
    ) -> Page:
        """Newest first. `text` matches name, script path, owner and id; `cursor` is the `next` of the page before."""
        wanted: list[ColumnElement[bool]] = []
        if states:
            wanted.append(jobs.c.state.in_([state.value for state in states]))
        if script:
            wanted.append(jobs.c.script_path == script)
        if text:
            wanted.append(
                or_(
                    *(
                        column.icontains(text, autoescape=True)
                        for column in (jobs.c.name, jobs.c.script_path, jobs.c.owner, jobs.c.id)
                    )
                )
            )
        if cursor is not None:
            wanted.append(jobs.c.number < cursor)
        query = select(jobs).where(and_(True, *wanted)).order_by(jobs.c.number.desc()).limit(limit + 1)
        async with self.reading() as connection:
            seq = await self._seq(connection)
            rows = (await connection.execute(query)).mappings().all()
        more = len(rows) > limit
        rows = rows[:limit]
        return Page(tuple(from_row(row) for row in rows), str(rows[-1]["number"]) if more else None, seq)

    async def active(self) -> tuple[Job, ...]:
        """Every job that occupies slots (INIT, RUNNING, CANCELING), oldest first."""
        query = select(jobs).where(jobs.c.state.in_(_OCCUPYING)).order_by(jobs.c.number)
        async with self.reading() as connection:
            return tuple(from_row(row) for row in (await connection.execute(query)).mappings())

    async def unsettled(self) -> tuple[Job, ...]:
        """Final jobs whose DataChain records were not brought in line yet."""
        query = (
            select(jobs)
            .where(jobs.c.settled.is_(False), jobs.c.state.in_([state.value for state in FINAL]))
            .order_by(jobs.c.number)
            .limit(100)
        )
        async with self.reading() as connection:
            return tuple(from_row(row) for row in (await connection.execute(query)).mappings())

    async def counts(self) -> tuple[dict[State, int], int]:
        """Jobs per state that is not final, and the worker slots that are occupied."""
        query = (
            select(jobs.c.state, func.count(), func.sum(jobs.c.workers))
            .where(jobs.c.state.in_([state.value for state in State if state not in FINAL]))
            .group_by(jobs.c.state)
        )
        async with self.reading() as connection:
            rows = (await connection.execute(query)).all()
        busy = sum(int(workers) for state, _, workers in rows if state in _OCCUPYING)
        return {State(state): count for state, count, _ in rows}, busy

    async def known_ids(self, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that are jobs."""
        async with self.reading() as connection:
            return set((await connection.execute(select(jobs.c.id).where(jobs.c.id.in_(list(ids))))).scalars())

    async def seq(self) -> int:
        async with self.reading() as connection:
            return await self._seq(connection)

    async def changes_since(self, seq: int) -> tuple[tuple[Job | JobDeleted, ...], int]:
        """Everything newer than `seq`, oldest change first, and the counter up to which this is complete.

        A job that changed several times appears once, as it is now.
        """
        async with self.reading() as connection:
            until = await self._seq(connection)
            if until <= seq:
                return (), until
            changed = await connection.execute(select(jobs).where(jobs.c.seq > seq).order_by(jobs.c.seq))
            gone = await connection.execute(select(deleted).where(deleted.c.seq > seq))
            found: list[Job | JobDeleted] = [from_row(row) for row in changed.mappings()]
            found.extend(JobDeleted(row.job_id, row.seq) for row in gone)
        found.sort(key=lambda change: change.seq)
        return tuple(found), until

    async def history(self, job_id: str) -> tuple[Row[Any], ...]:
        """The job's moves, oldest first: (attempt, old, new, at, reason); `at` in microseconds since the epoch."""
        query = (
            select(moves.c.attempt, moves.c.old, moves.c.new, moves.c.at, moves.c.reason)
            .where(moves.c.job_id == job_id)
            .order_by(moves.c.number)
        )
        async with self.reading() as connection:
            return tuple(await connection.execute(query))

    # Writing

    async def add(self, job: Job) -> Job:
        """Record a job as CREATED and hand it to the queue, in one transaction."""
        async with self.begin() as connection:
            seq = await self._next_seq(connection)
            queued = replace(job, state=State.QUEUED, queued_at=now(), revision=1, seq=seq)
            check_move(job.id, job.state, queued.state)
            await connection.execute(insert(jobs).values(**to_row(queued)))
            for old, new, at in (
                (None, job.state, job.created_at),
                (job.state, queued.state, queued.queued_at),
            ):
                await self._record(connection, queued, old, new, at)
        self._committed()
        return queued

    async def move(
        self,
        job_id: str,
        new: State,
        *,
        revision: int | None = None,
        at: datetime | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Job:
        """Change a job's state, and `changes` with it; checked, committed, then published.

        revision: what the caller decided on; None takes the present one (the table still decides).
        at: when it happened, where that is not now (a job that ended while no server ran).

        Raises JobNotFound, StaleJob, IllegalMove.
        """
        async with self.begin() as connection:
            job = await self._current(connection, job_id, revision)
            check_move(job_id, job.state, new)
            moved = await self.write(connection, job, state=new, **changes)
            await self._record(connection, moved, job.state, new, at or now(), reason)
            if new in FINAL:
                await connection.execute(
                    update(attempts)
                    .where(attempts.c.job_id == job_id, attempts.c.attempt == job.attempt)
                    .values(ended_at=to_micros(moved.finished_at), exit_code=moved.exit_code, reason=reason)
                )
            elif new is State.RUNNING:
                await connection.execute(
                    update(attempts)
                    .where(attempts.c.job_id == job_id, attempts.c.attempt == job.attempt)
                    .values(started_at=to_micros(moved.started_at))
                )
        self._committed()
        return moved

    async def update(self, job_id: str, *, revision: int | None = None, **changes: Any) -> Job:
        """Change fields that are not the state. Raises JobNotFound, StaleJob."""
        async with self.begin() as connection:
            job = await self._current(connection, job_id, revision)
            changed = await self.write(connection, job, **changes)
        self._committed()
        return changed

    async def settle(self, job_id: str) -> None:
        """Mark that DataChain's records of a final job are in line. No change that anybody need be told of."""
        async with self.begin() as connection:
            await connection.execute(update(jobs).where(jobs.c.id == job_id).values(settled=True))

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
        """A write transaction. Raises as `failures.told`."""
        with told():
            async with self._engine.begin() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reads. Raises as `failures.told`."""
        with told():
            async with self._reading.connect() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[Callable[[], Awaitable[int]]]:
        """Gives a cheap question whose answer changes when anybody commits (SQLite's ``data_version``)."""
        async with self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection

            async def version() -> int:
                cursor = await driver.execute("PRAGMA data_version")
                row = await cursor.fetchone()
                await cursor.close()
                return int(row[0])

            yield version

    def committed(self) -> None:
        """To be called after a transaction from `begin` that changed a job."""
        self._committed()

    async def write(self, connection: AsyncConnection, job: Job, **changes: Any) -> Job:
        unknown = changes.keys() - SETTABLE - {"state", "attempt"}
        if unknown:
            raise TypeError(f"not settable: {sorted(unknown)}")
        changed = replace(job, revision=job.revision + 1, seq=await self._next_seq(connection), **changes)
        row = changes_to_row(changes | {"revision": changed.revision, "seq": changed.seq})
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

    async def record_claim(self, connection: AsyncConnection, job: Job, old: State) -> None:
        await self._record(connection, job, old, job.state, now())
        await connection.execute(
            insert(attempts).values(job_id=job.id, attempt=job.attempt, claimed_at=to_micros(now()))
        )

    async def _current(self, connection: AsyncConnection, job_id: str, revision: int | None) -> Job:
        job = from_row(await self._row(connection, job_id))
        if revision is not None and job.revision != revision:
            raise StaleJob(job_id)
        return job

    async def _row(self, connection: AsyncConnection, job_id: str) -> Any:
        row = (await connection.execute(select(jobs).where(jobs.c.id == job_id))).mappings().first()
        if row is None:
            raise JobNotFound(job_id)
        return row

    async def _seq(self, connection: AsyncConnection) -> int:
        query = select(counters.c.value).where(counters.c.name == "seq")
        return (await connection.execute(query)).scalar_one()

    async def _next_seq(self, connection: AsyncConnection) -> int:
        query = (
            update(counters)
            .where(counters.c.name == "seq")
            .values(value=counters.c.value + 1)
            .returning(counters.c.value)
        )
        return (await connection.execute(query)).scalar_one()


_OCCUPYING = [State.INIT.value, State.RUNNING.value, State.CANCELING.value]

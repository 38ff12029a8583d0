"""Reads of jobs. Nothing here changes a row."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from jupyter_datachain_jobs.domain import FINAL, Attempt, Job, JobDeleted, JobNotFound, State

from .attempts import attempts_of
from .failures import told
from .rows import from_row
from .tables import counters, deleted, jobs, moves
from .whole import check_whole, whole

#: States that hold worker slots.
OCCUPYING = [State.INIT.value, State.RUNNING.value, State.CANCELING.value]


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first; `next` continues it, None at the end. `seq`: change counter of the moment."""

    items: tuple[Job, ...]
    next: str | None
    seq: int


class JobReads:
    """The reading half of `JobStore`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(reading=True)

    @whole
    async def get(self, job_id: str) -> Job:
        """Raises JobNotFound."""
        async with self.reading() as connection:
            return from_row(await self._row(connection, job_id))

    @whole
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

    @whole
    async def active(self) -> tuple[Job, ...]:
        """Every job that occupies slots (INIT, RUNNING, CANCELING), oldest first."""
        query = select(jobs).where(jobs.c.state.in_(OCCUPYING)).order_by(jobs.c.number)
        async with self.reading() as connection:
            return tuple(from_row(row) for row in (await connection.execute(query)).mappings())

    @whole
    async def unsettled(self, dispatcher: str) -> tuple[Job, ...]:
        """Final jobs whose DataChain records were not brought in line yet; those that `dispatcher` claimed come first."""
        query = (
            select(jobs)
            .where(jobs.c.settled.is_(False), jobs.c.state.in_([state.value for state in FINAL]))
            .order_by(func.coalesce(jobs.c.claim == dispatcher, False).desc(), jobs.c.number)
            .limit(100)
        )
        async with self.reading() as connection:
            return tuple(from_row(row) for row in (await connection.execute(query)).mappings())

    @whole
    async def counts(self) -> tuple[dict[State, int], int]:
        """Jobs per state that is not final, and the worker slots that are occupied."""
        query = (
            select(jobs.c.state, func.count(), func.sum(jobs.c.workers))
            .where(jobs.c.state.in_([state.value for state in State if state not in FINAL]))
            .group_by(jobs.c.state)
        )
        async with self.reading() as connection:
            rows = (await connection.execute(query)).all()
        busy = sum(int(workers) for state, _, workers in rows if state in OCCUPYING)
        return {State(state): count for state, count, _ in rows}, busy

    @whole
    async def known_ids(self, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that are jobs."""
        async with self.reading() as connection:
            return set((await connection.execute(select(jobs.c.id).where(jobs.c.id.in_(list(ids))))).scalars())

    @whole
    async def seq(self) -> int:
        async with self.reading() as connection:
            return await self._seq(connection)

    @whole
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

    @whole
    async def history(self, job_id: str) -> tuple[Row[Any], ...]:
        """The job's moves, oldest first: (attempt, old, new, at, reason); `at` in microseconds since the epoch."""
        query = (
            select(moves.c.attempt, moves.c.old, moves.c.new, moves.c.at, moves.c.reason)
            .where(moves.c.job_id == job_id)
            .order_by(moves.c.number)
        )
        async with self.reading() as connection:
            return tuple(await connection.execute(query))

    @whole
    async def attempts(self, job_id: str) -> tuple[Attempt, ...]:
        """The job's attempts, oldest first. Raises JobNotFound."""
        async with self.reading() as connection:
            await self._row(connection, job_id)
            return await attempts_of(connection, job_id)

    # Shared with the rest of the room

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reads, for a caller marked with `whole`. Raises as `failures.told`."""
        check_whole()
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

    async def _row(self, connection: AsyncConnection, job_id: str) -> Any:
        row = (await connection.execute(select(jobs).where(jobs.c.id == job_id))).mappings().first()
        if row is None:
            raise JobNotFound(job_id)
        return row

    async def _seq(self, connection: AsyncConnection) -> int:
        query = select(counters.c.value).where(counters.c.name == "seq")
        return (await connection.execute(query)).scalar_one()

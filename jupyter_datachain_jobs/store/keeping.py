"""What retention and the disk report ask the database: few columns of many jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from jupyter_datachain_jobs.domain import FINAL, State

from .jobs import JobStore
from .rows import from_micros
from .tables import jobs
from .whole import whole

#: Rows a transaction; the event loop gets its turn between two of them.
BATCH = 1000


class EndedRow(NamedTuple):
    id: str
    name: str
    finished_at: datetime


class NamedRow(NamedTuple):
    name: str
    state: State


async def ended_jobs(store: JobStore) -> list[EndedRow]:
    """Jobs that have ended and for which nothing is left to do, oldest end first.

    Not those whose DataChain records must still be brought in line: with the job, nobody would know of it any more.
    """
    found: list[EndedRow] = []
    last = 0
    while True:
        rows = await _batch(store, last)
        for row in rows:
            at = from_micros(row.finished_at)
            assert at is not None
            found.append(EndedRow(row.id, row.name, at))
        if len(rows) < BATCH:
            return sorted(found, key=lambda row: row.finished_at)
        last = rows[-1].number
        await asyncio.sleep(0)


@whole
async def _batch(store: JobStore, after: int) -> Sequence[Any]:
    query = (
        select(jobs.c.number, jobs.c.id, jobs.c.name, jobs.c.finished_at)
        .where(
            jobs.c.number > after,
            jobs.c.state.in_([state.value for state in FINAL]),
            jobs.c.settled.is_(True),
            jobs.c.finished_at.is_not(None),
        )
        .order_by(jobs.c.number)
        .limit(BATCH)
    )
    async with store.reading() as connection:
        return (await connection.execute(query)).all()


@whole
async def count_jobs(store: JobStore) -> int:
    async with store.reading() as connection:
        return (await connection.execute(select(func.count()).select_from(jobs))).scalar_one()


@whole
async def named(store: JobStore, ids: Iterable[str]) -> dict[str, NamedRow]:
    """Name and state of those of `ids` that are jobs."""
    query = select(jobs.c.id, jobs.c.name, jobs.c.state).where(jobs.c.id.in_(list(ids)))
    async with store.reading() as connection:
        return {row.id: NamedRow(row.name, State(row.state)) for row in await connection.execute(query)}

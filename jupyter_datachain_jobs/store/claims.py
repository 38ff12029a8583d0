"""Who dispatches a job: claims with a lease, for several servers over one database."""

from __future__ import annotations

import os
import platform
import time
import uuid
from collections.abc import Callable, Sequence

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from jupyter_datachain_jobs.domain import Job, State, check_move

from .jobs import JobStore
from .rows import from_row, now, to_micros
from .tables import dispatchers, jobs

#: Given the queued jobs in queue order and the free slots, which may start now.
Choose = Callable[[Sequence[Job], int], Sequence[str]]

_OCCUPYING = [State.INIT.value, State.RUNNING.value, State.CANCELING.value]


class Claims:
    """This process as a dispatcher. A claim only matters until the job's supervisor holds its own lock.

    A lease is judged by "the counter changed on my own monotonic clock": wall clocks of two hosts are never compared.
    """

    def __init__(self, store: JobStore, *, lease_s: float = 15.0) -> None:
        self.id = str(uuid.uuid4())
        self._store = store
        self._lease_s = lease_s
        self._seen: dict[str, tuple[int, float]] = {}

    async def beat(self) -> None:
        """Say that this dispatcher lives. To be called a few times per lease while it holds claims."""
        async with self._store.begin() as connection:
            await self._beat(connection)

    async def _beat(self, connection: AsyncConnection) -> None:
        beaten = await connection.execute(
            update(dispatchers).where(dispatchers.c.id == self.id).values(beat=dispatchers.c.beat + 1)
        )
        if beaten.rowcount == 0:
            await connection.execute(
                insert(dispatchers).values(
                    id=self.id, beat=1, host=platform.node(), pid=os.getpid(), since=to_micros(now())
                )
            )

    async def forget_others(self) -> None:
        """Remove the rows of dispatchers on whom no job depends; one that lives makes its row anew when it claims."""
        needed = select(jobs.c.claim).where(
            jobs.c.claim.is_not(None), or_(jobs.c.state.in_(_OCCUPYING), jobs.c.settled.is_(False))
        )
        async with self._store.begin() as connection:
            await connection.execute(
                delete(dispatchers).where(dispatchers.c.id != self.id, dispatchers.c.id.not_in(needed))
            )

    async def leave(self) -> None:
        async with self._store.begin() as connection:
            await connection.execute(delete(dispatchers).where(dispatchers.c.id == self.id))

    async def alive(self, dispatcher: str | None) -> bool:
        """Whether `dispatcher` still beats, as far as this process can have seen."""
        if dispatcher == self.id:
            return True
        async with self._store.reading() as connection:
            beat = (
                await connection.execute(select(dispatchers.c.beat).where(dispatchers.c.id == dispatcher))
            ).scalar_one_or_none()
        if dispatcher is None or beat is None:
            return False
        last, since = self._seen.get(dispatcher, (None, 0.0))
        if beat != last:
            self._seen[dispatcher] = (beat, time.monotonic())
            return True
        return time.monotonic() - since < self._lease_s

    async def claim(self, choose: Choose, slots: int) -> tuple[Job, ...]:
        """Move as many queued jobs to INIT, under this claim, as `choose` lets start; one transaction.

        slots: worker slots in all, counted over every server on this database.
        """
        claimed = []
        async with self._store.begin() as connection:
            taken = (await connection.execute(select(jobs.c.workers).where(jobs.c.state.in_(_OCCUPYING)))).scalars()
            free = slots - sum(taken)
            if free <= 0:
                return ()
            # A job takes at least one slot, so no more than `free` of them can start.
            rows = await connection.execute(
                select(jobs).where(jobs.c.state == State.QUEUED.value).order_by(jobs.c.number).limit(free)
            )
            queued = {job.id: job for job in map(from_row, rows.mappings())}
            if queued:
                await self._beat(connection)
            for job_id in choose(tuple(queued.values()), free):
                job = queued[job_id]
                check_move(job_id, job.state, State.INIT)
                moved = await self._store.write(
                    connection, job, state=State.INIT, attempt=job.attempt + 1, claim=self.id
                )
                await self._store.record_claim(connection, moved, job.state)
                claimed.append(moved)
        if claimed:
            self._store.committed()
        return tuple(claimed)

    async def take_over(self, job: Job) -> Job:
        """Claim a job in INIT whose dispatcher is gone. Raises StaleJob when somebody was faster."""
        await self.beat()
        return await self._store.update(job.id, revision=job.revision, claim=self.id)

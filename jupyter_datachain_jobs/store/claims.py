"""Who dispatches a job: claims with a lease, for several servers over one database."""

from __future__ import annotations

import os
import platform
import time
import uuid
from collections.abc import Callable, Sequence

from sqlalchemy import delete, insert, select, update

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
        self._registered = False

    async def beat(self) -> None:
        """Say that this dispatcher lives. To be called a few times per lease while it holds claims."""
        async with self._store.begin() as connection:
            if not self._registered:
                await connection.execute(
                    insert(dispatchers).values(
                        id=self.id, beat=1, host=platform.node(), pid=os.getpid(), since=to_micros(now())
                    )
                )
                self._registered = True
                return
            await connection.execute(
                update(dispatchers).where(dispatchers.c.id == self.id).values(beat=dispatchers.c.beat + 1)
            )

    async def leave(self) -> None:
        if self._registered:
            async with self._store.begin() as connection:
                await connection.execute(delete(dispatchers).where(dispatchers.c.id == self.id))
            self._registered = False

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
        if not self._registered:
            await self.beat()
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
        if not self._registered:
            await self.beat()
        return await self._store.update(job.id, revision=job.revision, claim=self.id)

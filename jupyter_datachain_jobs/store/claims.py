"""Who dispatches a job: claims with a lease, for several servers over one database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import time
import uuid
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from jupyter_datachain_jobs.domain import Job, JobsError, Occupant, Waiting

from .jobs import JobStore
from .presence import Presence
from .queue import JobQueue
from .reads import OCCUPYING
from .rows import now, to_micros
from .tables import dispatchers, jobs
from .whole import whole

#: How far down the queue a look goes: how many jobs may be considered for slots that a larger one cannot use yet.
WINDOW = 100


class Plan(Protocol):
    """Which jobs may start now, and the users whose limit keeps theirs back."""

    @property
    def start(self) -> Sequence[str]: ...

    @property
    def blocked_owners(self) -> AbstractSet[str]: ...


Choose = Callable[[Sequence[Waiting], Sequence[Occupant]], Plan]


class Claims:
    """This process as a dispatcher. A claim only matters until the job's supervisor holds its own lock.

    presence: tells at once that another one is dead; without it, only its lease does.

    A lease is judged by "the counter changed on my own monotonic clock": wall clocks of two hosts are never compared.
    """

    def __init__(self, store: JobStore, *, lease_s: float = 15.0, presence: Presence | None = None) -> None:
        self.id = str(uuid.uuid4())
        self._presence: Presence | None = presence
        self._store = store
        self._lease_s = lease_s
        self._seen: dict[str, tuple[int, float]] = {}

    @whole
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

    @whole
    async def forget_others(self) -> None:
        """Remove the rows of dispatchers on whom no job depends; one that lives makes its row anew when it claims.

        The presence files of those that are dead go with them.
        """
        needed = select(jobs.c.claim).where(
            jobs.c.claim.is_not(None), or_(jobs.c.state.in_(OCCUPYING), jobs.c.settled.is_(False))
        )
        async with self._store.begin() as connection:
            await connection.execute(
                delete(dispatchers).where(dispatchers.c.id != self.id, dispatchers.c.id.not_in(needed))
            )
            left = set((await connection.execute(needed)).scalars())
        if self._presence is not None:
            await asyncio.to_thread(self._presence.sweep, left)

    @whole
    async def leave(self) -> None:
        """Say that it goes. Where that cannot be written, the others find its lock free."""
        with contextlib.suppress(JobsError):
            async with self._store.begin() as connection:
                await connection.execute(delete(dispatchers).where(dispatchers.c.id == self.id))

    @whole
    async def alive(self, dispatcher: str | None) -> bool:
        """Whether `dispatcher` still beats, as far as this process can have seen."""
        if dispatcher == self.id:
            return True
        presence = self._presence
        if dispatcher is not None and presence is not None and await asyncio.to_thread(presence.gone, dispatcher):
            return False
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

    @whole
    async def claim(self, queue: JobQueue, choose: Choose, slots: int) -> tuple[Job, ...]:
        """Move the queued jobs that `choose` lets start to INIT, under this claim; one transaction.

        slots: worker slots in all, counted over every server on this database.
        """
        async with self._store.begin() as connection:
            chosen = await self._chosen(connection, queue, choose, slots)
            claimed = [await self._store.begin_claim(connection, job_id, self.id) for job_id in chosen]
            if claimed:
                await self._beat(connection)
        if claimed:
            self._store.committed()
        return tuple(claimed)

    async def _chosen(self, connection: AsyncConnection, queue: JobQueue, choose: Choose, slots: int) -> list[str]:
        occupants = await queue.occupants(connection)
        free = slots - sum(job.workers for job in occupants)
        if free <= 0:
            return []
        # Each job takes a slot at least: a first look need not go further, unless one is passed over.
        limit = min(free, WINDOW)
        blocked: set[str] = set()
        while True:
            window = await queue.waiting(connection, limit, without=blocked)
            plan = choose(window, occupants)
            if len(window) < limit or len(plan.start) == len(window):
                return list(plan.start)
            if limit < WINDOW:
                limit = WINDOW
            elif plan.start or not plan.blocked_owners - blocked:
                return list(plan.start)
            else:
                # A user at the limit with a long queue must not hide the jobs of others behind it.
                blocked |= plan.blocked_owners

    async def take_over(self, job: Job) -> Job:
        """Claim a job in INIT whose dispatcher is gone. Raises StaleJob when somebody was faster."""
        await self.beat()
        return await self._store.update(job.id, revision=job.revision, claim=self.id)

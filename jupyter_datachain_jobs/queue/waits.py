"""Why a queued job waits, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from jupyter_datachain_jobs.domain import Hold, JobNotQueued, Occupant, Slots, State, Wait, Waiting
from jupyter_datachain_jobs.store import JobQueue, JobStore, now, whole

from .policy import Plan, plan

#: How much of the queue is looked at to say why its jobs wait. Behind it, the place in the queue is all that is told.
DEPTH = 200

#: How many of the jobs in the way are named.
NAMED = 3


class Waits:
    """Explains the queue as this process's dispatcher sees it."""

    def __init__(self, store: JobStore, queue: JobQueue, slots: Slots) -> None:
        self._store = store
        self._queue = queue
        self._slots = slots

    @whole
    async def of(self, job_id: str) -> Wait:
        """Why one job waits. Raises JobNotFound, JobNotQueued."""
        async with self._store.reading() as connection:
            job = await self._store.current(connection, job_id)
            if job.state is not State.QUEUED:
                raise JobNotQueued(job_id, job.state)
            occupants = await self._queue.occupants(connection)
            queue = await self._queue.waiting(connection, DEPTH, due=False)
            ahead, ahead_workers = await self._queue.before(connection, job_id)
        for wait in await self._explained(queue, occupants):
            if wait.job_id == job_id:
                return wait
        return Wait(job_id, Hold.ORDER, ahead + 1, ahead, ahead_workers, _jobs_before(ahead))

    @whole
    async def listing(self) -> tuple[Wait, ...]:
        """The first jobs of the queue, in order."""
        async with self._store.reading() as connection:
            occupants = await self._queue.occupants(connection)
            queue = await self._queue.waiting(connection, DEPTH, due=False)
        return await self._explained(queue, occupants)

    async def _explained(self, queue: Sequence[Waiting], occupants: Sequence[Occupant]) -> tuple[Wait, ...]:
        # Playing a long queue to its end takes tens of milliseconds.
        return await asyncio.to_thread(lambda: tuple(explain(queue, occupants, self._slots)))


def explain(queue: Sequence[Waiting], occupants: Sequence[Occupant], slots: Slots) -> Iterable[Wait]:
    """Say of each job of the queue why it waits.

    A job whose next attempt is not due holds back nobody: it stands behind those that are.
    """
    queue = sorted(queue, key=lambda job: max(0.0, job.due_in))
    due = [job for job in queue if job.due_in <= 0]
    now_planned = plan(due, occupants, slots)
    starts = simulate(queue, occupants, slots)
    ahead_workers = 0
    for place, job in enumerate(queue):
        hold, message, blockers = _why(job, place, now_planned, queue, occupants, slots)
        yield Wait(
            job.id,
            hold,
            place + 1,
            place,
            ahead_workers,
            message,
            blockers,
            starts.get(job.id),
            now() + timedelta(seconds=job.due_in) if hold is Hold.BACKOFF else None,
        )
        ahead_workers += job.workers


def simulate(queue: Sequence[Waiting], occupants: Sequence[Occupant], slots: Slots) -> dict[str, float]:
    """Seconds until each job starts, if all run as long as expected. Jobs behind one without a past are not in it."""
    starts: dict[str, float] = {}
    at = 0.0
    left, running = list(queue), list(occupants)
    while left:
        found = plan([job for job in left if job.due_in <= at], running, slots)
        chosen = set(found.start)
        starts |= dict.fromkeys(chosen, at)
        running += [
            Occupant(job.id, job.name, job.owner, job.workers, job.expected) for job in left if job.id in chosen
        ]
        left = [job for job in left if job.id not in chosen]
        ends = [job.left for job in running if job.left is not None]
        steps = [*ends, *(job.due_in - at for job in left if job.due_in > at)]
        if not steps:
            break
        step = min(steps)
        at += step
        running = [
            job if job.left is None else replace(job, left=job.left - step)
            for job in running
            if job.left is None or job.left > step
        ]
    return starts


def _why(
    job: Waiting, place: int, found: Plan, queue: Sequence[Waiting], occupants: Sequence[Occupant], slots: Slots
) -> tuple[Hold, str, tuple[str, ...]]:
    in_way = tuple(each.id for each in occupants[:NAMED])
    if slots.total <= 0:
        return Hold.NO_SERVER, "No server is running that starts jobs: start JupyterLab, and it runs.", ()
    if job.due_in > 0:
        return Hold.BACKOFF, f"Its last attempt failed, and the next one is due in {_span(job.due_in)}.", ()
    hold = found.held.get(job.id, Hold.STARTING)
    free = slots.total - sum(each.workers for each in occupants)
    match hold:
        case Hold.STARTING:
            return hold, "It is about to start.", ()
        case Hold.TOO_LARGE:
            most = min(slots.total, slots.per_owner or slots.total)
            return hold, (
                f"It needs {_slots(job.workers)}, and this server gives a job {most} at most. Stop it and run it with "
                "fewer workers, or have the limit raised."
            ), ()  # fmt: skip
        case Hold.OWNER_LIMIT:
            mine = tuple(each.id for each in occupants if each.owner == job.owner)[:NAMED]
            return hold, f"The jobs of {job.owner} hold as many slots as one user may have ({slots.per_owner}).", mine
        case Hold.SLOTS:
            names = _names([each.name for each in occupants])
            return (
                hold,
                f"It is next and needs {_slots(job.workers)}: {max(free, 0)} of {slots.total} free. {names}",
                in_way,
            )
        case Hold.RESERVED:
            large = next(each for each in queue if each.id == found.reserved_for)
            return hold, (
                f"{_slots(max(free, 0)).capitalize()} free, but kept for {large.name}, which is before it and needs "
                f"{large.workers}."
            ), (large.id,)  # fmt: skip
    first = (found.reserved_for,) if found.reserved_for else ()
    return Hold.ORDER, _jobs_before(place), (*first, *in_way)[:NAMED]


def _jobs_before(count: int) -> str:
    return "One job is before it." if count == 1 else f"{count:,} jobs are before it."


def _names(names: Sequence[str]) -> str:
    if not names:
        return ""
    named = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return f"Running: {named}."


def _slots(count: int) -> str:
    return "1 worker slot" if count == 1 else f"{count} worker slots"


def _span(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 120 else f"{round(whole / 60)} min"

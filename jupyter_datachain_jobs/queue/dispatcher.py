"""Claims queued jobs as slots become free, and has them started."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from jupyter_datachain_jobs.domain import (
    Job,
    JobChanged,
    JobError,
    JobEvent,
    JobsError,
    Occupant,
    Slots,
    State,
    Waiting,
)
from jupyter_datachain_jobs.store import ChangeFeed, Claims, JobQueue, now

from .launch import Launcher, Paths
from .policy import Plan, plan

log = logging.getLogger("jupyter_datachain_jobs")

#: The queue is looked at after each change of a job; this is for what no change tells (a lost wake-up, a full disk).
IDLE_S = 30.0

#: How long to wait after a failure, in seconds: the database may be locked by a long write.
RETRY_S = 2.0

#: Seconds between two signs of life while this dispatcher has claims: a third of the lease, so one may be late.
BEAT_S = 4.0

#: Seconds that launches get when the server stops.
STOP_S = 3.0

UNFORESEEN = JobError(
    "start_failed",
    "The job could not be started because of an error in the server.",
    "The server's log has the details. Run it again, and report it if it stays.",
)


class Dispatcher:
    """One per process; any number of processes per data folder."""

    def __init__(
        self,
        queue: JobQueue,
        feed: ChangeFeed,
        claims: Claims,
        launcher: Launcher,
        *,
        slots: Slots,
        paths: Callable[[Job], Paths],
        on_launched: Callable[[str], None],
    ) -> None:
        self._queue = queue
        self._feed = feed
        self._claims = claims
        self._launcher = launcher
        self._slots = slots
        self._paths = paths
        self._on_launched = on_launched
        self._wake = asyncio.Event()
        self._launching: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._unsubscribe: Callable[[], None] = lambda: None

    async def start(self) -> None:
        self._unsubscribe = self._feed.subscribe(self._changed)
        self._wake.set()
        self._tasks = [
            asyncio.create_task(self._run(), name="dispatcher"),
            asyncio.create_task(self._beat(), name="dispatcher beat"),
        ]

    async def stop(self) -> None:
        """Claim nothing more, and give launches that are under way a moment to end.

        One that waits longer (DataChain's database is locked) is left: its claim ends with this dispatcher, and the
        next one starts the job.
        """
        self._unsubscribe()
        self._launcher.stopping = True
        for task in self._tasks:
            task.cancel()
        if launching := list(self._launching.values()):
            _, late = await asyncio.wait(launching, timeout=STOP_S)
            for task in late:
                task.cancel()
            self._tasks += late
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._launcher.forget()

    def launching(self, job_id: str) -> bool:
        return job_id in self._launching

    def relaunch(self, job: Job) -> None:
        """Start a job that this process took over from a dispatcher that is gone."""
        self._launch(job)

    def _changed(self, event: JobEvent) -> None:
        # A job that was queued may start; one that is final, or that waits for its next attempt, has freed its slots.
        if isinstance(event, JobChanged) and (event.job.final or event.job.state is State.QUEUED):
            self._wake.set()

    async def _run(self) -> None:
        pause = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()
            pause = IDLE_S
            # Before the claim: what falls due while it is made is in neither answer otherwise.
            looked = now()
            try:
                if self._slots.total > 0:
                    claimed = await self._claims.claim(self._queue, self._plan, self._slots.total)
                    for job in claimed:
                        self._launch(job)
                if due := await self._queue.next_due(looked):
                    pause = min(IDLE_S, max(0.0, (due - now()).total_seconds()))
            except Exception:
                log.exception("action=claim the queue could not be read; trying again in %.0f s", RETRY_S)
                pause = RETRY_S

    def _plan(self, queue: Sequence[Waiting], occupants: Sequence[Occupant]) -> Plan:
        return plan(queue, occupants, self._slots)

    def _launch(self, job: Job) -> None:
        task = asyncio.create_task(self._start(job), name=f"launch {job.id}")
        self._launching[job.id] = task
        task.add_done_callback(lambda _: self._launching.pop(job.id, None))

    async def _start(self, job: Job) -> None:
        log.info("action=launch job=%s attempt=%d", job.id, job.attempt)
        paths = self._paths(job)
        try:
            await self._launcher.launch(job, paths)
        except JobsError as error:
            log.warning("action=launch job=%s code=%s %s", job.id, error.code, error.message)
        except Exception:
            log.exception("action=launch job=%s", job.id)
            await self._launcher.fail(job, paths, UNFORESEEN)
        finally:
            self._on_launched(job.id)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            self._launcher.reap()
            # An idle server writes nothing: a disk may sleep.
            if self._launching:
                with contextlib.suppress(Exception):
                    await self._claims.beat()

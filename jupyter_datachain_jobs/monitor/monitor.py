"""Keeps one watcher per active job, stops jobs, and finds them again after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from jupyter_datachain_jobs.domain import (
    Category,
    Job,
    JobAlreadyFinal,
    JobChanged,
    JobEvent,
    JobsError,
    StaleJob,
    State,
)
from jupyter_datachain_jobs.store import ChangeFeed, Claims, JobStore, now

from . import liveness
from .settle import Settler
from .watcher import Place, Watcher

log = logging.getLogger("jupyter_datachain_jobs")

#: How often to compare the watchers with the store, in seconds: for a watcher that an unforeseen error ended.
RECONCILE_S = 10.0


#: Longest wait for a silent log before its reader looks at the job again, in seconds.
WAIT_LOG_S = 5.0

#: Two presses of Stop within this time are one, in seconds.
DOUBLE_PRESS_S = 1.0

WAITING = frozenset({State.CREATED, State.SCHEDULED, State.QUEUED})


class Monitor:
    """One per process.

    place: where an attempt's files are.
    launching: whether this process is starting that job right now.
    relaunch: start a job whose dispatcher is gone.
    """

    def __init__(
        self,
        store: JobStore,
        feed: ChangeFeed,
        claims: Claims,
        settler: Settler,
        *,
        root: Path | None,
        place: Callable[[Job], Place],
    ) -> None:
        self._store = store
        self._feed = feed
        self._claims = claims
        self._settler = settler
        self._root = root
        self._place = place
        self._launching: Callable[[str], bool] = lambda _: False
        self._relaunch: Callable[[Job], None] = lambda _: None
        self._watchers: dict[tuple[str, int], Watcher] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] = lambda: None

    def connect(self, *, launching: Callable[[str], bool], relaunch: Callable[[Job], None]) -> None:
        """The dispatcher's half of a take-over, given by whoever wires the rooms."""
        self._launching = launching
        self._relaunch = relaunch

    async def start(self) -> None:
        """Attach to everything that runs, whoever started it."""
        self._unsubscribe = self._feed.subscribe(self._changed)
        task = asyncio.create_task(self._reconcile(), name="monitor")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await self._settler.start()

    async def stop(self) -> None:
        """Let go of the jobs; they run on."""
        self._unsubscribe()
        await self._settler.stop()
        for task in tuple(self._tasks):
            task.cancel()
        for task in tuple(self._tasks):
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _reconcile(self) -> None:
        while True:
            try:
                for job in await self._store.active():
                    self._watch(job)
            except Exception:
                log.exception("action=reconcile")
            await asyncio.sleep(RECONCILE_S)

    def wake(self, job_id: str) -> None:
        """Look at a job now, for instance because its supervisor was just started."""
        for (watched, _), watcher in self._watchers.items():
            if watched == job_id:
                watcher.wake()

    def _changed(self, event: JobEvent) -> None:
        if not isinstance(event, JobChanged):
            return
        job = event.job
        if job.final:
            if not job.settled:
                self._settler.wake()
        elif job.state in (State.INIT, State.RUNNING, State.CANCELING):
            self._watch(job)
            if job.state is State.CANCELING:
                self.wake(job.id)

    def _watch(self, job: Job) -> None:
        key = (job.id, job.attempt)
        if key in self._watchers:
            return
        watcher = Watcher(self._store, job, self._place(job), root=self._root, abandoned=self._abandoned)
        self._watchers[key] = watcher
        task = asyncio.create_task(watcher.run(), name=f"watch {job.id}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._unwatched(key, done))

    def _unwatched(self, key: tuple[str, int], task: asyncio.Task[None]) -> None:
        self._watchers.pop(key, None)
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("action=watch job=%s", key[0], exc_info=error)

    async def _abandoned(self, job: Job) -> None:
        """Nothing runs for a job in INIT. Its dispatcher may be busy starting it; if it is gone, we are next."""
        if self._launching(job.id) or await self._claims.alive(job.claim) and job.claim != self._claims.id:
            return
        with contextlib.suppress(StaleJob):
            log.info("action=take_over job=%s", job.id)
            self._relaunch(await self._claims.take_over(job))

    async def cancel(self, job_id: str, *, force: bool = False) -> Job:
        """Stop a job. Returns it as it is now: CANCELED if it had not started, else CANCELING.

        force: skip the time that the code gets to end by itself. A second stop skips it too, unless it comes so soon
        that it can only be the second half of a double click.

        Raises JobNotFound, JobAlreadyFinal.
        """
        while True:
            job = await self._store.get(job_id)
            if job.final:
                raise JobAlreadyFinal(job_id, job.state)
            try:
                if job.state in WAITING:
                    at = now()
                    return await self._store.move(
                        job_id,
                        State.CANCELED,
                        revision=job.revision,
                        reason="canceled while it waited",
                        cancel_requested_at=at,
                        finished_at=at,
                        log_size=job.log_size or 0,
                    )
                if job.state is not State.CANCELING:
                    job = await self._store.move(
                        job_id, State.CANCELING, revision=job.revision, cancel_requested_at=now()
                    )
                else:
                    force = force or _patience_over(job)
            except StaleJob:
                continue
            except JobsError as error:
                if error.category is not Category.UNAVAILABLE or job.state in WAITING:
                    raise
                # A job that fills the disk must be stoppable: its supervisor is told, and the state follows.
                log.warning("action=cancel job=%s code=%s %s", job_id, error.code, error.message)
            break
        place = self._place(job)
        with contextlib.suppress(OSError):
            await asyncio.to_thread(liveness.request_cancel, place.attempt, force=force)
        self._watch(job)
        if watcher := self._watchers.get((job.id, job.attempt)):
            watcher.cancel(force=force)
        return job

    async def before_delete(self, job: Job) -> None:
        """What must be done for a final job while it is still known."""
        await self._settler.last_chance(job)

    async def wait_log(self, job: Job, size: int) -> None:
        """Until the log of the job's present attempt is larger than `size` bytes, or that attempt is over."""
        watcher = self._watchers.get((job.id, job.attempt))
        if watcher is None:
            # Its attempt has only just begun, or is only just over.
            await asyncio.sleep(0.05)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_LOG_S):
                await watcher.wait_log(size)

    async def until_final(self, job_id: str, on_change: Callable[[Job], Awaitable[None]] | None = None) -> Job:
        """Wait for a job's end, for a caller without a websocket. Raises JobNotFound when it is deleted meanwhile."""
        changed = asyncio.Event()
        unsubscribe = self._feed.subscribe(lambda _: changed.set())
        try:
            while True:
                job = await self._store.get(job_id)
                if on_change is not None:
                    await on_change(job)
                if job.final:
                    return job
                await changed.wait()
                changed.clear()
        finally:
            unsubscribe()


def _patience_over(job: Job) -> bool:
    """Whether a stop of a job that is being stopped means: now."""
    if job.cancel_requested_at is None:
        return True
    # Also when the clock was set back meanwhile.
    return abs((now() - job.cancel_requested_at).total_seconds()) >= DOUBLE_PRESS_S

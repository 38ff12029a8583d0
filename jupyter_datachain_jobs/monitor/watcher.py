"""Follows one attempt of one job from INIT to its end."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_datachain_jobs.domain import Category, IllegalMove, Job, JobsError, StaleJob, State
from jupyter_datachain_jobs.queue import try_again
from jupyter_datachain_jobs.store import AttemptEnd, JobStore, now
from jupyter_datachain_jobs.supervisor.claim import link_once, take_lock, tombstone
from jupyter_datachain_jobs.supervisor.logfile import LogFile
from jupyter_datachain_jobs.supervisor.segments import log_size
from jupyter_datachain_jobs.supervisor.sweep import sweep

from . import liveness, outcome
from .link import Link
from .liveness import Life, Look
from .outcome import Outcome

log = logging.getLogger("jupyter_datachain_jobs")

#: Without a socket (a network home, another container) the files are read this often, in seconds.
POLL_S = 0.25

#: How long to wait when the database cannot be used, in seconds.
RETRY_S = 1.0


@dataclass(frozen=True)
class Place:
    """Where the attempt's files and its socket are."""

    attempt: Path
    lock: Path
    socket: Path


class Watcher:
    """One per active job and process; any number of processes may watch the same job.

    abandoned: asked when nothing has started and nobody seems to be starting it; it may start it.
    """

    def __init__(
        self,
        store: JobStore,
        job: Job,
        place: Place,
        *,
        root: Path | None,
        abandoned: Callable[[Job], Awaitable[None]],
    ) -> None:
        self._store = store
        self._job = job
        self._place = place
        self._root = root
        self._abandoned = abandoned
        self._wake = asyncio.Event()
        self._link: Link | None = None
        self._seq = 0
        self._log_waiters: list[tuple[int, asyncio.Future[None]]] = []

    def wake(self) -> None:
        """Something happened to the job: look again now."""
        self._wake.set()

    async def run(self) -> None:
        """Returns when the attempt is over and its end is recorded."""
        try:
            while not await self._looked():
                pass
        except JobsError as error:
            log.info("action=watch job=%s code=%s", self._job.id, error.code)
        finally:
            self._release_all()

    async def _looked(self) -> bool:
        """One look; True when there is nothing more to watch."""
        try:
            job = await self._store.get(self._job.id)
            if job.final or job.attempt != self._job.attempt or job.state is State.QUEUED:
                return True
            self._job = job
            look = await asyncio.to_thread(liveness.look, self._place.attempt, self._place.lock)
            return await self._step(job, look)
        except JobsError as error:
            if error.category is not Category.UNAVAILABLE:
                raise
            log.warning("action=watch job=%s code=%s trying again in %.0f s", self._job.id, error.code, RETRY_S)
        # What was heard and could not be recorded must be said again.
        self._seq = 0
        await asyncio.sleep(RETRY_S)
        return False

    async def _step(self, job: Job, look: Look) -> bool:
        """Act on one look; True when the attempt is over."""
        if look.run and look.run.get("tombstone"):
            return await self._end(job, outcome.never_started(look.run.get("error")))
        life = look.life
        if life is Life.NOT_STARTED and job.started_at is not None:
            life = Life.FOLDER_GONE  # it had started: somebody removed its files
        match life:
            case Life.ALIVE:
                await self._follow()
            case Life.ENDED:
                assert look.exit is not None
                return await self._end(job, outcome.judge(job, look.exit, self._place.attempt, self._root))
            case Life.LOST:
                if record := await asyncio.to_thread(self._record_loss, job, look.run):
                    return await self._end(job, outcome.judge(job, record, self._place.attempt, self._root))
                await self._pause()
            case Life.FOLDER_GONE:
                if not await asyncio.to_thread(liveness.held, self._place.lock):
                    await asyncio.to_thread(sweep, f"{job.id}.{job.attempt}")
                    return await self._end(job, outcome.folder_gone())
                await self._pause()  # its supervisor sees it too, and ends the job first
            case Life.NOT_STARTED:
                await self._unstarted(job)
                await self._pause()
        return False

    async def _unstarted(self, job: Job) -> None:
        if job.state is State.CANCELING:
            place = self._place
            await asyncio.to_thread(tombstone, str(place.attempt), str(place.lock), job.id, job.attempt)
        else:
            await self._abandoned(job)

    def _record_loss(self, job: Job, run: dict[str, Any] | None) -> dict[str, Any] | None:
        """Write the exit.json that nobody could write; None while another server does. Blocking.

        Under the attempt's lock: two servers that find the loss at once would each mark the log, and each record an end
        of its own.
        """
        held = None
        # Where there are no locks, or no room for one: without it.
        with contextlib.suppress(OSError):
            held = take_lock(str(self._place.lock))
            if held is None:
                return None
        try:
            return liveness.read_json(self._place.attempt / "exit.json") or self._end_of_lost(job, run)
        finally:
            if held is not None:
                os.close(held)

    def _end_of_lost(self, job: Job, run: dict[str, Any] | None) -> dict[str, Any]:
        """End what is left of the attempt, and say so in its files."""
        attempt = self._place.attempt
        survivors = sweep(f"{job.id}.{job.attempt}")
        log.warning("action=sweep job=%s survivors=%s", job.id, survivors)
        with contextlib.suppress(OSError):
            output = LogFile(str(attempt))
            output.say("The supervisor was killed: output may be missing here, and the job is ended")
            output.sync()
            output.close()
        record = outcome.lost(job, attempt, rebooted=_rebooted(run), survivors=survivors)
        # A full disk: the database gets the same end all the same.
        with contextlib.suppress(OSError):
            link_once(str(attempt), "exit.json", record)
        for left in (self._place.socket, attempt / "exit.json.new"):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
        return record

    async def _pause(self) -> None:
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._wake.wait()

    async def _follow(self) -> None:
        """Listen until the supervisor closes the connection, or read the files once where there is none."""
        link = await Link.open(self._place.socket)
        if link is None:
            await self._started_from_files()
            size = await asyncio.to_thread(log_size, str(self._place.attempt))
            self._release(size or 0)
            await self._pause()
            return
        async with link:
            self._link = link
            try:
                link.attach(self._seq)
                self._arm()
                async for message in link.messages():
                    await self._heard(message)
                    if message.get("type") == "exit":
                        return  # exit.json was written before it was said
            finally:
                self._link = None

    async def _heard(self, message: dict[str, Any]) -> None:
        self._seq = max(self._seq, int(message.get("seq") or 0)) if message.get("type") != "hello" else self._seq
        match message.get("type"):
            case "started":
                await self._started(message.get("began") or message.get("t"))
            case "log":
                self._release(int(message.get("size") or 0))
                self._arm()

    async def _started(self, at_micros: int | None) -> None:
        if self._job.state is not State.INIT:
            return
        at = outcome.from_micros(at_micros) or now()
        # Another server may have recorded it first, or the end and a further attempt too, or a stop came in between.
        with contextlib.suppress(IllegalMove, StaleJob):
            self._job = await self._store.move(
                self._job.id, State.RUNNING, attempt=self._job.attempt, at=at, started_at=at
            )

    async def _started_from_files(self) -> None:
        began = await asyncio.to_thread(liveness.began, self._place.attempt)
        if began is not None:
            await self._started(began)

    async def _end(self, job: Job, result: Outcome) -> bool:
        """Record the end. False when the job changed at the same moment: look again, and record it then."""
        log.info("action=end job=%s state=%s reason=%s exit=%s", job.id, result.state, result.reason, result.exit_code)
        move = functools.partial(self._store.move, job.id, attempt=job.attempt)
        with contextlib.suppress(IllegalMove, StaleJob):
            if job.state is State.INIT and (result.started_at or result.state is State.COMPLETE):
                # It started and ended while nobody looked: its history says so all the same.
                job = await move(State.RUNNING, at=result.started_at, started_at=result.started_at)
            end = AttemptEnd(
                result.finished_at, result.reason, result.exit_code, result.error, result.log_size, result.report
            )
            if await try_again(self._store, job, end):
                return True
            if result.state is State.CANCELED and job.state is not State.CANCELING:
                job = await move(State.CANCELING)
            await move(
                result.state,
                at=result.finished_at,
                reason=result.reason,
                finished_at=result.finished_at,
                exit_code=result.exit_code,
                error=result.error,
                log_size=result.log_size,
                report=result.report or None,
                # A stop may have come before anybody saw it start.
                started_at=job.started_at or result.started_at,
            )
            return True
        return False

    def cancel(self, *, force: bool) -> None:
        """Tell the supervisor at once; the file in the job folder says the same."""
        if self._link is not None:
            self._link.cancel(force=force)
        self._wake.set()

    async def wait_log(self, size: int) -> None:
        """Until the log is larger than `size` bytes, or the attempt is over."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (size, future)
        self._log_waiters.append(entry)
        self._arm()
        try:
            await future
        finally:
            if entry in self._log_waiters:
                self._log_waiters.remove(entry)

    def _arm(self) -> None:
        if self._link is not None and self._log_waiters:
            self._link.arm(min(size for size, _ in self._log_waiters))

    def _release(self, size: int) -> None:
        for waited, future in self._log_waiters:
            if size > waited and not future.done():
                future.set_result(None)
        self._log_waiters = [entry for entry in self._log_waiters if not entry[1].done()]

    def _release_all(self) -> None:
        for _, future in self._log_waiters:
            if not future.done():
                future.set_result(None)
        self._log_waiters = []


def _rebooted(run: dict[str, Any] | None) -> bool:
    try:
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return False
    return bool(run and run.get("boot_id") and run["boot_id"] != boot_id)

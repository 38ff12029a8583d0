"""Removes what retention says and what a crash left behind: now and then, one process at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

from jupyter_datachain_jobs.domain import Category, JobNotFinal, JobNotFound, JobsError
from jupyter_datachain_jobs.store import EndedRow, JobStore, ended_jobs, now
from jupyter_datachain_jobs.submit import JobFolders, contents
from jupyter_datachain_jobs.supervisor.claim import take_lock

from .model import Leaving, Retention
from .retention import leaving

log = logging.getLogger("jupyter_datachain_jobs")

#: Seconds from the start to the first round: a server has better things to do at its start.
FIRST_S = 120.0
#: Seconds from one round to the next.
EVERY_S = 3600.0
#: Seconds between two jobs that are removed, so that whoever waits for the database or the disk gets them.
PAUSE_S = 0.005
#: Ids in one question to the database, and folders measured in one go.
BATCH = 500


class Janitor:
    """One per process; over one data folder one works at a time, and a second one leaves it to the first.

    A job leaves in the order of a user's delete: its row first, in one transaction, then its folder. A crash between the
    two leaves a folder without a job, which `sweep` takes.
    """

    def __init__(self, store: JobStore, folders: JobFolders, rules: Retention) -> None:
        self.rules = rules
        self._store = store
        self._folders = folders
        self._task: asyncio.Task[None] | None = None

    async def start(self, first_s: float | None = None, every_s: float | None = None) -> None:
        """Sweep now, in the background; then a round after `first_s` seconds, and one each `every_s`."""
        first = FIRST_S if first_s is None else first_s
        every = EVERY_S if every_s is None else every_s
        self._task = asyncio.create_task(self._run(first, every), name="janitor")

    async def stop(self) -> None:
        """Ends when the job whose turn it is has gone whole; the rest is for the next round."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, first_s: float, every_s: float) -> None:
        await self._told("sweep_folders", self.sweep())
        await asyncio.sleep(first_s)
        while True:
            if self.rules.any:
                await self._told("retention", self.prune())
            await self._told("sweep_folders", self.sweep())
            await asyncio.sleep(every_s)

    async def _told(self, action: str, work: Coroutine[Any, Any, object]) -> None:
        """A round that fails is tried again at the next one."""
        try:
            await work
        except JobsError as error:
            level = logging.DEBUG if error.code == "upkeep_busy" else logging.WARNING
            log.log(level, "action=%s code=%s %s", action, error.code, error.message)
        except Exception:
            log.exception("action=%s", action)

    async def planned(self) -> list[Leaving]:
        """What retention would remove now, oldest end first."""
        if not self.rules.any:
            return []
        ended = await ended_jobs(self._store)
        sizes = await self._sizes(ended) if self.rules.keep_bytes else None
        return leaving(ended, self.rules, now(), sizes)

    async def prune(self, most_s: float | None = None) -> tuple[list[Leaving], int]:
        """Remove what retention says. Returns what went, and how many are left to remove after `most_s` seconds.

        Raises JobsError ``upkeep_busy`` when another process is at it.
        """
        until = None if most_s is None else time.monotonic() + most_s
        with self._alone():
            plan = await self.planned()
            gone: list[Leaving] = []
            for looked, job in enumerate(plan):
                if until is not None and time.monotonic() > until:
                    return gone, len(plan) - looked
                if await _to_its_end(self._remove(job)):
                    gone.append(job)
                await asyncio.sleep(PAUSE_S)
        if gone:
            log.info("action=retention removed=%d bytes=%d", len(gone), sum(job.bytes for job in gone))
        return gone, 0

    async def _remove(self, job: Leaving) -> bool:
        try:
            deleted = await self._store.delete(job.id)
        except (JobNotFound, JobNotFinal):
            return False  # a user was faster
        await asyncio.to_thread(self._folders.remove, job.id, deleted.attempt)
        log.info("action=retention job=%s reason=%s finished=%s", job.id, job.reason, job.finished_at.isoformat())
        return True

    async def sweep(self) -> int:
        """Remove folders and locks without a job; see `JobFolders.sweep`. Any number of processes may do it at once."""
        strangers = sorted(await asyncio.to_thread(self._folders.strangers))
        known: set[str] = set()
        for start in range(0, len(strangers), BATCH):
            known |= await self._store.known_ids(strangers[start : start + BATCH])
        removed = await asyncio.to_thread(self._folders.sweep, known)
        if removed:
            log.info("action=sweep_folders removed=%d", removed)
        return removed

    async def _sizes(self, ended: Sequence[EndedRow]) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for start in range(0, len(ended), BATCH):
            sizes |= await asyncio.to_thread(self._measured, [job.id for job in ended[start : start + BATCH]])
        return sizes

    def _measured(self, ids: list[str]) -> dict[str, int]:
        return {job_id: contents(self._folders.folder(job_id)).bytes for job_id in ids}

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with alone(self._folders.data_dir / "upkeep.lock"):
            yield


async def _to_its_end(work: Coroutine[Any, Any, bool]) -> bool:
    """Who is cancelled meanwhile waits for it: a row without its folder would be left to the sweep."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    finally:
        if not task.done():
            await asyncio.wait([task])


@contextlib.contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Hold `lock` for the block; the kernel lets go of it when the process dies. Raises JobsError ``upkeep_busy``."""
    descriptor = _taken(lock)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _taken(lock: Path) -> int | None:
    try:
        descriptor = take_lock(str(lock))
    except OSError as error:
        # No locks here: two at once remove the same jobs, and each removal can be repeated.
        log.warning("action=upkeep lock=%s %s", lock, error)
        return None
    if descriptor is None:
        raise JobsError(
            "upkeep_busy",
            "Another server over this data folder is removing jobs just now.",
            "Try again in a moment.",
            category=Category.CONFLICT,
        )
    return descriptor

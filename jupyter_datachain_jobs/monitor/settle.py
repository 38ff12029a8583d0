"""Brings DataChain's own records in line with ours after a job has ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from jupyter_datachain_jobs.domain import Job, JobNotFound, JobsError, StaleJob
from jupyter_datachain_jobs.results import DataChainWorker
from jupyter_datachain_jobs.store import Claims, JobStore

log = logging.getLogger("jupyter_datachain_jobs")

#: How long to wait after a failure, in seconds: DataChain's database may be locked by a long write. The wait doubles with
#: each failure, since one that lasts (DataChain cannot be imported) costs a process each time.
RETRY_S = 5.0
RETRY_MOST_S = 600.0

#: How often to look whether a dispatcher that lives has settled its jobs, in seconds.
OTHERS_S = 5.0


#: What somebody who deletes a job waits for DataChain at most, in seconds.
LAST_CHANCE_S = 3.0


class Settler:
    """Finalises DataChain's job rows and cleans up partial datasets, once per job over all servers.

    The final state never waits for this: a locked DataChain database would otherwise keep a finished job running.
    """

    def __init__(self, store: JobStore, claims: Claims, worker: DataChainWorker) -> None:
        self._store = store
        self._claims = claims
        self._worker = worker
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name="settler")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        self._wake.set()

    async def last_chance(self, job: Job) -> None:
        """Settle a job that is about to be deleted, if DataChain answers soon: nobody will come back to it."""
        if job.settled:
            return
        try:
            async with asyncio.timeout(LAST_CHANCE_S):
                await self._settle(job)
        except (JobsError, TimeoutError) as error:
            log.warning("action=settle job=%s deleted before DataChain's row was brought in line: %s", job.id, error)

    async def drain(self) -> None:
        """Settle what there is and return; for a process that ends with its job."""
        try:
            await self._round()
        except JobsError as error:
            log.warning("action=settle code=%s %s", error.code, error.message)

    async def _run(self) -> None:
        wait, others = RETRY_S, True
        while True:
            # Those of others are looked at again in case that their dispatcher dies; own ones never wait for that.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OTHERS_S if others else None):
                    await self._wake.wait()
            self._wake.clear()
            try:
                others = await self._round()
                wait = RETRY_S
                continue
            except JobsError as error:
                log.warning("action=settle code=%s %s", error.code, error.message)
            except Exception:
                log.exception("action=settle")
            await asyncio.sleep(wait)
            wait = min(2 * wait, RETRY_MOST_S)
            self._wake.set()

    async def _round(self) -> bool:
        """True when other dispatchers still have jobs to settle. Raises what keeps one back: it keeps back all."""
        others = False
        for job in await self._store.unsettled(self._claims.id):
            if job.claim != self._claims.id and await self._claims.alive(job.claim):
                others = True
            else:
                await self._settle(job)
        return others

    async def _settle(self, job: Job) -> None:
        try:
            if job.claim != self._claims.id:
                job = await self._claims.take_over(job)
            if job.attempt > 0:
                await self._worker.finalise(
                    job.id,
                    job.state.value,
                    job.error.message if job.error else "",
                    (job.error.traceback or "") if job.error else "",
                )
            await self._store.settle(job.id)
        except (StaleJob, JobNotFound):
            # Another server does it, or it was deleted.
            return

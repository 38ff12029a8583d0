"""What follows a failed attempt: another one, or the end of the job."""

from __future__ import annotations

import logging
from datetime import timedelta

from jupyter_datachain_jobs.domain import Job, State
from jupyter_datachain_jobs.store import AttemptEnd, JobStore

log = logging.getLogger("jupyter_datachain_jobs")


async def try_again(store: JobStore, job: Job, end: AttemptEnd) -> bool:
    """Queue `job` for another attempt if its settings say so. False: they do not, and the failure is its end.

    A job that somebody stops is not tried again. Raises JobNotFound, StaleJob, IllegalMove.
    """
    if end.error is None or job.state not in (State.INIT, State.RUNNING):
        return False
    wait = job.settings.retries.wait(job.attempt, end.error.code)
    if wait is None:
        return False
    log.info("action=retry job=%s attempt=%d code=%s wait=%.0f", job.id, job.attempt, end.error.code, wait)
    await store.requeue(job, end, not_before=end.finished_at + timedelta(seconds=wait))
    return True

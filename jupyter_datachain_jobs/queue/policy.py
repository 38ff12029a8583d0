"""Who runs next: a pure function of the queue and the free slots."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_datachain_jobs.domain import Job


def choose(queued: Sequence[Job], free: int) -> list[str]:
    """Ids of the jobs that may start now, first come first served.

    Parameters
    ----------
    queued: the queue, in order.
    free: worker slots that are free; each job takes ``settings.workers`` of them.

    A job that does not fit holds back those behind it: small jobs that slipped past would keep a large one waiting
    for ever.
    """
    chosen = []
    for job in queued:
        if job.settings.workers > free:
            break
        free -= job.settings.workers
        chosen.append(job.id)
    return chosen

"""Which jobs leave. Pure: no clock, no disk, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from jupyter_datachain_jobs.store import EndedRow

from .model import Leaving, Reason, Retention

#: A job that ended less than this ago stays whatever the limits on number and bytes say: somebody may be about to read
#: why it failed, and a log that alone is over the limit would vanish as it is written.
FRESH = timedelta(hours=1)


def leaving(
    ended: Sequence[EndedRow], rules: Retention, at: datetime, sizes: Mapping[str, int] | None = None
) -> list[Leaving]:
    """The jobs that `rules` remove at the time `at`, oldest end first.

    ended: oldest end first. sizes: bytes of each job's files; without it the limit on bytes is not applied.
    """
    sizes = sizes or {}
    too_old = at - timedelta(days=rules.keep_days) if rules.keep_days else None
    total = sum(sizes.get(job.id, 0) for job in ended)
    found = []
    for passed, job in enumerate(ended):
        fresh = job.finished_at > at - FRESH
        if too_old is not None and job.finished_at < too_old:
            reason = Reason.AGE
        elif rules.keep_jobs and not fresh and len(ended) - passed > rules.keep_jobs:
            reason = Reason.COUNT
        elif rules.keep_bytes and not fresh and total > rules.keep_bytes:
            reason = Reason.BYTES
        else:
            # Those behind it ended later, and no limit is nearer for them.
            break
        found.append(Leaving(job.id, job.name, job.finished_at, reason, sizes.get(job.id, 0)))
        total -= sizes.get(job.id, 0)
    return found

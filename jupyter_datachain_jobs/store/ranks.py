"""The order of the queue as one number per job, so that the next ones are found without looking at all of them.

A job rises by one priority for each `ageing_s` seconds that it waits. All rise equally fast, so who is before whom
never changes with time: it is enough to compare ``queued_at - priority * ageing``, smaller first.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement

from .rows import to_micros
from .tables import jobs

#: One priority counts as much as waiting for this long, in seconds.
AGEING_S = 600.0

#: In place of no ageing at all: nothing waits for a century.
_NEVER_S = 100 * 365 * 24 * 3600


def step(ageing_s: float) -> int:
    """Microseconds of waiting that weigh as much as one priority; 0 seconds: waiting does not count."""
    return round((ageing_s or _NEVER_S) * 1e6)


def rank(queued_at: datetime, priority: int, ageing_s: float) -> int:
    return (to_micros(queued_at) or 0) - priority * step(ageing_s)


def rank_column(ageing_s: float) -> ColumnElement[int]:
    return jobs.c.queued_at - jobs.c.priority * step(ageing_s)

"""The queue's rule, bound to a number of slots."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jupyter_datachain_jobs.domain import Occupant, Slots, Waiting
from jupyter_datachain_jobs.queue import Plan, plan


def within(total: int, per_owner: int = 0) -> Callable[[Sequence[Waiting], Sequence[Occupant]], Plan]:
    return lambda queue, occupants: plan(queue, occupants, Slots(total, per_owner))

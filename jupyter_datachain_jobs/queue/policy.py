"""Who runs next: a pure function of the queue, of what runs, and of the slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from jupyter_datachain_jobs.domain import Hold, Occupant, Slots, Waiting


@dataclass(frozen=True)
class Plan:
    """start: ids of the jobs that may start now. held: why the others may not.

    reserved_for: the job for which free slots are kept, because it needs more of them.
    """

    start: tuple[str, ...]
    held: Mapping[str, Hold]
    reserved_for: str | None
    blocked_owners: AbstractSet[str]


@dataclass
class _Reservation:
    """Slots kept for a job that does not fit yet.

    by: seconds until enough slots are free for it, as far as known. spare: slots that it will not need whatever ends
    first, so that anybody may have them until then.
    """

    job_id: str
    by: float
    spare: int


def plan(queue: Sequence[Waiting], occupants: Sequence[Occupant], slots: Slots) -> Plan:
    """Decide who starts now.

    Parameters
    ----------
    queue: the queued jobs, in order.
    occupants: the jobs that hold slots.

    The first job that does not fit reserves its slots: small jobs that slipped past would otherwise keep a large one
    waiting for ever. A job behind it may start only where that cannot delay it: when it is expected to be over before
    the slots come free, or takes slots that the large one does not need (EASY backfilling; Lifka, "The ANL/IBM SP
    Scheduling System", 1995). A user at the limit holds back nobody else.
    """
    free = slots.total - sum(job.workers for job in occupants)
    held_by: dict[str, int] = {}
    for each in occupants:
        held_by[each.owner] = held_by.get(each.owner, 0) + each.workers
    running = list(occupants)
    start: list[str] = []
    held: dict[str, Hold] = {}
    blocked: set[str] = set()
    reservation: _Reservation | None = None
    for job in queue:
        if job.workers > slots.total or slots.per_owner and job.workers > slots.per_owner:
            # Submitted to a server with more. It must not hold back what can run here.
            held[job.id] = Hold.TOO_LARGE
            continue
        if job.owner in blocked or slots.per_owner and held_by.get(job.owner, 0) + job.workers > slots.per_owner:
            # First come, first served within one user too.
            blocked.add(job.owner)
            held[job.id] = Hold.OWNER_LIMIT
            continue
        if reservation is None and job.workers > free:
            reservation = _reserve(job, running, free)
            held[job.id] = Hold.SLOTS
            continue
        if reservation is not None:
            soon = job.expected is not None and job.expected <= reservation.by
            if job.workers > free or not (soon or job.workers <= reservation.spare):
                held[job.id] = Hold.RESERVED if job.workers <= free else Hold.ORDER
                continue
            if not soon:
                reservation.spare -= job.workers
        start.append(job.id)
        free -= job.workers
        held_by[job.owner] = held_by.get(job.owner, 0) + job.workers
        running.append(Occupant(job.id, job.name, job.owner, job.workers, job.expected))
    return Plan(tuple(start), held, reservation.job_id if reservation else None, blocked)


def _reserve(job: Waiting, running: Sequence[Occupant], free: int) -> _Reservation:
    missing = job.workers - free
    by, freed = float("inf"), 0
    for left, workers in sorted((each.left, each.workers) for each in running if each.left is not None):
        freed += workers
        if freed >= missing:
            by = left
            break
    # Bit n: some of the running jobs hold n slots together. Whichever end first, at least the smallest such sum that is
    # enough comes free, and what exceeds the need is spare.
    sums = 1
    for each in running:
        sums |= sums << each.workers
    enough = sums >> missing if missing > 0 else 1
    spare = (enough & -enough).bit_length() - 1 if enough else 0
    return _Reservation(job.id, by, spare)

"""Who runs next."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from jupyter_datachain_jobs.domain import Hold, Occupant, Slots, Waiting
from jupyter_datachain_jobs.queue import plan
from jupyter_datachain_jobs.queue.waits import simulate


def waiting(name: str, workers: int = 1, expected: float | None = None, owner: str = "ada") -> Waiting:
    return Waiting(name, name, owner, workers, 5, expected)


def running(name: str, workers: int = 1, left: float | None = None, owner: str = "ada") -> Occupant:
    return Occupant(name, name, owner, workers, left)


def test_first_come_first_served_while_they_fit() -> None:
    found = plan([waiting("a"), waiting("b", 2), waiting("c")], [], Slots(3))
    assert found.start == ("a", "b")
    assert found.held == {"c": Hold.SLOTS}
    assert found.reserved_for == "c"


def test_a_large_job_keeps_its_slots_from_small_ones_behind_it() -> None:
    found = plan([waiting("large", 4), waiting("small")], [running("r", 2)], Slots(4))
    assert found.start == ()
    assert found.held == {"large": Hold.SLOTS, "small": Hold.RESERVED}


def test_a_small_job_may_use_the_time_until_the_large_one_can_start() -> None:
    busy = [running("r", 2, left=60)]
    queue = [waiting("large", 4), waiting("long", 1, 61), waiting("short", 1, 60), waiting("unknown")]
    found = plan(queue, busy, Slots(4))
    assert found.start == ("short",)
    assert found.held["long"] is Hold.RESERVED


def test_slots_that_the_large_job_does_not_need_are_free_for_all() -> None:
    # Whichever way: it can only start when r ends, and then 4 are free and 2 enough.
    found = plan([waiting("large", 2), waiting("small"), waiting("more")], [running("r", 3)], Slots(4))
    assert found.start == ("small",)
    assert found.held["more"] is Hold.ORDER
    # Either one that ends is just enough: nothing is spare.
    assert plan([waiting("large", 4), waiting("small")], [running("r", 2), running("s", 2)], Slots(6)).start == ()


def test_a_user_at_the_limit_holds_back_nobody_else() -> None:
    queue = [waiting("a2", owner="ada"), waiting("a3", 1, owner="ada"), waiting("b1", owner="bob")]
    found = plan(queue, [running("a1", 2, owner="ada")], Slots(4, per_owner=2))
    assert found.start == ("b1",)
    assert found.held == {"a2": Hold.OWNER_LIMIT, "a3": Hold.OWNER_LIMIT}
    assert found.blocked_owners == {"ada"}


def test_within_one_user_small_jobs_do_not_slip_past_a_large_one_at_the_limit() -> None:
    found = plan([waiting("a2", 3), waiting("a3", 1)], [running("a1", 1)], Slots(8, per_owner=3))
    assert found.start == ()


def test_a_job_for_a_larger_server_blocks_nobody() -> None:
    found = plan([waiting("huge", 8), waiting("small")], [], Slots(4))
    assert (found.start, found.held) == (("small",), {"huge": Hold.TOO_LARGE})
    found = plan([waiting("huge", 3), waiting("small")], [], Slots(4, per_owner=2))
    assert (found.start, found.held) == (("small",), {"huge": Hold.TOO_LARGE})


JOBS = st.lists(
    st.tuples(st.integers(1, 6), st.one_of(st.none(), st.integers(1, 50).map(float)), st.sampled_from("ab")),
    max_size=12,
)


def named(found: Sequence[tuple[int, float | None, str]], prefix: str) -> list[Waiting]:
    return [waiting(f"{prefix}{i}", *each) for i, each in enumerate(found)]


@given(JOBS, JOBS, st.integers(0, 8), st.integers(0, 4))
def test_slots_are_never_given_twice(queue: list, busy: list, total: int, per_owner: int) -> None:
    occupants = [running(each.id, each.workers, each.expected, each.owner) for each in named(busy, "r")]
    jobs = named(queue, "q")
    found = plan(jobs, occupants, Slots(total, per_owner))
    started = [job for job in jobs if job.id in found.start]
    free = total - sum(each.workers for each in occupants)
    assert sum(job.workers for job in started) <= max(free, 0)
    if per_owner:
        for owner in "ab":
            before = sum(each.workers for each in occupants if each.owner == owner)
            mine = [job.workers for job in started if job.owner == owner]
            assert not mine or before + sum(mine) <= per_owner
    assert set(found.start) | set(found.held) == {job.id for job in jobs}
    assert not set(found.start) & set(found.held)


@given(JOBS, JOBS, st.integers(6, 8))
def test_no_small_job_delays_the_first_that_does_not_fit(queue: list, busy: list, total: int) -> None:
    """With durations as expected, those behind it make no difference to when it starts."""
    occupants, used = [], 0
    for each in named(busy, "r"):
        if each.expected is not None and used + each.workers <= total:
            occupants.append(running(each.id, each.workers, each.expected))
            used += each.workers
    jobs = [
        waiting(job.id, job.workers, job.expected if job.expected is not None else 7.0) for job in named(queue, "q")
    ]
    first = plan(jobs, occupants, Slots(total)).reserved_for
    if first is None:
        return
    place = next(i for i, job in enumerate(jobs) if job.id == first)
    alone = simulate(jobs[: place + 1], occupants, Slots(total))
    assert simulate(jobs, occupants, Slots(total))[first] == alone[first]


@given(JOBS, st.integers(6, 8))
def test_every_job_starts_some_day(queue: list, total: int) -> None:
    jobs = [waiting(job.id, job.workers, 5.0, job.owner) for job in named(queue, "q")]
    assert set(simulate(jobs, [], Slots(total))) == {job.id for job in jobs}

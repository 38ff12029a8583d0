"""Why a job waits."""

from __future__ import annotations

from jupyter_datachain_jobs.domain import Hold, Occupant, Slots, Wait, Waiting
from jupyter_datachain_jobs.queue.waits import DEPTH, explain


def waiting(name: str, workers: int = 1, expected: float | None = None, due_in: float = 0.0) -> Waiting:
    return Waiting(name, f"{name}.py", "ada", workers, 5, expected, due_in)


def told(queue: list[Waiting], occupants: list[Occupant], slots: Slots) -> dict[str, Wait]:
    return {wait.job_id: wait for wait in explain(queue, occupants, slots)}


def test_the_next_one_hears_what_holds_the_slots() -> None:
    waits = told([waiting("a", 2), waiting("b")], [Occupant("r", "train.py", "bob", 3, 40.0)], Slots(4))
    assert waits["a"].hold is Hold.SLOTS
    assert waits["a"].message == "It is next and needs 2 worker slots: 1 of 4 free. Running: train.py."
    assert (waits["a"].position, waits["a"].ahead, waits["a"].blockers) == (1, 0, ("r",))
    assert waits["a"].estimate == 40.0


def test_those_behind_hear_how_many_are_before_them() -> None:
    waits = told(
        [waiting("a", 1, 10), waiting("b", 1, 5), waiting("c")], [Occupant("r", "r", "bob", 1, 20.0)], Slots(1)
    )
    assert (waits["c"].position, waits["c"].ahead, waits["c"].ahead_workers) == (3, 2, 2)
    assert waits["c"].message == "2 jobs are before it."
    assert [waits[job].estimate for job in "abc"] == [20.0, 30.0, 35.0]


def test_free_slots_that_are_kept_are_explained() -> None:
    waits = told([waiting("large", 4), waiting("small")], [Occupant("r", "r", "bob", 2)], Slots(4))
    assert waits["small"].hold is Hold.RESERVED
    assert waits["small"].message == "2 worker slots free, but kept for large.py, which is before it and needs 4."
    assert waits["small"].blockers == ("large",)
    assert waits["small"].estimate is None, "nobody knows how long r runs"


def test_a_next_attempt_says_when() -> None:
    wait = told([waiting("a", due_in=25.0)], [], Slots(1))["a"]
    assert (wait.hold, wait.estimate) == (Hold.BACKOFF, 25.0)
    assert wait.message == "Its last attempt failed, and the next one is due in 25 s."
    assert wait.until is not None


def test_limits_and_absent_servers_are_named() -> None:
    busy = [Occupant("r", "r", "ada", 2)]
    wait = told([waiting("a")], busy, Slots(4, 2))["a"]
    assert (wait.hold, wait.blockers) == (Hold.OWNER_LIMIT, ("r",))
    assert told([waiting("a", 9)], [], Slots(4))["a"].hold is Hold.TOO_LARGE
    assert told([waiting("a")], [], Slots(0))["a"].hold is Hold.NO_SERVER


def test_a_long_queue_is_explained_in_a_moment() -> None:
    queue = [waiting(str(i), 1 + i % 3, 10.0) for i in range(DEPTH)]
    assert all(wait.estimate is not None for wait in explain(queue, [Occupant("r", "r", "ada", 2, 5.0)], Slots(4)))


def test_a_job_that_is_not_due_stands_behind_those_that_are() -> None:
    waits = told([waiting("later", due_in=25.0), waiting("a"), waiting("b")], [Occupant("r", "r", "bob", 1)], Slots(1))
    assert [(job, waits[job].position) for job in ("a", "b", "later")] == [("a", 1), ("b", 2), ("later", 3)]
    assert waits["b"].message == "One job is before it."

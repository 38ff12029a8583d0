"""Who runs next."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_datachain_jobs.domain import Job, RunSettings, Script, State, new_job_id
from jupyter_datachain_jobs.queue import choose
from jupyter_datachain_jobs.store import now


def job(workers: int) -> Job:
    return Job(
        new_job_id(), "a", State.QUEUED, "ada", Script("a.py", "/a.py", "", 0), RunSettings(workers=workers), now()
    )


@given(st.lists(st.integers(1, 5), max_size=20), st.integers(-2, 12))
def test_the_longest_beginning_of_the_queue_that_fits(workers: list[int], free: int) -> None:
    queued = [job(count) for count in workers]
    chosen = choose(queued, free)
    assert chosen == [item.id for item in queued[: len(chosen)]], "first come, first served"
    assert sum(workers[: len(chosen)]) <= max(free, 0)
    if len(chosen) < len(queued):
        assert sum(workers[: len(chosen) + 1]) > free, "nothing that fits is left waiting"

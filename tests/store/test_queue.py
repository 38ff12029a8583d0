"""The queue in the database: order, ageing, limits, retries, what is learnt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.queue import within

from jupyter_datachain_jobs.domain import (
    IllegalMove,
    Job,
    JobError,
    JobNotQueued,
    QueueFull,
    Retries,
    RunSettings,
    StaleJob,
    State,
)
from jupyter_datachain_jobs.store import AttemptEnd, Claims, JobQueue, JobStore, now, open_store, whole

MakeJob = Callable[..., Job]
ERROR = JobError("exit_code", "It ended with 7.", "Look.")


def ranked(job: Job, priority: int, **settings: object) -> Job:
    return replace(job, settings=replace(job.settings, priority=priority, **settings))  # type: ignore[arg-type]


@whole
async def order(store: JobStore, **options: object) -> list[str]:
    async with store.reading() as connection:
        return [job.id for job in await JobQueue(store).waiting(connection, 100, **options)]  # type: ignore[arg-type]


@whole
async def before(store: JobStore, job_id: str) -> tuple[int, int]:
    async with store.reading() as connection:
        return await JobQueue(store).before(connection, job_id)


@whole
async def durations(store: JobStore) -> list[float | None]:
    async with store.reading() as connection:
        return [job.expected for job in await JobQueue(store).waiting(connection, 9)]


async def test_higher_priority_first_then_who_came_first(store: JobStore, make_job: MakeJob) -> None:
    added = [(await store.add(ranked(make_job(), priority))).id for priority in (5, 1, 10, 5, 10)]
    assert await order(store) == [added[i] for i in (2, 4, 0, 3, 1)]


async def test_a_waiting_job_rises(tmp_path: Path, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await open_store(tmp_path / "jobs.sqlite", ageing_s=60.0)
    start = now()
    monkeypatch.setattr("jupyter_datachain_jobs.store.jobs.now", lambda: start - timedelta(seconds=301))
    old = await store.add(ranked(make_job(), 3))
    monkeypatch.setattr("jupyter_datachain_jobs.store.jobs.now", lambda: start)
    first, second = await store.add(ranked(make_job(), 8)), await store.add(ranked(make_job(), 9))
    assert await order(store) == [second.id, old.id, first.id], "five minutes are worth five priorities"
    store.ageing_s = 0
    await JobQueue(store).rank_anew()
    assert await order(store) == [second.id, first.id, old.id], "without ageing only the priority counts"
    await store.close()


async def test_priority_changes_the_place_while_it_is_queued(store: JobStore, make_job: MakeJob) -> None:
    first, second = await store.add(make_job()), await store.add(make_job())
    queue = JobQueue(store)
    changed = await queue.set_priority(second.id, 6)
    assert (changed.settings.priority, changed.revision) == (6, second.revision + 1)
    assert await store.get(second.id) == changed
    assert await order(store) == [second.id, first.id]
    assert await before(store, first.id) == (1, 1)
    assert await before(store, second.id) == (0, 0)
    await store.move(second.id, State.CANCELED)
    with pytest.raises(JobNotQueued):
        await queue.set_priority(second.id, 7)


async def test_limits_refuse_what_is_too_much(store: JobStore, make_job: MakeJob) -> None:
    queue = JobQueue(store, max_jobs=3, max_jobs_per_owner=2)
    jobs = [await store.add(make_job(owner=owner), queue.admit) for owner in ("ada", "ada")]
    with pytest.raises(QueueFull, match="ada has 2 jobs"):
        await store.add(make_job(owner="ada"), queue.admit)
    await store.add(make_job(owner="bob"), queue.admit)
    with pytest.raises(QueueFull, match="There are 3 jobs"):
        await store.add(make_job(owner="eve"), queue.admit)
    await store.move(jobs[0].id, State.CANCELED)
    await store.add(make_job(owner="eve"), queue.admit)


async def test_a_user_at_the_limit_with_a_long_queue_hides_nobody(store: JobStore, make_job: MakeJob) -> None:
    for _ in range(150):
        await store.add(make_job(owner="ada"))
    bob = await store.add(make_job(owner="bob"))
    claimed = await Claims(store).claim(JobQueue(store), within(4, per_owner=1), 4)
    assert [job.owner for job in claimed] == ["ada"]
    claimed = await Claims(store).claim(JobQueue(store), within(4, per_owner=1), 4)
    assert [job.id for job in claimed] == [bob.id]


async def test_a_failed_attempt_goes_back_and_keeps_what_it_was(store: JobStore, make_job: MakeJob) -> None:
    settings = RunSettings(retries=Retries(count=2, backoff=60))
    await store.add(replace(make_job(), settings=settings))
    queue, claims = JobQueue(store), Claims(store)
    (job,) = await claims.claim(queue, within(1), 1)
    job = await store.move(job.id, State.RUNNING, started_at=now())
    end = AttemptEnd(now(), "exited", 7, ERROR, 123, {"peak_rss": 5})
    due = end.finished_at + timedelta(seconds=60)
    waiting = await store.requeue(job, end, not_before=due)
    assert (waiting.state, waiting.not_before, waiting.attempt) == (State.QUEUED, due, 1)
    assert (waiting.started_at, waiting.error, waiting.exit_code, waiting.claim) == (None, None, None, None)
    assert await claims.claim(queue, within(1), 1) == (), "not before its time"
    assert await queue.next_due(now()) == due
    assert await queue.next_due(due - timedelta(microseconds=1)) == due, "it fell due since somebody looked"
    assert await queue.next_due(due) is None, "one that was due then is not told again: it waits for slots"
    assert await order(store) == []
    assert await order(store, due=False) == [job.id]
    (attempt,) = await store.attempts(job.id)
    assert (attempt.exit_code, attempt.error, attempt.log_size, attempt.reason) == (7, ERROR, 123, "exited")
    assert attempt.started_at == job.started_at
    with pytest.raises(StaleJob):
        await store.requeue(job, end, not_before=due)

    await store.update(job.id, not_before=now() - timedelta(seconds=1))
    (again,) = await claims.claim(queue, within(1), 1)
    assert (again.attempt, again.not_before) == (2, None)
    assert [found.attempt for found in await store.attempts(job.id)] == [1, 2]


async def test_a_stopped_job_does_not_go_back(store: JobStore, make_job: MakeJob) -> None:
    await store.add(make_job())
    (job,) = await Claims(store).claim(JobQueue(store), within(1), 1)
    job = await store.move(job.id, State.CANCELING)
    with pytest.raises(IllegalMove):
        await store.requeue(job, AttemptEnd(now(), error=ERROR), not_before=now())


async def test_how_long_a_script_runs_is_learnt(store: JobStore, make_job: MakeJob) -> None:
    queue, claims = JobQueue(store), Claims(store)
    for seconds in (10, 90, 20):
        job = await store.add(make_job())
        await claims.claim(queue, within(1), 1)
        start = now()
        await store.move(job.id, State.RUNNING, started_at=start)
        await store.move(job.id, State.COMPLETE, finished_at=start + timedelta(seconds=seconds))
    failed = await store.add(make_job())
    await claims.claim(queue, within(1), 1)
    await store.move(failed.id, State.RUNNING, started_at=now())
    await store.move(failed.id, State.FAILED, finished_at=now())
    await store.add(make_job())
    await store.add(replace(make_job(), settings=RunSettings(timeout=5.0)))
    await store.add(replace(make_job("new.py"), settings=RunSettings(timeout=7.0)))
    await store.add(make_job("new.py"))
    assert await durations(store) == [20.0, 5.0, 7.0, None]


@pytest.mark.parametrize(
    ("attempt", "code", "wait"),
    [(1, "exit_code", 10.0), (2, "exit_code", 20.0), (3, "exit_code", None), (1, "job_folder_deleted", None)],
)
def test_when_a_failed_attempt_is_tried_again(attempt: int, code: str, wait: float | None) -> None:
    assert Retries(count=2, backoff=10).wait(attempt, code) == wait


def test_only_the_codes_that_were_chosen_are_tried_again() -> None:
    retries = Retries(count=100, backoff=1000, on=("timeout",))
    assert retries.wait(1, "exit_code") is None
    assert retries.wait(99, "timeout") == 3600.0, "an hour at most"

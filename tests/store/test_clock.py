"""A clock that is set back while a job waits for its next attempt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from support.queue import within

from jupyter_datachain_jobs.domain import Job, JobError
from jupyter_datachain_jobs.store import AttemptEnd, Claims, JobQueue, JobStore, now

BACKOFF = timedelta(seconds=10)


@pytest.mark.parametrize(
    ("set_back", "due"),
    [(timedelta(0), False), (timedelta(seconds=30), False), (timedelta(hours=3), True), (timedelta(days=9000), True)],
    ids=["not at all", "by what two machines may differ", "by hours", "to the epoch"],
)
async def test_a_retry_does_not_wait_for_the_old_time(
    store: JobStore,
    make_job: Callable[..., Job],
    monkeypatch: pytest.MonkeyPatch,
    set_back: timedelta,
    due: bool,
) -> None:
    queue = JobQueue(store)
    job = await store.add(make_job())
    (job,) = await Claims(store).claim(queue, within(1), 1)
    end = AttemptEnd(now(), "script_error", 1, JobError("script_error", "It failed.", ""))
    await store.requeue(job, end, not_before=end.finished_at + BACKOFF)

    def then() -> datetime:
        return now() - set_back

    monkeypatch.setattr("jupyter_datachain_jobs.store.queue.now", then)
    async with store._engine.connect() as connection:
        (waiting,) = await queue.waiting(connection, 10, due=False)
        found = await queue.waiting(connection, 10)
    assert (waiting.due_in == 0, bool(found)) == (due, due)
    assert bool(await Claims(store).claim(queue, within(1), 1)) is due

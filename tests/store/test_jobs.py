"""The store: moves, pages, changes, deletion."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_datachain_jobs.domain import (
    TRANSITIONS,
    IllegalMove,
    Job,
    JobDeleted,
    JobError,
    JobNotFinal,
    JobNotFound,
    StaleJob,
    State,
    UserFrame,
)
from jupyter_datachain_jobs.store import JobStore, now, open_store

MakeJob = Callable[..., Job]


async def test_a_job_comes_back_as_it_went_in(store: JobStore, make_job: MakeJob) -> None:
    job = await store.add(make_job())
    assert job.state is State.QUEUED
    assert await store.get(job.id) == job
    error = JobError(
        "script_error", "ValueError: no", "Look.", "ValueError", "Traceback…",
        UserFrame("a.py", 3, "f", "raise", ((2, "def f():"), (3, "raise"))),
    )  # fmt: skip
    failed = await store.move(job.id, State.FAILED, error=error, finished_at=now(), exit_code=1, log_size=7)
    assert await store.get(job.id) == failed
    assert failed.error == error


async def test_every_move_is_stamped_in_order(store: JobStore, make_job: MakeJob) -> None:
    job = await store.add(make_job())
    await store.move(job.id, State.INIT)
    await store.move(job.id, State.RUNNING, started_at=now())
    await store.move(job.id, State.COMPLETE, finished_at=now())
    history = await store.history(job.id)
    assert [(row.old, row.new) for row in history] == [
        (None, "CREATED"),
        ("CREATED", "QUEUED"),
        ("QUEUED", "INIT"),
        ("INIT", "RUNNING"),
        ("RUNNING", "COMPLETE"),
    ]
    stamps = [row.at for row in history]
    assert stamps == sorted(stamps)


async def test_an_illegal_move_changes_nothing(store: JobStore, make_job: MakeJob) -> None:
    job = await store.add(make_job())
    with pytest.raises(IllegalMove):
        await store.move(job.id, State.COMPLETE)
    assert await store.get(job.id) == job


async def test_a_decision_on_an_old_revision_is_refused(store: JobStore, make_job: MakeJob) -> None:
    job = await store.add(make_job())
    await store.move(job.id, State.INIT)
    with pytest.raises(StaleJob):
        await store.move(job.id, State.CANCELED, revision=job.revision)


async def test_unknown_jobs_are_not_found(store: JobStore, make_job: MakeJob) -> None:
    missing = make_job().id
    for attempt in (store.get(missing), store.move(missing, State.INIT), store.delete(missing), store.update(missing)):
        with pytest.raises(JobNotFound):
            await attempt


async def test_pages_are_newest_first_and_complete(store: JobStore, make_job: MakeJob) -> None:
    added = [await store.add(make_job(f"job{i}.py", owner="ada" if i % 2 else "bob")) for i in range(7)]
    seen, cursor = [], None
    while True:
        page = await store.page(limit=3, cursor=cursor)
        seen.extend(job.id for job in page.items)
        if page.next is None:
            break
        cursor = int(page.next)
    assert seen == [job.id for job in reversed(added)]
    assert [job.name for job in (await store.page(text="JOB3")).items] == ["job3.py"]
    assert len((await store.page(text="bob")).items) == 4
    assert (await store.page(text="100%_")).items == ()
    await store.move(added[0].id, State.CANCELED)
    assert [job.id for job in (await store.page(states=[State.CANCELED])).items] == [added[0].id]
    assert [job.id for job in (await store.page(script="work/job5.py")).items] == [added[5].id]


async def test_changes_since_tells_everything_once(store: JobStore, make_job: MakeJob) -> None:
    start = await store.seq()
    first, second = await store.add(make_job()), await store.add(make_job())
    await store.move(first.id, State.CANCELED)
    changes, until = await store.changes_since(start)
    assert [change.id for change in changes] == [second.id, first.id]
    assert until == changes[-1].seq
    assert await store.changes_since(until) == ((), until)
    await store.delete(first.id)
    changes, _ = await store.changes_since(until)
    assert changes == (JobDeleted(first.id, until + 1),)


async def test_only_final_jobs_are_deleted(store: JobStore, make_job: MakeJob) -> None:
    job = await store.add(make_job())
    with pytest.raises(JobNotFinal):
        await store.delete(job.id)
    await store.move(job.id, State.CANCELED)
    await store.delete(job.id)
    with pytest.raises(JobNotFound):
        await store.get(job.id)
    assert await store.history(job.id) == ()


async def test_many_writers_lose_nothing(tmp_path: Path, make_job: MakeJob) -> None:
    """Two stores on one file, as two servers would have; a deferred transaction would fail with SQLITE_BUSY here."""
    stores = [await open_store(tmp_path / "jobs.sqlite") for _ in range(2)]
    try:
        added = await asyncio.gather(*(stores[i % 2].add(make_job()) for i in range(40)))
        assert sorted(job.seq for job in added) == list(range(1, 41))
        assert len((await stores[0].page(limit=100)).items) == 40
        await asyncio.gather(*(stores[i % 2].update(added[0].id, log_size=i) for i in range(40)))
        assert (await stores[0].get(added[0].id)).revision == 41
    finally:
        for store in stores:
            await store.close()


async def test_fields_that_are_not_settable_are_refused(store: JobStore, make_job: MakeJob) -> None:
    job = await store.add(make_job())
    with pytest.raises(TypeError, match="owner"):
        await store.update(job.id, owner="eve")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(State), max_size=8))
async def test_any_sequence_of_moves_follows_the_table(store: JobStore, make_job: MakeJob, wanted: list[State]) -> None:
    job = await store.add(make_job())
    state = job.state
    for new in wanted:
        if new in TRANSITIONS[state]:
            state = (await store.move(job.id, new)).state
            assert state is new
        else:
            with pytest.raises(IllegalMove):
                await store.move(job.id, new)
    assert (await store.get(job.id)).state is state


def test_every_field_of_a_job_is_stored(make_job: MakeJob) -> None:
    from jupyter_datachain_jobs.store.rows import to_row
    from jupyter_datachain_jobs.store.tables import jobs

    columns = {column.name for column in jobs.columns} - {"number", "rank"}
    assert set(to_row(make_job())) == columns
    assert {field.name for field in dataclasses.fields(Job)} - {"script"} <= columns

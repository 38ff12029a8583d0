"""Claims: each job once, whoever asks."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.queue import within

from jupyter_datachain_jobs.domain import Job, StaleJob, State
from jupyter_datachain_jobs.store import Claims, JobQueue, JobStore, Presence, open_store

MakeJob = Callable[..., Job]


async def test_a_claim_takes_the_slots_that_are_free(store: JobStore, make_job: MakeJob) -> None:
    jobs = [await store.add(make_job(workers=workers)) for workers in (1, 2, 1)]
    claims = Claims(store)
    first = await claims.claim(JobQueue(store), within(2), 2)
    assert [job.id for job in first] == [jobs[0].id]
    assert (first[0].state, first[0].attempt, first[0].claim) == (State.INIT, 1, claims.id)
    assert await claims.claim(JobQueue(store), within(2), 2) == (), (
        "the job of two workers holds back the one behind it"
    )
    await store.move(jobs[0].id, State.FAILED)
    assert [job.id for job in await claims.claim(JobQueue(store), within(2), 2)] == [jobs[1].id]


async def test_servers_that_race_claim_each_job_once(tmp_path: Path, make_job: MakeJob) -> None:
    stores = [await open_store(tmp_path / "jobs.sqlite") for _ in range(4)]
    try:
        added = {(await stores[0].add(make_job())).id for _ in range(30)}
        claimed = await asyncio.gather(
            *(Claims(store).claim(JobQueue(store), within(100), 100) for store in stores for _ in range(6))
        )
        ids = [job.id for jobs in claimed for job in jobs]
        assert len(ids) == len(set(ids))
        assert set(ids) == added
    finally:
        for store in stores:
            await store.close()


async def test_a_dispatcher_is_alive_while_it_beats(store: JobStore) -> None:
    mine, other = Claims(store), Claims(store, lease_s=0.0)
    await mine.beat()
    assert await other.alive(mine.id), "first seen: it must be given a lease's time"
    assert not await other.alive(mine.id), "its counter stood still for a whole lease"
    await mine.beat()
    assert await other.alive(mine.id)
    await mine.leave()
    assert not await other.alive(mine.id)
    assert not await other.alive(None)


async def test_one_of_two_takes_over(store: JobStore, make_job: MakeJob) -> None:
    await store.add(make_job())
    (job,) = await Claims(store).claim(JobQueue(store), within(1), 1)
    first, second = Claims(store), Claims(store)
    assert (await first.take_over(job)).claim == first.id
    with pytest.raises(StaleJob):
        await second.take_over(job)


async def test_dispatchers_on_whom_no_job_depends_are_forgotten(store: JobStore, make_job: MakeJob) -> None:
    await store.add(make_job())
    needed, idle, fresh = Claims(store), Claims(store), Claims(store)
    await needed.claim(JobQueue(store), within(1), 1)
    await idle.beat()
    await fresh.forget_others()
    assert await fresh.alive(needed.id)
    assert not await fresh.alive(idle.id)
    await idle.beat()
    assert await fresh.alive(idle.id), "one that lives comes back"


async def test_the_dead_leave_no_files_but_those_that_somebody_will_ask_for(
    store: JobStore, make_job: MakeJob, tmp_path: Path
) -> None:
    presences = [Presence(tmp_path / "dispatchers") for _ in range(3)]
    idle, busy, mine = (Claims(store, presence=presence) for presence in presences)
    for claims, presence in zip((idle, busy, mine), presences, strict=True):
        presence.hold(claims.id)
        await claims.beat()
    await store.add(make_job())
    await busy.claim(JobQueue(store), within(1), 1)
    for presence in presences[:2]:
        assert presence._held
        os.close(presence._held[1])  # as the kernel does for one that was killed
    await mine.forget_others()
    assert {path.stem for path in (tmp_path / "dispatchers").iterdir()} == {busy.id, mine.id}
    assert not await mine.alive(busy.id), "its job is taken over at once"
    presences[2].release()

"""DataChain hears of every end: at once of those of this server, soon of those that a dead one left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.queue import within

from jupyter_datachain_jobs.domain import Category, Job, JobsError, RunSettings, Script, State, new_job_id
from jupyter_datachain_jobs.monitor import Settler, settle
from jupyter_datachain_jobs.store import Claims, JobQueue, JobStore, now, open_store


class Worker:
    """In DataChain's place."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.failures = 0

    async def finalise(self, job_id: str, *_: object) -> int:
        if self.failures:
            self.failures -= 1
            raise JobsError("datachain_busy", "Locked.", "Wait.", category=Category.UNAVAILABLE)
        await self.told.put(job_id)
        return 0


async def ended(store: JobStore, claims: Claims) -> str:
    script = Script("a.py", "/home/ada/a.py", "0" * 64, 1)
    await store.add(Job(new_job_id(), "a.py", State.CREATED, "ada", script, RunSettings(), now()))
    (job,) = await claims.claim(JobQueue(store), within(1), 1)
    await store.move(job.id, State.FAILED, finished_at=now())
    return job.id


async def test_own_ends_do_not_wait_for_those_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "RETRY_S", 3000.0)
    monkeypatch.setattr(settle, "OTHERS_S", 3000.0)
    store = await open_store(tmp_path / "jobs.sqlite")
    mine, other = Claims(store), Claims(store)
    theirs = await ended(store, other)
    worker = Worker()
    settler = Settler(store, mine, worker)  # type: ignore[arg-type]
    await settler.start()
    async with asyncio.timeout(30):
        for _ in range(3):
            job = await ended(store, mine)
            settler.wake()
            assert await worker.told.get() == job
    assert theirs in [job.id for job in await store.unsettled("")], "its own dispatcher lives"
    await settler.stop()
    await store.close()


async def test_what_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "RETRY_S", 0.01)
    store = await open_store(tmp_path / "jobs.sqlite")
    claims, worker = Claims(store), Worker()
    worker.failures = 3
    job = await ended(store, claims)
    settler = Settler(store, claims, worker)  # type: ignore[arg-type]
    await settler.start()
    async with asyncio.timeout(30):
        assert await worker.told.get() == job
    await settler.stop()
    await store.close()

"""The change feed: own and foreign changes in one order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from jupyter_datachain_jobs.domain import Job, JobChanged, JobDeleted, JobEvent, State
from jupyter_datachain_jobs.store import ChangeFeed, JobStore, open_store

MakeJob = Callable[..., Job]


async def test_changes_arrive_in_the_order_of_seq(store: JobStore, make_job: MakeJob) -> None:
    feed = ChangeFeed(store)
    await feed.start()
    events: asyncio.Queue[JobEvent] = asyncio.Queue()
    unsubscribe = feed.subscribe(events.put_nowait)
    job = await store.add(make_job())
    assert await events.get() == JobChanged(job)
    canceled = await store.move(job.id, State.CANCELED)
    assert await events.get() == JobChanged(canceled)
    await store.delete(job.id)
    assert await events.get() == JobDeleted(job.id, canceled.seq + 1)
    unsubscribe()
    await store.add(make_job())
    await feed.stop()
    assert events.empty()


async def test_another_servers_changes_arrive_too(tmp_path: Path, make_job: MakeJob) -> None:
    mine, other = [await open_store(tmp_path / "jobs.sqlite") for _ in range(2)]
    feed = ChangeFeed(mine)
    await feed.start()
    events: asyncio.Queue[JobEvent] = asyncio.Queue()
    feed.subscribe(events.put_nowait)
    theirs = await other.add(make_job())
    assert await asyncio.wait_for(events.get(), 10) == JobChanged(theirs)
    ours = await mine.add(make_job())
    assert await asyncio.wait_for(events.get(), 10) == JobChanged(ours)
    await feed.stop()
    await mine.close()
    await other.close()

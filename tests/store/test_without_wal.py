"""The database on a network file system: no write-ahead log, the same promises."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_datachain_jobs.domain import Job, JobChanged, JobEvent, JobsError, State
from jupyter_datachain_jobs.store import ChangeFeed, JobStore, open_store
from jupyter_datachain_jobs.store.whole import whole

MakeJob = Callable[..., Job]

#: Claims one job after the other until there is none, in a process of its own; prints what it claimed.
CLAIMER = """
import asyncio, json, sys
from pathlib import Path
from jupyter_datachain_jobs.domain import Slots, State
from jupyter_datachain_jobs.queue import plan
from jupyter_datachain_jobs.store import Claims, JobQueue, open_store

async def main():
    store = await open_store(Path(sys.argv[1]), wal=False)
    queue, claims, mine = JobQueue(store), Claims(store), []
    while True:
        got = await claims.claim(queue, lambda waiting, busy: plan(waiting[:1], (), Slots(1000)), 1000)
        if not got:
            break
        for job in got:
            mine.append(job.id)
            await store.move(job.id, State.FAILED)
    await store.close()
    print(json.dumps(mine))

asyncio.run(main())
"""


def mode_of(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])
    finally:
        connection.close()


@whole
async def pragmas(store: JobStore) -> tuple[str, int]:
    async with store.reading() as connection:
        mode = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
        return mode, (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one()


async def test_no_log_and_no_shared_memory_are_made(tmp_path: Path, make_job: MakeJob) -> None:
    store = await open_store(tmp_path / "jobs.sqlite", wal=False)
    job = await store.add(make_job())
    assert await store.get(job.id) == job
    assert await pragmas(store) == ("truncate", 2)
    assert not [name for name in os.listdir(tmp_path) if name.endswith(("-wal", "-shm"))]
    await store.close()


async def test_processes_that_race_claim_each_job_once(tmp_path: Path, make_job: MakeJob) -> None:
    path = tmp_path / "jobs.sqlite"
    store = await open_store(path, wal=False)
    feed = ChangeFeed(store)
    await feed.start()
    added: set[str] = set()
    ended: set[str] = set()
    seen = asyncio.Event()

    def heard(event: JobEvent) -> None:
        if isinstance(event, JobChanged) and event.job.state is State.FAILED:
            ended.add(event.job.id)
            if ended == added:
                seen.set()

    feed.subscribe(heard)
    added |= {(await store.add(make_job())).id for _ in range(60)}
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", CLAIMER, str(path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    claimed: list[str] = []
    for process in processes:
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()[-3000:]
        claimed += json.loads(out)
    assert len(claimed) == len(set(claimed))
    assert set(claimed) == added
    async with asyncio.timeout(10):
        await seen.wait()  # other processes' commits are seen without a log too
    await feed.stop()
    await store.close()
    check = sqlite3.connect(path)
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()


async def test_a_database_leaves_its_log_with_all_that_is_in_it(tmp_path: Path, make_job: MakeJob) -> None:
    path = tmp_path / "jobs.sqlite"
    store = await open_store(path)
    job = await store.add(make_job())
    await store.close()
    assert mode_of(path) == "wal"
    store = await open_store(path, wal=False)
    assert await store.get(job.id) == job
    await store.close()
    assert mode_of(path) != "wal"


async def test_one_that_left_its_log_stays_without(tmp_path: Path, make_job: MakeJob) -> None:
    """A server for which the folder is local must not take it away from those on other machines."""
    path = tmp_path / "jobs.sqlite"
    far = await open_store(path, wal=False)
    near = await open_store(path)
    job = await near.add(make_job())
    assert await far.get(job.id) == job
    assert mode_of(path) != "wal"
    await near.close()
    await far.close()


async def test_one_that_another_server_has_open_is_refused(
    tmp_path: Path, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_datachain_jobs.store.open.LEAVE_WAL_TIMEOUT_S", 0.2)
    path = tmp_path / "jobs.sqlite"
    store: JobStore = await open_store(path)
    job = await store.add(make_job())
    with pytest.raises(JobsError) as caught:
        await open_store(path, wal=False)
    assert caught.value.code == "database_in_use"
    assert await store.get(job.id) == job
    await store.add(make_job())
    await store.close()

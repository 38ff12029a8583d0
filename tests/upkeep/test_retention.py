"""Which jobs retention removes, and that it removes them whole."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jupyter_datachain_jobs.domain import JobDeleted, JobEvent, JobsError, State
from jupyter_datachain_jobs.store import ChangeFeed, EndedRow, JobStore, open_store
from jupyter_datachain_jobs.submit import JobFolders
from jupyter_datachain_jobs.upkeep import Janitor, Leaving, Retention
from jupyter_datachain_jobs.upkeep.janitor import alone
from jupyter_datachain_jobs.upkeep.retention import leaving

NOW = datetime(2026, 6, 1, tzinfo=UTC)

AddJob = Callable[..., Any]


def ended(*days: float) -> list[EndedRow]:
    return [EndedRow(f"{day:g}", "a.py", NOW - timedelta(days=day)) for day in days]


def told(found: list[Leaving]) -> list[tuple[str, str]]:
    return [(job.id, job.reason.value) for job in found]


async def until_gone(store: JobStore, *ids: str) -> None:
    committed = asyncio.Event()
    store.on_commit(committed.set)
    async with asyncio.timeout(60):
        while await store.known_ids(ids):
            await committed.wait()
            committed.clear()


def test_without_limits_everything_stays() -> None:
    assert leaving(ended(10_000, 1), Retention(), NOW, {"10000": 10**15}) == []


def test_the_oldest_go_first_and_each_has_its_reason() -> None:
    jobs = ended(100, 50, 20, 10, 5, 0.5)
    sizes = {job.id: 10 for job in jobs}
    assert told(leaving(jobs, Retention(keep_days=30), NOW)) == [("100", "age"), ("50", "age")]
    assert told(leaving(jobs, Retention(keep_days=60, keep_jobs=4), NOW)) == [("100", "age"), ("50", "count")]
    assert told(leaving(jobs, Retention(60, 5, 35), NOW, sizes)) == [("100", "age"), ("50", "bytes"), ("20", "bytes")]
    assert leaving(jobs, Retention(keep_bytes=60), NOW, sizes) == []


def test_one_that_has_just_ended_stays_whatever_its_size() -> None:
    jobs = ended(1, 0.01)
    rules = Retention(keep_jobs=1, keep_bytes=1)
    assert told(leaving(jobs, rules, NOW, {"1": 0, "0.01": 10**12})) == [("1", "count")]
    assert leaving(ended(0.03, 0.02, 0.01), rules, NOW, {"0.03": 10**12}) == []


async def test_jobs_leave_with_their_folders_and_everybody_is_told(
    store: JobStore, folders: JobFolders, add_job: AddJob, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "jupyter_datachain_jobs")
    old, young = await add_job(40, log=100), await add_job(1, log=100)
    waiting = await add_job()
    unsettled = await add_job(40, settled=False)
    feed = ChangeFeed(store)
    await feed.start()
    events: asyncio.Queue[JobEvent] = asyncio.Queue()
    feed.subscribe(events.put_nowait)
    janitor = Janitor(store, folders, Retention(keep_days=30))
    assert [job.id for job in await janitor.planned()] == [old.id]
    gone, left = await janitor.prune()
    assert ([job.id for job in gone], left) == ([old.id], 0)
    async with asyncio.timeout(10):
        event = await events.get()
    assert isinstance(event, JobDeleted)
    assert event.id == old.id
    assert set(folders.listed()) == {young.id, waiting.id, unsettled.id} == await store.known_ids(folders.listed())
    assert f"action=retention job={old.id} reason=age" in caplog.text
    assert await janitor.prune() == ([], 0)
    await feed.stop()


async def test_bytes_are_what_the_disk_gives(store: JobStore, folders: JobFolders, add_job: AddJob) -> None:
    jobs = [await add_job(days, log=1_000_000) for days in (5, 3, 1)]
    plan = await Janitor(store, folders, Retention(keep_bytes=2_500_000)).planned()
    assert [job.id for job in plan] == [jobs[0].id]
    assert 1_000_000 <= plan[0].bytes < 1_100_000


async def test_a_job_that_a_user_deletes_at_the_same_moment(
    store: JobStore, folders: JobFolders, add_job: AddJob
) -> None:
    jobs = [await add_job(40) for _ in range(3)]
    janitor = Janitor(store, folders, Retention(keep_days=30))
    plan = await janitor.planned()
    await store.delete(jobs[1].id)
    folders.remove(jobs[1].id)

    async def as_planned() -> list[Leaving]:
        return plan

    janitor.planned = as_planned  # type: ignore[method-assign]
    gone, _ = await janitor.prune()
    assert [job.id for job in gone] == [jobs[0].id, jobs[2].id]


async def test_it_works_in_small_pieces(store: JobStore, folders: JobFolders, add_job: AddJob) -> None:
    for _ in range(20):
        await add_job(40)
    janitor = Janitor(store, folders, Retention(keep_days=30))
    gone, left = await janitor.prune(most_s=0.0)
    assert len(gone) + left == 20
    assert left > 0
    longest, last = 0.0, time.monotonic()
    pruning = asyncio.create_task(janitor.prune())
    while not pruning.done():
        await asyncio.sleep(0)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert len(pruning.result()[0]) == left
    assert longest < 0.5, "others wait while jobs are removed"


async def test_two_janitors_do_not_fight(store: JobStore, folders: JobFolders, add_job: AddJob) -> None:
    job = await add_job(40)
    janitor = Janitor(store, folders, Retention(keep_days=30))
    with alone(folders.data_dir / "upkeep.lock"), pytest.raises(JobsError) as caught:
        await janitor.prune()
    assert caught.value.code == "upkeep_busy"
    assert (await store.get(job.id)).state is State.CANCELED
    many = [await add_job(40 + i) for i in range(10)]
    others = [Janitor(store, folders, Retention(keep_days=30)) for _ in range(3)]
    answers = await asyncio.gather(*(other.prune() for other in others), return_exceptions=True)
    removed = [gone.id for answer in answers if isinstance(answer, tuple) for gone in answer[0]]
    assert sorted(removed) == sorted(one.id for one in [job, *many])


async def test_a_round_comes_by_itself_and_ends_with_the_server(
    store: JobStore, folders: JobFolders, add_job: AddJob
) -> None:
    old = await add_job(40)
    janitor = Janitor(store, folders, Retention(keep_days=30))
    await janitor.start(first_s=0.05, every_s=0.05)
    await until_gone(store, old.id)
    second = await add_job(40)
    await until_gone(store, second.id)
    await asyncio.wait_for(janitor.stop(), 5)


async def test_a_stop_in_the_middle_leaves_no_half(
    store: JobStore, folders: JobFolders, add_job: AddJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = {(await add_job(40 + i)).id for i in range(30)}
    remove, began = folders.remove, asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(job_id: str, attempts: int) -> object:
        loop.call_soon_threadsafe(began.set)
        time.sleep(0.02)
        return remove(job_id, attempts)

    monkeypatch.setattr(folders, "remove", slow)
    janitor = Janitor(store, folders, Retention(keep_days=30))
    await janitor.start(first_s=0.0)
    await began.wait()
    await janitor.stop()
    left = await store.known_ids(jobs)
    assert 0 < len(left) < len(jobs)
    assert set(os.listdir(folders.jobs)) == left


async def test_a_failed_round_is_followed_by_another(
    store: JobStore, folders: JobFolders, add_job: AddJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await add_job(40)
    remove, failures = folders.remove, [OSError("the disk went away")]

    def unreliable(job_id: str, attempts: int) -> object:
        if failures:
            raise failures.pop()
        return remove(job_id, attempts)

    monkeypatch.setattr(folders, "remove", unreliable)
    janitor = Janitor(store, folders, Retention(keep_days=30))
    await janitor.start(first_s=0.0, every_s=0.05)
    second = await add_job(41)
    await until_gone(store, old.id, second.id)
    await janitor.stop()


#: Prunes one folder and says so for each job, until it is killed.
PRUNER = """
import asyncio, sys
from pathlib import Path
from jupyter_datachain_jobs.store import open_store
from jupyter_datachain_jobs.submit import JobFolders
from jupyter_datachain_jobs.upkeep import Janitor, Retention

async def main():
    data = Path(sys.argv[1])
    store, folders = await open_store(data / "jobs.sqlite"), JobFolders(data)
    remove = folders.remove
    def told(job_id, attempts):
        print(job_id, flush=True)
        return remove(job_id, attempts)
    folders.remove = told
    await Janitor(store, folders, Retention(keep_days=30)).prune()

asyncio.run(main())
"""


def prune_and_be_killed(data: Path, after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", PRUNER, str(data)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("after", [1, 2, 5])
async def test_killed_in_the_middle_it_leaves_nothing_half(
    tmp_path: Path, store: JobStore, folders: JobFolders, add_job: AddJob, after: int
) -> None:
    """The kill falls between a row and its folder, or into the removal of a folder."""
    jobs = {(await add_job(40 + i, log=200_000)).id for i in range(8)}
    await asyncio.to_thread(prune_and_be_killed, tmp_path, after)
    known = await store.known_ids(jobs)
    assert len(known) < len(jobs)
    for job_id in known:
        assert folders.script(job_id).read_bytes() == b"print(1)\n", "a job that is still listed is whole"
    for entry in os.scandir(folders.jobs):
        os.utime(entry.path, (0, 0))
    janitor = Janitor(store, folders, Retention(keep_days=30))
    await janitor.sweep()
    assert set(os.listdir(folders.jobs)) == known, "what the kill left is swept"
    gone, left = await janitor.prune()
    assert ({job.id for job in gone}, left) == (known, 0), "and its lock does not outlive it"
    await (await open_store(tmp_path / "jobs.sqlite")).close()


async def test_the_sweep_leaves_the_lock_of_a_job_without_a_folder(
    store: JobStore, folders: JobFolders, add_job: AddJob
) -> None:
    """A running job whose folder somebody deleted: its lock still says that it lives."""
    job = await add_job()
    folders.lock(job.id, 1).touch()
    os.utime(folders.lock(job.id, 1), (0, 0))
    folders.folder(job.id).rename(folders.data_dir / "taken")
    assert await Janitor(store, folders, Retention()).sweep() == 0
    assert folders.lock(job.id, 1).exists()

"""The rooms together, without Jupyter: several engines over one data folder, and what one leaves to the next."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from support.engine import final, reached, write
from support.queue import within

from jupyter_datachain_jobs.app import Engine, Options
from jupyter_datachain_jobs.app.engine import socket_folder
from jupyter_datachain_jobs.domain import Category, Job, JobsError, Slots, State
from jupyter_datachain_jobs.store import Claims, JobQueue, JobStore, open_store

PATIENCE_S = 60.0


async def test_two_engines_run_each_job_once(opened: Callable, home: Path) -> None:
    first, second = await opened(), await opened()
    script = write(home, f"open({str(home / 'ran')!r}, 'a').write('x')\n")
    jobs = [await (first, second)[i % 2].submitter.submit(script, owner="ada") for i in range(10)]
    for i, job in enumerate(jobs):
        ended = await final((second, first)[i % 2], job)
        assert (ended.state, ended.attempt) == (State.COMPLETE, 1)
    assert (home / "ran").read_text() == "x" * 10


async def test_slots_are_shared(opened: Callable, home: Path) -> None:
    first, second = await opened(max_workers=1), await opened(max_workers=1)
    blocker = await first.submitter.submit(write(home, "import time; time.sleep(600)\n"), owner="ada")
    await reached(first, blocker, State.RUNNING)
    waiting = await second.submitter.submit(write(home, "print(1)\n", "b.py"), owner="ada")
    assert (await second.store.get(waiting.id)).state is State.QUEUED
    await second.monitor.cancel(blocker.id, force=True)
    assert (await final(first, blocker)).state is State.CANCELED
    assert (await final(second, waiting)).state is State.COMPLETE


async def test_a_job_that_a_dead_dispatcher_had_claimed_is_started_by_the_next(
    home: Path, opened: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the claim and the start: nobody but the lease tells that the job is nobody's."""
    rooms = await opened(max_workers=1)
    blocker = await rooms.submitter.submit(write(home, "import time; time.sleep(600)\n"), owner="ada")
    await reached(rooms, blocker, State.RUNNING)
    job = await rooms.submitter.submit(write(home, "print('ran')\n", "b.py"), owner="ada")
    store: JobStore = await open_store(home / "data" / "jobs.sqlite")
    dead = Claims(store)
    (claimed,) = await dead.claim(JobQueue(store), within(2), 2)
    assert claimed.id == job.id
    await dead.leave()
    await store.close()
    ended = await final(rooms, job)
    assert (ended.state, ended.attempt) == (State.COMPLETE, 1)
    await rooms.monitor.cancel(blocker.id, force=True)
    await final(rooms, blocker)


async def test_a_claimed_job_that_never_started_can_be_stopped(home: Path, opened: Callable) -> None:
    store = await open_store(home / "data" / "jobs.sqlite")
    claims = Claims(store)
    rooms = await opened(max_workers=1)
    blocker = await rooms.submitter.submit(write(home, "import time; time.sleep(600)\n"), owner="ada")
    await reached(rooms, blocker, State.RUNNING)
    job = await rooms.submitter.submit(write(home, "print('ran')\n", "b.py"), owner="ada")
    await claims.beat()
    await claims.claim(JobQueue(store), within(2), 2)
    await rooms.monitor.cancel(job.id)
    ended = await final(rooms, job)
    assert ended.state is State.CANCELED
    assert b"tombstone" in (rooms.folders.attempt(job.id, 1) / "run.json").read_bytes()
    await rooms.monitor.cancel(blocker.id, force=True)
    await final(rooms, blocker)
    await store.close()


async def test_jobs_run_on_and_the_next_engine_finds_them(home: Path) -> None:
    options = Options(home / "data", None, Slots(2), home / "datachain", prewarm=False)
    text = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('done')\n"
    async with Engine(options) as rooms:
        job = await rooms.submitter.submit(write(home, text), owner="ada")
        await reached(rooms, job, State.RUNNING)
    (home / "go").touch()
    async with Engine(options) as rooms:
        ended = await final(rooms, job)
        assert ended.state is State.COMPLETE
        assert ended.started_at < ended.finished_at
        assert [(row.old, row.new) for row in await rooms.store.history(job.id)][-1] == ("RUNNING", "COMPLETE")


async def test_a_job_that_waits_for_datachain_is_left_to_the_next_engine(home: Path) -> None:
    options = Options(home / "data", None, Slots(2), home / "datachain", prewarm=False)
    async with Engine(options) as rooms:
        await final(rooms, await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada"))
        lock = sqlite3.connect(home / "datachain" / ".datachain" / "db", isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        job = await rooms.submitter.submit(write(home, "print(2)\n"), owner="ada")
        await reached(rooms, job, State.INIT)
    lock.execute("ROLLBACK")
    lock.close()
    async with Engine(options) as rooms:
        assert (await rooms.store.get(job.id)).state is State.INIT
        ended = await final(rooms, job)
    assert (ended.state, ended.attempt) == (State.COMPLETE, 1)


async def test_a_run_that_began_and_ended_unseen(home: Path) -> None:
    """The server was killed in INIT; when the next one starts all is over."""
    options = Options(home / "data", None, Slots(2), home / "datachain", prewarm=False)
    async with Engine(options) as rooms:
        job = await rooms.submitter.submit(write(home, "print('quick')\n"), owner="ada")
        ended = await final(rooms, job)
    with contextlib.closing(sqlite3.connect(home / "data" / "jobs.sqlite")) as database, database:
        database.execute("UPDATE jobs SET state = 'INIT', started_at = NULL, finished_at = NULL, exit_code = NULL")
    async with Engine(options) as rooms:
        again = await final(rooms, job)
    assert (again.state, again.finished_at, again.started_at) == (State.COMPLETE, ended.finished_at, ended.started_at)


async def test_the_folder_deleted_under_a_running_job(opened: Callable, home: Path) -> None:
    rooms = await opened()
    script = write(home, "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n")
    job = await rooms.submitter.submit(script, owner="ada")
    job = await reached(rooms, job, State.RUNNING)
    shutil.rmtree(rooms.folders.folder(job.id))
    ended = await final(rooms, job)
    assert (ended.state, ended.error and ended.error.code) == (State.FAILED, "job_folder_deleted")


async def test_the_supervisor_killed(opened: Callable, home: Path) -> None:
    rooms = await opened()
    job = await rooms.submitter.submit(write(home, "import time; time.sleep(600)\n"), owner="ada")
    job = await reached(rooms, job, State.RUNNING)
    attempt = rooms.folders.attempt(job.id, 1)
    import json

    guard = json.loads((attempt / "run.json").read_text())["guard"]
    (supervisor,) = children(guard)
    os.kill(int(supervisor), signal.SIGKILL)
    ended = await final(rooms, job)
    assert (ended.state, ended.error and ended.error.code) == (State.FAILED, "supervisor_lost")


async def test_an_interpreter_that_cannot_start(opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = await opened()
    script = home / "gone" / "a.py"
    script.parent.mkdir()
    script.write_text("print(1)\n")
    blocker = await rooms.submitter.submit(write(home, "import time; time.sleep(600)\n"), owner="ada")
    await reached(rooms, blocker, State.RUNNING)
    second = await rooms.submitter.submit(write(home, "import time; time.sleep(600)\n", "c.py"), owner="ada")
    await reached(rooms, second, State.RUNNING)
    job = await rooms.submitter.submit(str(script), owner="ada")
    shutil.rmtree(script.parent)
    for other in (blocker, second):
        await rooms.monitor.cancel(other.id, force=True)
    ended = await final(rooms, job)
    assert (ended.state, ended.error and ended.error.code) == (State.FAILED, "start_failed")
    assert ended.error.message
    for other in (blocker, second):
        await final(rooms, other)


async def test_a_data_folder_that_cannot_be_made(home: Path) -> None:
    (home / "file").write_text("x")
    with pytest.raises(JobsError) as caught:
        async with Engine(Options(home / "file" / "data", None, Slots(1))):
            pass
    assert caught.value.code == "data_dir_unwritable"


def test_a_socket_folder_that_others_can_enter_is_refused(home: Path) -> None:
    folder = socket_folder(home / "data")
    assert len(str(folder)) < 80
    folder.chmod(0o777)
    with pytest.raises(JobsError) as caught:
        socket_folder(home / "data")
    assert caught.value.code == "socket_folder_unsafe"


async def test_a_server_with_more_descriptors_than_select_takes(opened: Callable, home: Path) -> None:
    rooms = await opened()
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        job = await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
        assert (await final(rooms, job)).state is State.COMPLETE
    finally:
        for descriptor in held:
            os.close(descriptor)


async def test_a_supervisor_that_is_slow_to_answer_is_not_given_up(
    opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody may see a job FAILED whose script then runs."""
    monkeypatch.setattr("jupyter_datachain_jobs.queue.launch.CLAIM_TIMEOUT_S", 0.0)
    rooms = await opened()
    for _ in range(5):
        ran = home / "ran"
        ran.unlink(missing_ok=True)
        job = await rooms.submitter.submit(write(home, f"open({str(ran)!r}, 'w')\n"), owner="ada")
        ended = await final(rooms, job)
        if ended.state is State.FAILED:
            assert ended.error.code == "start_failed"
            assert json.loads((rooms.folders.attempt(job.id, 1) / "run.json").read_text())["tombstone"]
        assert ran.exists() is (ended.state is State.COMPLETE)


async def test_the_snapshot_deleted_while_the_job_waited(opened: Callable, home: Path) -> None:
    rooms = await opened(max_workers=1)
    blocker = await rooms.submitter.submit(write(home, "import time; time.sleep(600)\n"), owner="ada")
    await reached(rooms, blocker, State.RUNNING)
    job = await rooms.submitter.submit(write(home, "print(1)\n", "b.py"), owner="ada")
    shutil.rmtree(rooms.folders.folder(job.id))
    await rooms.monitor.cancel(blocker.id, force=True)
    ended = await final(rooms, job)
    assert (ended.state, ended.error and ended.error.code) == (State.FAILED, "job_folder_deleted")
    await final(rooms, blocker)


async def test_stop_works_where_the_state_cannot_be_written(
    opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is no excuse: the job that fills it is the one to stop."""
    rooms = await opened()
    job = await rooms.submitter.submit(write(home, "import time; time.sleep(600)\n"), owner="ada")
    await reached(rooms, job, State.RUNNING)
    move = rooms.store.move
    full = JobsError("database_full", "The disk is full.", "Make room.", category=Category.UNAVAILABLE)
    failed: list[State] = []

    async def once(job_id: str, new: State, **changes: object) -> Job:
        if not failed:
            failed.append(new)
            raise full
        return await move(job_id, new, **changes)

    monkeypatch.setattr(rooms.store, "move", once)
    assert (await rooms.monitor.cancel(job.id)).state is State.RUNNING
    assert failed == [State.CANCELING]
    assert (await final(rooms, job)).state is State.CANCELED


async def test_a_failed_read_does_not_end_the_feed(
    opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = await opened()
    changes_since = rooms.store.changes_since
    failures = [OSError("the disk went away"), ValueError("who knows")]

    async def unreliable(seq: int) -> object:
        if failures:
            raise failures.pop()
        return await changes_since(seq)

    monkeypatch.setattr(rooms.store, "changes_since", unreliable)
    monkeypatch.setattr("jupyter_datachain_jobs.store.feed.RETRY_S", 0.01)
    rooms.feed.subscribe(lambda _: 1 / 0)
    job = await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
    assert (await final(rooms, job)).state is State.COMPLETE
    assert not failures


async def test_a_full_database_says_so_and_leaves_nothing_half_made(opened: Callable, home: Path) -> None:
    rooms = await opened()

    @event.listens_for(rooms.store._engine.sync_engine, "checkout")
    def full(connection: Any, *_: object) -> None:
        connection.cursor().execute("PRAGMA max_page_count = 1")

    script = write(home, "print(1)\n" * 1000)
    refusals = []
    while not refusals:
        try:
            await rooms.submitter.submit(script, owner="ada")
        except JobsError as error:
            refusals.append(error.code)
    assert refusals == ["database_full"]
    listed = os.listdir(rooms.folders.jobs)
    assert set(listed) == await rooms.store.known_ids(listed), "a job that was not recorded leaves no folder"


async def test_a_locked_database_says_so(opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_datachain_jobs.store.open.BUSY_TIMEOUT_S", 0.05)
    rooms = await opened()
    lock = sqlite3.connect(home / "data" / "jobs.sqlite", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with pytest.raises(JobsError) as caught:
        await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
    assert (caught.value.code, caught.value.category) == ("database_busy", Category.UNAVAILABLE)
    lock.execute("ROLLBACK")
    lock.close()
    job = await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
    assert (await final(rooms, job)).state is State.COMPLETE


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

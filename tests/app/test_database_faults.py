"""The jobs database held or full. Nothing hangs, and all goes on by itself afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.engine import final, reached, write
from support.server import LiveServer

from jupyter_datachain_jobs.api import Rooms
from jupyter_datachain_jobs.app import Engine, Options
from jupyter_datachain_jobs.domain import JobsError, Slots, State

Opened = Callable[..., Rooms]

UNTIL_GO = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('done')\n"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    package = "jupyter_datachain_jobs"
    monkeypatch.setattr(f"{package}.store.open.BUSY_TIMEOUT_S", 0.3)
    for loop in ("store.feed", "queue.dispatcher", "queue.launch", "monitor.watcher", "monitor.settle"):
        monkeypatch.setattr(f"{package}.{loop}.RETRY_S", 0.1)


@pytest.fixture(params=["write-ahead log", "network"])
def journal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "network":
        monkeypatch.setattr("jupyter_datachain_jobs.upkeep.filesystem.LOCAL", frozenset())
    return str(request.param)


class Held:
    """``with Held(path)``: a program that keeps the database to itself, such as a backup."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)

    def __enter__(self) -> None:
        self._connection.execute("BEGIN EXCLUSIVE")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


def until_free(lock: Path) -> None:
    """Wait until guard and supervisor have let go of it."""
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)


async def told(caplog: pytest.LogCaptureFixture, *wanted: str) -> None:
    """Wait for a log line that has all of `wanted`."""
    loop, came = asyncio.get_running_loop(), asyncio.Event()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            loop.call_soon_threadsafe(came.set)

    logger, ear = logging.getLogger("jupyter_datachain_jobs"), Ear()
    logger.addHandler(ear)
    try:
        async with asyncio.timeout(60):
            while not any(all(word in line for word in wanted) for line in caplog.messages):
                await came.wait()
                came.clear()
    finally:
        logger.removeHandler(ear)


@pytest.mark.usefixtures("impatient")
async def test_all_goes_on_after_the_database_was_held(
    opened: Opened, home: Path, journal: str, caplog: pytest.LogCaptureFixture
) -> None:
    rooms = await opened(max_workers=1)
    running = await rooms.submitter.submit(write(home, UNTIL_GO), owner="ada")
    waiting = await rooms.submitter.submit(write(home, "print(1)\n", "b.py"), owner="ada")
    await reached(rooms, running, State.RUNNING)
    seen: list[str] = []
    rooms.feed.subscribe(lambda event: seen.append(f"{event.job.id} {event.job.state}"))
    folders = set(os.listdir(rooms.folders.jobs))
    with Held(home / "data" / "jobs.sqlite"):
        with pytest.raises(JobsError) as caught:
            await rooms.submitter.submit(write(home, "print(2)\n", "c.py"), owner="ada")
        assert caught.value.code == "database_busy"
        assert set(os.listdir(rooms.folders.jobs)) == folders, "nothing is half made"
        if journal == "network":
            with pytest.raises(JobsError, match="locked"):
                await rooms.store.get(running.id)
        else:
            assert (await rooms.store.get(running.id)).state is State.RUNNING
        (home / "go").touch()
        await told(caplog, "action=watch", running.id, "database_busy")
    for job in (running, waiting, await rooms.submitter.submit(write(home, "print(2)\n", "c.py"), owner="ada")):
        ended = await final(rooms, job)
        assert (ended.state, ended.attempt) == (State.COMPLETE, 1)
        assert f"{job.id} COMPLETE" in seen
    async with asyncio.timeout(60):
        while await rooms.store.unsettled(rooms.server_id):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("impatient")
async def test_a_start_is_seen_although_the_database_was_held_meanwhile(
    opened: Opened, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The supervisor says it once; what could not be recorded must not be lost."""
    rooms = await opened()
    await final(rooms, await rooms.submitter.submit(write(home, "print(1)\n", "a.py"), owner="ada"))
    datachain = sqlite3.connect(home / "datachain" / ".datachain" / "db", isolation_level=None)
    datachain.execute("BEGIN EXCLUSIVE")
    job = await rooms.submitter.submit(write(home, UNTIL_GO), owner="ada")
    await reached(rooms, job, State.INIT)
    with Held(home / "data" / "jobs.sqlite"):
        datachain.execute("ROLLBACK")
        datachain.close()
        await told(caplog, "action=watch", job.id, "database_busy")
    await reached(rooms, job, State.RUNNING)
    (home / "go").touch()
    assert (await final(rooms, job)).state is State.COMPLETE


@pytest.mark.usefixtures("impatient")
async def test_a_job_that_was_about_to_start_is_not_failed(
    opened: Opened, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("jupyter_datachain_jobs.upkeep.filesystem.LOCAL", frozenset())
    rooms = await opened()
    await final(rooms, await rooms.submitter.submit(write(home, "print(1)\n", "a.py"), owner="ada"))
    datachain = sqlite3.connect(home / "datachain" / ".datachain" / "db", isolation_level=None)
    datachain.execute("BEGIN EXCLUSIVE")
    job = await rooms.submitter.submit(write(home, "print(2)\n"), owner="ada")
    await reached(rooms, job, State.INIT)
    with Held(home / "data" / "jobs.sqlite"):
        datachain.execute("ROLLBACK")
        datachain.close()
        await told(caplog, "action=launch", job.id, "database_busy")
    ended = await final(rooms, job)
    assert (ended.state, ended.attempt) == (State.COMPLETE, 1)


@pytest.mark.usefixtures("impatient")
async def test_an_engine_closes_while_the_database_is_held(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = Engine(Options(home / "data", None, Slots(1), home / "datachain", prewarm=False))
    rooms = await engine.__aenter__()
    await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
    with Held(home / "data" / "jobs.sqlite"):
        async with asyncio.timeout(30):
            await engine.__aexit__(None, None, None)


def test_a_server_that_starts_while_the_database_is_held_says_so_and_goes_on(
    new_server: Callable[..., LiveServer],
) -> None:
    server = new_server()
    (server.home / "config" / "jupyter_server_config.py").write_text(
        "import jupyter_datachain_jobs.app.extension, jupyter_datachain_jobs.store.open\n"
        "jupyter_datachain_jobs.app.extension.RETRY_S = 0.2\n"
        "jupyter_datachain_jobs.store.open.BUSY_TIMEOUT_S = 0.1\n"
    )
    server.start()
    server.stop()
    with Held(server.data_dir / "jobs.sqlite"):
        server.start(until=lambda status: status.status == 503 and status.body["code"] == "database_busy")
    server.until(lambda status: status.status == 200)
    assert server.wait(server.submit("print(1)\n")["id"])["state"] == "COMPLETE"


@pytest.fixture
def disk(home: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a small disk as the data folder."""
    folder = home / "data"
    folder.mkdir(mode=0o700)

    def mount(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"{options},mode=700", "dcj", str(folder)]
        if os.getuid() or subprocess.run(command, check=False).returncode:
            pytest.skip("needs to mount a file system")
        return folder

    yield mount
    subprocess.run(["umount", "-l", folder], check=False, stderr=subprocess.DEVNULL)


async def test_a_full_disk(opened: Opened, home: Path, disk: Callable[[str], Path], impatient: None) -> None:
    folder = disk("size=8m")
    rooms = await opened()
    running = await rooms.submitter.submit(write(home, UNTIL_GO), owner="ada")
    await reached(rooms, running, State.RUNNING)
    fill(folder)
    refusals: list[str] = []
    while not refusals:  # where the write-ahead log has room left, some still go in
        try:
            await rooms.submitter.submit(write(home, "print(1)\n", "b.py"), owner="ada")
        except JobsError as error:
            refusals.append(error.code)
    assert refusals[0] in ("database_full", "data_dir_unwritable")
    assert (await rooms.store.get(running.id)).state is State.RUNNING
    (home / "go").touch()
    async with asyncio.timeout(60):
        await asyncio.to_thread(until_free, rooms.folders.lock(running.id, 1))
    (folder / "filler").unlink()
    ended = await final(rooms, running)
    assert (ended.state, ended.exit_code) == (State.COMPLETE, 0)
    job = await rooms.submitter.submit(write(home, "print(1)\n", "b.py"), owner="ada")
    assert (await final(rooms, job)).state is State.COMPLETE


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)

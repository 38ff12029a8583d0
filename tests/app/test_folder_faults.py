"""Files of jobs that somebody deleted or damaged: each case has its end and its sentence, and no door breaks."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.engine import final, reached, write

from jupyter_datachain_jobs.api import Raw, Rooms, ask
from jupyter_datachain_jobs.domain import Job, JobsError, State

#: Runs until the file beside the script is there.
UNTIL = """
import os, time
print("runs", flush=True)
while not os.path.exists({flag!r}):
    time.sleep(0.02)
"""


async def done(rooms: Rooms, home: Path, text: str = "print('hello')\n") -> Job:
    return await final(rooms, await rooms.submitter.submit(write(home, text), owner="ada"))


async def running(rooms: Rooms, home: Path) -> tuple[Job, Path]:
    flag = home / "end"
    job = await rooms.submitter.submit(write(home, UNTIL.format(flag=str(flag))), owner="ada")
    return await reached(rooms, job, State.RUNNING), flag


async def at(rooms: Rooms, verb: str, door: str, job: Job, **more: Any) -> Any:
    return await ask(rooms, "ada", verb, door, {"job": job.id}, **more)


async def refused(rooms: Rooms, verb: str, door: str, job: Job) -> str:
    with pytest.raises(JobsError) as caught:
        await at(rooms, verb, door, job)
    assert caught.value.hint
    return caught.value.code


async def test_the_folder_of_a_final_job_deleted(opened: Callable, home: Path) -> None:
    rooms = await opened()
    job = await done(rooms, home)
    shutil.rmtree(rooms.folders.folder(job.id))
    log = await at(rooms, "GET", "jobs/{job}/log", job)
    assert isinstance(log, Raw)
    assert (log.content, log.headers["X-Log-Size"], log.headers["X-Log-Complete"]) == (b"", "0", "true")
    assert (await at(rooms, "GET", "jobs/{job}/log/lines", job))["total_lines"] == 0
    assert await refused(rooms, "GET", "jobs/{job}/script", job) == "job_folder_deleted"
    assert await refused(rooms, "POST", "jobs/{job}/rerun", job) == "job_folder_deleted"
    assert (await at(rooms, "GET", "jobs/{job}", job))["state"] == "COMPLETE"
    assert (await at(rooms, "GET", "jobs/{job}/datasets", job))["items"] == []
    assert (await at(rooms, "DELETE", "jobs/{job}", job))["removed"]["files"] == 0
    assert await refused(rooms, "GET", "jobs/{job}", job) == "job_not_found"


async def test_the_folder_replaced_by_a_file(opened: Callable, home: Path) -> None:
    rooms = await opened()
    job = await done(rooms, home)
    folder = rooms.folders.folder(job.id)
    shutil.rmtree(folder)
    folder.write_text("what is this")
    assert (await at(rooms, "GET", "jobs/{job}/log", job)).content == b""
    assert await refused(rooms, "GET", "jobs/{job}/script", job) == "job_folder_deleted"
    assert await refused(rooms, "POST", "jobs/{job}/rerun", job) == "job_folder_deleted"
    await at(rooms, "DELETE", "jobs/{job}", job)
    assert not folder.exists()


async def test_the_folder_of_a_queued_job_deleted_and_the_job_stopped(opened: Callable, home: Path) -> None:
    rooms = await opened(max_workers=1)
    blocker, flag = await running(rooms, home)
    job = await rooms.submitter.submit(write(home, "print(1)\n", "b.py"), owner="ada")
    shutil.rmtree(rooms.folders.folder(job.id))
    assert await refused(rooms, "GET", "jobs/{job}/script", job) == "job_folder_deleted"
    assert (await at(rooms, "POST", "jobs/{job}/cancel", job))["state"] == "CANCELED"
    assert (await at(rooms, "DELETE", "jobs/{job}", job))["removed"]["files"] == 0
    flag.touch()
    await final(rooms, blocker)


async def test_the_folder_of_a_running_job_deleted(opened: Callable, home: Path) -> None:
    rooms = await opened()
    job, _ = await running(rooms, home)
    shutil.rmtree(rooms.folders.folder(job.id))
    assert (await at(rooms, "GET", "jobs/{job}/log", job)).content == b""
    ended = await final(rooms, job)
    assert (ended.state, ended.error and ended.error.code) == (State.FAILED, "job_folder_deleted")
    assert (await at(rooms, "GET", "jobs/{job}/attempts", ended))["items"][0]["error"]["code"] == "job_folder_deleted"
    await at(rooms, "DELETE", "jobs/{job}", ended)


async def test_all_folders_deleted(opened: Callable, home: Path) -> None:
    rooms = await opened()
    job = await done(rooms, home)
    shutil.rmtree(rooms.folders.jobs)
    disk = await ask(rooms, "ada", "GET", "disk")
    assert (disk["recorded"], disk["folders"], disk["logs"], disk["biggest"]) == (1, 0, 0, [])
    await at(rooms, "DELETE", "jobs/{job}", job)
    with pytest.raises(JobsError) as caught:
        await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
    assert caught.value.code == "data_dir_unwritable"


@pytest.mark.parametrize("content", ["", '{"id": "', "[]", "\0" * 512])
async def test_half_a_job_file(opened: Callable, home: Path, content: str) -> None:
    """It is a note for people: the database holds what counts."""
    rooms = await opened()
    job, flag = await running(rooms, home)
    (rooms.folders.folder(job.id) / "job.json").write_text(content)
    flag.touch()
    assert (await final(rooms, job)).state is State.COMPLETE
    again = await at(rooms, "POST", "jobs/{job}/rerun", job)
    assert (await rooms.monitor.until_final(again["id"])).state is State.COMPLETE
    assert (await at(rooms, "DELETE", "jobs/{job}", job))["removed"]["files"] > 3


@pytest.mark.parametrize("content", ["", '{"exit_co', "[]", "\0" * 512])
async def test_half_an_exit_file(opened: Callable, home: Path, content: str) -> None:
    """While the supervisor lives, its own end comes later and counts; a killed one is told as killed."""
    rooms = await opened()
    job, flag = await running(rooms, home)
    exit_file = rooms.folders.attempt(job.id, 1) / "exit.json"
    exit_file.write_text(content)
    rooms.monitor.wake(job.id)
    assert (await at(rooms, "GET", "jobs/{job}", job))["state"] == "RUNNING"
    flag.touch()
    assert (await final(rooms, job)).state is State.COMPLETE
    assert json.loads(exit_file.read_text())["exit_code"] == 0

    flag.unlink()
    job, flag = await running(rooms, home)
    attempt = rooms.folders.attempt(job.id, 1)
    (attempt / "exit.json").write_text(content)
    for pid in _supervisors(json.loads((attempt / "run.json").read_text())["guard"]):
        os.kill(pid, signal.SIGKILL)
    ended = await final(rooms, job)
    assert (ended.state, ended.error and ended.error.code) in (
        (State.FAILED, "supervisor_lost"),
        (State.FAILED, "killed_by_signal"),
    )
    assert ended.error is not None
    assert ended.error.hint


def _supervisors(guard: int) -> list[int]:
    """The guard, which would record the end, first."""
    children = Path(f"/proc/{guard}/task/{guard}/children").read_text().split()
    return [guard, *map(int, children)]


async def test_half_an_event(opened: Callable, home: Path) -> None:
    rooms = await opened()
    job, flag = await running(rooms, home)
    events = rooms.folders.attempt(job.id, 1) / "events.jsonl"
    with events.open("ab") as file:
        file.write(b'{"seq": 9, "t": 1')
    flag.touch()
    assert (await final(rooms, job)).state is State.COMPLETE
    events.write_bytes(b'{"seq"')
    assert b"runs" in (await at(rooms, "GET", "jobs/{job}/log", job)).content
    await at(rooms, "DELETE", "jobs/{job}", job)


async def test_files_that_cannot_be_read(opened: Callable, home: Path) -> None:
    rooms = await opened()
    job = await done(rooms, home)
    script = rooms.folders.script(job.id)
    script.unlink()
    script.mkdir()
    assert await refused(rooms, "GET", "jobs/{job}/script", job) == "job_folder_deleted"
    assert await refused(rooms, "POST", "jobs/{job}/rerun", job) == "job_folder_deleted"


async def test_a_folder_that_cannot_be_removed(opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job is deleted all the same: its folder is left to the sweep."""
    rooms = await opened()
    job = await done(rooms, home)

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "rename", refuse)
    assert (await at(rooms, "DELETE", "jobs/{job}", job))["removed"]["files"] == 0
    assert await refused(rooms, "GET", "jobs/{job}", job) == "job_not_found"
    monkeypatch.undo()
    folder = rooms.folders.folder(job.id)
    os.utime(folder, (0, 0))
    assert rooms.folders.sweep(set()) == 1
    assert not folder.exists()

"""What goes wrong with the disk: each fault is said once and clearly, and nothing else suffers."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.engine import final, reached, write

from jupyter_datachain_jobs.api import Rooms, ask
from jupyter_datachain_jobs.app import Engine, Options
from jupyter_datachain_jobs.domain import Category, JobsError, Slots, State


def options(home: Path) -> Options:
    return Options(home / "data", None, Slots(2), home / "datachain", prewarm=False)


@pytest.fixture
def on_nfs(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has `home/data` look like an NFS mount with these options."""

    def mount(mount_options: str) -> None:
        mountinfo = home / "mountinfo"
        mountinfo.write_text(
            f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {home / 'data'} rw - nfs4 server:/home {mount_options}\n"
        )
        monkeypatch.setattr("jupyter_datachain_jobs.upkeep.filesystem.MOUNTINFO", mountinfo)
        monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))

    return mount


async def test_several_engines_over_a_network_folder(
    opened: Callable, home: Path, on_nfs: Callable[[str], None]
) -> None:
    on_nfs("rw,local_lock=none")
    first, second = await opened(), await opened()
    script = write(home, f"open({str(home / 'ran')!r}, 'a').write('x')\n")
    jobs = [await (first, second)[i % 2].submitter.submit(script, owner="ada") for i in range(8)]
    for i, job in enumerate(jobs):
        assert (await final((second, first)[i % 2], job)).state is State.COMPLETE
    assert (home / "ran").read_text() == "x" * 8
    assert not [name for name in os.listdir(home / "data") if name.endswith(("-wal", "-shm"))]
    assert first.notices == ()


async def test_where_locks_do_not_work_jobs_are_kept_on_this_machine(home: Path, on_nfs: Callable[[str], None]) -> None:
    on_nfs("rw,nolock")
    async with Engine(options(home)) as rooms:
        job = await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
        assert (await final(rooms, job)).state is State.COMPLETE
        assert rooms.data_dir.parent == home / "state"
        assert os.listdir(home / "data") == []
        status = await ask(rooms, "ada", "GET", "status")
    [notice] = status["notices"]
    assert notice["code"] == "state_moved"
    assert str(rooms.data_dir) in notice["message"]
    async with Engine(options(home)) as rooms:
        assert (await rooms.store.get(job.id)).state is State.COMPLETE, "the next start finds the same place"


#: Starts an engine over a data folder that a read-only mount covers, in a mount namespace of its own.
READ_ONLY = """
import asyncio, sys
from pathlib import Path
from jupyter_datachain_jobs.app import Engine, Options
from jupyter_datachain_jobs.domain import JobsError, Slots
async def main():
    try:
        async with Engine(Options(Path(sys.argv[1]), None, Slots(1), prewarm=False)):
            print("opened")
    except JobsError as error:
        print(error.code, bool(error.hint))
asyncio.run(main())
"""


@pytest.mark.parametrize("used", [False, True])
async def test_a_read_only_data_folder_is_refused_at_the_start(home: Path, used: bool) -> None:
    data = home / "data"
    if used:
        async with Engine(options(home)):
            pass
    else:
        data.mkdir()
    command = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" -c "$3" "$1"'
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare")

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [unshare, "-rm", "sh", "-c", command, "sh", str(data), sys.executable, READ_ONLY],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    ran = await asyncio.to_thread(run)
    if "unshare:" in ran.stderr or "mount:" in ran.stderr:
        pytest.skip(f"no mounts here: {ran.stderr}")
    assert ran.stdout.strip() in ("data_dir_unwritable True", "database_unusable True"), ran


async def test_a_database_that_another_process_holds_for_long(
    opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup of half a minute: reads go on, writes are refused, and all goes on when it ends."""
    monkeypatch.setattr("jupyter_datachain_jobs.store.open.BUSY_TIMEOUT_S", 0.3)
    rooms = await opened()
    script = write(home, f"import os, time\nwhile not os.path.exists({str(home / 'go')!r}): time.sleep(0.01)\n")
    running = await rooms.submitter.submit(script, owner="ada")
    await reached(rooms, running, State.RUNNING)
    lock = sqlite3.connect(home / "data" / "jobs.sqlite", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    (home / "go").touch()
    while time.monotonic() - began < 3.0:
        asked = time.monotonic()
        assert (await rooms.store.get(running.id)).state is State.RUNNING
        assert (await rooms.store.page()).items
        assert time.monotonic() - asked < 0.25, "reads do not wait for a writer"
        with pytest.raises(JobsError) as caught:
            await rooms.submitter.submit(script, owner="ada")
        assert (caught.value.code, caught.value.category) == ("database_busy", Category.UNAVAILABLE)
        listed = os.listdir(rooms.folders.jobs)
        assert listed == [running.id], "a job that was refused leaves nothing"
    lock.execute("ROLLBACK")
    lock.close()
    assert (await final(rooms, running)).state is State.COMPLETE
    job = await rooms.submitter.submit(script, owner="ada")
    assert (await final(rooms, job)).state is State.COMPLETE


async def test_a_database_that_is_none(home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "jobs.sqlite").write_bytes(os.urandom(50_000))
    with pytest.raises(JobsError) as caught:
        async with Engine(options(home)):
            pass
    assert caught.value.code == "database_unusable"
    assert "move it away" in caught.value.hint


async def test_a_database_with_damaged_pages(home: Path) -> None:
    async with Engine(options(home)) as rooms:
        job = await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
        await final(rooms, job)
    path = home / "data" / "jobs.sqlite"
    content = bytearray(path.read_bytes())
    # All but the first page, which holds the header and the schema.
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(JobsError) as caught:
        async with Engine(options(home)) as rooms:
            await rooms.store.get(job.id)
    assert caught.value.code == "database_unusable"
    assert (home / "data" / "jobs" / job.id / "attempts" / "1" / "exit.json").exists(), "the files are left alone"
    path.unlink()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    async with Engine(options(home)) as rooms:
        again = await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
        assert (await final(rooms, again)).state is State.COMPLETE, "moved away, a new one is made"


async def test_damage_in_datachains_database_stays_there(opened: Callable, home: Path) -> None:
    rooms = await opened()
    text = "import datachain as dc\ndc.read_values(n=[1]).save('made')\n"
    job = await rooms.submitter.submit(write(home, text), owner="ada")
    assert (await final(rooms, job)).state is State.COMPLETE
    [made] = (await ask(rooms, "ada", "GET", "jobs/{job}/datasets", {"job": job.id}))["items"]
    database = sqlite3.connect(home / "datachain" / ".datachain" / "db")
    database.execute("update datasets_versions set num_objects = 'many' where uuid = ?", (made["uuid"],))
    database.commit()
    database.close()
    with pytest.raises(JobsError) as caught:
        await ask(rooms, "ada", "GET", "jobs/{job}/datasets", {"job": job.id})
    assert caught.value.code == "dataset_unreadable"
    assert (await ask(rooms, "ada", "GET", "jobs/{job}", {"job": job.id}))["state"] == "COMPLETE"
    more = await rooms.submitter.submit(write(home, "print(2)\n", "b.py"), owner="ada")
    assert (await final(rooms, more)).state is State.COMPLETE


async def test_the_folder_of_an_ended_job_deleted(opened: Callable, home: Path) -> None:
    rooms = await opened()
    job = await rooms.submitter.submit(write(home, "print(1)\n"), owner="ada")
    await final(rooms, job)
    shutil.rmtree(rooms.folders.folder(job.id))
    assert (await ask(rooms, "ada", "GET", "jobs/{job}", {"job": job.id}))["state"] == "COMPLETE"
    assert (await ask(rooms, "ada", "GET", "jobs/{job}/log", {"job": job.id})).content == b""
    for verb, route in (("GET", "jobs/{job}/script"), ("POST", "jobs/{job}/rerun")):
        with pytest.raises(JobsError) as caught:
            await ask(rooms, "ada", verb, route, {"job": job.id})
        assert caught.value.code == "job_folder_deleted"
    gone = await ask(rooms, "ada", "DELETE", "jobs/{job}", {"job": job.id})
    assert gone["removed"] == {"files": 0, "bytes": 0, "log_bytes": 0, "snapshot_bytes": 0, "datasets": []}


async def test_files_that_a_power_cut_left_half_written(home: Path) -> None:
    """The server is away, guard and supervisor die, and what they wrote last is cut off."""
    async with Engine(options(home)) as rooms:
        script = write(home, "import time\nprint('here', flush=True)\ntime.sleep(600)\n")
        job = await rooms.submitter.submit(script, owner="ada")
        await reached(rooms, job, State.RUNNING)
        attempt = rooms.folders.attempt(job.id, 1)
    run = json.loads((attempt / "run.json").read_text())
    for pid in (run["guard"], run["supervisor"]) if "supervisor" in run else (run["guard"],):
        os.kill(pid, signal.SIGSTOP)
    for pid in sorted(_tree(run["guard"]), reverse=True):
        os.kill(pid, signal.SIGKILL)
    (attempt / "exit.json").write_text('{"reason": "exi')
    with (attempt / "events.jsonl").open("ab") as events:
        events.write(b'{"seq": 999, "type": "sam')
    (attempt.parents[1] / "job.json").write_text("{")
    async with Engine(options(home)) as rooms:
        ended = await final(rooms, job)
        assert (ended.state, ended.error and ended.error.code) == (State.FAILED, "supervisor_lost")
        assert b"here" in (await ask(rooms, "ada", "GET", "jobs/{job}/log", {"job": job.id})).content
        await _deleted(rooms, job.id)


async def _deleted(rooms: Rooms, job_id: str) -> None:
    gone = await ask(rooms, "ada", "DELETE", "jobs/{job}", {"job": job_id})
    assert gone["removed"]["files"] > 3
    assert os.listdir(rooms.folders.jobs) == []


def _tree(pid: int) -> set[int]:
    found = {pid}
    for thread in os.listdir(f"/proc/{pid}/task"):
        for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split():
            found |= _tree(int(child))
    return found

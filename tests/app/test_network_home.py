"""Servers and commands whose data folder is on a network file system. Only what the kernel says of it is faked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from support.engine import write
from support.server import LiveServer


def mounts(home: Path, folder: Path, options: str) -> Path:
    path = home / "mountinfo"
    path.write_text(f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {folder} rw - nfs4 server:/ {options}\n")
    return path


RACE = """
import asyncio, sys
from pathlib import Path
from jupyter_datachain_jobs.app import Engine, Options
from jupyter_datachain_jobs.domain import Slots
from jupyter_datachain_jobs.upkeep import filesystem

async def main(home):
    filesystem.MOUNTINFO = home / "mountinfo"
    async with Engine(Options(home / "data", None, Slots(2), home / "datachain", prewarm=False)) as rooms:
        heard = set()
        rooms.feed.subscribe(lambda event: heard.add(event.job.id))
        changed = asyncio.Event()
        rooms.feed.subscribe(lambda _: changed.set())
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for _ in range(4):
            await rooms.submitter.submit(str(home / "script.py"), owner="ada")
        print("submitted", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        jobs = [await rooms.monitor.until_final(job.id) for job in (await rooms.store.page()).items]
        until = await rooms.store.seq()
        while rooms.feed.seq < until:
            await changed.wait()
            changed.clear()
        print(len(heard), *(f"{job.state.value}.{job.attempt}" for job in jobs), flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main(Path(sys.argv[1])))
"""


def test_two_servers_without_a_write_ahead_log(home: Path) -> None:
    mounts(home, home / "data", "rw,local_lock=none")
    write(home, f"open({str(home / 'ran')!r}, 'a').write('x')\n")
    command = [sys.executable, "-c", RACE, str(home)]
    servers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        assert ask(servers) == ["open"] * 2
        assert ask(servers, "submit") == ["submitted"] * 2
        assert ask(servers, "wait") == [" ".join(["8", *["COMPLETE.1"] * 8])] * 2
        assert not {"jobs.sqlite-wal", "jobs.sqlite-shm"} & set(os.listdir(home / "data"))
        for server in servers:
            server.communicate("end\n", timeout=60)
            assert server.returncode == 0
    finally:
        for server in servers:
            server.kill()
            server.wait()
    assert (home / "ran").read_text() == "x" * 8


def ask(servers: list[subprocess.Popen[str]], word: str = "") -> list[str]:
    """Say `word` to all, then read a line of each."""
    for server in servers:
        assert server.stdin is not None
        if word:
            server.stdin.write(f"{word}\n")
            server.stdin.flush()
    return [server.stdout.readline().strip() for server in servers if server.stdout is not None]


def test_server_and_command_meet_in_the_same_place_and_say_so(new_server: Callable[..., LiveServer]) -> None:
    server = new_server()
    state = server.home / "state"
    state.mkdir(mode=0o700)
    server.env["XDG_STATE_HOME"] = str(state)
    (server.home / "config" / "jupyter_server_config.py").write_text(
        "from pathlib import Path\n"
        "from jupyter_datachain_jobs.upkeep import filesystem\n"
        f"filesystem.MOUNTINFO = Path({str(mounts(server.home, server.data_dir, 'rw,nolock'))!r})\n"
    )
    server.start()
    job = server.wait(server.submit("print('here')\n")["id"])
    (notice,) = server.request("GET", "status").body["notices"]
    assert notice["code"] == "state_moved"
    assert "code=state_moved" in server.log()
    (folder,) = state.iterdir()
    assert str(folder) in notice["message"]
    assert list(server.data_dir.iterdir()) == []
    _listed(server, job["id"], notice["message"])
    server.stop()
    _listed(server, job["id"], notice["message"])
    server.start()
    assert server.job(job["id"])["state"] == "COMPLETE"


def _listed(server: LiveServer, job_id: str, notice: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "jupyter_datachain_jobs", "ls", "--json"],
        env=server.env,
        cwd=server.root_dir,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert [each["id"] for each in json.loads(told.stdout)] == [job_id]
    assert told.stderr.count(notice) == 1

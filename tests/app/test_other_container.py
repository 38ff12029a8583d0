"""A server in another PID namespace over the same folder, as in a second container: pids mean nothing to it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.engine import PATIENCE_S, final, reached, write

from jupyter_datachain_jobs.api import Rooms
from jupyter_datachain_jobs.domain import State

UNSHARE = ("unshare", "--pid", "--fork", "--mount-proc")

#: Follows the log of a job until it says "ready", stops the job, and tells what it saw.
ELSEWHERE = """
import asyncio, json, os, sys
from pathlib import Path
from jupyter_datachain_jobs.api import ask
from jupyter_datachain_jobs.app import Engine, Options
from jupyter_datachain_jobs.domain import Slots, State

async def main(home, job_id, pid):
    async with Engine(Options(home / "data", None, Slots(2), home / "datachain", prewarm=False)) as rooms:
        # Long enough for a watcher that believed pids to have given the job up.
        for _ in range(20):
            await asyncio.sleep(0.05)
            job = await rooms.store.get(job_id)
            assert job.state is State.RUNNING, job
        log = b""
        while b"ready" not in log:
            await rooms.monitor.wait_log(job, len(log))
            log = (await ask(rooms, "ada", "GET", "jobs/{job}/log", {"job": job_id})).content
        await rooms.monitor.cancel(job_id)
        ended = await rooms.monitor.until_final(job_id)
        print(json.dumps([ended.state.value, log.decode(), os.path.exists(f"/proc/{pid}")]))

asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
"""

POLITE = """
import time
try:
    print("ready", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("stopped", flush=True)
    raise
"""


@pytest.fixture
def elsewhere(home: Path) -> Callable[..., list[str]]:
    tried = subprocess.run([*UNSHARE, "true"], check=False, capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"no PID namespaces here: {tried.stderr.strip()}")
    return lambda *words: [*UNSHARE, sys.executable, "-c", ELSEWHERE, str(home), *words]


@pytest.mark.parametrize("by", ["socket", "file"])
async def test_it_sees_the_job_alive_reads_its_log_and_stops_it(
    opened: Callable, home: Path, elsewhere: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    rooms: Rooms = await opened()
    job = await rooms.submitter.submit(write(home, POLITE), owner="ada")
    await reached(rooms, job, State.RUNNING)
    run = json.loads((rooms.folders.attempt(job.id, 1) / "run.json").read_text())
    assert run["guard"] > 100, "or it could be one of the few that the other namespace has"
    if by == "file":
        # Containers share the data folder, but not where the sockets are.
        (home / "other").mkdir(mode=0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "other"))
    server = await asyncio.create_subprocess_exec(
        *elsewhere(job.id, str(run["guard"])), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, errors = await asyncio.wait_for(server.communicate(), PATIENCE_S)
    assert server.returncode == 0, errors.decode()
    state, log, seen = json.loads(out)
    assert (state, log, seen) == ("CANCELED", "ready\n", False)
    ended = await final(rooms, job)
    assert (ended.state, ended.attempt) == (State.CANCELED, 1)

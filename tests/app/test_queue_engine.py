"""The queue with everything behind it: retries, timeouts, priorities, stops, over real processes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.engine import final, reached, write

from jupyter_datachain_jobs.api import ask
from jupyter_datachain_jobs.domain import CannotResume, Job, Retries, RunSettings, Slots, State
from jupyter_datachain_jobs.monitor import Settler
from jupyter_datachain_jobs.monitor import monitor as monitor_module
from jupyter_datachain_jobs.queue import dispatcher as dispatcher_module
from jupyter_datachain_jobs.store import Claims, now
from jupyter_datachain_jobs.supervisor import sweep

COUNTS_UP = """
from pathlib import Path
tries = Path("tries")
count = int(tries.read_text()) + 1 if tries.exists() else 1
tries.write_text(str(count))
print("attempt", count)
raise SystemExit(0 if count == 3 else count)
"""

#: `datachain.data_storage.JobStatus.COMPLETE`.
COMPLETE = 5

IGNORES_INT = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True: time.sleep(600)
"""


async def test_a_failing_job_is_tried_again_until_it_succeeds(opened: Callable, home: Path) -> None:
    rooms = await opened()
    settings = RunSettings(retries=Retries(count=5, backoff=0.05))
    job = await rooms.submitter.submit(write(home, COUNTS_UP), owner="ada", settings=settings)
    ended = await final(rooms, job)
    assert (ended.state, ended.attempt, ended.exit_code, ended.error) == (State.COMPLETE, 3, 0, None)
    attempts = await rooms.store.attempts(job.id)
    assert [each.exit_code for each in attempts] == [1, 2, 0]
    assert [each.error and each.error.code for each in attempts] == ["exit_code", "exit_code", None]
    for number, each in enumerate(attempts, 1):
        assert each.queued_at
        assert each.started_at
        assert each.finished_at
        assert each.queued_at <= each.claimed_at <= each.started_at <= each.finished_at
        log = (rooms.folders.attempt(job.id, number) / "output.log").read_bytes()
        assert log.startswith(f"attempt {number}\n".encode())
        assert each.log_size == len(log)
    moves = [row.new for row in await rooms.store.history(job.id)]
    assert moves == ["CREATED", "QUEUED", *["INIT", "RUNNING", "QUEUED"] * 2, "INIT", "RUNNING", "COMPLETE"]


async def test_retries_come_to_an_end(opened: Callable, home: Path) -> None:
    rooms = await opened()
    settings = RunSettings(retries=Retries(count=1, backoff=0, on=("exit_code",)))
    job = await rooms.submitter.submit(write(home, "raise SystemExit(7)\n"), owner="ada", settings=settings)
    ended = await final(rooms, job)
    assert (ended.state, ended.attempt, ended.exit_code) == (State.FAILED, 2, 7)
    other = await rooms.submitter.submit(write(home, "1 / 0\n"), owner="ada", settings=settings)
    assert (await final(rooms, other)).attempt == 1, "a script_error is not among the codes"


async def test_waiting_for_the_next_attempt_frees_the_slots_and_can_be_stopped(opened: Callable, home: Path) -> None:
    rooms = await opened(max_workers=1)
    settings = RunSettings(retries=Retries(count=1, backoff=3000))
    job = await rooms.submitter.submit(write(home, "raise SystemExit(7)\n"), owner="ada", settings=settings)
    waiting = await reached(rooms, job, State.QUEUED, attempt=1)
    assert waiting.not_before is not None
    other = await rooms.submitter.submit(write(home, "print(1)\n", "b.py"), owner="ada")
    assert (await final(rooms, other)).state is State.COMPLETE
    assert (await rooms.waits.of(job.id)).hold == "backoff"
    stopped = await rooms.monitor.cancel(job.id)
    assert (stopped.state, stopped.attempt) == (State.CANCELED, 1)
    assert (await rooms.store.attempts(job.id))[0].exit_code == 7


async def test_a_timeout_stops_the_code_and_says_so(opened: Callable, home: Path) -> None:
    rooms = await opened()
    script = write(home, "import time\nprint('begun', flush=True)\ntime.sleep(600)\n")
    job = await rooms.submitter.submit(script, owner="ada", settings=RunSettings(timeout=0.3))
    ended = await final(rooms, job)
    assert ended.state is State.FAILED
    assert ended.error is not None
    assert ended.error.code == "timeout"
    assert ended.error.message == "The script ran longer than its timeout of 0.3 s, and was stopped."
    assert ended.report is not None
    assert [each["signal"] for each in ended.report["cancel"]["signals"]] == ["SIGINT"]
    log = (rooms.folders.attempt(job.id, 1) / "output.log").read_text()
    assert "The timeout of this job is over: SIGINT sent" in log


async def test_a_killed_attempt_is_tried_again(opened: Callable, home: Path) -> None:
    """Guard and supervisor both killed: a server finds the loss, and queues the job again."""
    rooms = await opened()
    text = (
        "from pathlib import Path\nimport time\nif Path('once').exists(): print('second')\n"
        "else:\n    Path('once').touch()\n    print('first', flush=True)\n    time.sleep(600)\n"
    )
    settings = RunSettings(retries=Retries(count=1, backoff=0, on=("supervisor_lost",)))
    job = await rooms.submitter.submit(write(home, text), owner="ada", settings=settings)
    running = await reached(rooms, job, State.RUNNING)
    await rooms.monitor.wait_log(running, 0)
    kill_supervisor(rooms.folders.attempt(job.id, 1))
    ended = await final(rooms, job)
    assert (ended.state, ended.attempt) == (State.COMPLETE, 2)
    assert not sweep.find(f"{job.id}.1")


def kill_supervisor(attempt: Path) -> None:
    guard = json.loads((attempt / "run.json").read_text())["guard"]
    (supervisor,) = Path(f"/proc/{guard}/task/{guard}/children").read_text().split()
    for pid in (guard, int(supervisor)):
        os.kill(pid, signal.SIGKILL)


async def test_priority_decides_who_is_next(opened: Callable, home: Path) -> None:
    rooms = await opened(max_workers=1)
    blocker = await rooms.submitter.submit(write(home, "import time; time.sleep(600)\n"), owner="ada")
    await reached(rooms, blocker, State.RUNNING)
    text = "import sys; open('order', 'a').write(sys.argv[0][-4])\n"
    jobs = [await rooms.submitter.submit(write(home, text, f"{name}.py"), owner="ada") for name in "abc"]
    await rooms.queue.set_priority(jobs[2].id, 9)
    assert (await rooms.waits.of(jobs[2].id)).position == 1
    assert (await rooms.waits.of(jobs[1].id)).message == "2 jobs are before it."
    await rooms.monitor.cancel(blocker.id)
    for job in jobs:
        assert (await final(rooms, job)).state is State.COMPLETE
    assert (home / "order").read_text() == "cab"


async def test_a_second_stop_skips_the_grace(opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = await opened(sigint_grace=3000.0)
    job = await rooms.submitter.submit(write(home, IGNORES_INT), owner="ada")
    await reached(rooms, job, State.RUNNING)
    await rooms.monitor.wait_log(await rooms.store.get(job.id), 5)
    await rooms.monitor.cancel(job.id)
    again = await rooms.monitor.cancel(job.id)
    assert again.state is State.CANCELING, "a double click is one press"
    monkeypatch.setattr(monitor_module, "DOUBLE_PRESS_S", 0.0)
    await rooms.monitor.cancel(job.id)
    ended = await final(rooms, job)
    assert ended.state is State.CANCELED
    assert ended.report is not None
    assert ended.report["cancel"]["signals"][-1]["signal"] == "SIGKILL"
    assert ended.report["cancel"]["killed"]


CHAINS = """
import os
import datachain as dc

calls = open("calls", "a")

def first(file) -> int:
    print("first", file.path, file=calls, flush=True)
    return len(file.path)

def second(length) -> int:
    print("second", length, file=calls, flush=True)
    if not os.path.exists("mended"):
        raise RuntimeError("not yet")
    return length + 1

chain = dc.read_storage("files/").map(length=first, output=int).save("lengths")
print(chain.map(more=second, params=["length"], output=int).save("more").count(), "rows")
"""


@pytest.mark.parametrize("way", ["again", "submit"])
async def test_resume_goes_on_from_what_was_saved(opened: Callable, home: Path, way: str) -> None:
    rooms = await opened()
    (home / "files").mkdir()
    for number in range(6):
        (home / "files" / f"{number}.txt").write_text("x" * number)
    script = write(home, CHAINS)
    job = await rooms.submitter.submit(script, owner="ada")
    with pytest.raises(CannotResume, match="it is"):
        await rooms.submitter.again(await rooms.store.get(job.id), owner="ada", resume=True)
    failed = await final(rooms, job)
    assert failed.error is not None
    assert failed.error.message == "RuntimeError: not yet"
    calls = (home / "calls").read_text().splitlines()
    assert sum(line.startswith("first") for line in calls) == 6
    (home / "calls").unlink()
    (home / "mended").touch()
    if way == "again":
        resumed = await rooms.submitter.again(failed, owner="ada", resume=True)
    else:
        resumed = await rooms.submitter.submit(script, owner="ada", resume=failed.id)
        with pytest.raises(CannotResume, match="another script"):
            await rooms.submitter.submit(write(home, "1", "other.py"), owner="ada", resume=failed.id)
    ended = await final(rooms, resumed)
    assert (ended.state, ended.resumed_from) == (State.COMPLETE, failed.id)
    calls = (home / "calls").read_text().splitlines()
    assert sum(line.startswith("first") for line in calls) == 0, "what was saved is not computed again"
    assert sum(line.startswith("second") for line in calls) == 6
    found = rooms.results.datasets_of_job(resumed.id)
    assert {(each.name, each.num_rows) for each in found} == {("lengths", 6), ("more", 6)}
    fresh = await rooms.submitter.again(ended, owner="ada")
    assert (await final(rooms, fresh)).resumed_from is None
    assert len((home / "calls").read_text().splitlines()) == 6 + 12, "a run starts afresh"


async def test_users_share_the_slots(opened: Callable, home: Path) -> None:
    rooms = await opened(slots=Slots(2, per_owner=1))
    script = write(home, "import time; time.sleep(600)\n")
    first = await rooms.submitter.submit(script, owner="ada")
    second = await rooms.submitter.submit(script, owner="ada")
    other = await rooms.submitter.submit(script, owner="bob")
    await reached(rooms, first, State.RUNNING)
    await reached(rooms, other, State.RUNNING)
    wait = await rooms.waits.of(second.id)
    assert (wait.hold, wait.blockers) == ("owner_limit", (first.id,))
    for job in (second, first, other):
        await rooms.monitor.cancel(job.id, force=True)
        await final(rooms, job)


async def test_a_job_that_is_deleted_at_once_is_settled_first(
    opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = await opened()
    # The settler in the background is slower than whoever deletes.
    monkeypatch.setattr(Settler, "_round", lambda self: asyncio.sleep(0, result=False))
    job = await rooms.submitter.submit(write(home, "import datachain\n"), owner="ada")
    ended = await final(rooms, job)
    assert not ended.settled
    await ask(rooms, "ada", "DELETE", "jobs/{job}", {"job": job.id})
    with contextlib.closing(sqlite3.connect(home / "datachain" / ".datachain" / "db")) as database:
        (status,) = database.execute("SELECT status FROM jobs WHERE id = ?", [job.id]).fetchone()
    assert status == COMPLETE, "RUNNING would stay for ever"


async def test_a_retry_that_falls_due_while_others_are_claimed_is_not_missed(
    opened: Callable, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else happens that would wake the dispatcher: it has to see by itself that the job is due."""
    rooms = await opened()
    claim = Claims.claim

    async def until_it_is_due(self: Claims, *args: Any) -> tuple[Job, ...]:
        claimed = await claim(self, *args)
        found = await rooms.store.get(job.id)
        if found.state is State.QUEUED and found.not_before:
            # The claim looked too early, and takes until after the moment.
            await asyncio.sleep(max(0.0, (found.not_before - now()).total_seconds()) + 0.01)
        return claimed

    settings = RunSettings(retries=Retries(count=1, backoff=0.2))
    job = await rooms.submitter.submit(write(home, "raise SystemExit(7)\n"), owner="ada", settings=settings)
    monkeypatch.setattr(Claims, "claim", until_it_is_due)
    monkeypatch.setattr(dispatcher_module, "IDLE_S", 3600.0)
    ended = await final(rooms, job)
    assert (ended.state, ended.attempt) == (State.FAILED, 2)

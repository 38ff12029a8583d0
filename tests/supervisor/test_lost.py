"""What happens when the supervisor itself, its guard, or both are killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from supervisor.harness import Attempt, freeze, gone, python, until

from jupyter_datachain_jobs.supervisor.claim import take_lock
from jupyter_datachain_jobs.supervisor.sweep import find, sweep

Run = Callable[..., Attempt]

# A main process, a child in its group, and one that left the session with a dead parent and ignores signals.
FAMILY = """
import os, signal, sys, time
def note(name): open(sys.argv[1] + "/" + name, "w").write(str(os.getpid())); time.sleep(600)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
if os.fork() == 0: note("child")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: note("orphan")
    os._exit(0)
note("main")
"""


def family(run: Run, tmp_path: Path, **fields: object) -> tuple[Attempt, list[int]]:
    job = run(python(FAMILY, str(tmp_path)), **fields)
    files = [tmp_path / name for name in ("main", "child", "orphan")]
    return job, [int(until(lambda f=f: f.exists() and f.read_text(), f"{f}")) for f in files]


def test_supervisor_killed(run: Run, tmp_path: Path) -> None:
    job, pids = family(run, tmp_path)
    started = job.started()
    os.kill(started["supervisor"], signal.SIGKILL)
    end = job.finished()

    assert [gone(pid) for pid in pids] == [True] * 3
    assert (end["reason"], end["exit_code"]) == ("supervisor_lost", None)
    assert end["message"] == "The supervisor was killed by signal 9"
    assert (end["pid"], end["started_at"]) == (started["pid"], started["began"])
    assert end["ended_at"] > started["t"]
    assert end["log_size"] == len(job.log)
    first, second = job.own_lines()
    assert first.startswith("The supervisor was killed by signal 9: up to 256 KB of output may be missing here")
    assert second.startswith("3 processes killed (")
    last = job.events()[-1]
    assert (last["type"], last["reason"]) == ("exit", "supervisor_lost")
    assert [event["seq"] for event in job.events()] == list(range(1, len(job.events()) + 1))
    assert not Path(job.spec["socket"]).exists()


def test_output_still_in_the_pipe_is_kept(run: Run, tmp_path: Path) -> None:
    code = """
import os, signal, sys
print("before", flush=True)
while not os.path.exists(sys.argv[1]): pass
os.write(1, b"after " * 1000)
open(sys.argv[2], "w").close()
signal.pause()
"""
    job = run(python(code, str(tmp_path / "go"), str(tmp_path / "written")))
    job.says("before\n")
    supervisor = job.started()["supervisor"]
    freeze(supervisor)
    (tmp_path / "go").touch()
    until((tmp_path / "written").exists)
    os.kill(supervisor, signal.SIGKILL)
    job.finished()

    before, _marker, after = job.log.partition(b"\x1b[0m\n")
    assert before.startswith(b"before\n\x1b[2m\xe2\x94\x80\xe2\x94\x80 The supervisor was killed")
    assert after.startswith(b"after " * 1000)


def test_rest_of_a_secret_does_not_show_after_a_loss(run: Run, tmp_path: Path) -> None:
    code = """
import os, signal, sys
os.write(1, b"xx hunter2-abc")
while not os.path.exists(sys.argv[1]): pass
os.write(1, b"def-hunter2 and then a long enough text to be seen\\n")
open(sys.argv[2], "w").close()
signal.pause()
"""
    job = run(python(code, str(tmp_path / "go"), str(tmp_path / "written")), secrets=["hunter2-abcdef-hunter2"])
    job.says("xx")
    supervisor = job.started()["supervisor"]
    freeze(supervisor)
    (tmp_path / "go").touch()
    until((tmp_path / "written").exists)
    os.kill(supervisor, signal.SIGKILL)
    job.finished()

    assert b"enough text to be seen\n" in job.log
    assert b"hunter2" not in job.log


def test_half_an_event_does_not_swallow_the_next(run: Run, tmp_path: Path) -> None:
    job = run(python("import time; print('ready'); time.sleep(600)"))
    job.says("ready")
    supervisor = job.started()["supervisor"]
    until(lambda: job.event("phase"))
    freeze(supervisor)
    with (job.folder / "events.jsonl").open("ab") as file:
        file.write(b'{"seq": 3, "t": 17')
    with (job.folder / "output.idx").open("ab") as file:
        file.write(b"half")
    os.kill(supervisor, signal.SIGKILL)
    job.finished()

    lines = (job.folder / "events.jsonl").read_bytes().splitlines()
    assert lines[2] == b'{"seq": 3, "t": 17'
    assert b'"reason": "supervisor_lost"' in lines[-1]
    assert [offset for _, offset, _ in job.index()] == sorted(offset for _, offset, _ in job.index())


def test_supervisor_killed_after_the_end_changes_nothing(run: Run, tmp_path: Path) -> None:
    job = run(["/bin/sh", "-c", f"while [ ! -e {tmp_path}/go ]; do sleep 0.01; done"])
    supervisor = job.started()["supervisor"]
    # A client that asked for events and reads none holds the supervisor for a moment after exit.json.
    (tmp_path / "go").touch()
    job.ended()
    try:
        os.kill(supervisor, signal.SIGKILL)
    except ProcessLookupError:
        pass
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("exited", 0)


def test_guard_killed(run: Run, tmp_path: Path) -> None:
    code = """
import os, sys, time
print("ready")
while not os.path.exists(sys.argv[1]): time.sleep(0.01)
print("went on"); sys.exit(7)
"""
    job = run(python(code, str(tmp_path / "go")))
    job.says("ready")
    os.kill(job.guard, signal.SIGKILL)
    until(lambda: gone(job.guard))
    # The supervisor alone keeps the lock.
    assert take_lock(job.spec["lock"]) is None
    (tmp_path / "go").touch()
    end = job.ended()

    assert (end["reason"], end["exit_code"]) == ("exited", 7)
    assert job.log == b"ready\nwent on\n"
    until(lambda: gone(job.started()["supervisor"]))


def test_lock_is_held_until_nothing_is_left(run: Run, tmp_path: Path) -> None:
    job, _ = family(run, tmp_path)
    assert take_lock(job.spec["lock"]) is None
    os.kill(job.started()["supervisor"], signal.SIGKILL)
    job.finished()
    lock = take_lock(job.spec["lock"])

    assert lock is not None
    os.close(lock)


def test_both_killed_leaves_what_a_sweep_ends(run: Run, tmp_path: Path) -> None:
    job, pids = family(run, tmp_path)
    for pid in (job.guard, job.started()["supervisor"]):
        os.kill(pid, signal.SIGKILL)
    lock = until(lambda: take_lock(job.spec["lock"]), "the lock")
    os.close(lock)
    assert not (job.folder / "exit.json").exists()
    assert {each.pid for each in find(job.marker)} == set(pids)

    assert sweep(job.marker) == []
    assert [gone(pid) for pid in pids] == [True] * 3
    assert find(job.marker) == []


def test_sweep_finds_children_that_wiped_their_environment(run: Run, tmp_path: Path) -> None:
    job = run(["/bin/sh", "-c", f"env -i /bin/sh -c 'echo $$ > {tmp_path}/pid; exec sleep 600' & wait"])
    pid = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    assert job.marker.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
    for each in (job.guard, job.started()["supervisor"]):
        os.kill(each, signal.SIGKILL)

    assert sweep(job.marker) == []
    assert gone(pid)


def test_sweep_leaves_others_alone(run: Run, attempt: Run, tmp_path: Path) -> None:
    job = run(python("import time; print('ready'); time.sleep(600)"))
    job.says("ready")
    # Another attempt of the same job, and a marker that only begins alike.
    assert sweep(f"{job.job}.11") == []
    assert sweep(job.job) == []

    assert not gone(job.started()["pid"])


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_signal_while_it_starts_leaves_one_end(attempt: Run, number: int) -> None:
    """A terminal that closes, a host that stops: at any moment of the start, a begun attempt gets its end."""
    for delay in range(20):
        job = attempt(["/bin/sleep", "0"])
        job._process = process = job.launch()
        # A lock file is the first thing that a start leaves behind; from then on it is for another moment each time.
        until(lambda job=job: Path(job.spec["lock"]).exists())
        for _ in range(delay * 10_000):
            pass
        os.killpg(process.pid, number)
        process.wait()
        began = (job.folder / "run.json").exists()

        assert began == (job.folder / "exit.json").exists()
        assert not began or job.exit()["reason"] in ("exited", "host_stopped")
        assert job.living() == []


@pytest.mark.parametrize("victim", ["supervisor", "guard"])
def test_kill_while_it_starts_leaves_one_end(attempt: Run, victim: str) -> None:
    """Wherever the kill hits, afterwards there is an exit.json, or nothing was begun."""
    for delay in range(8):
        job = attempt(["/bin/sleep", "600"])
        process = job.launch()
        job._process = process
        guard = process.pid

        def children(guard: int = guard) -> list[int]:
            try:
                return [int(pid) for pid in Path(f"/proc/{guard}/task/{guard}/children").read_text().split()]
            except OSError:
                return []

        found = until(children, "a supervisor")
        # Spin a little, so that the kill comes at another point each time.
        for _ in range(delay * 20_000):
            pass
        os.kill(guard if victim == "guard" else found[0], signal.SIGKILL)
        if victim == "guard":
            # The supervisor goes on alone; end it like a user would.
            until(lambda job=job: job.event("started"))
            job.connect().send(op="cancel", force=True)
            end = job.ended()
            assert end["reason"] == "canceled"
            until(lambda found=found: gone(found[0]))
        else:
            process.wait()
            end = job.exit()
            assert end["reason"] == "supervisor_lost"
        assert job.living() == []

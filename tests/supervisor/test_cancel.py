"""Stopping a job: the steps, the two ways to ask, and the exact report."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from supervisor.harness import Attempt, freeze, gone, python, until

Run = Callable[..., Attempt]

IGNORES = """
import signal, sys, time
for name in sys.argv[1:]: signal.signal(getattr(signal, name), signal.SIG_IGN)
print("ready")
while True: time.sleep(600)
"""


def by_socket(job: Attempt, force: bool = False) -> None:
    link = job.connect()
    link.send(op="cancel", force=force)
    link.close()


def by_file(job: Attempt, force: bool = False) -> None:
    draft = job.folder / "draft"
    draft.write_text(json.dumps({"force": force}))
    os.replace(draft, job.folder / "cancel.json")


def signals(end: dict[str, Any]) -> list[str]:
    return [each["signal"] for each in end["cancel"]["signals"]]


ways = pytest.mark.parametrize("ask", [by_socket, by_file])


@ways
def test_interrupt(run: Run, ask: Callable[..., None]) -> None:
    job = run(python("import time; print('ready'); time.sleep(600)"))
    job.says("ready")
    ask(job)
    end = job.finished()
    pid = job.started()["pid"]

    assert (end["reason"], end["exit_code"]) == ("canceled", -2)
    report = end["cancel"]
    assert signals(end) == ["SIGINT"]
    assert report["signals"][0]["pids"] == [pid]
    assert report["requested_at"] <= report["signals"][0]["at"] <= end["ended_at"]
    assert (report["ended"], report["killed"], report["survivors"]) == ([pid], [], [])
    assert job.own_lines() == ["Stop was asked for: SIGINT sent to 1 process"]
    event = job.event("signal")
    assert event
    assert (event["signal"], event["pids"], event["why"]) == ("SIGINT", [pid], "cancel")


def test_exit_0_after_the_signal_is_canceled(run: Run) -> None:
    code = """
import time
try:
    print("ready"); time.sleep(600)
except KeyboardInterrupt:
    print("saved")
"""
    job = run(python(code))
    job.says("ready")
    by_socket(job)
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("canceled", 0)
    assert b"saved\n" in job.log


def test_whole_group_is_interrupted(run: Run, tmp_path: Path) -> None:
    code = """
import os, signal, sys, time
def note(name): open(sys.argv[1] + "/" + name, "w").write(str(os.getpid()))
children = []
for name in "ab":
    if (pid := os.fork()) == 0:
        note(name); signal.pause()
    children.append(pid)
try:
    print("ready"); signal.pause()
except KeyboardInterrupt:
    for pid in children: print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    job = run(python(code, str(tmp_path)))
    job.says("ready")
    until(lambda: all((tmp_path / name).exists() and (tmp_path / name).read_text() for name in "ab"))
    pids = job.living()
    by_socket(job)
    end = job.finished()

    # All three had the signal, and a handler of Python's for it.
    assert (end["reason"], end["exit_code"], signals(end)) == ("canceled", 0, ["SIGINT"])
    assert sorted(end["cancel"]["signals"][0]["pids"]) == sorted(pids)
    assert sorted(end["cancel"]["ended"]) == sorted(pids)
    assert end["cancel"]["killed"] == []
    assert job.own_lines() == ["Stop was asked for: SIGINT sent to 3 processes"]


def test_sigterm_follows_the_grace(run: Run) -> None:
    job = run(python(IGNORES, "SIGINT"), sigint_grace=0.05)
    job.says("ready")
    by_socket(job)
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("canceled", -15)
    assert signals(end) == ["SIGINT", "SIGTERM"]
    assert end["cancel"]["killed"] == []
    assert job.own_lines()[1] == "Still running after 0.05 s: SIGTERM sent to 1 process"


def test_sigkill_follows_both_graces(run: Run) -> None:
    job = run(python(IGNORES, "SIGINT", "SIGTERM"), sigint_grace=0.05, sigterm_grace=0.05)
    job.says("ready")
    by_socket(job)
    end = job.finished()
    pid = job.started()["pid"]

    assert (end["reason"], end["exit_code"]) == ("canceled", -9)
    assert signals(end) == ["SIGINT", "SIGTERM", "SIGKILL"]
    assert (end["cancel"]["ended"], end["cancel"]["killed"]) == ([], [pid])
    assert job.own_lines()[2].startswith(f"1 process killed (pid {pid} ")


@ways
def test_force_skips_the_graces(run: Run, ask: Callable[..., None]) -> None:
    job = run(python(IGNORES, "SIGINT", "SIGTERM"))
    job.says("ready")
    ask(job, force=True)
    end = job.finished()

    assert (end["reason"], end["exit_code"], signals(end)) == ("canceled", -9, ["SIGKILL"])


@ways
def test_second_cancel_skips_the_grace(run: Run, ask: Callable[..., None]) -> None:
    job = run(python(IGNORES, "SIGINT", "SIGTERM"))
    job.says("ready")
    ask(job)
    job.says("SIGINT sent")
    ask(job)
    end = job.finished()

    assert (end["reason"], signals(end)) == ("canceled", ["SIGINT", "SIGKILL"])


@pytest.mark.parametrize("first", [by_socket, by_file])
def test_force_by_file_skips_the_grace_when_the_socket_is_gone(run: Run, first: Callable[..., None]) -> None:
    """The first press went by the socket or not; the second can only use the file, and says that it is one."""
    job = run(python(IGNORES, "SIGINT", "SIGTERM"))
    job.says("ready")
    first(job)
    job.says("SIGINT sent")
    os.unlink(job.spec["socket"])
    by_file(job, force=True)
    end = job.finished()

    assert (end["reason"], signals(end)) == ("canceled", ["SIGINT", "SIGKILL"])


def test_second_press_without_a_socket_skips_the_grace(run: Run) -> None:
    job = run(python(IGNORES, "SIGINT", "SIGTERM"), socket="")
    job.says("ready")
    by_file(job)
    job.says("SIGINT sent")
    by_file(job)
    end = job.finished()

    assert (end["reason"], signals(end)) == ("canceled", ["SIGINT", "SIGKILL"])


def test_one_press_of_stop_by_both_ways_is_one_cancel(run: Run, tmp_path: Path) -> None:
    """A server links the file and uses the socket: the second to arrive must not skip the grace."""
    code = """
import os, signal, sys, time
signal.signal(signal.SIGINT, lambda *_: print("interrupted"))
print("ready")
while not os.path.exists(sys.argv[1]): time.sleep(0.01)
"""
    job = run(python(code, str(tmp_path / "go")), sample_interval=0.2)
    job.says("ready")
    by_socket(job)
    job.says("interrupted")
    by_file(job)
    # The file is looked at each second, so it was within two seconds of samples.
    seen = len(job.events())
    until(lambda: len(job.events()) >= seen + 10, "samples")
    (tmp_path / "go").touch()
    end = job.finished()

    assert (end["exit_code"], signals(end)) == (0, ["SIGINT"])


def test_stopped_process_is_continued_to_act(run: Run) -> None:
    job = run(python("import os, signal; print('ready'); os.kill(os.getpid(), signal.SIGSTOP)"))
    job.says("ready")
    by_socket(job)
    end = job.finished()

    assert (end["reason"], end["exit_code"], signals(end)) == ("canceled", -2, ["SIGINT"])


def test_everything_is_killed_wherever_it_went(run: Run, tmp_path: Path) -> None:
    code = """
import os, signal, sys, time
for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)
def note(name): open(sys.argv[1] + "/" + name, "w").write(str(os.getpid())); time.sleep(600)
if os.fork() == 0: note("child")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: note("orphan")
    os._exit(0)
note("main")
"""
    job = run(python(code, str(tmp_path)))
    files = [tmp_path / name for name in ("main", "child", "orphan")]
    pids = [int(until(lambda f=f: f.exists() and f.read_text(), str(f))) for f in files]
    by_socket(job, force=True)
    end = job.finished()

    assert sorted(end["cancel"]["killed"]) == sorted(pids)
    assert end["cancel"]["survivors"] == []
    assert [gone(pid) for pid in pids] == [True] * 3


def test_process_that_outlives_the_interrupted_main_is_reported(run: Run) -> None:
    job = run(["/bin/sh", "-c", "trap 'exit 0' INT; setsid sleep 600 & echo ready; wait"])
    job.says("ready")
    until(lambda: len(job.living()) == 2)
    (main,) = [job.started()["pid"]]
    (other,) = [pid for pid in job.living() if pid != main]
    by_socket(job)
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("canceled", 0)
    assert sorted(end["cancel"]["ended"]) == sorted([main, other])
    assert [each["pid"] for each in end["leftovers"]] == [other]


def test_cancel_that_is_there_first_starts_nothing(attempt: Run, tmp_path: Path) -> None:
    job = attempt(["/usr/bin/touch", str(tmp_path / "ran")])
    by_file(job)
    job.start()
    end = job.finished()

    assert job.claim == {"claimed": True}
    assert (end["reason"], end["exit_code"], end["pid"], end["started_at"]) == ("canceled", None, None, None)
    assert end["cancel"]["signals"] == []
    assert not (tmp_path / "ran").exists()


def test_cancel_at_once(run: Run) -> None:
    """Right after the claim, maybe before exec: it must not get lost."""
    for _ in range(10):
        job = run(["/bin/sleep", "600"])
        by_socket(job)
        end = job.finished()
        assert (end["reason"], end["exit_code"]) == ("canceled", -2)


def test_cancel_of_what_ends_by_itself_keeps_its_exit_code(run: Run) -> None:
    """The main process is gone, and only what it left behind is waited for: its own exit code decides."""
    job = run(["/bin/sh", "-c", "trap '' TERM; sleep 600 & exit 3"])
    until(lambda: any(event["type"] == "signal" for event in job.events()), "SIGTERM to what is left")
    by_socket(job)
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("exited", 3)
    assert end["cancel"]["requested_at"] >= end["ended_at"]


def test_cancel_that_comes_too_late_to_be_sent_changes_nothing(run: Run, tmp_path: Path) -> None:
    job = run(["/bin/sh", "-c", f"echo ready; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done"])
    job.says("ready")
    link = job.connect()
    started = job.started()
    # The supervisor learns of the end and of the cancel in the same moment.
    freeze(started["supervisor"])
    (tmp_path / "go").touch()
    until(lambda: gone(started["pid"]))
    link.send(op="cancel")
    os.kill(started["supervisor"], signal.SIGCONT)
    end = job.finished()

    assert (end["reason"], end["exit_code"], signals(end)) == ("exited", 0, [])


def test_unreadable_cancel_file_is_a_cancel(run: Run) -> None:
    job = run(["/bin/sleep", "600"])
    (job.folder / "cancel.json").write_bytes(b"\xff{")
    end = job.finished()

    assert end["reason"] == "canceled"


def test_host_stop_during_a_cancel_keeps_the_reason(run: Run) -> None:
    job = run(python(IGNORES, "SIGINT"))
    job.says("ready")
    by_socket(job)
    job.says("SIGINT sent")
    os.kill(job.started()["supervisor"], signal.SIGTERM)
    end = job.finished()

    assert (end["reason"], signals(end)) == ("canceled", ["SIGINT", "SIGTERM"])

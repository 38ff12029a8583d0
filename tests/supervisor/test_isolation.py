"""What a job inherits, and what it must not."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from supervisor.harness import Attempt, python, until

Run = Callable[..., Attempt]


def told(job: Attempt) -> Any:
    assert job.finished()["exit_code"] == 0, job.log
    return json.loads(job.log)


def test_no_descriptor_leaks_into_the_job(attempt: Run) -> None:
    code = """
import json, os
print(json.dumps({fd: os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if
    os.path.exists(f"/proc/self/fd/{fd}") or int(fd) < 3}))
"""
    read, write = os.pipe()
    job = attempt(python(code)).start(pass_fds=[read, write])
    found = told(job)
    os.close(read)
    os.close(write)

    assert set(found) - {"3"} == {"0", "1", "2"}
    assert found["0"] == "/dev/null"
    assert found["1"] == found["2"]
    assert found["1"].startswith("pipe:")


def test_server_is_let_go_of(attempt: Run) -> None:
    """What a server opened must be closed when the server closes it: neither guard nor supervisor holds it."""
    read, write = os.pipe()
    job = attempt(["/bin/sleep", "600"]).start(pass_fds=[write])
    os.close(write)

    assert os.read(read, 1) == b""
    os.close(read)
    for pid in (job.guard, job.started()["supervisor"]):
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        assert {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in (0, 1)} == {"/dev/null"}
        assert os.getsid(pid) == job.guard


def test_ignored_and_blocked_signals_are_reset(attempt: Run) -> None:
    """A server started with nohup passes SIGHUP on ignored, one under a shell's & SIGINT too."""
    code = """
import json
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps([int(status[name], 16) for name in ("SigIgn", "SigBlk")]))
"""

    def ignore() -> None:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM])

    job = attempt(python(code)).start(preexec_fn=ignore)
    ignored, blocked = told(job)

    # Python itself ignores SIGPIPE and SIGXFSZ; 32 and 33 are the C library's own, which whoever starts a process with
    # posix_spawn (make, for one) leaves ignored, and which no program can reset.
    ignored &= ~(1 << (32 - 1) | 1 << (33 - 1))
    assert ignored == 1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1)
    assert blocked == 0


def test_supervisor_that_ignores_sigint_still_interrupts(attempt: Run) -> None:
    job = attempt(python("import time; print('ready'); time.sleep(600)"))
    job.start(preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    job.says("ready")
    link = job.connect()
    link.send(op="cancel")

    assert job.finished()["exit_code"] == -2


def test_signals_blocked_or_ignored_by_the_server_still_arrive(attempt: Run) -> None:
    def deafen() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGCHLD])
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    job = attempt(["/bin/sleep", "600"]).start(preexec_fn=deafen)
    os.kill(job.started()["supervisor"], signal.SIGTERM)
    assert job.finished()["reason"] == "host_stopped"

    job = attempt(["/bin/sh", "-c", "exit 7"]).start(preexec_fn=deafen)
    assert job.finished()["exit_code"] == 7

    job = attempt(["/bin/sleep", "600"]).start(preexec_fn=deafen)
    os.kill(job.started()["supervisor"], signal.SIGKILL)
    assert job.finished()["reason"] == "supervisor_lost"


def test_environment_is_exactly_what_was_asked_for(run: Run) -> None:
    env = {"PATH": os.environ["PATH"], "ODD": "a=b\n\udcff ü", "EMPTY": ""}
    job = run(["/usr/bin/env", "-0"], env=env)
    job.finished()

    expected = {**env, "DATACHAIN_JOBS_ATTEMPT": job.marker}
    assert sorted(job.log.split(b"\0")[:-1]) == sorted(os.fsencode(f"{k}={v}") for k, v in expected.items())


def test_session_group_and_folder(run: Run, tmp_path: Path) -> None:
    code = "import json, os; print(json.dumps([os.getpid(), os.getpgrp(), os.getsid(0), os.getcwd()]))"
    job = run(python(code), cwd=str(tmp_path))
    pid, group, session, cwd = told(job)

    assert pid == group == session == job.started()["pid"]
    assert cwd == str(tmp_path)


def test_core_files_and_memory_killer(attempt: Run) -> None:
    code = """
import json, resource
print(json.dumps([resource.getrlimit(resource.RLIMIT_CORE), int(open("/proc/self/oom_score_adj").read())]))
"""

    def allow() -> None:
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        if os.getuid() == 0:
            hard = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    limit, score = told(attempt(python(code)).start(preexec_fn=allow))

    assert limit == [0, 0]
    assert score == 500


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="no autogroup scheduling")
def test_priority_counts_against_other_sessions(run: Run) -> None:
    job = run(python("import os, time; print(os.nice(0), flush=True); time.sleep(600)"), nice=10)
    job.says("10")
    pid = job.started()["pid"]

    until(lambda: Path(f"/proc/{pid}/autogroup").read_text().strip().endswith("nice 10"))
    assert os.getpriority(os.PRIO_PROCESS, job.guard) == os.getpriority(os.PRIO_PROCESS, 0)


def test_umask_and_limits_of_the_server_stay(attempt: Run, tmp_path: Path) -> None:
    def limit() -> None:
        os.umask(0o027)
        resource.setrlimit(resource.RLIMIT_NOFILE, (111, 111))

    job = attempt(["/bin/sh", "-c", "umask; ulimit -n"]).start(preexec_fn=limit)
    job.finished()

    assert job.log == b"0027\n111\n"


def test_closed_standard_streams_of_the_server(attempt: Run) -> None:
    job = attempt(python("import os; print(os.read(0, 10))"))
    job.start(preexec_fn=lambda: os.close(2))
    job.finished()

    assert job.log == b"b''\n"


@pytest.mark.skipif(not os.path.exists("/sys/fs/cgroup/unified/cgroup.procs"), reason="no cgroup v2 to write to")
def test_job_has_a_control_group_where_one_can_be_made(attempt: Run) -> None:
    ours = Path(f"/sys/fs/cgroup/unified/dcj-test-{os.getpid()}")
    try:
        ours.mkdir()
    except OSError:
        pytest.skip("cgroup v2 is not writable")
    try:
        job = attempt(["/bin/sh", "-c", "trap '' INT TERM; echo ready; while :; do setsid sleep 600 & wait; done"])
        procs = ours / "cgroup.procs"
        job.start(preexec_fn=lambda: procs.write_text(str(os.getpid())))
        job.says("ready")
        group = ours / f"dcj-{job.marker.replace('.', '-')}"
        members = {int(pid) for pid in until(lambda: (group / "cgroup.procs").read_text().split())}
        assert job.started()["pid"] in members
        assert job.started()["supervisor"] not in members
        link = job.connect()
        link.send(op="cancel", force=True)
        end = job.finished()

        assert (end["reason"], end["cancel"]["survivors"]) == ("canceled", [])
        assert not group.exists()
    finally:
        until(lambda: not (ours / "cgroup.procs").read_text())
        ours.rmdir()

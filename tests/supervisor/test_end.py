"""How a job ends, and what is left of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from supervisor.harness import Attempt, freeze, gone, python, until

Run = Callable[..., Attempt]

# Leaves the session, lets its parent die, and ignores everything that can be ignored.
STUBBORN = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        open(sys.argv[1], "w").write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
os.wait()
while not os.path.exists(sys.argv[1]) or not open(sys.argv[1]).read(): time.sleep(0.005)
"""


@pytest.mark.parametrize(
    ("code", "reason", "exit_code"),
    [
        ("pass", "exited", 0),
        ("raise SystemExit(7)", "exited", 7),
        ("import os; print('kept'); os._exit(3)", "exited", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "signaled", -9),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "signaled", -11),
        ("1/0", "exited", 1),
    ],
)
def test_exit_code_is_kept(run: Run, code: str, reason: str, exit_code: int) -> None:
    end = run(python(code)).finished()

    assert (end["reason"], end["exit_code"]) == (reason, exit_code)


def test_exit_file_has_every_field(run: Run) -> None:
    job = run(["/bin/sh", "-c", "echo one; echo two"])
    end = job.finished()
    started = job.started()

    assert end["protocol"] == 1
    assert (end["job"], end["attempt"]) == (job.job, 1)
    assert end["pid"] == started["pid"]
    assert end["started_at"] <= started["t"] <= end["ended_at"]
    assert end["boot_started"] < end["boot_ended"]
    assert (end["log_size"], end["log_lines"]) == (8, 2)
    assert (end["message"], end["cancel"], end["leftovers"]) == (None, None, [])
    assert end["peak_rss"] > 0
    assert (end["masked"], end["dropped_bytes"]) == (0, 0)


def test_nothing_temporary_is_left(run: Run) -> None:
    job = run(["/bin/true"])
    job.finished()

    names = {path.name for path in job.folder.iterdir()}
    assert names == {"run.json", "output.log", "output.idx", "events.jsonl", "exit.json", "supervisor.err"}
    assert not Path(job.spec["socket"]).exists()
    assert (job.folder / "supervisor.err").read_text() == ""
    for name in names - {"supervisor.err"}:
        file = (job.folder / name).stat()
        assert file.st_mode & 0o077 == 0, name
        # Reserved space was given back.
        assert file.st_blocks * 512 <= 8192, name


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"argv": ["/no/such/python"]}, "Could not execute /no/such/python: No such file or directory"),
        ({"argv": ["no-such-program"]}, "Could not execute no-such-program: No such file or directory"),
        ({"argv": ["/etc/passwd"]}, "Could not execute /etc/passwd: Permission denied"),
        ({"cwd": "/no/such/folder"}, "Could not enter /no/such/folder: No such file or directory"),
    ],
)
def test_what_cannot_start_says_why(run: Run, fields: dict[str, object], words: str) -> None:
    job = run(["/bin/true"], **fields) if "argv" not in fields else run(fields["argv"])
    end = job.finished()

    assert (end["reason"], end["exit_code"], end["message"]) == ("start_failed", None, words)
    assert end["started_at"] is None
    assert job.own_lines() == [words]
    assert job.event("started") is None


def test_command_is_found_in_the_jobs_own_path(attempt: Run, tmp_path: Path) -> None:
    program = tmp_path / "hello"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    job = attempt(["hello"])
    job.spec["env"]["PATH"] = str(tmp_path)
    job.start().finished()

    assert job.log == b"hello\n"


def test_background_process_ends_with_the_job(run: Run) -> None:
    job = run(["/bin/sh", "-c", "sleep 600 & printf 'no newline'"])
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("exited", 0)
    (left,) = end["leftovers"]
    assert left["cmd"] == "sleep 600"
    assert gone(left["pid"])
    line = f"Background processes were still running when the script ended: 1 killed (pid {left['pid']} sleep 600)"
    assert job.log == f"no newline\n\x1b[2m── {line}\x1b[0m\n".encode()
    event = job.event("leftovers")
    assert event
    assert (event["pids"], event["killed"]) == (end["leftovers"], 1)
    # It was asked first.
    assert [each["signal"] for each in job.events() if each["type"] == "signal"] == ["SIGTERM"]


def test_background_process_may_finish_its_work_on_sigterm(run: Run) -> None:
    code = """
import os, signal, time
ready, tell = os.pipe()
if os.fork() == 0:
    signal.signal(signal.SIGTERM, lambda *_: (print("saved"), os._exit(0)))
    os.write(tell, b"x")
    while True: time.sleep(600)
os.read(ready, 1)
os._exit(0)
"""
    job = run(python(code))
    job.finished()

    assert job.log.startswith(b"saved\n")


def test_process_that_left_the_session_and_ignores_signals_is_killed(run: Run, tmp_path: Path) -> None:
    job = run(python(STUBBORN, str(tmp_path / "pid")))
    end = job.finished()
    pid = int((tmp_path / "pid").read_text())

    assert gone(pid)
    assert [each["pid"] for each in end["leftovers"]] == [pid]
    assert [each["signal"] for each in job.events() if each["type"] == "signal"] == ["SIGTERM", "SIGKILL"]
    assert (end["reason"], end["exit_code"]) == ("exited", 0)


def test_forking_without_end_is_ended(run: Run) -> None:
    # Each process starts the next and ends: none of them has a pid for long.
    code = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    while True:
        if os.fork(): os._exit(0)
"""
    job = run(python(code))
    end = job.finished()

    assert end["exit_code"] == 0
    assert job.living() == []


def test_helpers_that_end_by_themselves_are_no_leftovers(run: Run) -> None:
    # multiprocessing's resource tracker outlives its parent by a moment.
    code = "import multiprocessing.shared_memory as m; s = m.SharedMemory(create=True, size=10); s.close(); s.unlink()"
    end = run(python(code)).finished()

    assert (end["exit_code"], end["leftovers"]) == (0, [])


def test_held_pipe_does_not_hold_up_the_end(run: Run, tmp_path: Path) -> None:
    """A descriptor handed to a process outside of the job keeps the pipe open for ever."""
    code = """
import array, os, socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
s.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [1]))])
print("last words")
"""
    import socket

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        job = run(python(code, str(tmp_path / "s")))
        connection, _ = server.accept()
        with connection:
            _, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
            end = job.finished()
            for descriptor in descriptors:
                os.close(descriptor)

    assert end["exit_code"] == 0
    assert job.log == b"last words\n"


def test_supervisor_told_to_stop_interrupts_the_job(run: Run) -> None:
    code = """
import time
try:
    print("ready"); time.sleep(600)
except KeyboardInterrupt:
    print("cleaned up")
"""
    job = run(python(code))
    job.says("ready")
    os.kill(job.started()["supervisor"], signal.SIGTERM)
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("host_stopped", 0)
    assert b"cleaned up\n" in job.log
    assert end["cancel"]["signals"][0]["signal"] == "SIGINT"


def test_guard_passes_a_stop_on(run: Run) -> None:
    job = run(python("import time; print('ready'); time.sleep(600)"))
    job.says("ready")
    os.kill(job.guard, signal.SIGTERM)
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("host_stopped", -2)


def test_stop_of_the_whole_session_is_one_stop(run: Run) -> None:
    """systemd sends SIGTERM to everything at once; guard, supervisor and job all get it."""
    code = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    print("ready"); time.sleep(600)
except KeyboardInterrupt:
    print("cleaned up")
"""
    job = run(python(code))
    job.says("ready")
    for pid in (job.guard, job.started()["supervisor"], job.started()["pid"]):
        os.kill(pid, signal.SIGTERM)
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("host_stopped", 0)
    assert b"cleaned up\n" in job.log


def test_job_that_is_faster_than_its_supervisor_was_stopped_by_the_host_too(run: Run) -> None:
    job = run(python("import time; print('ready'); time.sleep(600)"))
    job.says("ready")
    started = job.started()
    for pid in (started["supervisor"], started["pid"]):
        freeze(pid)
    for pid in (started["supervisor"], started["pid"]):
        os.kill(pid, signal.SIGTERM)
    os.kill(started["pid"], signal.SIGCONT)
    until(lambda: gone(started["pid"]))
    os.kill(started["supervisor"], signal.SIGCONT)
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("host_stopped", -15)


def test_second_stop_by_the_host_leaves_the_grace(run: Run, tmp_path: Path) -> None:
    code = """
import os, signal, sys, time
signal.signal(signal.SIGINT, lambda *_: print("interrupted"))
print("ready")
while not os.path.exists(sys.argv[1]): time.sleep(0.01)
"""
    job = run(python(code, str(tmp_path / "go")))
    job.says("ready")
    supervisor = job.started()["supervisor"]
    os.kill(supervisor, signal.SIGTERM)
    job.says("interrupted")
    os.kill(supervisor, signal.SIGTERM)
    # Whoever is greeted after the second one knows that the supervisor is past it.
    for _ in range(2):
        job.connect().close()
    (tmp_path / "go").touch()
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("host_stopped", 0)


def test_hang_up_is_ignored(run: Run, tmp_path: Path) -> None:
    job = run(["/bin/sh", "-c", f"echo ready; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done; exit 5"])
    job.says("ready")
    for pid in (job.guard, job.started()["supervisor"]):
        os.kill(pid, signal.SIGHUP)
    (tmp_path / "go").touch()

    assert job.finished()["exit_code"] == 5


@pytest.fixture
def little_memory() -> Iterator[Path]:
    """A memory group of 80 MB."""
    own = [line.split(":", 2)[2] for line in Path("/proc/self/cgroup").read_text().splitlines() if ":memory:" in line]
    group = Path(f"/sys/fs/cgroup/memory{own[0]}/dcj-test-{os.getpid()}") if own else Path("/nowhere/to/be/found")
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(80 << 20))
    except OSError:
        pytest.skip("no memory group (v1) can be made here")
    yield group
    until(lambda: not (group / "cgroup.procs").read_text())
    group.rmdir()


@pytest.mark.parametrize(
    ("code", "exit_code", "words"),
    [
        ("x = b'x' * (300 << 20)", -9, "Out of memory: the system killed this job"),
        (
            "import os\nif os.fork() == 0: x = b'x' * (300 << 20)\nos.wait(); os._exit(1)",
            1,
            "The machine or its container ran out of memory while this job ran",
        ),
    ],
)
def test_out_of_memory_is_named(attempt: Run, little_memory: Path, code: str, exit_code: int, words: str) -> None:
    job = attempt(python(code))
    job.start(preexec_fn=lambda: (little_memory / "cgroup.procs").write_text(str(os.getpid())))
    end = job.finished()

    assert (end["exit_code"], end["oom_kills"]) == (exit_code, 1)
    assert end["message"] == (words if exit_code == -9 else None)
    assert end["peak_rss"] > 40 << 20
    assert job.own_lines() == [words]


def test_deleted_folder_ends_the_job(run: Run) -> None:
    import shutil

    job = run(python("import time; print('ready'); time.sleep(600)"))
    job.says("ready")
    started = job.started()
    link = job.connect()
    link.send(op="attach", from_seq=0)
    link.read_until("started")
    shutil.rmtree(job.folder)
    end = link.read_until("exit")[-1]

    assert (end["reason"], end["exit_code"]) == ("job_folder_deleted", -2)
    until(lambda: gone(job.guard) and gone(started["pid"]), "guard and job to end")
    assert not job.folder.exists()

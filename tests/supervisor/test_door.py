"""Events and the socket: what is told, to whom, in which order."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from supervisor.harness import Attempt, Link, gone, python, state, until

from jupyter_datachain_jobs.supervisor.events import Journal, now
from jupyter_datachain_jobs.supervisor.procfs import disk_io

Run = Callable[..., Attempt]

WAITS = ["/bin/sh", "-c", 'echo ready; while [ ! -e "$0" ]; do sleep 0.01; done']


def waits(tmp_path: Path) -> tuple[list[str], Path]:
    gate = tmp_path / "go"
    return [*WAITS, str(gate)], gate


def test_events_of_a_run(run: Run, tmp_path: Path) -> None:
    argv, gate = waits(tmp_path)
    job = run(argv)
    job.says("ready")
    gate.touch()
    end = job.finished()
    events = job.events()

    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events] == ["started", "phase", "phase", "exit"]
    assert [event["b"] for event in events] == sorted(event["b"] for event in events)
    started, begin, finish, last = events
    assert (begin["phase"], begin["status"], finish["status"]) == ("Running query", "begin", "end")
    assert {key: last[key] for key in end} == end
    assert started["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert started["pidns"] == os.stat("/proc/self/ns/pid").st_ino
    assert started["starttime"] > 0


def test_client_hears_all_from_the_beginning_and_live(run: Run, tmp_path: Path) -> None:
    argv, gate = waits(tmp_path)
    job = run(argv)
    job.says("ready")
    link = job.connect()
    assert (link.hello["type"], link.hello["protocol"]) == ("hello", 1)
    assert (link.hello["job"], link.hello["attempt"], link.hello["size"]) == (job.job, 1, 6)
    link.send(op="attach", from_seq=0)
    assert [each["type"] for each in link.read_until("phase")] == ["started", "phase"]
    gate.touch()
    heard = link.read_until("exit")

    assert [each["seq"] for each in heard] == [3, 4]
    assert link.read() == {}
    job.finished()
    assert heard == job.events()[2:]


def test_exit_file_is_there_when_the_exit_is_told(run: Run, tmp_path: Path) -> None:
    argv, gate = waits(tmp_path)
    job = run(argv)
    job.says("ready")
    link = job.connect()
    link.send(op="attach", from_seq=0)
    gate.touch()
    told = link.read_until("exit")[-1]

    assert job.exit() == {key: told[key] for key in job.exit()}


def test_client_that_comes_back_misses_and_repeats_nothing(run: Run, tmp_path: Path) -> None:
    argv, gate = waits(tmp_path)
    job = run(argv, sample_interval=0.01)
    heard: list[int] = []
    for _ in range(5):
        link = job.connect()
        link.send(op="attach", from_seq=heard[-1] if heard else 0)
        heard += [link.read()["seq"] for _ in range(6)]
        link.close()
    gate.touch()
    job.finished()

    assert heard == list(range(1, 31))


def test_two_clients_hear_the_same(run: Run, tmp_path: Path) -> None:
    argv, gate = waits(tmp_path)
    job = run(argv)
    job.says("ready")
    links = [job.connect() for _ in range(2)]
    for link in links:
        link.send(op="attach", from_seq=0)
    gate.touch()

    first, second = [link.read_until("exit") for link in links]
    assert first == second


def test_client_that_attaches_late_hears_only_what_it_misses(run: Run, tmp_path: Path) -> None:
    argv, gate = waits(tmp_path)
    job = run(argv)
    until(lambda: job.event("phase"))
    # The main loop hears of what is written a moment later.
    link = until(lambda: (link := job.connect()).hello["seq"] == 2 and link)
    link.send(op="attach", from_seq=2)
    gate.touch()

    assert [each["seq"] for each in link.read_until("exit")] == [3, 4]


def test_samples(run: Run, tmp_path: Path) -> None:
    code = """
import os, sys
block = b"x" * (64 << 20)
if os.fork() == 0:
    while not os.path.exists(sys.argv[1]): sum(range(100000))
    os._exit(0)
while not os.path.exists(sys.argv[1]): pass
"""
    job = run(python(code, str(tmp_path / "go")), sample_interval=0.05)

    def busy() -> bool:
        return any(each["processes"] == 2 and each["cpu_s"] > 0.3 and each["rss"] > 64 << 20 for each in samples(job))

    until(busy)
    (tmp_path / "go").touch()
    end = job.finished()
    taken = samples(job)

    assert [each["cpu_s"] for each in taken] == sorted(each["cpu_s"] for each in taken)
    assert set(taken[0]) == {"seq", "t", "b", "type", "cpu_s", "rss", "read_bytes", "write_bytes", "processes"}
    assert end["peak_rss"] >= max(each["rss"] for each in taken)
    assert end["cpu_s"] >= taken[-1]["cpu_s"] - 0.02


def samples(job: Attempt) -> list[dict[str, float]]:
    return [event for event in job.events() if event["type"] == "sample"]


def test_storage_bytes_of_an_orphan_that_ended_still_count(run: Run, tmp_path: Path) -> None:
    code = """
import os, sys, time
folder = sys.argv[1]
if os.fork() == 0:
    if os.fork(): os._exit(0)
    with open(folder + "/data", "wb") as file:
        file.write(b"x" * (1 << 20)); file.flush(); os.fsync(file.fileno())
    open(folder + "/orphan", "w").write(str(os.getpid()))
    while not os.path.exists(folder + "/seen"): time.sleep(0.01)
    os._exit(0)
os.wait()
while not os.path.exists(folder + "/go"): time.sleep(0.01)
"""
    with (tmp_path / "probe").open("wb") as file:
        before = disk_io(os.getpid())[1]
        file.write(bytes(1 << 20))
        file.flush()
        os.fsync(file.fileno())
        if disk_io(os.getpid())[1] == before:
            pytest.skip("this file system has no storage behind it")
    job = run(python(code, str(tmp_path)), sample_interval=0.02)
    until(lambda: any(each["write_bytes"] >= 1 << 20 for each in samples(job)))
    file = tmp_path / "orphan"
    orphan = int(until(lambda: file.exists() and file.read_text()))
    (tmp_path / "seen").touch()
    until(lambda: not state(orphan))
    seen = len(samples(job))
    until(lambda: len(samples(job)) >= seen + 3)
    (tmp_path / "go").touch()
    job.finished()

    assert samples(job)[-1]["processes"] == 1
    assert samples(job)[-1]["write_bytes"] >= 1 << 20


def test_processor_time_of_a_zombie_counts() -> None:
    """Until its parent waits for it, no other figure holds what it used."""
    code = """
import os, signal, time
from jupyter_datachain_jobs.supervisor.reaper import Reaper
from jupyter_datachain_jobs.supervisor.sampler import Sampler
reaper = Reaper()
sampler = Sampler(0, reaper)
if (pid := os.fork()) == 0:
    while time.process_time() < 0.3: pass
    os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
zombie = sampler.sample(0)
reaper.reap()
print(zombie["processes"], zombie["cpu_s"] > 0.25, sampler.sample(0)["cpu_s"] >= zombie["cpu_s"] - 0.02)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout == "0 True True\n"


def test_arm_answers_when_the_log_grows(run: Run, tmp_path: Path) -> None:
    argv, gate = waits(tmp_path)
    # It goes on after that, so that nothing but the log's growth can wake the supervisor.
    argv[2] += "; echo more; exec sleep 600"
    job = run(argv)
    job.says("ready")
    link = job.connect()
    # It is larger already.
    link.send(op="arm", size=0)
    assert link.read() == {"type": "log", "size": 6, "lines": 1}
    link.send(op="arm", size=6)
    link.send(op="arm", size=10)
    gate.touch()
    assert link.read() == {"type": "log", "size": 11, "lines": 2}

    # One answer was enough for both.
    link.send(op="cancel")
    assert link.read() == {}


def test_client_that_does_not_read_is_not_waited_for(run: Run, tmp_path: Path) -> None:
    argv, gate = waits(tmp_path)
    job = run(argv, sample_interval=0.001)
    deaf = job.connect()
    deaf.send(op="attach", from_seq=0)
    # Asks for more than the socket and the supervisor hold for a client.
    for _ in range(60_000):
        try:
            deaf.socket.send(b'{"op": "nothing at all, in a rather long message"}\n')
        except OSError:
            break
    else:
        pytest.fail("a client that reads nothing was kept")
    other = job.connect()
    other.send(op="attach", from_seq=0)
    gate.touch()

    other.read_until("exit")
    assert job.finished()["exit_code"] == 0


def test_wrong_messages_are_answered(run: Run, tmp_path: Path) -> None:
    argv, _gate = waits(tmp_path)
    job = run(argv)
    link = job.connect()
    for line in (b"not json\n", b"[1]\n", b'{"op": "dance"}\n', b'{"op": "arm", "size": "big"}\n', b"\xff\n", b"\n"):
        link.socket.sendall(line)
        assert link.read()["type"] == "error"
    # An endless line ends the connection, and only that.
    endless = job.connect()
    try:
        endless.socket.sendall(b"x" * 300_000)
        assert endless.read() == {}
    except ConnectionError:
        pass
    link.send(op="cancel")

    assert job.finished()["reason"] == "canceled"


def test_socket_is_private(run: Run, tmp_path: Path) -> None:
    argv, _gate = waits(tmp_path)
    job = run(argv)

    assert stat.S_IMODE(os.stat(job.spec["socket"]).st_mode) == 0o600


def test_socket_left_over_is_replaced(attempt: Run) -> None:
    import socket

    job = attempt(["/bin/sleep", "600"])
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(job.spec["socket"])
    job.start()

    assert job.connect().hello["job"] == job.job


def test_without_a_socket_the_files_say_all(attempt: Run) -> None:
    job = attempt(["/bin/sleep", "600"], socket="/no/such/folder/s")
    job.start()
    job.started()
    (job.folder / "cancel.json").write_text("{}")
    end = job.finished()

    assert end["reason"] == "canceled"
    assert (job.folder / "supervisor.err").read_text().startswith("no socket: /no/such/folder/s: ")


def test_journal_pages(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path))
    for number in range(5000):
        journal.append("sample", now(), {"text": "x" * 200, "n": number})
    for after in (0, 1, 255, 256, 257, 4000, 4999, 5000, 9999):
        lines, offset, done = journal.page(after)
        found = lines
        while not done:
            lines, offset, done = journal.page(after, offset)
            found += lines
        assert [json.loads(line)["seq"] for line in found.splitlines()] == list(range(after + 1, 5001))


def test_journal_goes_on_after_half_a_line(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path))
    journal.append("started", (5, 6), {"pid": 77})
    journal.append("sample", now(), {"rss": 1234})
    journal.finish()
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(b'{"seq": 3, "t')
    again = Journal(str(tmp_path))
    again.append("exit", now(), {})

    assert (again.seq, again.started["pid"], again.peak_rss) == (3, 77, 1234)
    lines = (tmp_path / "events.jsonl").read_bytes().splitlines()
    assert lines[2] == b'{"seq": 3, "t'
    assert [json.loads(line)["seq"] for line in lines[:2] + lines[3:]] == [1, 2, 3]


def test_supervisor_is_gone_after_the_last_word(run: Run, tmp_path: Path) -> None:
    argv, gate = waits(tmp_path)
    job = run(argv)
    job.says("ready")
    link: Link = job.connect()
    link.send(op="attach", from_seq=0)
    gate.touch()
    link.read_until("exit")
    supervisor = job.started()["supervisor"]
    job.finished()

    assert gone(supervisor)

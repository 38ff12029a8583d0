"""An attempt runs once, whoever starts it and however often."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from supervisor.harness import Attempt, until

from jupyter_datachain_jobs import supervisor
from jupyter_datachain_jobs.supervisor.claim import link_once, take_lock

Run = Callable[..., Attempt]


def test_second_supervisor_is_refused_while_the_first_runs(run: Run) -> None:
    job = run(["/bin/sleep", "600"])
    second = job.launch()

    assert job.answer(second)["why"] == "locked"
    assert second.wait() == 0
    assert job.event("exit") is None


def test_second_supervisor_is_refused_after_the_end(run: Run) -> None:
    job = run(["/bin/echo", "once"])
    first = job.finished()
    second = job.launch()

    assert job.answer(second)["why"] == "exists"
    assert second.wait() == 0
    assert (job.log, job.exit()) == (b"once\n", first)
    assert {path.name for path in job.folder.glob("exit*")} == {"exit.json"}


def test_tombstone_keeps_an_attempt_from_starting(attempt: Run, tmp_path: Path) -> None:
    job = attempt(["/usr/bin/touch", str(tmp_path / "ran")])
    assert link_once(str(job.folder), "run.json", {"tombstone": True})
    job.start()

    assert job.claim["why"] == "exists"
    assert not (tmp_path / "ran").exists()
    assert json.loads((job.folder / "run.json").read_text()) == {"tombstone": True}


def test_held_lock_refuses_before_anything_is_written(attempt: Run) -> None:
    job = attempt(["/bin/true"])
    lock = take_lock(job.spec["lock"])
    assert lock is not None
    job.start()
    os.close(lock)

    assert job.claim["why"] == "locked"
    assert list(job.folder.iterdir()) == []


def test_racing_supervisors_run_the_job_once(attempt: Run, tmp_path: Path) -> None:
    for _ in range(10):
        ran = tmp_path / "ran"
        ran.unlink(missing_ok=True)
        job = attempt(["/bin/sh", "-c", f"echo x >> {ran}"])
        racers = [job.launch() for _ in range(4)]
        answers = [job.answer(each) for each in racers]
        for each in racers:
            each.wait()

        assert sorted(answer["claimed"] for answer in answers) == [False, False, False, True]
        assert ran.read_text() == "x\n"
        assert job.exit()["reason"] == "exited"


def test_racing_supervisors_that_are_killed_never_run_it_twice(attempt: Run, tmp_path: Path) -> None:
    dice = random.Random(1)
    for _ in range(15):
        ran = tmp_path / "ran"
        ran.unlink(missing_ok=True)
        job = attempt(["/bin/sh", "-c", f"echo x >> {ran}"])
        racers = [job.launch() for _ in range(4)]
        for each in dice.sample(racers, 2):
            for _ in range(dice.randrange(200_000)):
                pass
            os.kill(each.pid, signal.SIGKILL)
        for each in racers:
            assert each.stdout
            each.stdout.close()
            each.wait()
        # A supervisor whose guard was killed still goes on by itself.
        os.close(until(lambda job=job: take_lock(job.spec["lock"])))

        assert not ran.exists() or ran.read_text() == "x\n"
        assert job.living() == []


def test_server_that_dies_while_it_starts_a_job_does_not_end_it(attempt: Run, tmp_path: Path) -> None:
    job = attempt(["/bin/echo", "went on"])
    process = job.launch()
    assert process.stdout
    process.stdout.close()
    process.wait()

    assert (job.exit()["exit_code"], job.log) == (0, b"went on\n")


def test_run_file_says_who_runs_it(run: Run) -> None:
    job = run(["/bin/true"])
    job.finished()
    content = json.loads((job.folder / "run.json").read_text())

    assert (content["job"], content["attempt"], content["guard"]) == (job.job, 1, job.guard)
    assert content["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"protocol": 2}, "protocol 2 is not 1"),
        ({"argv": []}, "argv is empty"),
        ({"argv": "true"}, "argv"),
        ({"argv": ["a\0b"]}, "argv"),
        ({"folder": "relative"}, "folder"),
        ({"lock": 5}, "lock"),
        ({"job": None}, "job"),
        ({"job": "a/b"}, "job"),
        ({"attempt": True}, "attempt"),
        ({"env": {"A": 1}}, "env"),
        ({"env": {"A=B": "1"}}, "env"),
        ({"secrets": ["ok", 5]}, "secrets"),
        ({"secrets": ["\ud800 alone"]}, "secrets"),
        ({"sigint_grace": "long"}, "sigint_grace"),
        ({"nice": 1.5}, "nice"),
    ],
)
def test_wrong_spec_is_refused_with_the_field(attempt: Run, fields: dict[str, object], words: str) -> None:
    job = attempt(["/bin/true"])
    job.spec.update(fields)
    job.start()

    assert (job.claim["claimed"], job.claim["why"]) == (False, "bad_spec")
    assert words in job.claim["message"]
    assert list(job.folder.iterdir()) == []


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b"null", b'{"protocol": 1} {}', b"\xff\xfe"])
def test_what_is_no_spec_is_refused(document: bytes) -> None:
    done = subprocess.run(supervisor.command(), input=document, capture_output=True, check=True)

    assert json.loads(done.stdout)["why"] == "bad_spec"
    assert done.stderr == b""


def test_missing_folder_is_refused(attempt: Run) -> None:
    job = attempt(["/bin/true"])
    job.folder.rmdir()

    assert job.start().claim["why"] == "no_folder"


def test_folder_can_be_run_too(attempt: Run) -> None:
    """The documented way; `command` only avoids what it costs."""
    import sys

    job = attempt(["/bin/echo", "hello"])
    argv = [sys.executable, "-I", "-S", supervisor.DIRECTORY]
    done = subprocess.run(argv, input=json.dumps(job.spec).encode(), capture_output=True, check=True)

    assert json.loads(done.stdout) == {"claimed": True}
    assert job.ended()["exit_code"] == 0
    assert job.log == b"hello\n"


def test_linked_file_is_never_replaced(tmp_path: Path) -> None:
    assert link_once(str(tmp_path), "run.json", {"first": 1})
    assert not link_once(str(tmp_path), "run.json", {"second": 2})

    assert json.loads((tmp_path / "run.json").read_text()) == {"first": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_lock_file_that_was_replaced_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = take_lock(str(path))
    assert first is not None
    path.unlink()
    second = take_lock(str(path))

    assert second is not None
    assert os.fstat(second).st_ino == path.stat().st_ino
    os.close(first)
    os.close(second)


def test_shared_look_at_the_lock_sees_it_held(run: Run) -> None:
    """Servers probe with a shared lock, so that they do not disturb each other."""
    job = run(["/bin/sleep", "600"])
    with open(job.spec["lock"]) as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)

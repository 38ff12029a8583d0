"""Alive or not: the lock and the files decide."""

from __future__ import annotations

import fcntl
import json
import shutil
from pathlib import Path

from jupyter_datachain_jobs.monitor.liveness import Life, began, look, request_cancel
from jupyter_datachain_jobs.supervisor.claim import link_once, tombstone


def attempt_in(tmp_path: Path) -> tuple[Path, Path]:
    attempt, lock = tmp_path / "attempts" / "1", tmp_path / "job.1.lock"
    attempt.mkdir(parents=True)
    return attempt, lock


def test_the_four_answers(tmp_path: Path) -> None:
    attempt, lock = attempt_in(tmp_path)
    assert look(attempt, lock).life is Life.NOT_STARTED
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert look(attempt, lock).life is Life.NOT_STARTED, "without run.json nothing has begun"
        assert link_once(str(attempt), "run.json", {"pid": 1})
        assert look(attempt, lock).life is Life.ALIVE
    assert look(attempt, lock).life is Life.LOST
    (attempt / "exit.json").write_text('{"exit_co')
    assert look(attempt, lock).life is Life.LOST, "half a file is none"
    (attempt / "exit.json").write_text('{"exit_code": 0}')
    found = look(attempt, lock)
    assert (found.life, found.exit) == (Life.ENDED, {"exit_code": 0})


def test_a_look_never_refuses_a_supervisor(tmp_path: Path) -> None:
    """Before run.json exists the lock is not touched, so a supervisor that takes it at that moment gets it."""
    attempt, lock = attempt_in(tmp_path)
    look(attempt, lock)
    assert not lock.exists()


def test_two_servers_that_look_at_once_do_not_take_each_other_for_a_supervisor(tmp_path: Path) -> None:
    attempt, lock = attempt_in(tmp_path)
    link_once(str(attempt), "run.json", {"pid": 1})
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert look(attempt, lock).life is Life.LOST


def test_a_deleted_folder_is_seen(tmp_path: Path) -> None:
    attempt, lock = attempt_in(tmp_path)
    shutil.rmtree(tmp_path / "attempts")
    assert look(attempt, lock).life is Life.FOLDER_GONE


def test_a_tombstone_keeps_a_late_supervisor_out(tmp_path: Path) -> None:
    attempt, lock = attempt_in(tmp_path)
    assert tombstone(str(attempt), str(lock), "job", 1)
    assert tombstone(str(attempt), str(lock), "job", 1), "asked twice it says the same"
    assert not link_once(str(attempt), "run.json", {"pid": 1})
    assert json.loads((attempt / "run.json").read_text())["tombstone"]


def test_no_tombstone_while_somebody_runs(tmp_path: Path) -> None:
    attempt, lock = attempt_in(tmp_path)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not tombstone(str(attempt), str(lock), "job", 1)
    link_once(str(attempt), "run.json", {"pid": 1})
    assert not tombstone(str(attempt), str(lock), "job", 1), "it has run"


def test_the_wish_to_stop_can_be_made_stronger(tmp_path: Path) -> None:
    attempt, _ = attempt_in(tmp_path)
    request_cancel(attempt, force=False)
    request_cancel(attempt, force=False)
    assert json.loads((attempt / "cancel.json").read_text()) == {"force": False}
    request_cancel(attempt, force=True)
    assert json.loads((attempt / "cancel.json").read_text()) == {"force": True}
    assert [entry.name for entry in attempt.iterdir()] == ["cancel.json"]


def test_begun_is_when_the_main_process_was_started(tmp_path: Path) -> None:
    """Between run.json and that a supervisor can die, or a start can fail."""
    attempt, _ = attempt_in(tmp_path)
    assert began(attempt) is None
    link_once(str(attempt), "run.json", {"t": 5})
    assert began(attempt) is None
    (attempt / "events.jsonl").write_text('{"seq": 1, "type": "signal"}\n{"seq": 2, "type": "started", "t": 9, "be')
    assert began(attempt) is None, "half a line is none"
    (attempt / "events.jsonl").write_text('{"seq": 1, "type": "started", "t": 9, "began": 7}\n')
    assert began(attempt) == 7

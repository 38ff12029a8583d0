"""What the end of a run means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_datachain_jobs.domain import Job, RunSettings, Script, State, new_job_id
from jupyter_datachain_jobs.monitor.outcome import MAX_TRACEBACK, judge, lost
from jupyter_datachain_jobs.store import now


@pytest.fixture
def job() -> Job:
    return Job(new_job_id(), "a.py", State.RUNNING, "ada", Script("a.py", "/a.py", "", 0), RunSettings(), now())


def ended(**record: Any) -> dict[str, Any]:
    return {"protocol": 1, "reason": "exited", "exit_code": 0, "started_at": 1_000_000, "ended_at": 2_000_001} | record


@pytest.mark.parametrize(
    ("record", "state", "code"),
    [
        (ended(), State.COMPLETE, None),
        (ended(exit_code=7), State.FAILED, "exit_code"),
        (ended(reason="signaled", exit_code=-9), State.FAILED, "killed_by_signal"),
        (ended(reason="signaled", exit_code=-200), State.FAILED, "killed_by_signal"),
        (ended(reason="signaled", exit_code=-9, oom_kills=1, peak_rss=2**31), State.FAILED, "out_of_memory"),
        (ended(reason="canceled", exit_code=0), State.CANCELED, None),
        (ended(reason="canceled", exit_code=-2), State.CANCELED, None),
        (ended(reason="never_started", exit_code=None), State.CANCELED, None),
        (ended(reason="supervisor_lost", exit_code=None), State.FAILED, "supervisor_lost"),
        (ended(reason="host_stopped", exit_code=-15), State.FAILED, "host_stopped"),
        (ended(reason="start_failed", exit_code=None, message="No such interpreter."), State.FAILED, "start_failed"),
    ],
)
def test_state_and_code(job: Job, tmp_path: Path, record: dict[str, Any], state: State, code: str | None) -> None:
    outcome = judge(job, record, tmp_path, None)
    assert outcome.state is state
    assert (outcome.error.code if outcome.error else None) == code
    if outcome.error:
        assert outcome.error.message
        assert outcome.error.hint
    assert outcome.finished_at.microsecond == 1


def test_the_users_own_error_is_kept(job: Job, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    frame = {
        "path": str(root / "sub" / "a.py"), "line": 4, "function": "clean", "text": "raise ValueError('no')",
        "context": [{"line": 3, "text": "def clean():"}, {"line": 4, "text": "    raise ValueError('no')"}],
    }  # fmt: skip
    (tmp_path / "error.json").write_text(
        json.dumps({"exception": "mod.ValueError", "message": "no", "traceback": "T" * 200_000, "frame": frame})
    )
    error = judge(job, ended(exit_code=1), tmp_path, root).error
    assert error is not None
    assert (error.code, error.message, error.exception) == ("script_error", "ValueError: no", "mod.ValueError")
    assert error.frame is not None
    assert (error.frame.path, error.frame.line) == ("sub/a.py", 4)
    assert error.traceback is not None
    assert len(error.traceback) < MAX_TRACEBACK + 100


def test_a_handled_error_of_a_script_that_exits_zero_is_no_failure(job: Job, tmp_path: Path) -> None:
    (tmp_path / "error.json").write_text(json.dumps({"exception": "ValueError", "message": "no"}))
    assert judge(job, ended(), tmp_path, None).state is State.COMPLETE


def test_a_half_written_error_file_is_ignored(job: Job, tmp_path: Path) -> None:
    (tmp_path / "error.json").write_text('{"exception": "Val')
    assert judge(job, ended(exit_code=1), tmp_path, None).error.code == "exit_code"  # type: ignore[union-attr]


def test_lost(job: Job, tmp_path: Path) -> None:
    (tmp_path / "output.log").write_bytes(b"x" * 5)
    for rebooted, code in ((False, "supervisor_lost"), (True, "machine_restarted")):
        record = lost(job, tmp_path, rebooted=rebooted, survivors=[])
        outcome = judge(job, record, tmp_path, None)
        assert (outcome.state, outcome.error and outcome.error.code) == (State.FAILED, code)
        assert outcome.log_size == 5
    assert "[7]" in str(lost(job, tmp_path, rebooted=False, survivors=[7])["message"])

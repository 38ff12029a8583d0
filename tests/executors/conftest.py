from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jupyter_datachain_jobs.executors import JobRequest, ScriptExecutor


def _interruptible() -> None:
    """As the supervisor starts it, whatever started the tests."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class Done:
    """A script that ran to its end."""

    code: int
    out: str
    err: str
    error: dict[str, Any] | None
    """What `error.json` has."""


@dataclass
class Folder:
    """A user's folder with a script in it, and a job's folder beside it."""

    script: Path
    snapshot: Path
    attempt: Path

    def request(self, **fields: Any) -> JobRequest:
        given: dict[str, Any] = {
            "job_id": "0f4b0c1e-0000-4000-8000-000000000001",
            "attempt": 1,
            "snapshot": str(self.snapshot),
            "script": str(self.script),
            "job_folder": str(self.snapshot.parent),
            "attempt_folder": str(self.attempt),
            "interpreter": sys.executable,
            **fields,
        }
        return JobRequest(**given)

    def start(self, text: str | bytes, on_disk: str | None = None, **fields: Any) -> subprocess.Popen[bytes]:
        """Starts a snapshot with this text. `on_disk`: what the user's file has instead."""
        data = text.encode() if isinstance(text, str) else text
        self.snapshot.write_bytes(data)
        self.script.write_bytes(data if on_disk is None else on_disk.encode())
        execution = ScriptExecutor().prepare(self.request(**fields))
        return subprocess.Popen(
            execution.argv,
            cwd=execution.cwd,
            env=execution.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=_interruptible,  # noqa: PLW1509
        )

    def run(self, text: str | bytes, on_disk: str | None = None, **fields: Any) -> Done:
        """Runs a snapshot to its end."""
        process = self.start(text, on_disk, **fields)
        out, err = process.communicate(timeout=120)
        return Done(process.returncode, out.decode(errors="replace"), err.decode(errors="replace"), self.error())

    def error(self) -> dict[str, Any] | None:
        path = self.attempt / "error.json"
        return json.loads(path.read_text()) if path.exists() else None

    def plain(self, text: str) -> Done:
        """What Python itself does with the same text in the same place."""
        self.script.write_text(text)
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        done = subprocess.run(
            [sys.executable, str(self.script)],
            cwd=self.script.parent,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
            preexec_fn=_interruptible,
        )
        return Done(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), None)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    project, job = tmp_path / "my project", tmp_path / "jobs" / "1"
    project.mkdir()
    (job / "attempts" / "1").mkdir(parents=True)
    return Folder(project / "my_script.py", job / "script.py", job / "attempts" / "1")

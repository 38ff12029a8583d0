"""What the auditor has to go by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos.jobs import Job


@dataclass(frozen=True)
class Violation:
    """A rule that does not hold. kind: which. job: its name, empty when it is nobody's."""

    kind: str
    job: str
    what: str

    def __str__(self) -> str:
        return f"[{self.kind}] {self.job or '-'}: {self.what}"


@dataclass
class Evidence:
    """sockets: the folder of the supervisors' sockets. jobs: those that were submitted; all that may be there."""

    data_dir: Path
    datachain: Path
    sockets: Path
    jobs: Sequence[Job]
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    moves: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    attempts: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)

    def read(self) -> Evidence:
        """Read the jobs database."""
        connection = sqlite3.connect(f"file:{self.data_dir / 'jobs.sqlite'}?mode=ro", uri=True, timeout=30)
        connection.row_factory = sqlite3.Row
        try:
            self.rows = {row["id"]: dict(row) for row in connection.execute("SELECT * FROM jobs")}
            self.moves, self.attempts = {}, {}
            for row in connection.execute("SELECT * FROM moves ORDER BY number"):
                self.moves.setdefault(row["job_id"], []).append(dict(row))
            for row in connection.execute("SELECT * FROM attempts ORDER BY attempt"):
                found = dict(row)
                found["error"] = json.loads(row["error"]) if row["error"] else None
                self.attempts.setdefault(row["job_id"], {})[row["attempt"]] = found
        finally:
            connection.close()
        return self

    def folder(self, job: Job) -> Path:
        return self.data_dir / "jobs" / job.id

    def attempt(self, job: Job, attempt: int) -> Path:
        return self.folder(job) / "attempts" / str(attempt)


def code(attempt: dict[str, Any]) -> str | None:
    """The error's code of an attempt's row; None for none."""
    return attempt["error"]["code"] if attempt["error"] else None


def read_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None

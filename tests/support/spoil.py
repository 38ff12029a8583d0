"""A copy of what a round of the fault suite left, for tests that spoil it and see whether the auditor minds."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from chaos.auditor import Evidence, Violation, audit, leftovers
from chaos.jobs import Job


@dataclass
class Round:
    """A copy of what a round left, to be spoiled."""

    evidence: Evidence

    def job(self, kind: str) -> Job:
        return next(job for job in self.evidence.jobs if job.kind == kind)

    def attempt(self, kind: str, number: int = 1) -> Path:
        return self.evidence.attempt(self.job(kind), number)

    def execute(self, statement: str, *values: object) -> None:
        """In the jobs database."""
        self._execute(self.evidence.data_dir / "jobs.sqlite", statement, values)

    def execute_in_datachain(self, statement: str, *values: object) -> None:
        self._execute(self.evidence.datachain / ".datachain" / "db", statement, values)

    def _execute(self, path: Path, statement: str, values: tuple[object, ...]) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        assert connection.execute(statement, values).rowcount != 0, "nothing was spoiled"
        connection.close()

    def violations(self) -> list[Violation]:
        return audit(self.evidence)

    def left(self) -> list[Violation]:
        return leftovers(self.evidence.read(), servers=0)

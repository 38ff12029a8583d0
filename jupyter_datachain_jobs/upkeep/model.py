"""What this room hands out. Frozen; no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why retention removes a job."""

    AGE = "age"
    COUNT = "count"
    BYTES = "bytes"


@dataclass(frozen=True)
class Retention:
    """How long jobs that have ended are kept; 0 is no limit. Datasets are never part of it.

    keep_days: days since its end. keep_jobs: how many of them. keep_bytes: bytes of their files in all.
    """

    keep_days: float = 0.0
    keep_jobs: int = 0
    keep_bytes: int = 0

    @property
    def any(self) -> bool:
        return bool(self.keep_days or self.keep_jobs or self.keep_bytes)


@dataclass(frozen=True)
class Leaving:
    """A job that retention removes. `bytes`: of its files; 0 where they were not measured."""

    id: str
    name: str
    finished_at: datetime
    reason: Reason
    bytes: int


@dataclass(frozen=True)
class Notice:
    """Something about this server that its users should know, though it works."""

    code: str
    message: str
    hint: str

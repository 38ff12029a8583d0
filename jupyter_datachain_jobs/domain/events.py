"""What the rooms tell each other when a job changes."""

from __future__ import annotations

from dataclasses import dataclass

from .job import Job


@dataclass(frozen=True)
class JobChanged:
    """The job as it is after the change; `job.seq` orders all changes."""

    job: Job

    @property
    def seq(self) -> int:
        return self.job.seq


@dataclass(frozen=True)
class JobDeleted:
    id: str
    seq: int


JobEvent = JobChanged | JobDeleted

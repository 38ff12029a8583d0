"""The port: a job goes in, what a supervisor must run comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class JobRequest:
    """What an executor needs to know of an attempt. All paths are absolute."""

    job_id: str
    attempt: int
    snapshot: str
    """The script's text as it was submitted: this is what executes."""
    script: str
    """Where the user has the script. Its text there may be another by now, or the file may not exist."""
    job_folder: str
    attempt_folder: str
    interpreter: str
    """A Python >= 3.11."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    workers: int = 1
    resume: bool = False
    """Go on from the checkpoints of the job that it was resumed from."""
    extra_env: Mapping[str, str] = field(default_factory=dict)
    """Wins over everything else."""


@dataclass(frozen=True)
class Execution:
    """What a supervisor runs."""

    argv: tuple[str, ...]
    cwd: str
    env: dict[str, str]
    """The complete environment."""


class Executor(Protocol):
    """Makes jobs of one kind runnable."""

    def prepare(self, request: JobRequest) -> Execution:
        """The command for an attempt. Starts nothing and touches no file."""
        ...

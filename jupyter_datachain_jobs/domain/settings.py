"""How a job runs: the run settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

LOWEST_PRIORITY, DEFAULT_PRIORITY, HIGHEST_PRIORITY = 1, 5, 10


class Retryable(StrEnum):
    """Failures that another attempt may not meet again. A job whose files were deleted has nothing left to try."""

    DATACHAIN_BUSY = "datachain_busy"
    DATACHAIN_FAILED = "datachain_failed"
    EXIT_CODE = "exit_code"
    HOST_STOPPED = "host_stopped"
    KILLED_BY_SIGNAL = "killed_by_signal"
    MACHINE_RESTARTED = "machine_restarted"
    OUT_OF_MEMORY = "out_of_memory"
    SCRIPT_ERROR = "script_error"
    START_FAILED = "start_failed"
    SUPERVISOR_LOST = "supervisor_lost"
    TIMEOUT = "timeout"


#: The longest time between two attempts, in seconds.
MOST_BACKOFF_S = 3600.0

#: The longest timeout, in seconds: a year.
MOST_TIMEOUT_S = 366 * 24 * 3600


@dataclass(frozen=True)
class Retries:
    """Whether a failed attempt is followed by another one.

    count: attempts after the first (0: none).
    backoff: seconds before the first retry; each further one waits twice as long, one hour at most.
    on: error codes, of `Retryable`, that are tried again; empty for all of them.
    """

    count: int = 0
    backoff: float = 10.0
    on: tuple[str, ...] = ()

    def wait(self, attempt: int, code: str) -> float | None:
        """Seconds from the end of attempt `attempt` (1-based), which failed with `code`, to the next; None for no next."""
        if attempt > self.count or code not in (self.on or tuple(Retryable)):
            return None
        return min(self.backoff * 2 ** min(attempt - 1, 32), MOST_BACKOFF_S)


@dataclass(frozen=True)
class RunSettings:
    """What the user chose for a run.

    workers: worker slots that the job occupies, and UDF processes that it may use (>= 1).
    priority: `LOWEST_PRIORITY` to `HIGHEST_PRIORITY`; higher ones start sooner.
    timeout: seconds that an attempt's code may run; None for no limit.
    parameters: reach the script as ``datachain.query.params.param(name)``.
    """

    workers: int = 1
    priority: int = DEFAULT_PRIORITY
    timeout: float | None = None
    retries: Retries = Retries()
    parameters: Mapping[str, str] = field(default_factory=dict)

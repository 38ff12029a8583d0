"""The words of the product, frozen and without I/O.

Owns what a job, its state, its settings, its events and its errors *are*. Every room may import it; it imports
nothing of ours. It exists so that a word means the same in the store, the API, the CLI and the log.
"""

from .errors import (
    AttemptNotFound,
    CannotResume,
    Category,
    DatasetNotFound,
    DatasetUnreadable,
    InvalidRequest,
    JobAlreadyFinal,
    JobNotFinal,
    JobNotFound,
    JobNotQueued,
    JobsError,
    QueueFull,
    StaleJob,
)
from .events import JobChanged, JobDeleted, JobEvent
from .job import Attempt, Job, JobError, Progress, Script, UserFrame, new_job_id
from .queue import Hold, Occupant, Slots, Wait, Waiting
from .settings import (
    DEFAULT_PRIORITY,
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    MOST_BACKOFF_S,
    MOST_TIMEOUT_S,
    Retries,
    Retryable,
    RunSettings,
)
from .state import FINAL, MEANING, TRANSITIONS, IllegalMove, State, check_move

__all__ = [
    "DEFAULT_PRIORITY",
    "FINAL",
    "HIGHEST_PRIORITY",
    "LOWEST_PRIORITY",
    "MEANING",
    "MOST_BACKOFF_S",
    "MOST_TIMEOUT_S",
    "TRANSITIONS",
    "Attempt",
    "AttemptNotFound",
    "CannotResume",
    "Category",
    "DatasetNotFound",
    "DatasetUnreadable",
    "Hold",
    "IllegalMove",
    "InvalidRequest",
    "Job",
    "JobAlreadyFinal",
    "JobChanged",
    "JobDeleted",
    "JobError",
    "JobEvent",
    "JobNotFinal",
    "JobNotFound",
    "JobNotQueued",
    "JobsError",
    "Occupant",
    "Progress",
    "QueueFull",
    "Retries",
    "Retryable",
    "RunSettings",
    "Script",
    "Slots",
    "StaleJob",
    "State",
    "UserFrame",
    "Wait",
    "Waiting",
    "check_move",
    "new_job_id",
]

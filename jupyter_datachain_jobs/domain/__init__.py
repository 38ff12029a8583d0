"""The words of the product, frozen and without I/O.

Owns what a job, its state, its settings, its events and its errors *are*. Every room may import it; it imports
nothing of ours. It exists so that a word means the same in the store, the API, the CLI and the log.
"""

from .errors import (
    Category,
    DatasetNotFound,
    DatasetUnreadable,
    InvalidRequest,
    JobAlreadyFinal,
    JobNotFinal,
    JobNotFound,
    JobsError,
    StaleJob,
)
from .events import JobChanged, JobDeleted, JobEvent
from .job import Job, JobError, Progress, Script, UserFrame, new_job_id
from .settings import RunSettings
from .state import FINAL, MEANING, TRANSITIONS, IllegalMove, State, check_move

__all__ = [
    "FINAL",
    "MEANING",
    "TRANSITIONS",
    "Category",
    "DatasetNotFound",
    "DatasetUnreadable",
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
    "JobsError",
    "Progress",
    "RunSettings",
    "Script",
    "StaleJob",
    "State",
    "UserFrame",
    "check_move",
    "new_job_id",
]

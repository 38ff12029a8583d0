"""The jobs database: an index over the job folders.

Owns every row about a job: its state, its history of moves, its attempts, who dispatches it, and the global change
counter that clients resume from. `JobStore.move` is the only writer of a state: it checks the table of legal moves,
commits, and only then lets the change be published. Called by submit, queue, monitor, upkeep and api; it exists so that no
two rooms, and no two servers over one data folder, can disagree about a job. The only room that knows SQL.
"""

from .attempts import AttemptEnd
from .claims import Claims, Plan
from .feed import ChangeFeed
from .jobs import JobStore
from .keeping import EndedRow, NamedRow, count_jobs, ended_jobs, named
from .open import open_store
from .presence import Presence
from .queue import JobQueue
from .reads import Page
from .rows import now
from .whole import whole

__all__ = [
    "AttemptEnd",
    "ChangeFeed",
    "Claims",
    "EndedRow",
    "JobQueue",
    "JobStore",
    "NamedRow",
    "Page",
    "Plan",
    "Presence",
    "count_jobs",
    "ended_jobs",
    "named",
    "now",
    "open_store",
    "whole",
]

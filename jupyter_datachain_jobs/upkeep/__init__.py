"""Keeps the data folder in order: where it lies, what it costs, and what leaves it.

Owns the choice of a place for the state (a network home may not do), retention, the sweep of what a crash left behind,
and the measuring of the disk. Called by app, which starts the `Janitor`, and by api. It exists so that one place
decides what is removed, whatever server, command or timer asks for it, and so that no two servers over one folder do it
at once.
"""

from .disk import Disk, JobSize
from .janitor import Janitor
from .model import Leaving, Notice, Reason, Retention
from .place import Policy, Storage, settle
from .private import private
from .report import DiskReport, report

__all__ = [
    "Disk",
    "DiskReport",
    "Janitor",
    "JobSize",
    "Leaving",
    "Notice",
    "Policy",
    "Reason",
    "Retention",
    "Storage",
    "private",
    "report",
    "settle",
]

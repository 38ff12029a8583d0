"""Decides which job starts next and starts it.

Owns the order of the queue (`policy`, pure) and the step from QUEUED to a running supervisor (`Dispatcher`). Called
by app; submit wakes it through the store's commits. It exists so that the rule of who runs next is one function
without I/O, and so that a job is claimed in one transaction whatever number of servers share a data folder.
"""

from .dispatcher import Dispatcher
from .launch import Launcher, Limits, Paths
from .policy import Plan, plan
from .retry import try_again
from .waits import Waits

__all__ = ["Dispatcher", "Launcher", "Limits", "Paths", "Plan", "Waits", "plan", "try_again"]

"""Watches running jobs through their supervisors and moves their states.

Owns what is known about a running job: whether its supervisor lives, what it says, and how the run ended. Called by
app, api and cli. It exists so that a server which comes back, or a second one, finds out the truth from the job
folder alone, and so that every end of a job, however it came, goes through one place.
"""

from .monitor import Monitor
from .settle import Settler
from .watcher import Place

__all__ = ["Monitor", "Place", "Settler"]

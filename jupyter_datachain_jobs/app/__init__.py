"""Wires the rooms together; the only package that knows them all.

Owns their life: what is opened is closed in reverse order beside it. `Engine` is the rooms without Jupyter (the CLI
uses it when no server runs), `JobsApp` the Jupyter Server extension around it.
"""

from .engine import Engine, Options
from .extension import JobsApp

__all__ = ["Engine", "JobsApp", "Options"]

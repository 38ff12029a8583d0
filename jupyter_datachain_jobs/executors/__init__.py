"""Executors: what a supervisor must run for a job.

Owns: the translation of a job into a command, a working directory and an environment, and `run_script.py`, the small
program with which the job's own interpreter runs a snapshot as if it were the user's file.

Who may call it: `queue`, when it starts an attempt.

Why it exists: the queue knows slots and the supervisor knows processes, and neither should know how a DataChain script
is made to run. A notebook kernel or a Dask client is another executor behind the same port.
"""

from .base import Execution, Executor, JobRequest
from .environment import for_jobs
from .script import ScriptExecutor

__all__ = ["Execution", "Executor", "JobRequest", "ScriptExecutor", "for_jobs"]

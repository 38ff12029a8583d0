"""DataChain scripts: `python script.py` in the script's own folder, with the snapshot's text."""

import json
import os
from collections.abc import Mapping

from .base import Execution, JobRequest
from .environment import for_jobs

RUNNER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run_script.py")

# Programs that ask the terminal for its width get an answer that fits a log view. There is no FORCE_COLOR beside it:
# it makes libraries such as rich believe in a terminal and move the cursor, which a log cannot follow.
_COLUMNS, _LINES = "120", "40"


class ScriptExecutor:
    """Runs Python scripts."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """Remembers the environment to start from.

        Args:
            environ: the server's, by default this process's as it is at each `prepare`.
        """
        self._environ = environ

    def prepare(self, request: JobRequest) -> Execution:
        """The command for an attempt."""
        folder = os.path.dirname(request.script)
        return Execution(
            argv=(request.interpreter, RUNNER, request.snapshot, request.script, request.attempt_folder),
            cwd=folder,
            env=self._env(request, folder),
        )

    def _env(self, request: JobRequest, folder: str) -> dict[str, str]:
        env = for_jobs(os.environ if self._environ is None else self._environ)
        env["PWD"] = folder
        env.setdefault("COLUMNS", _COLUMNS)
        env.setdefault("LINES", _LINES)
        # For programs that the script starts; the runner gives the script itself lines, which cost less.
        env["PYTHONUNBUFFERED"] = "1"
        env["DATACHAIN_JOB_ID"] = request.job_id
        if not request.resume:
            env["DATACHAIN_IGNORE_CHECKPOINTS"] = "1"
        env.setdefault("DATACHAIN_NO_ANALYTICS", "1")
        if request.parameters:
            env["DATACHAIN_QUERY_PARAMS"] = json.dumps(dict(request.parameters))
        if request.workers > 1:
            env["DATACHAIN_SETTINGS_PARALLEL"] = str(request.workers)
        env.update(request.extra_env)
        # The marker by which sweeps find the job's processes is nobody's to change.
        env["DATACHAIN_JOBS_ATTEMPT"] = f"{request.job_id}.{request.attempt}"
        return env

"""The supervisor: what runs detached beside each job, and outlives the Jupyter server.

Owns: one attempt's folder while it runs (`run.json`, `output.log` and its index, the log's later segments,
`events.jsonl`, `exit.json`), the attempt's liveness lock, its socket, and every process that descends from it.

Who may call it: whoever starts attempts runs `command()` as a process of its own session and hands it one JSON
document through stdin. Nobody imports its insides, except for five modules that need no supervisor:
`supervisor.claim` (who holds an attempt's lock, tombstones), `supervisor.sweep` (ends what is left when guard and
supervisor were both killed), `supervisor.exitfile` (the shape of `exit.json`), `supervisor.logfile` (the log's writer,
for the word that a supervisor was lost) and `supervisor.segments` (the names of the log's files, for its readers).
Importing this package imports none of them.

Why it exists: a job must go on when the server stops, crashes or is upgraded, and whatever happens to the
supervisor itself, no process of the job may stay behind and its end must be on disk.

It uses the standard library only and starts with `-I -S`, since it must run whatever state the environment is in.
Start-up is paid for by each job, so its modules use the C halves of some standard modules (`_signal`, `_socket`,
`_queue`, `_thread`, `_json`) where the Python half would double the start time, and no dataclasses or typing.
"""

import os
import sys

from .names import MARKER, PROTOCOL

__all__ = ["DIRECTORY", "MARKER", "PROTOCOL", "command"]

DIRECTORY = os.path.dirname(os.path.abspath(__file__))
"""The folder to run: `python -I -S DIRECTORY` starts a supervisor."""


def command(python: str | None = None) -> list[str]:
    """The argv that starts a supervisor.

    Names the file and not the folder: running a folder makes Python import `runpy`, 6 ms of a 12 ms start.

    Args:
        python: the interpreter, any Python >= 3.11; by default the one that runs this.
    """
    return [python or sys.executable, "-I", "-S", os.path.join(DIRECTORY, "__main__.py")]

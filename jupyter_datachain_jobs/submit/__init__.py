"""Takes a request for a run and turns it into a queued job.

Owns the checks of a script before it is queued and the snapshot in the job folder: what runs is what was submitted,
whatever happens to the file afterwards. Called by the API and the CLI. It exists so that everything that can be known
to be wrong is said at once, with a line and a column, and not after a wait in the queue.
"""

from .check import MAX_SCRIPT_BYTES, check_script, resolve
from .folders import Contents, JobFolders, contents
from .submitter import Submitter
from .template import template

__all__ = [
    "MAX_SCRIPT_BYTES",
    "Contents",
    "JobFolders",
    "Submitter",
    "check_script",
    "contents",
    "resolve",
    "template",
]

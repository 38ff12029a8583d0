"""Ends what is left of an attempt whose guard and supervisor were both killed.

Every process of a job carries the attempt's marker in its environment, and the environment that a process was started
with stays readable under /proc wherever it moved to since. For a server to call, with the attempt's lock free or in
its own hand; blocks for milliseconds as a rule.
"""

import os
import time

from . import procfs
from .names import MARKER
from .signals import signal
from .tree import send

_ROUND_S = 0.01


def find(marker: str) -> list[procfs.Process]:
    """The processes of an attempt that still live.

    Those with its marker, and what descends from them: a program may have changed or overwritten its environment.

    Args:
        marker: `<job>.<attempt>`.
    """
    entry = f"{MARKER}={marker}".encode()
    own = _ancestors(os.getpid())
    found: dict[int, procfs.Process] = {}
    for pid in procfs.all_pids():
        if pid in own or pid in found or entry not in procfs.environment(pid):
            continue
        for each in (pid, *procfs.descendants(pid)):
            process = procfs.process(each)
            if process and not process.dead and each not in own:
                found[each] = process
    return list(found.values())


def sweep(marker: str, seconds: float = 5.0) -> list[int]:
    """Kills every process of an attempt.

    Args:
        marker: `<job>.<attempt>`.
        seconds: how long to go on for.

    Returns:
        The pids that could not be ended: programs of another user, or hanging in the kernel.
    """
    deadline = time.monotonic() + seconds
    while left := find(marker):
        # Stopped first, so that none of them starts another while the rest is looked for.
        for each in left:
            send(each, signal.SIGSTOP)
        for each in find(marker):
            send(each, signal.SIGKILL)
        if time.monotonic() > deadline:
            return [each.pid for each in find(marker)]
        time.sleep(_ROUND_S)
    return []


def _ancestors(pid: int) -> set[int]:
    """A process and those above it: a server that was itself started inside a job ends neither itself nor its shell."""
    found = set()
    while pid and pid not in found:
        found.add(pid)
        process = procfs.process(pid)
        pid = process.parent if process else 0
    return found

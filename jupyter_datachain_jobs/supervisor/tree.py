"""Sending signals to processes below this one, and ending all of them."""

import os
import time

from . import procfs
from .cgroup import Cgroup
from .signals import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDS = 64
_PATIENCE_S = 30.0
# Command lines that are looked up before a kill, for the log.
_NAMED = 100


def send(target: procfs.Process, number: int) -> bool:
    """Sends a signal to a process, and to no other that got its pid meanwhile.

    Returns:
        False if it is gone, or not ours to signal (a setuid program).
    """
    try:
        fd = os.pidfd_open(target.pid)
    except ProcessLookupError:
        return False
    except (AttributeError, OSError):
        # macOS, an old kernel, or a sandbox that forbids it: the pid alone has to do.
        fd = -1
    try:
        if target.starttime and procfs.starttime(target.pid) != target.starttime:
            return False
        if fd >= 0:
            signal.pidfd_send_signal(fd, number)
        else:
            os.kill(target.pid, number)
        return True
    except OSError:
        return False
    finally:
        if fd >= 0:
            os.close(fd)


class Ender:
    """Ends everything below this process with SIGKILL.

    One round stops what it finds until nothing new appears, then kills what it stopped. A stopped process can neither
    fork nor exit on its own, so `killed` is exact. A fork that was under way can still slip through a round: only
    `wait` failing with ECHILD proves emptiness, and until then the caller asks for more rounds.
    """

    def __init__(self, cgroup: Cgroup, hide: "Callable[[bytes], bytes]") -> None:
        """Prepares the end.

        Args:
            cgroup: the job's control group.
            hide: masks secrets in command lines.
        """
        self.killed: dict[tuple[int, int], procfs.Process] = {}
        """What was ended, by (pid, starttime)."""
        self.since: float | None = None
        """When the first round began (monotonic seconds)."""
        self._cgroup = cgroup
        self._hide = hide

    def round(self, group: int) -> list[procfs.Process]:
        """One round over everything below this process. Returns what was killed in it for the first time."""
        if self.since is None:
            self.since = time.monotonic()
        root = os.getpid()
        stopped: dict[tuple[int, int], procfs.Process] = {}
        for _ in range(_ROUNDS):
            fresh = [each for each in procfs.alive(root, group) if each.key not in stopped]
            if not fresh:
                break
            for each in fresh:
                stopped[each.key] = each
                send(each, signal.SIGSTOP)
        new = []
        for each in stopped.values():
            if each.key not in self.killed and len(self.killed) < _NAMED:
                each.command = procfs.command_line(each.pid, self._hide, 60)
            if send(each, signal.SIGKILL) and each.key not in self.killed:
                new.append(each)
                self.killed[each.key] = each
        self._cgroup.kill()
        return new

    def exhausted(self, now: float) -> bool:
        """Whether rounds have gone on for so long that what is left cannot be ended (it hangs in the kernel, or is
        not ours)."""
        return self.since is not None and now - self.since > _PATIENCE_S

"""Stopping a job that runs: SIGINT to its process group, grace, SIGTERM to all of it, grace, SIGKILL to all of it.

Keeps the exact report of that: what was signalled when, what ended by itself, what was killed, what survived.
"""

import os
import time

from . import clocks, procfs, tree
from .signals import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .spec import Spec

CANCEL = "cancel"
HOST = "host_stopped"
FOLDER = "job_folder_deleted"
TIMEOUT = "timeout"
_WORDS = {
    CANCEL: "Stop was asked for",
    HOST: "The host told the supervisor to stop",
    FOLDER: "The folder of this job was deleted",
    TIMEOUT: "The timeout of this job is over",
}
# What stops a host waits ten seconds (docker) or more before it kills everything: the end must be on disk by then.
_HOST_SIGINT_S = 4.0
_HOST_SIGTERM_S = 2.0


class Stopper:
    """Ends the main process, step by step. `Ending` then sees to what it leaves behind."""

    def __init__(
        self, spec: "Spec", ender: tree.Ender, emit: "Callable[..., None]", say: "Callable[[str], None]"
    ) -> None:
        self.why = ""
        """Who asked first: CANCEL, HOST, FOLDER, TIMEOUT, or empty."""
        self.signalled = False
        """The main process was sent a signal: however it ends now, that is why."""
        self.forced = False
        """No more grace: everything is to be killed."""
        self.due = float("inf")
        """When the next step is due (monotonic seconds)."""
        self._requested_at: int | None = None
        self._grace = (spec.sigint_grace, spec.sigterm_grace)
        self._ender = ender
        self._emit = emit
        self._say = say
        self._signals: list[dict[str, Any]] = []
        self._seen: dict[tuple[int, int], int] = {}
        self._stage = 0
        self._asked: dict[str, int] = {}

    def request(self, why: str, force: bool, channel: str) -> None:
        """Asks for an end.

        Args:
            why: CANCEL, HOST, FOLDER or TIMEOUT; the first one is the reason that is kept.
            force: skip the grace.
            channel: where it comes from. A server asks by socket and by file for one and the same press of Stop, so
                only a second request of the same channel skips the grace.
        """
        self._asked[channel] = self._asked.get(channel, 0) + 1
        again = why == CANCEL and self._asked[channel] > 1
        if not self.why:
            self.why = why
            self._requested_at = clocks.wall_us()
            self.due = 0.0
            if why == HOST:
                self._grace = (min(self._grace[0], _HOST_SIGINT_S), min(self._grace[1], _HOST_SIGTERM_S))
        elif why != self.why:
            self.due = min(self.due, time.monotonic() + _HOST_SIGTERM_S)
        if force or again:
            self.forced = True
            self.due = 0.0

    def step(self, group: int) -> None:
        """Takes the step that is due, on a main process that still runs.

        Args:
            group: the process group of the main process, which is also its pid.
        """
        if self.forced or self._stage == 2:
            self.kill(group)
        elif self._stage == 0:
            count = _count(self._interrupt(group))
            self._say(f"{_WORDS[self.why]}: SIGINT sent to {count}")
        else:
            count = _count(self.terminate(group, self.why))
            self._say(f"Still running after {self._grace[0]:g} s: SIGTERM sent to {count}")
        self.signalled = True
        self._stage = min(self._stage + 1, 2)

    def _interrupt(self, group: int) -> list[procfs.Process]:
        targets = [each for each in procfs.alive(os.getpid(), group) if each.group == group or not each.starttime]
        self._note("SIGINT", targets, self.why)
        try:
            os.killpg(group, signal.SIGINT)
            # A stopped process acts on a signal only once it is continued.
            os.killpg(group, signal.SIGCONT)
        except OSError:
            pass
        self.due = time.monotonic() + self._grace[0]
        return targets

    def terminate(self, group: int, why: str) -> list[procfs.Process]:
        """Sends SIGTERM to everything below this process, and answers what that was."""
        targets = [each for each in procfs.alive(os.getpid(), group) if tree.send(each, signal.SIGTERM)]
        for each in targets:
            tree.send(each, signal.SIGCONT)
        self._note("SIGTERM", targets, why)
        self.due = time.monotonic() + self._grace[1]
        return targets

    def kill(self, group: int) -> None:
        """One round of SIGKILL to everything below this process; the next is due at `due`."""
        new = self._ender.round(group)
        if new:
            self._note("SIGKILL", new, self.why or "leftovers")
        if new and self.why:
            self._say(f"{_count(new)} killed ({listed(new)})")
        # Until nothing is left: a fork under way may have slipped through.
        spent = time.monotonic() - (self._ender.since or 0.0)
        self.due = time.monotonic() + min(0.25, max(0.01, spent / 4))

    def see(self, group: int) -> None:
        """Looks who is there, so that processes which end by themselves are in the report."""
        if self.why:
            for each in procfs.alive(os.getpid(), group):
                self._seen[each.key] = each.pid

    def _note(self, name: str, targets: list[procfs.Process], why: str) -> None:
        pids = [each.pid for each in targets]
        for each in targets:
            self._seen[each.key] = each.pid
        if targets:
            self._signals.append({"signal": name, "at": clocks.wall_us(), "pids": pids})
            self._emit("signal", signal=name, pids=pids, why=why)

    def report(self, survivors: list[procfs.Process]) -> "dict[str, Any] | None":
        """What `exit.json` says under `cancel`; None if nobody asked."""
        if not self.why:
            return None
        alive = {each.key for each in survivors}
        killed = [key for key in self._ender.killed if key not in alive]
        ended = [key for key in self._seen if key not in alive and key not in self._ender.killed]
        return {
            "requested_at": self._requested_at,
            "signals": self._signals,
            "ended": [pid for pid, _ in ended],
            "killed": [pid for pid, _ in killed],
            "survivors": [pid for pid, _ in alive],
        }


def _count(targets: list[procfs.Process]) -> str:
    return "1 process" if len(targets) == 1 else f"{len(targets)} processes"


def listed(targets: list[procfs.Process], most: int = 5) -> str:
    """The first few of them, for a line in the log."""
    parts = [f"pid {each.pid} {each.command}".rstrip() for each in targets[:most]]
    return ", ".join(parts) + (", …" if len(targets) > most else "")

"""The supervisor's parent: it only waits. If the supervisor is killed, it ends the job and records that.

Does as little as possible, so that nothing is there to go wrong: no thread, no socket, no timer.
"""

import os
import time

from . import events
from .cancel import listed
from .cgroup import Cgroup
from .door import remove
from .events import Journal
from .exitfile import ExitFile, document
from .logfile import LogFile
from .masking import Masker
from .procfs import alive
from .pump import CHUNK, drain
from .reaper import Reaper
from .signals import STOPS, signal
from .spec import Spec
from .tree import Ender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ROUND_S = 0.01
_SLOW_ROUND_S = 1.0


class Guard:
    """Waits for one supervisor."""

    def __init__(self, spec: Spec, supervisor: int, source: int, exit_file: ExitFile) -> None:
        """Prepares the guard.

        Args:
            spec: what the supervisor runs.
            supervisor: its pid.
            source: the read end of the job's output pipe.
            exit_file: where the end is written, if the supervisor cannot.
        """
        self._spec = spec
        self._supervisor = supervisor
        self._source = source
        self._exit_file = exit_file
        self._reaper = Reaper()
        self._masker = Masker(spec.secrets)
        # The job's control group is the supervisor's; what it cannot reach any more is below this process.
        self._ender = Ender(Cgroup(""), self._masker.hide)

    def watch(self) -> int:
        """Waits for the supervisor, and then until nothing of the job is left. Returns this process's exit code."""
        for stop in STOPS:
            signal.signal(stop, self._pass_on)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        status = self._wait()
        # One more must not take this process before it is done.
        for stop in STOPS:
            signal.signal(stop, signal.SIG_IGN)
        lost = status != 0 and not self._exit_file.written
        if lost:
            self._end(patience=True)
            self._record(status)
        remove(self._spec.socket)
        self._end(patience=False)
        return 1 if lost else 0

    def _pass_on(self, number: int, _: object) -> None:
        # Whoever started us knows this pid only.
        try:
            os.kill(self._supervisor, number)
        except OSError:
            pass

    def _wait(self) -> int:
        while True:
            pid, status = os.waitpid(-1, 0)
            if pid == self._supervisor:
                return os.waitstatus_to_exitcode(status)

    def _end(self, patience: bool) -> None:
        """Kills until nothing is left; with `patience`, only as long as that can be expected to help."""
        while True:
            self._reaper.reap()
            if self._reaper.childless:
                return
            now = time.monotonic()
            if patience and self._ender.exhausted(now):
                return
            self._ender.round(0)
            # Children that end ring no bell here: the signals are left as they were for the job's sake.
            time.sleep(_SLOW_ROUND_S if self._ender.exhausted(now) else _ROUND_S)

    def _record(self, status: int) -> None:
        what = f"was killed by signal {-status}" if status < 0 else f"failed ({status})"
        end = document(self._spec.job, self._spec.attempt)
        end["reason"], end["message"] = "supervisor_lost", f"The supervisor {what}"
        end["ended_at"], end["boot_ended"] = events.now()
        # On a disk that fails, the end matters most.
        for step in (self._finish_log, self._finish_events, self._exit_file.write):
            try:
                step(end)
            except OSError as error:
                os.write(2, f"guard: {error}\n".encode(errors="replace"))

    def _finish_log(self, end: "dict[str, Any]") -> None:
        log = LogFile(self._spec.folder, self._spec.max_log_size)
        log.say(f"{end['message']}: up to {CHUNK >> 10} KB of output may be missing here, and the job is ended")
        # The first bytes may be the rest of a secret whose beginning was lost.
        drain(self._source, log, self._masker, skip=max(0, self._masker.longest - 1))
        log.write(self._masker.flush())
        killed = list(self._ender.killed.values())
        if killed:
            log.say(f"{len(killed)} processes killed ({listed(killed)})")
        log.finish()
        log.sync()
        end["log_size"], end["log_lines"] = log.position
        end["masked"], end["dropped_bytes"] = self._masker.count, log.dropped
        log.close()

    def _finish_events(self, end: "dict[str, Any]") -> None:
        journal = Journal(self._spec.folder)
        started = journal.started
        # The event was written a little after what it tells of.
        end["pid"], end["boot_started"] = started.get("pid"), started.get("b")
        end["started_at"] = started.get("began", started.get("t"))
        end["peak_rss"] = max(journal.peak_rss, self._reaper.peak_rss)
        end["cpu_s"] = round(self._reaper.cpu_s, 3)
        pids = [pid for pid, _ in self._ender.killed]
        if pids:
            journal.append("signal", events.now(), {"signal": "SIGKILL", "pids": pids, "why": end["reason"]})
        if survivors := alive(os.getpid()):
            end["message"] += f"; could not be ended: {listed(survivors)}"
        journal.append("exit", events.now(), end)
        journal.finish()

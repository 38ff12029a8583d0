"""The one reaping loop of this process."""

import os
import sys

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Reaper:
    """Collects every child that ended, the job's orphans included, and what they used."""

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        """Exit codes by pid, a negative one is a signal's number."""
        self.childless = False
        """There was no child left (ECHILD): nothing descends from this process any more."""
        self.cpu_s = 0.0
        """Seconds that they and the children they waited for used."""
        self.peak_rss = 0
        """Bytes that the largest of them used."""
        self.fresh: list[int] = []
        """Pids since somebody last emptied it."""

    def reap(self) -> None:
        """Collects what there is, without waiting."""
        self.childless = False
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self.childless = True
                return
            if pid == 0:
                return
            self.statuses[pid] = os.waitstatus_to_exitcode(status)
            self.fresh.append(pid)
            self.cpu_s += usage.ru_utime + usage.ru_stime
            self.peak_rss = max(self.peak_rss, usage.ru_maxrss * _MAXRSS_UNIT)

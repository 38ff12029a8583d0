"""What the job uses: processor, memory, storage, over its whole tree."""

import os
import time

from . import procfs
from .reaper import Reaper

# Share of one core that sampling may cost: a tree of a thousand processes is looked at less often.
_BUDGET = 0.02


class Sampler:
    """Samples at an interval."""

    def __init__(self, interval: float, reaper: Reaper) -> None:
        """Starts sampling one interval from now; an interval of 0 seconds never."""
        self.peak_rss = 0
        """The most memory that the tree had at once, in bytes, shared pages counted in each process."""
        self.due = time.monotonic() + interval if interval > 0 else float("inf")
        """When the next sample is due (monotonic seconds)."""
        self._interval = interval
        self._reaper = reaper
        self._io: dict[int, tuple[int, int]] = {}
        # Storage bytes of processes that this one reaped: no parent's figure holds them.
        self._gone = (0, 0)

    def sample(self, group: int) -> "dict[str, object]":
        """Takes a sample: `cpu_s`, `rss`, `read_bytes`, `write_bytes` (all since the start), `processes`."""
        began = time.monotonic()
        # With zombies: what they used is in no parent's figure before they are waited for.
        found = procfs.below(os.getpid(), group)
        alive = [each for each in found if not each.dead]
        for pid in self._reaper.fresh:
            read, write = self._io.get(pid, (0, 0))
            self._gone = self._gone[0] + read, self._gone[1] + write
        self._reaper.fresh.clear()
        self._io = {each.pid: procfs.disk_io(each.pid) for each in alive}
        rss = sum(each.rss for each in alive)
        self.peak_rss = max(self.peak_rss, rss)
        self.due = began + max(self._interval, (time.monotonic() - began) / _BUDGET)
        return {
            "cpu_s": round(self._reaper.cpu_s + sum(each.cpu for each in found) / procfs.TICK, 2),
            "rss": rss,
            "read_bytes": self._gone[0] + sum(read for read, _ in self._io.values()),
            "write_bytes": self._gone[1] + sum(write for _, write in self._io.values()),
            "processes": len(alive),
        }

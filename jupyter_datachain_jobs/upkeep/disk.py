"""What the data folder holds, measured. Blocking; stops at a time limit and says so."""

from __future__ import annotations

import heapq
import os
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_datachain_jobs.submit import contents

#: Seconds; a folder of 10,000 jobs takes about one on a local disk, and a network can take longer than anybody waits.
MOST_S = 20.0


@dataclass(frozen=True)
class JobSize:
    """A job's files. log_bytes: of its output, over all attempts."""

    id: str
    bytes: int
    log_bytes: int


@dataclass(frozen=True)
class Disk:
    """Bytes on the disk, whole blocks, but for logs and snapshots: those are the bytes that were written.

    job_folders: folders that were looked at. jobs: bytes of all of them, of which `logs` and `snapshots` are parts.
    environments: None where there are none. total: of the data folder. free, capacity: of its file system.
    complete: False when time ran out; then the sums are of what was seen until then.
    """

    data_dir: str
    job_folders: int = 0
    jobs: int = 0
    logs: int = 0
    snapshots: int = 0
    database: int = 0
    caches: int = 0
    environments: int | None = None
    rest: int = 0
    free: int = 0
    capacity: int = 0
    complete: bool = True
    biggest: tuple[JobSize, ...] = ()

    @property
    def total(self) -> int:
        return self.jobs + self.database + self.caches + (self.environments or 0) + self.rest

    @property
    def job_rest(self) -> int:
        """What a job's folder holds beside log and snapshot: events, indexes, and what blocks leave unused."""
        return max(self.jobs - self.logs - self.snapshots, 0)


def measure(data_dir: Path, top: int = 10, most_s: float = MOST_S) -> Disk:
    """Look at everything in `data_dir`; at most about `most_s` seconds. `top`: how many of the biggest jobs to name.

    Raises OSError when the folder itself cannot be read.
    """
    until = time.monotonic() + most_s
    usage = shutil.disk_usage(data_dir)
    found = Disk(str(data_dir), free=usage.free, capacity=usage.total)
    # The small things first: they are known whatever the jobs take.
    for entry in os.scandir(data_dir):
        if entry.name == "jobs":
            continue
        size = _bytes(entry)
        if entry.name.startswith("jobs.sqlite"):
            found = replace(found, database=found.database + size)
        elif entry.name == "cache":
            found = replace(found, caches=found.caches + size)
        elif entry.name == "environments":
            found = replace(found, environments=(found.environments or 0) + size)
        else:
            found = replace(found, rest=found.rest + size)
    return _jobs(found, data_dir / "jobs", top, until)


def _jobs(found: Disk, folder: Path, top: int, until: float) -> Disk:
    folders = total = logs = snapshots = 0
    biggest: list[tuple[int, int, str]] = []
    complete = True
    for entry in os.scandir(folder) if folder.is_dir() else ():
        if time.monotonic() > until:
            complete = False
            break
        held = contents(Path(entry.path))
        total += held.bytes
        logs += held.log_bytes
        snapshots += held.snapshot_bytes
        if entry.name.startswith("."):
            continue  # half made or half removed: its bytes count, but it is no job's
        folders += 1
        heapq.heappush(biggest, (held.bytes, held.log_bytes, entry.name))
        if len(biggest) > top:
            heapq.heappop(biggest)
    named = tuple(JobSize(name, size, log) for size, log, name in sorted(biggest, reverse=True))
    return replace(
        found, job_folders=folders, jobs=total, logs=logs, snapshots=snapshots, biggest=named, complete=complete
    )


def _bytes(entry: os.DirEntry[str]) -> int:
    try:
        if entry.is_dir(follow_symlinks=False):
            return contents(Path(entry.path)).bytes
        return entry.stat(follow_symlinks=False).st_blocks * 512
    except OSError:
        return 0  # gone meanwhile

"""Where a job's files are, and who makes and removes them."""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_datachain_jobs.supervisor.segments import begins_at

#: Folders without a job are left alone this long, in seconds: another server may be about to record theirs.
ORPHAN_AGE_S = 600.0


@dataclass(frozen=True)
class Contents:
    """What a job's folder holds. Bytes as the file system counts them: whole blocks.

    log_bytes: of output as it was written. snapshot_bytes: of the script and the spec. bytes: of everything.
    """

    files: int = 0
    log_bytes: int = 0
    snapshot_bytes: int = 0
    bytes: int = 0


def contents(folder: Path) -> Contents:
    """Look at every file in a job's folder; none where it is gone."""
    files = log = snapshot = total = 0
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                        continue
                    found = entry.stat(follow_symlinks=False)
                    files += 1
                    total += found.st_blocks * 512
                    if begins_at(entry.name) is not None:
                        log += found.st_size
                    elif entry.name in ("script.py", "job.json"):
                        snapshot += found.st_size
        except OSError:
            continue  # it is being removed, or its permissions were taken away
    return Contents(files, log, snapshot, total)


class JobFolders:
    """``<data_dir>/jobs/<job id>/``. Ids come from the store, never from a request: nothing is joined unchecked."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.jobs = data_dir / "jobs"
        self.locks = data_dir / "locks"

    def prepare(self) -> None:
        """Make the folders, readable by their owner only: logs and scripts can hold anything."""
        for folder in (self.data_dir, self.jobs, self.locks):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def folder(self, job_id: str) -> Path:
        return self.jobs / str(uuid.UUID(job_id))

    def script(self, job_id: str) -> Path:
        return self.folder(job_id) / "script.py"

    def attempt(self, job_id: str, attempt: int) -> Path:
        return self.folder(job_id) / "attempts" / str(int(attempt))

    def lock(self, job_id: str, attempt: int) -> Path:
        return self.locks / f"{uuid.UUID(job_id)}.{int(attempt)}.lock"

    def create(self, job_id: str, spec: Mapping[str, Any], script: bytes) -> None:
        """Write the snapshot and the spec; the folder appears whole or not at all."""
        target = self.folder(job_id)
        draft = target.with_name(f".{target.name}.tmp")
        draft.mkdir(mode=0o700)
        try:
            _write(draft / "script.py", script)
            _write(draft / "job.json", json.dumps(spec, indent=2, sort_keys=True).encode())
            (draft / "attempts").mkdir(mode=0o700)
            _sync_folder(draft)
            draft.rename(target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        _sync_folder(self.jobs)

    def remove(self, job_id: str, attempts: int | None = None) -> Contents:
        """Remove everything of a deleted job. Returns what went.

        attempts: how many it had; without it their locks are looked for among those of all jobs, which takes longer.
        """
        target = self.folder(job_id)
        found = contents(target)
        # Renamed first, so that a half-removed folder can never be taken for a job's.
        grave = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.gone")
        try:
            target.rename(grave)
        except FileNotFoundError:
            pass  # somebody removed it by hand; its locks are elsewhere
        except OSError:
            # The disk refuses. Its job is forgotten already, so there is nobody to tell: the sweep tries again.
            return Contents()
        shutil.rmtree(grave, ignore_errors=True)
        locks: Iterable[Path] = (
            self.locks.glob(f"{uuid.UUID(job_id)}.*.lock")
            if attempts is None
            else (self.lock(job_id, number) for number in range(1, attempts + 1))
        )
        for lock in locks:
            lock.unlink(missing_ok=True)
        return found

    def listed(self) -> Iterable[str]:
        """Ids of the jobs that have a folder."""
        for entry in os.scandir(self.jobs):
            if not entry.name.startswith("."):
                yield entry.name

    def strangers(self) -> set[str]:
        """Ids that folders and locks are named after, whether or not there are such jobs."""
        entries = [*os.scandir(self.jobs), *os.scandir(self.locks)]
        return {name for entry in entries if (name := entry.name.partition(".")[0])}

    def sweep(self, known: set[str]) -> int:
        """Remove what a crash left behind: half-made, half-removed and unrecorded folders. Returns how many."""
        removed = 0
        for entry in [*os.scandir(self.jobs), *os.scandir(self.locks)]:
            if entry.name.partition(".")[0] in known:
                continue
            try:
                if time.time() - entry.stat().st_mtime <= ORPHAN_AGE_S:
                    continue
            except FileNotFoundError:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                Path(entry.path).unlink(missing_ok=True)
            removed += 1
        return removed


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

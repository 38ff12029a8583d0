"""Job folders appear whole and go whole."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from jupyter_datachain_jobs.domain import new_job_id
from jupyter_datachain_jobs.submit import Contents, JobFolders


@pytest.fixture
def folders(tmp_path: Path) -> JobFolders:
    folders = JobFolders(tmp_path / "data")
    folders.prepare()
    return folders


def test_create_and_remove(folders: JobFolders) -> None:
    job = new_job_id()
    folders.create(job, {"id": job}, b"print(1)\n")
    assert folders.script(job).read_bytes() == b"print(1)\n"
    assert stat.S_IMODE(folders.folder(job).stat().st_mode) == 0o700
    assert stat.S_IMODE(folders.script(job).stat().st_mode) == 0o600
    attempt = folders.attempt(job, 1)
    attempt.mkdir()
    (attempt / "output.log").write_bytes(b"x" * 10)
    folders.lock(job, 1).touch()
    (attempt / "output.100.3.log").write_bytes(b"x" * 5)
    gone = folders.remove(job)
    assert (gone.log_bytes, gone.files) == (15, 4)
    assert gone.snapshot_bytes == len(b"print(1)\n") + len(json.dumps({"id": job}, indent=2))
    assert gone.bytes >= gone.log_bytes + gone.snapshot_bytes
    assert list(folders.jobs.iterdir()) == []
    assert list(folders.locks.iterdir()) == []
    assert folders.remove(job) == Contents()


def test_the_locks_of_all_attempts_go_too(folders: JobFolders) -> None:
    job, other = new_job_id(), new_job_id()
    for attempts in (None, 3):
        folders.create(job, {}, b"x")
        for number in (1, 3):
            folders.lock(job, number).touch()
        folders.lock(other, 1).touch()
        folders.remove(job, attempts)
        assert list(folders.locks.iterdir()) == [folders.lock(other, 1)]


def test_the_locks_go_where_the_folder_was_removed_by_hand(folders: JobFolders) -> None:
    job = new_job_id()
    folders.lock(job, 1).touch()
    assert folders.remove(job) == Contents()
    assert list(folders.locks.iterdir()) == []


def test_a_failed_create_leaves_nothing(folders: JobFolders) -> None:
    job = new_job_id()
    with pytest.raises(TypeError):
        folders.create(job, {"bad": object()}, b"x")
    assert list(folders.jobs.iterdir()) == []


def test_ids_that_are_no_ids_never_become_paths(folders: JobFolders) -> None:
    for bad in ("../../etc", "a/b", ""):
        with pytest.raises(ValueError, match="UUID"):
            folders.folder(bad)


def test_the_sweep_takes_only_old_strangers(folders: JobFolders) -> None:
    known, fresh, orphan = (new_job_id() for _ in range(3))
    for job in (known, fresh, orphan):
        folders.create(job, {}, b"x")
    (folders.jobs / ".half.tmp").mkdir()
    for job in (known, orphan):
        folders.lock(job, 1).touch()
        os.utime(folders.lock(job, 1), (0, 0))
    for name in (known, orphan, ".half.tmp"):
        os.utime(folders.jobs / name, (0, 0))
    assert folders.sweep({known}) == 3
    assert {entry.name for entry in folders.jobs.iterdir()} == {known, fresh}
    assert [entry.name for entry in folders.locks.iterdir()] == [f"{known}.1.lock"]

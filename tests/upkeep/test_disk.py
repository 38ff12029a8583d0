"""What the data folder takes on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_datachain_jobs.store import JobStore
from jupyter_datachain_jobs.submit import JobFolders
from jupyter_datachain_jobs.upkeep import Janitor, Retention, report
from jupyter_datachain_jobs.upkeep.disk import measure

AddJob = Callable[..., Any]


async def test_each_part_is_counted_once(tmp_path: Path, store: JobStore, folders: JobFolders, add_job: AddJob) -> None:
    big = await add_job(1, log=3_000_000, name="big.py")
    small = await add_job(1, log=10, name="small.py")
    segment = folders.attempt(big.id, 1) / "output.3000000.7.log"
    segment.write_bytes(b"y" * 500_000)
    (folders.attempt(big.id, 1) / "events.jsonl").write_bytes(b"{}\n" * 100_000)
    (tmp_path / "cache" / "orders").mkdir(parents=True)
    (tmp_path / "cache" / "orders" / "a.order").write_bytes(b"z" * 700_000)
    (tmp_path / "something").write_bytes(b"z" * 5000)
    (folders.jobs / ".half.gone").mkdir()
    (folders.jobs / ".half.gone" / "output.log").write_bytes(b"z" * 100_000)
    found = measure(tmp_path)
    assert (found.job_folders, found.complete, found.environments) == (2, True, None)
    assert found.logs == 3_600_010
    assert 0 < found.snapshots < 1000
    assert 300_000 <= found.job_rest < 400_000
    assert found.jobs == found.logs + found.snapshots + found.job_rest
    assert 700_000 <= found.caches < 710_000
    assert found.database >= 4096
    assert found.rest >= 5000
    assert found.total == found.jobs + found.database + found.caches + found.rest
    assert 0 < found.free <= found.capacity
    assert [(job.id, job.log_bytes) for job in found.biggest] == [(big.id, 3_500_000), (small.id, 10)]
    assert len(measure(tmp_path, top=1).biggest) == 1
    assert measure(tmp_path, top=0).biggest == ()
    (tmp_path / "environments").mkdir()
    assert measure(tmp_path).environments == 0


async def test_it_stops_when_time_is_up_and_says_so(tmp_path: Path, store: JobStore, add_job: AddJob) -> None:
    await add_job(1)
    found = measure(tmp_path, most_s=0.0)
    assert not found.complete
    assert found.database > 0, "what is small is known all the same"


async def test_the_report_names_jobs_and_says_what_leaves(
    tmp_path: Path, store: JobStore, folders: JobFolders, add_job: AddJob
) -> None:
    old, young = await add_job(40, log=100_000, name="old.py"), await add_job(1)
    stranger = folders.jobs / "00000000-0000-4000-8000-000000000000"
    stranger.mkdir()
    (stranger / "file").write_bytes(b"x" * 50_000)
    found = await report(store, Janitor(store, folders, Retention(keep_days=30)), tmp_path, 10)
    assert found.recorded == 2
    assert found.disk.job_folders == 3
    assert [job.id for job in found.disk.biggest] == [old.id, stranger.name, young.id]
    assert set(found.names) == {old.id, young.id}
    assert [(job.id, job.name, job.reason.value) for job in found.leaving] == [(old.id, "old.py", "age")]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        measure(tmp_path / "missing")

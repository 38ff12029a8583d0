"""A store and job folders, and jobs that ended when a test wants them to have ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from jupyter_datachain_jobs.domain import Job, RunSettings, Script, State, new_job_id
from jupyter_datachain_jobs.store import JobStore, now, open_store
from jupyter_datachain_jobs.submit import JobFolders

AddEnded = Callable[..., Awaitable[Job]]


def new_job(name: str = "clean.py") -> Job:
    script = Script(f"work/{name}", f"/home/ada/work/{name}", "0" * 64, 12)
    return Job(new_job_id(), name, State.CREATED, "ada", script, RunSettings(), now())


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[JobStore]:
    store = await open_store(tmp_path / "jobs.sqlite")
    yield store
    await store.close()


@pytest.fixture
def folders(tmp_path: Path) -> JobFolders:
    folders = JobFolders(tmp_path)
    folders.prepare()
    return folders


@pytest.fixture
def add_job(store: JobStore, folders: JobFolders) -> AddEnded:
    """Adds a job with its folder; with `days`, one that ended so many days ago and left `log` bytes of output."""

    async def add(days: float | None = None, *, log: int = 0, name: str = "clean.py", settled: bool = True) -> Job:
        job = new_job(name)
        folders.create(job.id, {"id": job.id}, b"print(1)\n")
        if log:
            attempt = folders.attempt(job.id, 1)
            attempt.mkdir()
            (attempt / "output.log").write_bytes(b"x" * log)
        job = await store.add(job)
        if days is not None:
            ended = now() - timedelta(days=days)
            job = await store.move(job.id, State.CANCELED, at=ended, finished_at=ended)
            if settled:
                await store.settle(job.id)
        return job

    return add

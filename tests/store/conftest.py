from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from jupyter_datachain_jobs.domain import Job, RunSettings, Script, State, new_job_id
from jupyter_datachain_jobs.store import JobStore, now, open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[JobStore]:
    store = await open_store(tmp_path / "jobs.sqlite")
    yield store
    await store.close()


@pytest.fixture
def make_job() -> Callable[..., Job]:
    def make(name: str = "clean.py", *, workers: int = 1, owner: str = "ada") -> Job:
        return Job(
            id=new_job_id(),
            name=name,
            state=State.CREATED,
            owner=owner,
            script=Script(f"work/{name}", f"/home/ada/work/{name}", "0" * 64, 12),
            settings=RunSettings(workers=workers, parameters={"limit": "10"}),
            created_at=now(),
        )

    return make

"""The rooms without a Jupyter server: what tests of the engine share."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jupyter_datachain_jobs.api import Rooms
from jupyter_datachain_jobs.domain import Job, State

PATIENCE_S = 60.0


def write(home: Path, text: str, name: str = "script.py") -> str:
    path = home / name
    path.write_text(text)
    return str(path)


async def final(rooms: Rooms, job: Job) -> Job:
    async with asyncio.timeout(PATIENCE_S):
        return await rooms.monitor.until_final(job.id)


async def reached(rooms: Rooms, job: Job, state: State, *, attempt: int | None = None) -> Job:
    """Wait until `job` is in `state`, in its attempt `attempt` where given."""
    changed = asyncio.Event()
    unsubscribe = rooms.feed.subscribe(lambda _: changed.set())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = await rooms.store.get(job.id)
                if found.state is state and attempt in (None, found.attempt):
                    return found
                assert not found.final, found
                await changed.wait()
                changed.clear()
    finally:
        unsubscribe()

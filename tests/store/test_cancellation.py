"""A task that is cancelled in the middle of a transaction leaves no lock behind."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_datachain_jobs.domain import Job
from jupyter_datachain_jobs.store import JobStore, open_store

MakeJob = Callable[..., Job]


async def test_a_cancelled_write_leaves_no_lock(tmp_path: Path, make_job: MakeJob) -> None:
    path = tmp_path / "jobs.sqlite"
    store = await open_store(path)
    moments = random.Random(2)
    finished = cut = 0
    for _ in range(200):
        task = asyncio.create_task(store.add(make_job()))
        # Any moment of the write: it takes a few milliseconds.
        await asyncio.sleep(moments.random() * 0.008)
        task.cancel()
        try:
            await task
            finished += 1
        except asyncio.CancelledError:
            cut += 1
        with contextlib.closing(sqlite3.connect(path, timeout=0.0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
    assert cut, "none was cut short"
    recorded = await store.changes_since(0)
    assert finished <= len(recorded[0]) <= finished + cut
    await store.close()


async def test_transactions_are_opened_where_they_cannot_be_cut_short(store: JobStore) -> None:
    with pytest.raises(RuntimeError, match="marked with `whole`"):
        async with store.begin():
            pass
    with pytest.raises(RuntimeError, match="marked with `whole`"):
        async with store.reading():
            pass

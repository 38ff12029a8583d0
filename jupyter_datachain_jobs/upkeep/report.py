"""The disk report: what was measured, with the names of jobs and what retention would do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from jupyter_datachain_jobs.store import JobStore, NamedRow, count_jobs, named

from .disk import Disk, measure
from .janitor import Janitor
from .model import Leaving, Retention


@dataclass(frozen=True)
class DiskReport:
    """names: of the biggest jobs, where they are still known. leaving: what retention would remove now."""

    disk: Disk
    recorded: int
    names: dict[str, NamedRow]
    rules: Retention
    leaving: list[Leaving]


async def report(store: JobStore, janitor: Janitor, data_dir: Path, top: int) -> DiskReport:
    disk = await asyncio.to_thread(measure, data_dir, top)
    return DiskReport(
        disk,
        await count_jobs(store),
        await named(store, [job.id for job in disk.biggest]),
        janitor.rules,
        await janitor.planned(),
    )

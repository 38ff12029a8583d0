"""The disk: what the data folder costs, and applying retention now."""

from __future__ import annotations

import dataclasses

from jupyter_datachain_jobs.upkeep import DiskReport, Leaving, report

from .. import schemas
from ..request import Request

#: Jobs that are named one by one; of the others the number is told.
MOST_NAMED = 100

#: Seconds of one request to remove jobs; whoever wants the rest asks again.
PRUNE_S = 15.0


async def get(request: Request) -> schemas.Disk:
    rooms = request.rooms
    return _body(await report(rooms.store, rooms.janitor, rooms.data_dir, request.query.top))


async def prune(request: Request) -> schemas.Pruned:
    janitor = request.rooms.janitor
    if request.body.dry_run:
        return schemas.Pruned(dry_run=True, left=0, removed=_leaving(await janitor.planned()))
    gone, left = await janitor.prune(PRUNE_S)
    return schemas.Pruned(dry_run=False, left=left, removed=_leaving(gone))


def _body(found: DiskReport) -> schemas.Disk:
    disk = found.disk
    return schemas.Disk(
        data_dir=disk.data_dir,
        recorded=found.recorded,
        folders=disk.job_folders,
        logs=disk.logs,
        snapshots=disk.snapshots,
        job_rest=disk.job_rest,
        jobs=disk.jobs,
        database=disk.database,
        caches=disk.caches,
        environments=disk.environments,
        rest=disk.rest,
        total=disk.total,
        free=disk.free,
        capacity=disk.capacity,
        complete=disk.complete,
        biggest=[
            schemas.JobSize(
                id=job.id,
                name=found.names[job.id].name if job.id in found.names else None,
                state=found.names[job.id].state if job.id in found.names else None,
                bytes=job.bytes,
                log_bytes=job.log_bytes,
            )
            for job in disk.biggest
        ],
        retention=schemas.Retention(**dataclasses.asdict(found.rules), leaving=_leaving(found.leaving)),
    )


def _leaving(jobs: list[Leaving]) -> schemas.LeavingJobs:
    return schemas.LeavingJobs(
        count=len(jobs),
        bytes=sum(job.bytes for job in jobs),
        items=[schemas.LeavingJob.model_validate(job) for job in jobs[:MOST_NAMED]],
    )

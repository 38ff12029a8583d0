"""Jobs: submit, list, stop, run again, delete."""

from __future__ import annotations

import asyncio

from jupyter_datachain_jobs.domain import Category, InvalidRequest, JobNotFinal, JobsError, State
from jupyter_datachain_jobs.results import DatasetVersion, RemovedVersions

from .. import schemas
from ..convert import attempt_body, job_body, settings
from ..doors import Rooms
from ..request import Request


async def listing(request: Request) -> schemas.JobPage:
    query: schemas.JobsQuery = request.query
    if "\0" in query.q + query.script:
        raise InvalidRequest("invalid_query", "The text to look for holds a NUL character.", "Remove it.")
    page = await request.rooms.store.page(
        states=_states(query.state), text=query.q, script=query.script, limit=query.limit, cursor=query.cursor
    )
    return schemas.JobPage(items=[job_body(job) for job in page.items], next=page.next, seq=page.seq)


def _states(text: str) -> list[State]:
    try:
        return [State(word.strip().upper()) for word in text.split(",") if word.strip()]
    except ValueError as error:
        raise InvalidRequest(
            "invalid_query", f"{error}.".replace("is not a valid State", "is not a state"),
            f"The states are {', '.join(State)}.",
        ) from None  # fmt: skip


async def submit(request: Request) -> schemas.Job:
    body: schemas.SubmitJob = request.body
    job = await request.rooms.submitter.submit(
        body.script.path,
        text=body.script.text,
        owner=request.owner,
        name=body.name,
        settings=settings(body.settings),
        resume=body.resume,
    )
    return job_body(job)


async def get(request: Request) -> schemas.Job:
    return job_body(await request.rooms.store.get(request.job_id))


async def cancel(request: Request) -> schemas.Job:
    return job_body(await request.rooms.monitor.cancel(request.job_id, force=request.body.force))


async def set_priority(request: Request) -> schemas.Job:
    return job_body(await request.rooms.queue.set_priority(request.job_id, request.body.priority))


async def wait(request: Request) -> schemas.Wait:
    return schemas.Wait.model_validate(await request.rooms.waits.of(request.job_id))


async def queue(request: Request) -> schemas.Queue:
    return schemas.Queue(items=[schemas.Wait.model_validate(found) for found in await request.rooms.waits.listing()])


async def attempts(request: Request) -> schemas.Attempts:
    return schemas.Attempts(items=[attempt_body(found) for found in await request.rooms.store.attempts(request.job_id)])


async def rerun(request: Request) -> schemas.Job:
    job = await request.rooms.store.get(request.job_id)
    try:
        return job_body(await request.rooms.submitter.again(job, owner=request.owner, resume=request.body.resume))
    except OSError as error:
        raise _snapshot_gone(job.id, error) from None


async def script(request: Request) -> schemas.ScriptSnapshot:
    job = await request.rooms.store.get(request.job_id)
    try:
        source = await asyncio.to_thread(request.rooms.folders.script(job.id).read_bytes)
    except OSError as error:
        raise _snapshot_gone(job.id, error) from None
    return schemas.ScriptSnapshot(
        path=job.script.path, text=source.decode("utf-8", "replace"), sha256=job.script.sha256
    )


async def delete(request: Request) -> schemas.DeletedJob:
    rooms, query = request.rooms, request.query
    job = await rooms.store.get(request.job_id)
    if not job.final:
        raise JobNotFinal(job.id, job.state)
    await rooms.monitor.before_delete(job)
    # The datasets first: a job that is gone cannot be asked for them again.
    gone = await remove_datasets(rooms, job.id) if query.datasets else RemovedVersions()
    job = await rooms.store.delete(job.id)
    held = await asyncio.to_thread(rooms.folders.remove, job.id, job.attempt)
    return schemas.DeletedJob(
        id=job.id,
        removed=schemas.Removed(
            log_bytes=held.log_bytes,
            snapshot_bytes=held.snapshot_bytes,
            files=held.files,
            bytes=held.bytes,
            datasets=[_removed(version) for version in gone.removed],
        ),
        kept_datasets=[schemas.KeptDataset(**_removed(version).model_dump(), why=why) for version, why in gone.kept],
    )


def _removed(version: DatasetVersion) -> schemas.RemovedDataset:
    return schemas.RemovedDataset(uuid=version.uuid, full_name=version.full_name, version=version.version)


async def remove_datasets(rooms: Rooms, job_id: str) -> RemovedVersions:
    """Remove the versions that the job made. Raises as `Results.datasets_of_job` and `DataChainWorker.remove_versions`."""
    found = await asyncio.to_thread(rooms.results.datasets_of_job, job_id)
    return await rooms.worker.remove_versions([version for version in found if version.created_by_job])


def _snapshot_gone(job_id: str, error: OSError) -> JobsError:
    return JobsError(
        "job_folder_deleted",
        f"The files of job {job_id} were deleted from the data folder, or cannot be read: {error.strerror or error}.",
        "Run the script itself again; this job can only be deleted.",
        category=Category.CONFLICT,
    )

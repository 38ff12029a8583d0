"""Checks, snapshots, records: one request becomes one queued job."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
from pathlib import Path

from jupyter_datachain_jobs.domain import (
    CannotResume,
    Category,
    InvalidRequest,
    Job,
    JobsError,
    RunSettings,
    Script,
    Slots,
    State,
    new_job_id,
)
from jupyter_datachain_jobs.store import JobQueue, JobStore, now

from .check import check_script, resolve
from .folders import JobFolders

#: Version of the job folder's layout, kept in job.json: an older job must stay readable after an upgrade.
FOLDER_PROTOCOL = 1

MAX_PARAMETERS_BYTES = 120 * 1024


class Submitter:
    """Submits scripts.

    root: the server's root directory; None lets any path of this machine be submitted (a terminal).
    slots: a job that wants more of them could never start.
    """

    def __init__(
        self, store: JobStore, queue: JobQueue, folders: JobFolders, *, root: Path | None, slots: Slots
    ) -> None:
        self._store = store
        self._queue = queue
        self._folders = folders
        self._root = root
        self._slots = slots

    async def submit(
        self,
        path: str,
        *,
        owner: str,
        text: str | None = None,
        name: str | None = None,
        settings: RunSettings | None = None,
        resume: str | None = None,
    ) -> Job:
        """Queue the script at `path`, with `text` in place of the file's where given.

        resume: id of an ended job of the same script, to go on from its checkpoints.

        Raises InvalidRequest with the codes of `check.resolve` and `check.check_script`, ``too_many_workers`` and
        ``parameters_too_large``; JobNotFound and CannotResume; JobsError ``data_dir_unwritable`` and those of the store.
        """
        settings = settings or RunSettings()
        self._check(settings)
        location, source = await asyncio.to_thread(self._load, path, text)
        if resume is not None:
            before = await self._store.get(resume)
            if before.script.location != str(location):
                raise CannotResume(resume, f"it ran {before.script.path}, which is another script")
            _check_ended(before)
        return await self._enqueue(path, location, source, owner, name, settings, resume)

    async def again(self, job: Job, *, owner: str, resume: bool = False) -> Job:
        """Queue what `job` ran: the same snapshot and settings, whatever its file holds now.

        resume: go on from its checkpoints. Raises CannotResume for a job that has not ended.
        """
        self._check(job.settings)
        if resume:
            _check_ended(job)
        source = await asyncio.to_thread(self._folders.script(job.id).read_bytes)
        return await self._enqueue(job.script.path, Path(job.script.location), source, owner, job.name, job.settings,
            job.id if resume else None,
        )  # fmt: skip

    def _check(self, settings: RunSettings) -> None:
        # They travel as one environment variable, which the kernel limits to 128 KiB.
        if len(json.dumps(dict(settings.parameters))) > MAX_PARAMETERS_BYTES:
            raise InvalidRequest(
                "parameters_too_large",
                f"The parameters are larger than {MAX_PARAMETERS_BYTES // 1024} KiB in all.",
                "Put the data into a file, and pass its name.",
                category=Category.TOO_LARGE,
            )
        slots = self._slots
        if slots.per_owner and settings.workers > slots.per_owner:
            raise InvalidRequest(
                "too_many_workers",
                f"The job asks for {settings.workers} workers, but one user may have {slots.per_owner} at once.",
                f"Set Workers to {slots.per_owner} or fewer, or have `JobsApp.max_workers_per_owner` raised.",
            )
        if settings.workers > slots.total:
            raise InvalidRequest(
                "too_many_workers",
                f"The job asks for {settings.workers} workers, but this server has {slots.total}.",
                f"Set Workers to {slots.total} or fewer, or have `JobsApp.max_workers` raised.",
            )

    def _load(self, path: str, text: str | None) -> tuple[Path, bytes]:
        location = Path(path).resolve() if self._root is None else resolve(path, self._root)
        return location, check_script(location, path, text)

    async def _enqueue(
        self,
        path: str,
        location: Path,
        source: bytes,
        owner: str,
        name: str | None,
        settings: RunSettings,
        resumed_from: str | None = None,
    ) -> Job:
        job = Job(
            id=new_job_id(),
            name=name or location.name,
            state=State.CREATED,
            owner=owner,
            script=Script(path, str(location), hashlib.sha256(source).hexdigest(), len(source)),
            settings=settings,
            created_at=now(),
            resumed_from=resumed_from,
        )
        spec = {
            "protocol": FOLDER_PROTOCOL,
            "id": job.id,
            "name": job.name,
            "kind": job.kind,
            "owner": owner,
            "script": dataclasses.asdict(job.script),
            "settings": dataclasses.asdict(settings),
            "created_at": job.created_at.isoformat(),
            "resumed_from": resumed_from,
        }
        # The folder first: a job that the list shows has its files. A crash between the two leaves a folder without a
        # job, which the next start sweeps away.
        try:
            await asyncio.to_thread(self._folders.create, job.id, spec, source)
        except OSError as error:
            raise JobsError(
                "data_dir_unwritable",
                f"The job could not be recorded: {error.strerror or error}.",
                f"Make room in {self._folders.data_dir}, or check its permissions.",
                category=Category.UNAVAILABLE,
            ) from error
        try:
            return await self._store.add(job, self._queue.admit)
        except JobsError:
            await asyncio.to_thread(self._folders.remove, job.id)
            raise


def _check_ended(job: Job) -> None:
    if not job.final:
        raise CannotResume(job.id, f"it is {job.state}")

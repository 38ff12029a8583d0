"""The rooms, wired: an async context manager without any Jupyter in it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import logging
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from jupyter_datachain_jobs.api import Rooms
from jupyter_datachain_jobs.domain import Category, Job, JobsError, Slots
from jupyter_datachain_jobs.executors import ScriptExecutor
from jupyter_datachain_jobs.monitor import Monitor, Place, Settler
from jupyter_datachain_jobs.queue import Dispatcher, Launcher, Limits, Paths, Waits
from jupyter_datachain_jobs.results import DataChainWorker, NoResults, Results
from jupyter_datachain_jobs.store import ChangeFeed, Claims, JobQueue, Presence, open_store
from jupyter_datachain_jobs.submit import JobFolders, Submitter
from jupyter_datachain_jobs.upkeep import Janitor, Policy, Retention, Storage, private, settle

log = logging.getLogger("jupyter_datachain_jobs")


@dataclass(frozen=True)
class Options:
    """What the rooms are opened with.

    data_dir: the jobs database and the job folders; shared by every server of this user.
    root: the Jupyter server's root directory; None lets any script of this machine be submitted.
    datachain_root: the folder of DataChain's `.datachain`; None for what DataChain itself would choose here, which is
        the environment's word or else the current directory.
    slots: worker slots in all, and for each user.
    max_jobs, max_jobs_per_owner: jobs that may wait or run at once (0: no limit).
    ageing_s: seconds of waiting that weigh as much as one priority (0: waiting does not count).
    prewarm: import DataChain in its worker process now, so that the first job need not wait for it.
    retention: how long jobs that have ended are kept.
    network_storage: what to do when data_dir is on a network file system; see `upkeep.settle`.
    """

    data_dir: Path
    root: Path | None
    slots: Slots
    datachain_root: Path | None = None
    max_jobs: int = 0
    max_jobs_per_owner: int = 0
    ageing_s: float = 600.0
    limits: Limits = field(default_factory=Limits)
    prewarm: bool = True
    retention: Retention = field(default_factory=Retention)
    network_storage: Policy = "auto"


class Engine:
    """``async with Engine(options) as rooms``. Leaving it leaves the jobs running."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._stack = contextlib.AsyncExitStack()
        self.settler: Settler | None = None

    async def __aenter__(self) -> Rooms:
        async with contextlib.AsyncExitStack() as stack:
            rooms = await self._open(stack)
            self._stack = stack.pop_all()
        return rooms

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _open(self, stack: contextlib.AsyncExitStack) -> Rooms:
        options = self.options
        storage = await asyncio.to_thread(self._settle)
        options = dataclasses.replace(options, data_dir=storage.data_dir)
        folders = JobFolders(options.data_dir)
        sockets = await asyncio.to_thread(self._prepare, folders)

        store = await open_store(options.data_dir / "jobs.sqlite", ageing_s=options.ageing_s, wal=storage.wal)
        stack.push_async_callback(store.close)
        feed = ChangeFeed(store)
        await feed.start()
        stack.push_async_callback(feed.stop)
        queue = JobQueue(store, max_jobs=options.max_jobs, max_jobs_per_owner=options.max_jobs_per_owner)
        await queue.rank_anew()
        presence = Presence(options.data_dir / "dispatchers")
        claims = Claims(store, presence=presence)
        await asyncio.to_thread(presence.hold, claims.id)
        stack.callback(presence.release)
        await claims.forget_others()
        stack.push_async_callback(claims.leave)

        results = await asyncio.to_thread(_results, options)
        stack.callback(results.close)
        # DataChain's own default is the current directory, which differs between this process and a job: so both are
        # told where this process looks.
        environment = dict(os.environ)
        if isinstance(results, Results):
            environment |= results.location.environment
        worker = DataChainWorker(environ=environment)
        stack.push_async_callback(worker.stop)

        self.settler = settler = Settler(store, claims, worker)
        monitor = Monitor(
            store, feed, claims, settler, root=options.root, place=lambda job: _place(folders, sockets, job)
        )
        dispatcher = Dispatcher(
            queue,
            feed,
            claims,
            Launcher(store, worker, ScriptExecutor(environment), options.limits),
            slots=options.slots,
            paths=lambda job: _paths(folders, sockets, job),
            on_launched=monitor.wake,
        )
        monitor.connect(launching=dispatcher.launching, relaunch=dispatcher.relaunch)
        await monitor.start()
        stack.push_async_callback(monitor.stop)
        await dispatcher.start()
        stack.push_async_callback(dispatcher.stop)

        if options.prewarm:
            warming = asyncio.create_task(_prewarm(worker), name="prewarm")
            stack.callback(warming.cancel)
        janitor = Janitor(store, folders, options.retention)
        await janitor.start()
        stack.push_async_callback(janitor.stop)

        return Rooms(
            server_id=claims.id,
            store=store,
            feed=feed,
            folders=folders,
            submitter=Submitter(store, queue, folders, root=options.root, slots=options.slots),
            queue=queue,
            waits=Waits(store, queue, options.slots),
            monitor=monitor,
            results=results,
            worker=worker,
            max_workers=options.slots.total,
            data_dir=options.data_dir,
            janitor=janitor,
            notices=storage.notices,
        )

    def _settle(self) -> Storage:
        options = self.options
        try:
            storage = settle(options.data_dir, options.network_storage)
        except OSError as error:
            raise _unwritable(options.data_dir, error) from error
        for notice in storage.notices:
            log.warning("action=open code=%s %s %s", notice.code, notice.message, notice.hint)
        if storage.network and not storage.notices:
            log.info("action=open network=%s: SQLite does without a write-ahead log", storage.network)
        return storage

    def _prepare(self, folders: JobFolders) -> Path:
        try:
            folders.prepare()
        except OSError as error:
            raise _unwritable(folders.data_dir, error) from error
        return socket_folder(folders.data_dir)


def _unwritable(data_dir: Path, error: OSError) -> JobsError:
    return JobsError(
        "data_dir_unwritable",
        f"The data folder {data_dir} cannot be made or written: {error.strerror or error}.",
        "Check its permissions, or set `JobsApp.data_dir` to a folder that you own.",
        category=Category.UNAVAILABLE,
    )


def socket_folder(data_dir: Path) -> Path:
    """A short, private folder for the supervisors' sockets, the same for every server over one data folder.

    The kernel takes at most 107 bytes for a socket's path, so it cannot be the data folder itself.
    """
    tag = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:8]
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    if len(str(base)) > 60 or not os.access(base, os.W_OK):
        base = Path("/tmp")
    folder = base / f"datachain-jobs-{os.getuid()}-{tag}"
    if not private(folder):
        raise JobsError(
            "socket_folder_unsafe",
            f"{folder} belongs to somebody else, or others can enter it.",
            "Remove it, or set XDG_RUNTIME_DIR to a folder of your own.",
            category=Category.UNAVAILABLE,
        )
    return folder


def _socket(sockets: Path, job: Job) -> Path:
    return sockets / f"{job.id.replace('-', '')[:20]}.{job.attempt}"


def _place(folders: JobFolders, sockets: Path, job: Job) -> Place:
    return Place(folders.attempt(job.id, job.attempt), folders.lock(job.id, job.attempt), _socket(sockets, job))


def _paths(folders: JobFolders, sockets: Path, job: Job) -> Paths:
    return Paths(
        job=folders.folder(job.id),
        script=folders.script(job.id),
        attempt=folders.attempt(job.id, job.attempt),
        lock=folders.lock(job.id, job.attempt),
        socket=_socket(sockets, job),
    )


def _results(options: Options) -> Results | NoResults:
    try:
        return Results(options.datachain_root, options.data_dir / "cache")
    except JobsError as error:
        # Jobs run all the same; only their datasets cannot be shown.
        log.warning("action=open_results code=%s %s", error.code, error.message)
        return NoResults(error)


async def _prewarm(worker: DataChainWorker) -> None:
    try:
        await worker.prewarm()
    except JobsError as error:
        log.warning("action=prewarm code=%s %s", error.code, error.message)

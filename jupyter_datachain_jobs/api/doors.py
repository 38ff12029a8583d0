"""What the handlers reach: the rooms, once they are ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from jupyter_datachain_jobs.domain import Category, JobsError
from jupyter_datachain_jobs.monitor import Monitor
from jupyter_datachain_jobs.queue import Waits
from jupyter_datachain_jobs.results import DataChainWorker, NoResults, Results
from jupyter_datachain_jobs.store import ChangeFeed, JobQueue, JobStore
from jupyter_datachain_jobs.submit import JobFolders, Submitter
from jupyter_datachain_jobs.upkeep import Janitor, Notice


@dataclass(frozen=True)
class Rooms:
    """Everything that a door may call. `server_id` names this process for as long as it lives."""

    server_id: str
    store: JobStore
    feed: ChangeFeed
    folders: JobFolders
    submitter: Submitter
    queue: JobQueue
    waits: Waits
    monitor: Monitor
    results: Results | NoResults
    worker: DataChainWorker
    max_workers: int
    data_dir: Path
    janitor: Janitor
    notices: tuple[Notice, ...] = ()


class Socket(Protocol):
    def close(self, code: int | None = None, reason: str | None = None) -> None: ...


@dataclass
class Doors:
    """Handlers are registered before the rooms are open; until then every door answers 503."""

    rooms: Rooms | None = None
    problem: JobsError | None = None
    _sockets: set[Socket] = field(default_factory=set)

    def connected(self, socket: Socket) -> None:
        self._sockets.add(socket)

    def disconnected(self, socket: Socket) -> None:
        self._sockets.discard(socket)

    def shut(self, problem: JobsError) -> None:
        """Answer everything with `problem` from now on, and let open pages know by closing their sockets."""
        self.rooms, self.problem = None, problem
        for socket in tuple(self._sockets):
            socket.close(1001, "the server is stopping")

    def open(self) -> Rooms:
        if self.rooms is not None:
            return self.rooms
        if self.problem is not None:
            raise JobsError(self.problem.code, self.problem.message, self.problem.hint, category=Category.UNAVAILABLE)
        raise JobsError(
            "starting",
            "The jobs server is still starting.",
            "Try again in a moment.",
            category=Category.UNAVAILABLE,
        )

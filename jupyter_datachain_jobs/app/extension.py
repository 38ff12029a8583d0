"""The Jupyter Server extension: traits in, doors out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Enum, Float, Int, TraitError, Unicode, default, validate

from jupyter_datachain_jobs import __version__
from jupyter_datachain_jobs.api import Doors, Rooms, handlers
from jupyter_datachain_jobs.domain import Category, JobsError, Slots, State
from jupyter_datachain_jobs.queue import Limits
from jupyter_datachain_jobs.supervisor.segments import LEAST_LIMIT
from jupyter_datachain_jobs.upkeep import Policy, Retention

from .engine import Engine, Options

#: How often running jobs are reported as activity, in seconds; cullers look every few minutes.
ACTIVITY_S = 30.0

#: Reasons not to start that pass by themselves, and how long to wait then, in seconds.
PASSING = frozenset({"database_busy", "database_full", "database_in_use"})
RETRY_S = 5.0


class JobsApp(ExtensionApp):
    """Runs DataChain scripts as managed jobs."""

    name = "datachain-jobs"
    version = __version__
    description = "Run DataChain scripts as managed jobs: a queue, live logs and the datasets that they make."
    extension_url = "/lab"
    load_other_extensions = True

    data_dir = Unicode(
        help="Folder of the jobs database and of each job's files (script, log, events). Readable by its owner only. "
        "Servers that share it share the queue. Default: `datachain-jobs` in Jupyter's data folder.",
    ).tag(config=True)

    datachain_root = Unicode(
        "",
        help="Folder that holds DataChain's `.datachain`, for jobs and for reading datasets. Empty: DATACHAIN_ROOT_DIR "
        "where it is set, else the server's root folder.",
    ).tag(config=True)

    share_datachain_root = Bool(
        True,
        help="Set DATACHAIN_ROOT_DIR for the kernels and terminals of this server too, unless it is set already, so "
        "that notebooks and jobs share their datasets. DataChain's own default is the current folder of each process: "
        "a notebook and a script in different folders would not see each other's datasets.",
    ).tag(config=True)

    max_workers = Int(
        min=1,
        help="Worker slots: how many jobs of one worker run at once. A job with N workers takes N. "
        "Default: the number of CPUs that this server may use.",
    ).tag(config=True)

    max_workers_per_owner = Int(
        0,
        min=0,
        help="Worker slots that the jobs of one user may hold at once (0: all of them). A user at this limit holds back "
        "nobody else's jobs.",
    ).tag(config=True)

    max_jobs = Int(0, min=0, help="Jobs that may wait or run at once; further ones are refused (0: no limit).").tag(
        config=True
    )

    max_jobs_per_owner = Int(
        0, min=0, help="Jobs of one user that may wait or run at once; further ones are refused (0: no limit)."
    ).tag(config=True)

    ageing = Float(
        600.0,
        min=0.0,
        help="Seconds of waiting that weigh as much as one priority: a queued job rises by one for each of them, so that "
        "none waits for ever (0: only the priority counts, then who came first).",
    ).tag(config=True)

    sigint_grace = Float(
        10.0,
        min=0.0,
        help="Seconds that a stopped job gets after SIGINT to end by itself, before SIGTERM.",
    ).tag(config=True)

    sigterm_grace = Float(
        5.0,
        min=0.0,
        help="Seconds that a stopped job gets after SIGTERM, before everything that it started is killed.",
    ).tag(config=True)

    nice = Int(
        5,
        min=0,
        max=19,
        help="How much jobs give way to the server and to notebooks (0: not at all, 19: the most).",
    ).tag(config=True)

    sample_interval = Float(
        1.0, min=0.1, help="Seconds between two samples of a job's CPU time, memory and disk use."
    ).tag(config=True)

    max_log_size = Int(
        1 << 30,
        help="Bytes of one job's log that are kept at most: its beginning and its newest part; a line in the log says how "
        "much is gone in between. 0: no limit; else at least 1 MiB (1048576).",
    ).tag(config=True)

    @validate("max_log_size")
    def _valid_max_log_size(self, proposal: Any) -> int:
        size: int = proposal["value"]
        if size and size < LEAST_LIMIT:
            raise TraitError(f"JobsApp.max_log_size is {size}: use 0 for no limit, or at least {LEAST_LIMIT} bytes.")
        return size

    prewarm = Bool(
        True,
        help="Import DataChain in its own process when the server starts, so that the first job starts at once. "
        "Costs about 100 MB of memory.",
    ).tag(config=True)

    keep_days = Float(
        0.0,
        min=0.0,
        max=36500.0,
        help="Days after its end until a job is removed, with its log and files (0: never). Datasets are never removed "
        "by this or the next two.",
    ).tag(config=True)

    keep_jobs = Int(0, min=0, help="Ended jobs that are kept; the oldest beyond that are removed (0: no limit).").tag(
        config=True
    )

    keep_bytes = Int(
        0,
        min=0,
        help="Bytes that the files of ended jobs may take; the oldest beyond that are removed (0: no limit). A job that "
        "ended within the last hour stays whatever this and `keep_jobs` say.",
    ).tag(config=True)

    network_storage = Enum(
        ["auto", "local", "stay"],
        "auto",
        help="What to do when the data folder is on a network file system (NFS, SMB and the like). auto: stay there when "
        "locks and hard links work on it, with SQLite in a mode that needs no shared memory; else keep the jobs in a "
        "folder on this machine's disk, and say so. local: always keep them on this machine. stay: never move; refuse to "
        "start where it does not work.",
    ).tag(config=True)

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return os.path.join(jupyter_data_dir(), "datachain-jobs")

    @default("max_workers")
    def _default_max_workers(self) -> int:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def initialize_settings(self) -> None:
        self._doors = Doors()
        self._engine: Engine | None = None
        self._opening: asyncio.Task[None] | None = None
        self._active = False
        self._lend_log()

    def _lend_log(self) -> None:
        """The rooms log under the package's name, to which nobody listens: let it be heard where the server's log is."""
        assert self.serverapp is not None
        rooms = logging.getLogger("jupyter_datachain_jobs")
        rooms.setLevel(self.serverapp.log.getEffectiveLevel())
        for handler in self.serverapp.log.handlers:
            if handler not in rooms.handlers:
                rooms.addHandler(handler)

    def initialize_handlers(self) -> None:
        self.handlers.extend(handlers(self._doors))

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        # Not awaited: a slow disk must not hold back the whole server. Until the rooms are open the doors answer 503.
        self._opening = asyncio.create_task(self._open(), name="open jobs")

    async def _open(self) -> None:
        options = self.options()
        if self.share_datachain_root and options.datachain_root is not None:
            # Kernels and terminals are started with this process's environment.
            os.environ.setdefault("DATACHAIN_ROOT_DIR", str(options.datachain_root))
        engine = Engine(options)
        try:
            rooms = await self._entered(engine)
        except JobsError as error:
            self._say_problem(error)
            return
        except Exception:
            self.log.exception("datachain-jobs could not start")
            self._doors.problem = JobsError(
                "start_failed",
                "The jobs server could not start because of an error of its own.",
                "The server's log has the details. Please report it.",
                category=Category.UNAVAILABLE,
            )
            return
        self._engine = engine
        self._doors.rooms = rooms
        self.log.info("datachain-jobs: ready, %d worker slots, data in %s", rooms.max_workers, rooms.data_dir)
        await self._report_activity()

    async def _entered(self, engine: Engine) -> Rooms:
        """Open the rooms, however long others keep them shut. Raises JobsError for what needs somebody to act."""
        while True:
            try:
                return await engine.__aenter__()
            except JobsError as error:
                if error.code not in PASSING:
                    raise
                self._say_problem(error)
            await asyncio.sleep(RETRY_S)

    def _say_problem(self, error: JobsError) -> None:
        if self._doors.problem is None or self._doors.problem.code != error.code:
            self.log.warning("datachain-jobs: %s %s", error.message, error.hint)
        self._doors.problem = error

    def options(self) -> Options:
        assert self.serverapp is not None
        return Options(
            data_dir=Path(self.data_dir).expanduser().absolute(),
            root=Path(self.serverapp.root_dir).absolute(),
            slots=Slots(self.max_workers, self.max_workers_per_owner),
            max_jobs=self.max_jobs,
            max_jobs_per_owner=self.max_jobs_per_owner,
            ageing_s=self.ageing,
            datachain_root=self._datachain_root(),
            limits=Limits(
                sigint_grace=self.sigint_grace,
                sigterm_grace=self.sigterm_grace,
                nice=self.nice,
                sample_interval=self.sample_interval,
                max_log_size=self.max_log_size,
            ),
            prewarm=self.prewarm,
            retention=Retention(self.keep_days, self.keep_jobs, self.keep_bytes),
            network_storage=cast(Policy, self.network_storage),
        )

    def _datachain_root(self) -> Path | None:
        """None where the environment says it; that is DataChain's own rule, and comes before ours."""
        assert self.serverapp is not None
        if self.datachain_root:
            return Path(self.datachain_root).expanduser().absolute()
        if os.environ.get("DATACHAIN_ROOT_DIR") or os.environ.get("DATACHAIN_DIR"):
            return None
        return Path(self.serverapp.root_dir).absolute()

    async def _report_activity(self) -> None:
        """Running jobs keep cullers away: the hub reads `last_activity_times`, the server's own shutdown asks us."""
        assert self.serverapp is not None
        times = self.serverapp.web_app.settings.setdefault("last_activity_times", {})
        while (rooms := self._doors.rooms) is not None:
            with contextlib.suppress(Exception):
                counts, _ = await rooms.store.counts()
                self._active = any(counts.get(state) for state in State if state is not State.SCHEDULED)
                if self._active:
                    times["datachain-jobs"] = datetime.now(UTC)
            await asyncio.sleep(ACTIVITY_S)

    def current_activity(self) -> int | None:
        return 1 if self._active else None

    async def stop_extension(self) -> None:
        """Jobs run on; the next server attaches to them."""
        self._doors.shut(
            JobsError(
                "stopping",
                "The server is stopping.",
                "Jobs run on. Reload the page when it is back.",
                category=Category.UNAVAILABLE,
            )
        )
        if self._opening is not None:
            self._opening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._opening
        if self._engine is not None:
            await self._engine.__aexit__(None, None, None)

"""From a claimed job to a running supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_datachain_jobs.domain import Category, Job, JobError, JobsError, State
from jupyter_datachain_jobs.executors import Executor, JobRequest
from jupyter_datachain_jobs.results import DataChainWorker
from jupyter_datachain_jobs.store import AttemptEnd, JobStore, now
from jupyter_datachain_jobs.supervisor import command
from jupyter_datachain_jobs.supervisor.claim import tombstone

from .retry import try_again

log = logging.getLogger("jupyter_datachain_jobs")

#: How long a supervisor may take to claim its attempt, in seconds; it takes about 20 ms on an idle machine.
CLAIM_TIMEOUT_S = 30.0

#: How long to wait when the jobs database cannot be read, in seconds.
RETRY_S = 1.0


@dataclass(frozen=True)
class Paths:
    """Where one attempt lives. `socket` must stay under the 108 bytes that the kernel allows for one."""

    job: Path
    script: Path
    attempt: Path
    lock: Path
    socket: Path


@dataclass(frozen=True)
class Limits:
    """Seconds between the signals of a stop, how the job ranks against the rest of the machine, and how many bytes of
    its log are kept (0: all)."""

    sigint_grace: float = 10.0
    sigterm_grace: float = 5.0
    nice: int = 5
    sample_interval: float = 1.0
    max_log_size: int = 1 << 30


@dataclass
class Launcher:
    """Starts supervisors; keeps their pids only to reap those that end while this server lives."""

    store: JobStore
    worker: DataChainWorker
    executor: Executor
    limits: Limits
    stopping: bool = False
    _children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def launch(self, job: Job, paths: Paths) -> bool:
        """Start `job`, which is in INIT. True when a supervisor holds it, ours or one that was faster.

        A failure to start moves the job to FAILED with what was wrong; nothing is raised for it.
        """
        try:
            script = await asyncio.to_thread(paths.script.read_text, "utf-8", "replace")
            if job.attempt > 1:
                # What the attempt before left half saved goes first, so that this one meets nothing of it.
                await self.worker.finalise(job.id, "FAILED")
            await self.worker.create_job(
                job.id,
                name=job.script.location,
                query_text=script,
                workers=job.settings.workers,
                python_version=".".join(map(str, sys.version_info[:3])),
                params=dict(job.settings.parameters),
                rerun_from=job.resumed_from,
            )
            found = await self._found(job)
            if (found.state, found.attempt) != (State.INIT, job.attempt):
                if found.state in (State.CANCELING, State.CANCELED):
                    # Whoever stopped it meanwhile sees to its end; but DataChain's row may be newer than that. In any
                    # other state a server that took this one for dead has started it: it may be saving datasets.
                    await self.worker.finalise(job.id, "CANCELED")
                return False
            spec = self._spec(job, paths)
            answer = await asyncio.to_thread(self._spawn, spec, paths)
        except JobsError as error:
            return await self.fail(job, paths, JobError(error.code, error.message, error.hint))
        except FileNotFoundError as error:
            return await self.fail(job, paths, _missing(job, error))
        except OSError as error:
            return await self.fail(
                job,
                paths,
                JobError(
                    "start_failed",
                    f"The job's process could not be started: {error.strerror or error}.",
                    "Look at the server's log, free memory or disk space, and run it again.",
                ),
            )
        if answer.get("claimed") or answer.get("why") in ("exists", "locked"):
            return True
        said = str(answer.get("message") or answer.get("why") or "it gave no reason").rstrip(".")
        return await self.fail(
            job,
            paths,
            JobError(
                "start_failed",
                f"The job's supervisor did not start: {said}.",
                "Check the data folder's disk and permissions, then run it again.",
            ),
        )

    async def _found(self, job: Job) -> Job:
        """`job` as it is now.

        A jobs database that another process holds is no reason to fail the job: it starts when that is over.
        """
        while True:
            try:
                return await self.store.get(job.id)
            except JobsError as error:
                if error.category is not Category.UNAVAILABLE or self.stopping:
                    raise
                log.warning("action=launch job=%s code=%s trying again in %.0f s", job.id, error.code, RETRY_S)
            await asyncio.sleep(RETRY_S)

    async def fail(self, job: Job, paths: Paths | None, error: JobError) -> bool:
        """End a job that could not be started. True when it turns out that it did start: then it is left alone.

        A supervisor that was slow to answer may be about to run the script; a job may not be FAILED and running. Nor is
        it failed because this server stops: the next one starts it.
        """
        if self.stopping:
            return False
        if paths is not None:
            try:
                certain = await asyncio.to_thread(
                    tombstone,
                    str(paths.attempt),
                    str(paths.lock),
                    job.id,
                    job.attempt,
                    {"code": error.code, "message": error.message, "hint": error.hint},
                )
            except OSError:
                certain = True  # where we cannot write, a supervisor cannot begin either
            if not certain:
                return True
        with contextlib.suppress(JobsError):  # somebody else already ended it
            end = AttemptEnd(now(), error.code, error=error)
            if not await try_again(self.store, job, end):
                await self.store.move(
                    job.id,
                    State.FAILED,
                    attempt=job.attempt,
                    reason=error.code,
                    finished_at=end.finished_at,
                    error=error,
                )
        return False

    def _spec(self, job: Job, paths: Paths) -> dict[str, Any]:
        execution = self.executor.prepare(
            JobRequest(
                job_id=job.id,
                attempt=job.attempt,
                snapshot=str(paths.script),
                script=job.script.location,
                job_folder=str(paths.job),
                attempt_folder=str(paths.attempt),
                interpreter=sys.executable,
                parameters=job.settings.parameters,
                workers=job.settings.workers,
                resume=job.resumed_from is not None,
            )
        )
        return {
            "protocol": 1,
            "job": job.id,
            "attempt": job.attempt,
            "folder": str(paths.attempt),
            "lock": str(paths.lock),
            "socket": str(paths.socket),
            "argv": list(execution.argv),
            "cwd": execution.cwd,
            "env": dict(execution.env),
            "secrets": [],
            "timeout": job.settings.timeout or 0,
            "sigint_grace": self.limits.sigint_grace,
            "sigterm_grace": self.limits.sigterm_grace,
            "nice": self.limits.nice,
            "sample_interval": self.limits.sample_interval,
            "max_log_size": self.limits.max_log_size,
            "phase": "Running query",
        }

    def _spawn(self, spec: dict[str, Any], paths: Paths) -> dict[str, Any]:
        """Blocking; about 25 ms. Returns the supervisor's own word: {"claimed": bool, "why": ...}."""
        self.reap()
        paths.attempt.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(paths.attempt / "supervisor.err", "ab") as errors:
            child = subprocess.Popen(
                command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd="/",
                start_new_session=True,
            )
        with self._lock:
            self._children.append(child)
        assert child.stdin is not None
        assert child.stdout is not None
        with child.stdin, child.stdout:
            try:
                child.stdin.write(json.dumps(spec).encode())
                child.stdin.close()
            except BrokenPipeError:
                return {"claimed": False, "why": "it ended before it read what to run"}
            return _first_line(child.stdout.fileno())

    def reap(self) -> None:
        """Collect supervisors that ended."""
        with self._lock:
            self._children = [child for child in self._children if child.poll() is None]

    def forget(self) -> None:
        """The server stops: running supervisors outlive it, which is no oversight to warn about."""
        for child in self._children:
            child.returncode = child.poll() or 0
        self._children = []


def _missing(job: Job, error: FileNotFoundError) -> JobError:
    if str(error.filename).endswith("script.py"):
        return JobError(
            "job_folder_deleted",
            "The job's files were deleted from the data folder while it waited.",
            "Run the script again, and leave the data folder of jupyter-datachain-jobs to the server.",
        )
    return JobError(
        "start_failed",
        f"The job's process could not be started: {error.filename} is missing.",
        "Check that its Python and its folder still exist, then run it again.",
    )


def _first_line(descriptor: int) -> dict[str, Any]:
    deadline = time.monotonic() + CLAIM_TIMEOUT_S
    # Not select: a server with many kernels has descriptors beyond what that can take.
    readable = select.poll()
    readable.register(descriptor, select.POLLIN)
    line = b""
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not readable.poll(left * 1000):
            return {"claimed": False, "why": f"it said nothing for {CLAIM_TIMEOUT_S:.0f} s"}
        piece = os.read(descriptor, 4096)
        if not piece:
            return {"claimed": False, "why": "it ended before it claimed the job"}
        line += piece
    return dict(json.loads(line))

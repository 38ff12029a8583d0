"""The server's end of the DataChain process: requests, one at a time, and a new process when one dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import DataChainBroken, DataChainBusy, WorkerError
from .model import DatasetVersion, RemovedVersions
from .process import STOP_TIMEOUT, ProcessEnded, WorkerProcess

log = logging.getLogger(__name__)

#: Seconds until DataChain must be imported; a cold disk needs several.
START_TIMEOUT = 60.0
#: Seconds for one request. The worker itself gives up on a locked database after about 20.
REQUEST_TIMEOUT = 45.0
#: A job's identity must not leak from our environment into DataChain's idea of the current job.
_NOT_INHERITED = ("DATACHAIN_JOB_ID", "DATACHAIN_QUERY_PARAMS")


class DataChainWorker:
    """Writes to DataChain's metastore through one process, started when first needed.

    Requests queue up: one at a time. A worker that dies is started again, and the request is made once more, since
    every request can be repeated. Use it from one event loop, and `stop` it.

    root: value for DATACHAIN_ROOT_DIR; None leaves what the environment says.
    python: interpreter with DataChain. environ: instead of the server's environment.
    request_timeout, start_timeout: seconds.
    """

    def __init__(
        self,
        root: Path | None = None,
        *,
        python: str = sys.executable,
        environ: Mapping[str, str] | None = None,
        request_timeout: float = REQUEST_TIMEOUT,
        start_timeout: float = START_TIMEOUT,
    ) -> None:
        self._root = root
        self._python = python
        self._environ = environ
        self._request_timeout = request_timeout
        self._start_timeout = start_timeout
        self._turn = asyncio.Lock()
        self._process: WorkerProcess | None = None
        self._version: str | None = None
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """Process id of the running worker, if there is one."""
        return self._process.pid if self._process is not None and self._process.alive else None

    @property
    def known_version(self) -> str | None:
        """DataChain's version, once the worker has been started; asks nobody."""
        return self._version

    async def prewarm(self) -> None:
        """Start the worker and open the database if there is one: the first job need not wait for it (1 to 2 s).

        Raises as `create_job`.
        """
        await self._call("warm")

    async def version(self) -> str:
        """DataChain's version. Raises `DataChainBroken`."""
        async with self._turn:
            return (await self._started()).version

    async def create_job(
        self,
        job_id: str,
        name: str,
        query_text: str,
        workers: int = 1,
        python_version: str | None = None,
        params: Mapping[str, str] | None = None,
        rerun_from: str | None = None,
        run_group_id: str | None = None,
    ) -> bool:
        """Make the job's row in DataChain's metastore, RUNNING; False if it was there already.

        job_id: ours, and DataChain's too (set it as DATACHAIN_JOB_ID). name: the script's absolute path.
        python_version: "3.11"; None for the worker's. rerun_from: the job whose checkpoints may be reused; its run group
        is taken over unless `run_group_id` is given.

        Raises `DataChainBusy`, `DataChainBroken`, `WorkerError`.
        """
        result = await self._call(
            "create_job",
            job_id=job_id,
            name=name,
            query_text=query_text,
            workers=workers,
            python_version=python_version,
            params=dict(params or {}),
            rerun_from=rerun_from,
            run_group_id=run_group_id,
        )
        return bool(result["created"])

    async def finalise(
        self, job_id: str, status: str, error_message: str | None = None, error_stack: str | None = None
    ) -> int:
        """Bring DataChain's records of a final job in line: its row, and versions that it began and did not finish.

        status: "COMPLETE", "FAILED" or "CANCELED". Can be repeated; a job that DataChain does not know is no error.
        Returns how many unfinished dataset versions were removed. Raises `DataChainBusy`, `DataChainBroken`, `WorkerError`.
        """
        result = await self._call(
            "finalise", job_id=job_id, status=status, error_message=error_message, error_stack=error_stack
        )
        return int(result["removed"])

    async def remove_versions(self, versions: Sequence[DatasetVersion]) -> RemovedVersions:
        """Remove dataset versions as DataChain's own `delete_dataset` does: their rows go, their numbers stay taken.

        One that is gone already counts as removed, so that this can be repeated. One that cannot be removed does not
        keep the others. Raises `DataChainBusy`, `DataChainBroken`, `WorkerError`.
        """
        removed: list[DatasetVersion] = []
        kept: list[tuple[DatasetVersion, str]] = []
        # A request for each: dropping a large table takes time, and others wait for their turn.
        for version in versions:
            result = await self._call(
                "remove_version",
                namespace=version.namespace,
                project=version.project,
                name=version.name,
                version=version.version,
                uuid=version.uuid,
            )
            if result["kept"] is None:
                removed.append(version)
            else:
                kept.append((version, str(result["kept"])))
        return RemovedVersions(tuple(removed), tuple(kept))

    async def stop(self) -> None:
        """End the worker for good; a request that is under way may end first, for at most `STOP_TIMEOUT` seconds."""
        self._stopped = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT), self._turn:
                pass
        await self._end()

    async def _call(self, op: str, **arguments: Any) -> dict[str, Any]:
        async with self._turn:
            for last_try in (False, True):
                process = await self._started()
                try:
                    async with asyncio.timeout(self._request_timeout):
                        return await process.ask(op, arguments)
                except WorkerError:
                    raise
                except ProcessEnded:
                    await self._end()
                    log.warning("action=datachain_worker_died op=%s said=%r", op, process.last_words)
                    if last_try:
                        raise DataChainBroken(
                            f"The process that runs DataChain ended twice while it was asked to {op}: {process.last_words}"
                        ) from None
                except TimeoutError:
                    await self._end(at_once=True)
                    raise DataChainBusy(
                        f"DataChain did not answer {op} within {self._request_timeout:g} seconds."
                    ) from None
                except BaseException:
                    # Cancelled: the answer that is still to come would be taken for that of the next request.
                    await self._end(at_once=True)
                    raise
        raise AssertionError

    async def _started(self) -> WorkerProcess:
        if self._stopped:
            raise WorkerError("DataChain's process was stopped with the server.", code="datachain_stopped")
        if self._process is not None and self._process.alive:
            return self._process
        await self._end()
        try:
            async with asyncio.timeout(self._start_timeout):
                self._process = await WorkerProcess.start(self._python, self._environment())
        except TimeoutError:
            raise DataChainBroken(f"DataChain was not imported within {self._start_timeout:g} seconds.") from None
        self._version = self._process.version
        return self._process

    async def _end(self, at_once: bool = False) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end(at_once)

    def _environment(self) -> dict[str, str]:
        environ = dict(os.environ if self._environ is None else self._environ)
        for name in _NOT_INHERITED:
            environ.pop(name, None)
        environ.setdefault("DATACHAIN_NO_ANALYTICS", "1")
        if self._root is not None:
            environ["DATACHAIN_ROOT_DIR"] = str(self._root)
            environ.pop("DATACHAIN_DIR", None)
        return environ

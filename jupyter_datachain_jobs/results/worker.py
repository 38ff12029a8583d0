"""The process in which DataChain runs for the server. The only module that imports datachain.

One JSON object a line. In: ``{"id", "op", "arguments"}``; out: first ``{"ready", "version" | "error"}``, then for each
request ``{"id", "ok", "result" | "error": {"code", "message"}}``. It ends when its stdin closes, so it cannot outlive
the server for longer than one request.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import traceback
from collections.abc import Callable
from typing import IO, Any

#: DataChain's own timeout (5 s, tried 10 times over) would hold a request for a minute.
BUSY_TIMEOUT_MS = 1000
#: DataChain keeps the script's text for display only; a huge one would only weigh the metastore down.
MAX_QUERY = 1_000_000

_FINAL = ("COMPLETE", "FAILED", "CANCELED")


class Unusable(Exception):
    """The request cannot be carried out; the text says why."""


class Worker:
    """DataChain's catalog, opened when first needed, and opened again when its file was replaced."""

    def __init__(self) -> None:
        self._catalog: Any = None
        self._identity: tuple[int, int] | None = None

    def create_job(
        self,
        job_id: str,
        name: str,
        query_text: str,
        workers: int = 1,
        python_version: str | None = None,
        params: dict[str, str] | None = None,
        rerun_from: str | None = None,
        run_group_id: str | None = None,
    ) -> dict[str, Any]:
        from datachain.data_storage import JobStatus

        metastore = self.catalog.metastore
        if metastore.get_job(job_id) is not None:
            # A second attempt, or a server that died before it noted that the row was there.
            metastore.set_job_status(job_id, JobStatus.RUNNING)
            return {"job_id": job_id, "created": False}
        if rerun_from and not run_group_id:
            parent = metastore.get_job(rerun_from)
            run_group_id = parent.run_group_id if parent else None
        metastore.create_job(
            name=name,
            query=query_text[:MAX_QUERY],
            status=JobStatus.RUNNING,
            workers=workers,
            python_version=python_version or f"{sys.version_info.major}.{sys.version_info.minor}",
            params=params,
            rerun_from_job_id=rerun_from,
            run_group_id=run_group_id,
            job_id=job_id,
        )
        return {"job_id": job_id, "created": True}

    def finalise(
        self, job_id: str, status: str, error_message: str | None = None, error_stack: str | None = None
    ) -> dict[str, Any]:
        from datachain.data_storage import JobStatus

        if status not in _FINAL:
            raise Unusable(f"{status!r} is not a final status")
        catalog = self.catalog
        if catalog.metastore.get_job(job_id) is None:
            return {"found": False, "removed": 0}
        wanted = JobStatus[status]
        if catalog.metastore.get_job_status(job_id) != wanted:
            catalog.metastore.set_job_status(job_id, wanted, error_message, error_stack)
        # Also after a success: a script can end with exit code 0 and leave a version half saved (os._exit).
        catalog.metastore.mark_job_dataset_versions_as_failed(job_id)
        return {"found": True, "removed": catalog.cleanup_dataset_versions(job_id=job_id)}

    def remove_version(self, namespace: str, project: str, name: str, version: str, uuid: str) -> dict[str, Any]:
        """Remove one dataset version. `kept` in the answer says why it could not be; None when it is gone."""
        from datachain.error import DataChainError, DatasetNotFoundError, DatasetVersionNotFoundError
        from datachain.error import ProjectNotFoundError as NoProject

        catalog = self.catalog
        try:
            found = catalog.metastore.get_project(project, namespace)
            dataset = catalog.get_dataset(name, namespace_name=namespace, project_name=project, versions=None)
            if not dataset.has_version(version) or dataset.get_version(version).uuid != uuid:
                # Removed, and perhaps made anew by somebody else: that one is not ours.
                return {"kept": None}
            catalog.remove_dataset(name, found, version=version)
        except (DatasetNotFoundError, DatasetVersionNotFoundError, NoProject):
            return {"kept": None}
        except DataChainError as error:
            return {"kept": _message(error)}
        return {"kept": None}

    def warm(self) -> dict[str, Any]:
        """Do what the first request would have to do, but leave no trace where DataChain has not been used yet."""
        import datachain.catalog.catalog
        import datachain.data_storage.sqlite  # noqa: F401 - imported for later
        from datachain.utils import DataChainDir

        try:
            used = os.path.exists(DataChainDir.find(create=False).db)
        except NotADirectoryError:
            used = False
        if used:
            self.catalog  # noqa: B018 - opens it
        return {"opened": used}

    @property
    def catalog(self) -> Any:
        from datachain.catalog import get_catalog

        if self._catalog is not None and self._identity != self._file():
            # The folder was deleted or replaced: what is written to the old file would be lost.
            self._close()
        if self._catalog is None:
            self._catalog = get_catalog()
            self._identity = self._file()
            for database in (self._catalog.metastore.db, self._catalog.warehouse.db):
                if isinstance(getattr(database, "db", None), sqlite3.Connection):
                    database.db.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
        return self._catalog

    def _file(self) -> tuple[int, int] | None:
        path = getattr(self._catalog.metastore.db, "db_file", None)
        try:
            found = os.stat(path) if path else None
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found else (0, 0)

    def _close(self) -> None:
        for part in (self._catalog.metastore, self._catalog.warehouse):
            try:
                part.close()
            except Exception:  # noqa: BLE001 - whatever it was, this catalog is not used again
                traceback.print_exc()
        self._catalog = None


def answer(worker: Worker, line: bytes) -> dict[str, Any]:
    """Carry out one request; never raises."""
    request_id = None
    try:
        request = json.loads(line)
        request_id = request["id"]
        operations: dict[str, Callable[..., dict[str, Any]]] = {
            "create_job": worker.create_job,
            "finalise": worker.finalise,
            "remove_version": worker.remove_version,
            "warm": worker.warm,
        }
        result = operations[request["op"]](**request["arguments"])
        return {"id": request_id, "ok": True, "result": result}
    except Exception as error:  # noqa: BLE001 - the next request must find a living worker
        traceback.print_exc()
        return {"id": request_id, "ok": False, "error": {"code": _code(error), "message": _message(error)}}


def _code(error: BaseException) -> str:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, sqlite3.Error) and (getattr(seen, "sqlite_errorcode", 0) or 0) & 0xFF in (5, 6):
            return "busy"
        if type(seen).__name__ == "OutdatedDatabaseSchemaError" or isinstance(seen, ImportError):
            return "broken"
        seen = seen.__cause__ or seen.__context__
    return "failed"


def _message(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def _protocol_channel() -> IO[bytes]:
    """Take stdout for the protocol; what DataChain, its plugins or their C code print goes to stderr."""
    channel = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return channel


def main() -> None:
    channel = _protocol_channel()

    def send(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message).encode() + b"\n")

    try:
        import datachain

        send({"ready": True, "version": datachain.__version__})
    except Exception as error:  # noqa: BLE001 - an import can fail in any way
        traceback.print_exc()
        send({"ready": False, "error": _message(error)})
        return
    worker = Worker()
    for line in sys.stdin.buffer:
        try:
            send(answer(worker, line))
        except BrokenPipeError:
            return


if __name__ == "__main__":
    main()

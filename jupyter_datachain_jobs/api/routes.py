"""One table: what can be asked, with which right, in which shape, and who answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from . import schemas
from .handlers import datasets, disk, jobs, logs, server
from .request import Download, Raw, Request

Action = Literal["read", "write", "execute"]


@dataclass(frozen=True)
class Route:
    """`answer` is called with the request; what it returns is of type `response` (bytes for `Raw` and `Download`)."""

    verb: Literal["GET", "POST", "DELETE"]
    path: str
    name: str
    action: Action
    answer: Callable[[Request], Awaitable[Any]]
    response: type[schemas.Body | Raw | Download | dict]
    query: type[schemas.Query] | None = None
    body: type[schemas.Body] | None = None
    status: int = 200


ROUTES: tuple[Route, ...] = (
    Route("GET", "status", "getStatus", "read", server.status, schemas.Status),
    Route("GET", "template", "getTemplate", "read", server.script_template, schemas.Template),
    Route("GET", "openapi.json", "getOpenApi", "read", server.openapi_document, dict),
    Route("GET", "jobs", "listJobs", "read", jobs.listing, schemas.JobPage, query=schemas.JobsQuery),
    Route("POST", "jobs", "submitJob", "execute", jobs.submit, schemas.Job, body=schemas.SubmitJob, status=201),
    Route("GET", "jobs/{job}", "getJob", "read", jobs.get, schemas.Job),
    Route("DELETE", "jobs/{job}", "deleteJob", "write", jobs.delete, schemas.DeletedJob,
          query=schemas.DeleteQuery),
    Route(
        "POST", "jobs/{job}/cancel", "cancelJob", "execute", jobs.cancel, schemas.Job,
        body=schemas.CancelJob, status=202,
    ),
    Route(
        "POST", "jobs/{job}/rerun", "rerunJob", "execute", jobs.rerun, schemas.Job, body=schemas.RerunJob, status=201
    ),
    Route("POST", "jobs/{job}/priority", "setJobPriority", "execute", jobs.set_priority, schemas.Job,
          body=schemas.SetPriority),
    Route("GET", "jobs/{job}/wait", "getJobWait", "read", jobs.wait, schemas.Wait),
    Route("GET", "jobs/{job}/attempts", "listJobAttempts", "read", jobs.attempts, schemas.Attempts),
    Route("GET", "queue", "getQueue", "read", jobs.queue, schemas.Queue),
    Route("GET", "jobs/{job}/script", "getJobScript", "read", jobs.script, schemas.ScriptSnapshot),
    Route("GET", "jobs/{job}/log", "readLog", "read", logs.read, Raw, query=schemas.LogQuery),
    Route("GET", "jobs/{job}/log/download", "downloadLog", "read", logs.download, Download,
          query=schemas.LogDownloadQuery),
    Route("GET", "jobs/{job}/log/lines", "findLogLines", "read", logs.lines, schemas.LogLines,
          query=schemas.LogLinesQuery),
    Route("GET", "jobs/{job}/datasets", "listJobDatasets", "read", datasets.of_job, schemas.DatasetVersions),
    Route("GET", "disk", "getDisk", "read", disk.get, schemas.Disk, query=schemas.DiskQuery),
    Route("POST", "disk/prune", "pruneJobs", "write", disk.prune, schemas.Pruned, body=schemas.PruneJobs),
    Route("GET", "datasets", "findDataset", "read", datasets.find, schemas.DatasetDetail,
          query=schemas.DatasetQuery),
    Route("GET", "datasets/{uuid}", "getDataset", "read", datasets.get, schemas.DatasetDetail),
    Route("GET", "datasets/{uuid}/rows", "readRows", "read", datasets.rows, schemas.RowPage,
          query=schemas.RowsQuery),
)  # fmt: skip

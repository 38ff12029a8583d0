"""What jobs made: datasets, their columns and rows; and the way to DataChain itself.

Owns: all that we know about DataChain's databases, the order tables in the cache folder, and the one process in which
DataChain runs for the server. Called by `api`, `monitor`, `queue` and `cli`. It exists because importing DataChain costs
the server 0.35 s and 61 MB, and its own API 10 to 200 ms for a page that a read by key gives in half a millisecond:
`Results` reads the SQLite files directly, and `DataChainWorker` leaves every write to DataChain.

    results = Results(root, cache_dir)                 # synchronous, any thread
    results.datasets_of_job(job_id); results.find("cats"); results.page(uuid, 0, 200)

    worker = DataChainWorker(root)                     # asynchronous, one event loop
    await worker.create_job(job_id, name, text); await worker.finalise(job_id, "FAILED", "boom")
"""

from .cells import MAX_CELL
from .client import DataChainWorker
from .errors import (
    DataChainBroken,
    DataChainBusy,
    DatasetNotReady,
    PageOutOfRange,
    ResultsBusy,
    SchemaUnknown,
    WarehouseUnsupported,
    WorkerError,
)
from .location import Location, locate
from .model import Column, DatasetDetail, DatasetVersion, RemovedVersions, RowPage
from .reader import NoResults, Results
from .rows import MAX_LIMIT

__all__ = [
    "MAX_CELL",
    "MAX_LIMIT",
    "Column",
    "DataChainBroken",
    "DataChainBusy",
    "DataChainWorker",
    "DatasetDetail",
    "DatasetNotReady",
    "DatasetVersion",
    "Location",
    "NoResults",
    "PageOutOfRange",
    "RemovedVersions",
    "Results",
    "ResultsBusy",
    "RowPage",
    "SchemaUnknown",
    "WarehouseUnsupported",
    "WorkerError",
    "locate",
]

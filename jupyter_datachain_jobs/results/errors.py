"""What can go wrong between us and DataChain, each with a code that stays.

::

    JobsError
    ├── DatasetNotFound          (domain) no such dataset or version, or it was removed
    ├── DatasetUnreadable        (domain)
    │   ├── DatasetNotReady      its rows are still being written, or writing them failed
    │   ├── SchemaUnknown        DataChain's tables are not those that we know
    │   ├── WarehouseUnsupported DataChain is configured to keep its data elsewhere
    │   └── CacheUnwritable      an order table cannot be kept
    ├── PageOutOfRange           offset or limit makes no sense
    ├── ResultsBusy              another process holds the database
    └── WorkerError              the process that runs DataChain failed
        ├── DataChainBusy        DataChain's database stayed locked, or DataChain did not answer in time
        └── DataChainBroken      DataChain cannot be imported or used at all
"""

from __future__ import annotations

from jupyter_datachain_jobs.domain import DatasetNotFound, DatasetUnreadable, JobsError
from jupyter_datachain_jobs.domain.errors import Category

__all__ = [
    "CacheUnwritable",
    "DataChainBroken",
    "DataChainBusy",
    "DatasetNotFound",
    "DatasetNotReady",
    "DatasetUnreadable",
    "PageOutOfRange",
    "ResultsBusy",
    "SchemaUnknown",
    "WarehouseUnsupported",
    "WorkerError",
]


class DatasetNotReady(DatasetUnreadable):
    def __init__(self, full_name: str, version: str, status: str) -> None:
        super().__init__(
            f"The rows of {full_name}@{version} are not there to read: its status is {status}.",
            "Wait until the job that saves it has ended, or look at that job's log if it failed.",
            code="dataset_not_ready",
        )


class SchemaUnknown(DatasetUnreadable):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"DataChain's database has another layout than this version knows: {what}.",
            "Use the DataChain version that this extension supports, or update the extension.",
            code="datachain_schema_unknown",
        )


class WarehouseUnsupported(DatasetUnreadable):
    def __init__(self, variable: str, value: str) -> None:
        super().__init__(
            f"DataChain is told by {variable} to keep its data outside the local database ({value[:100]}).",
            f"Unset {variable} for the Jupyter server to look at datasets in the local database.",
            code="warehouse_unsupported",
        )


class CacheUnwritable(DatasetUnreadable):
    def __init__(self, folder: str, why: str) -> None:
        super().__init__(
            f"Rows of this dataset need an order table, and the cache folder {folder} cannot be written: {why}.",
            "Free space there, or mend its permissions, and try again.",
            code="cache_unwritable",
        )


class PageOutOfRange(JobsError):
    def __init__(self, offset: int, limit: int, most: int) -> None:
        super().__init__(
            "page_out_of_range",
            f"A page cannot begin at row {offset} with {limit} rows.",
            f"Ask for an offset of 0 or more and a limit from 1 to {most}.",
            category=Category.INVALID,
        )


class ResultsBusy(JobsError):
    def __init__(self) -> None:
        super().__init__(
            "results_busy",
            "DataChain's database is held by another process just now.",
            "Try again in a moment; if it stays so, a process that uses this DataChain folder may be stuck.",
            category=Category.UNAVAILABLE,
        )


class WorkerError(JobsError):
    """DataChain answered a request with an error of its own."""

    def __init__(
        self, message: str, hint: str = "", *, code: str = "datachain_failed", category: Category = Category.UNAVAILABLE
    ) -> None:
        super().__init__(
            code, message, hint or "See the server's log; try the same with DataChain in a terminal.", category=category
        )


class DataChainBusy(WorkerError):
    def __init__(self, message: str) -> None:
        super().__init__(
            message,
            "Another process holds DataChain's database. Wait for it to finish, or stop it, and try again.",
            code="datachain_busy",
        )


class DataChainBroken(WorkerError):
    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(
            message,
            hint or "Run `python -c 'import datachain'` with the server's Python and mend what it reports.",
            code="datachain_broken",
        )

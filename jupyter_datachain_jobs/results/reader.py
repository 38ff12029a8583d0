"""`Results`: all that is read from DataChain's databases, behind one object."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..domain import JobsError
from .catalog import Catalog
from .connection import ReadPool
from .location import Location, locate
from .model import DatasetDetail, DatasetVersion, RowPage
from .order import Orders
from .rows import Rows


class Results:
    """Datasets of one DataChain root, read without DataChain and without ever writing to its files.

    Every method is synchronous and may be called from any thread: call it through `asyncio.to_thread`. The databases need
    not exist yet. Close it when done.

    root: the folder that holds `.datachain` (the value of DATACHAIN_ROOT_DIR); None for what DataChain would choose.
    cache_dir: where order tables are kept between runs; None for a temporary folder.

    Raises `WarehouseUnsupported` when the environment sends DataChain to other databases than SQLite files.
    """

    def __init__(self, root: Path | None = None, cache_dir: Path | None = None) -> None:
        self.location: Location = locate(root)
        self._temporary = None if cache_dir else tempfile.TemporaryDirectory(prefix="datachain-jobs-")
        folder = cache_dir or Path(self._temporary.name if self._temporary else "")
        self._metastore = ReadPool(self.location.metastore)
        self._warehouse = self._metastore if self.location.one_file else ReadPool(self.location.warehouse)
        self._orders = Orders(folder / "orders")
        self._catalog = Catalog(self._metastore, *_defaults())
        self._rows = Rows(self._catalog, self._metastore, self._warehouse, self._orders)

    def datasets_of_job(self, *job_ids: str) -> list[DatasetVersion]:
        """Versions that these jobs saved or reused, oldest first, also while a job still runs; empty if there are none.

        Raises `ResultsBusy`, `DatasetUnreadable`.
        """
        return self._catalog.datasets_of_job(*job_ids)

    def find(self, name: str, version: str | None = None) -> DatasetDetail:
        """The dataset version of that name, bare or full; `version` may also follow the name after an "@".

        Without a version the newest complete one. Raises `DatasetNotFound`, `ResultsBusy`, `DatasetUnreadable`.
        """
        if version is None and "@" in name:
            name, _, version = name.rpartition("@")
        return self._catalog.find(name, version or None)

    def describe(self, uuid: str) -> DatasetDetail:
        """A version by its uuid, with its columns. Raises `DatasetNotFound`, `ResultsBusy`, `DatasetUnreadable`."""
        return self._catalog.describe(uuid)

    def page(self, uuid: str, offset: int = 0, limit: int = 200) -> RowPage:
        """Rows `offset` to `offset + limit` (at most 1000) in the order in which they were saved.

        Raises `PageOutOfRange`, `DatasetNotFound`, `DatasetNotReady`, `ResultsBusy`, `DatasetUnreadable`.
        """
        return self._rows.page(uuid, offset, limit)

    def close(self) -> None:
        """Let go of all files and stop what is being built. Calls after this fail or open files again."""
        self._orders.close()
        self._metastore.close()
        self._warehouse.close()
        if self._temporary:
            self._temporary.cleanup()


class NoResults:
    """Stands for `Results` where it cannot be opened: every question is answered with the reason."""

    def __init__(self, error: JobsError) -> None:
        self._error = error

    def datasets_of_job(self, *job_ids: str) -> list[DatasetVersion]:
        raise self._error

    def find(self, name: str, version: str | None = None) -> DatasetDetail:
        raise self._error

    def describe(self, uuid: str) -> DatasetDetail:
        raise self._error

    def page(self, uuid: str, offset: int = 0, limit: int = 200) -> RowPage:
        raise self._error

    def close(self) -> None:
        """Nothing was opened."""


def _defaults() -> tuple[str, str]:
    """DataChain's default namespace and project (`Catalog.get_full_dataset_name`)."""
    namespace, project = (
        os.environ.get("DATACHAIN_NAMESPACE") or "local",
        os.environ.get("DATACHAIN_PROJECT") or "local",
    )
    if "." in project:
        namespace, _, project = project.partition(".")
    return namespace, project

"""What this room hands out: dataset versions, their columns, and pages of rows. Frozen; no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: A JSON value. bytes travel as base64 text, NaN and the infinities as "NaN", "Infinity", "-Infinity", integers that a
#: double cannot hold (beyond 2**53 - 1) as decimal text.
Cell = Any


@dataclass(frozen=True)
class Column:
    """One stored column.

    name: storage name ("file__path"); unique within the version.
    path: the signal it belongs to, outermost first (("file", "path")); columns with a common beginning are one group.
    type: "str", "int", "float", "bool", "datetime", "bytes", "list" or "dict"; what a cell is once decoded.
    hidden: not meant for eyes: system columns, null markers, and fields that the model itself hides.
    """

    name: str
    path: tuple[str, ...]
    type: str
    hidden: bool


@dataclass(frozen=True)
class DatasetVersion:
    """One version of a dataset, as DataChain's metastore has it.

    name: bare name; full_name: "namespace.project.name".
    num_rows, size: None until the version is complete (size in bytes of the files that it names).
    created_at: aware UTC.
    status: CREATED, PENDING, FAILED, COMPLETE, STALE, REMOVING, REMOVED.
    created_by_job: False when a job only reused it (Resume), or no job is known.
    job_id: the job that made it.
    """

    uuid: str
    name: str
    namespace: str
    project: str
    full_name: str
    version: str
    num_rows: int | None
    size: int | None
    created_at: datetime
    status: str
    created_by_job: bool
    job_id: str | None


@dataclass(frozen=True)
class DatasetDetail(DatasetVersion):
    """A version with its columns, in the order in which DataChain shows them."""

    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class RemovedVersions:
    """What became of versions that were to be removed; `kept` with DataChain's reason."""

    removed: tuple[DatasetVersion, ...] = ()
    kept: tuple[tuple[DatasetVersion, str], ...] = ()


@dataclass(frozen=True)
class RowPage:
    """Rows `offset` to `offset + len(rows)` of a version.

    total: rows of the version. columns: storage names, in the order of `DatasetDetail.columns` (hidden ones included).
    rows: one list of cells a row, JSON-safe.
    truncated: (row index in this page, column index, full length) of each cell that was cut to `MAX_CELL` characters;
        the length is in characters, for bytes in bytes. A cut list or dict is the beginning of its JSON text.
    """

    uuid: str
    offset: int
    limit: int
    total: int
    columns: tuple[str, ...]
    rows: list[list[Cell]]
    truncated: list[tuple[int, int, int]]

"""Reads DataChain's metastore. The one module that knows its tables.

Checked against DataChain 0.62 (`datachain.data_storage.metastore`, schema version 1). Every database is compared with
what is expected here before it is believed, since another DataChain may have written it.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from jupyter_datachain_jobs.domain import DatasetNotFound, DatasetUnreadable

from .cells import parse_datetime, quoted
from .connection import MissingFile, MissingTable, ReadPool
from .errors import SchemaUnknown
from .model import DatasetDetail, DatasetVersion
from .schema import columns, storages

SCHEMA_VERSION = 1
#: `datachain.dataset.DatasetStatus`
STATUS = {1: "CREATED", 2: "PENDING", 3: "FAILED", 4: "COMPLETE", 6: "STALE", 7: "REMOVING", 8: "REMOVED"}
_GONE = (7, 8)
_COMPLETE = 4

_EXPECTED = {
    "meta": {"schema_version"},
    "namespaces": {"id", "name"},
    "projects": {"id", "name", "namespace_id"},
    "datasets": {"id", "name", "project_id"},
    "datasets_versions": {
        *("id", "uuid", "dataset_id", "version", "status", "num_objects", "size", "created_at", "job_id"),
        *("feature_schema", "schema"),
    },
    "dataset_version_jobs": {"id", "dataset_version_id", "job_id", "is_creator"},
}

_VERSION = (
    "dv.uuid, d.name, n.name, p.name, dv.version, dv.num_objects, dv.size, dv.created_at, dv.status, dv.job_id, dv.id"
)
_JOINED = (
    "datasets_versions dv join datasets d on d.id = dv.dataset_id "
    "join projects p on p.id = d.project_id join namespaces n on n.id = p.namespace_id"
)
#: Intermediate results and storage listings are DataChain's own business: nobody saved them.
_SAVED = f"dv.status not in {_GONE} and d.name not like 'session\\_%' escape '\\' and n.name <> 'system'"


@dataclass(frozen=True)
class Identity:
    """What ties a version to its rows. A version that was renamed, or removed and made anew, has another one."""

    id: int
    uuid: str
    namespace: str
    project: str
    name: str
    version: str

    @property
    def tables(self) -> tuple[str, str]:
        """Names that the table of rows can have (`AbstractWarehouse.dataset_table_name`): a dataset's or a listing's."""
        tail = f"{self.namespace}_{self.project}_{self.name}_{self.version.replace('.', '_')}"
        return f"ds_{tail}", f"src_{tail}"


class Catalog:
    """Answers questions about datasets from the metastore behind `pool`. Synchronous; safe from many threads."""

    def __init__(self, pool: ReadPool, default_namespace: str = "local", default_project: str = "local") -> None:
        self._pool = pool
        self._defaults = (default_namespace, default_project)
        self._checked: tuple[int, int] | None = None

    def datasets_of_job(self, *job_ids: str) -> list[DatasetVersion]:
        """Versions that these jobs saved or (with `created_by_job` False) reused, oldest first.

        Empty where DataChain has not been used yet. Raises `ResultsBusy`, `DatasetUnreadable`.
        """
        marks = ", ".join("?" * len(job_ids))
        statement = (
            f"select {_VERSION}, max(j.is_creator) from dataset_version_jobs j "
            f"join ({_JOINED}) on dv.id = j.dataset_version_id "
            f"where j.job_id in ({marks}) and {_SAVED} group by dv.id order by min(j.id)"
        )
        found = self._query(statement, job_ids)
        return [_version(row, bool(row[-1])) for row in found]

    def find(self, name: str, version: str | None = None) -> DatasetDetail:
        """The version of that name; the newest complete one when `version` is None.

        name: bare, "project.name" or "namespace.project.name"; a bare name is looked for in DataChain's default
        project first, then everywhere. Raises `DatasetNotFound`, `ResultsBusy`, `DatasetUnreadable`.
        """
        asked = f"{name}@{version}" if version else name
        *outer, bare = name.split(".")
        if not bare or len(outer) > 2:
            raise DatasetNotFound(asked)
        statement = f"select {_VERSION} from {_JOINED} where d.name = ? and dv.status not in {_GONE}"
        rows = [_version(row) for row in self._query(statement, (bare,))]
        if outer:
            rows = [row for row in rows if [row.namespace, row.project][-len(outer) :] == outer]
        rows = [row for row in rows if (row.namespace, row.project) == self._defaults] or rows
        if version:
            rows = [row for row in rows if row.version == version]
        else:
            rows = [row for row in rows if row.status == "COMPLETE"] or rows
        if not rows:
            raise DatasetNotFound(asked)
        return self.describe(max(rows, key=lambda row: (_semver(row.version), row.created_at)).uuid)

    def describe(self, uuid: str) -> DatasetDetail:
        """A version with its columns. Raises `DatasetNotFound`, `ResultsBusy`, `DatasetUnreadable`."""
        row, features, schema = self._row(uuid)
        # Without the table's own declaration: the metastore's schema lists every column that DataChain made.
        stored = storages(schema, dict.fromkeys(schema, ""))
        version = _version(row)
        shallow = {f.name: getattr(version, f.name) for f in fields(version)}
        return DatasetDetail(**shallow, columns=columns(features, stored))

    def layout(self, uuid: str) -> tuple[Identity, DatasetVersion, Mapping[str, Any], Mapping[str, Any]]:
        """What reading rows needs: identity, version, feature schema, schema. Raises as `describe`."""
        row, features, schema = self._row(uuid)
        return _identity(row), _version(row), features, schema

    def still_there(self, connection: sqlite3.Connection, identity: Identity) -> bool:
        """Whether the version is as it was, asked by primary keys in the transaction that reads its rows (20 µs)."""
        row = connection.execute(
            f"select {_VERSION} from {_JOINED} where dv.id = ? and dv.status = {_COMPLETE}", (identity.id,)
        ).fetchone()
        return row is not None and _identity(row) == identity

    def _row(self, uuid: str) -> tuple[tuple[Any, ...], Mapping[str, Any], Mapping[str, Any]]:
        statement = (
            f"select {_VERSION}, dv.feature_schema, dv.schema from {_JOINED} "
            f"where dv.uuid = ? and dv.status not in {_GONE}"
        )
        found = self._query(statement, (uuid,))
        if not found:
            raise DatasetNotFound(uuid)
        row = found[0]
        return row, _document(row[-2], "feature_schema"), _document(row[-1], "schema")

    def _query(self, statement: str, parameters: tuple[str, ...]) -> list[tuple[Any, ...]]:
        try:
            identity = self._pool.identity()
            with self._pool.read() as connection:
                if self._checked != identity:
                    if not _check(connection):
                        return []
                    self._checked = identity
                return connection.execute(statement, parameters).fetchall()
        except MissingFile:
            return []
        except MissingTable as error:
            self._checked = None
            raise SchemaUnknown(str(error)) from None


def _check(connection: sqlite3.Connection) -> bool:
    """Whether the metastore has been set up; raises `SchemaUnknown` if it is not the one that we know."""
    tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    if not tables:
        return False
    for table, expected in _EXPECTED.items():
        if table not in tables:
            raise SchemaUnknown(f"there is no table {table}")
        missing = expected - set(table_columns(connection, table))
        if missing:
            raise SchemaUnknown(f"table {table} has no column {', '.join(sorted(missing))}")
    row = connection.execute("select max(schema_version) from meta").fetchone()
    if row[0] != SCHEMA_VERSION:
        raise SchemaUnknown(f"its schema version is {row[0]}, and {SCHEMA_VERSION} is known")
    return True


def table_columns(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Column name to declared type, in table order; empty if there is no such table."""
    return {row[1]: row[2] for row in connection.execute(f"pragma table_info({quoted(table)})")}


def _identity(row: tuple[Any, ...]) -> Identity:
    return Identity(id=row[10], uuid=row[0], namespace=row[2], project=row[3], name=row[1], version=row[4])


def _version(row: tuple[Any, ...], created_by_job: bool | None = None) -> DatasetVersion:
    uuid, name, namespace, project, version, num_rows, size, created_at, status, job_id = row[:10]
    texts, numbers = (uuid, name, namespace, project, version), (num_rows, size)
    # SQLite's columns hold whatever was written: one damaged row must not become a fault of ours.
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(n, int | None) for n in numbers):
        raise DatasetUnreadable(
            f"DataChain's record of the dataset version {str(uuid)[:40]!r} is damaged.",
            "Remove that version with DataChain, or mend its row in DataChain's database.",
        )
    return DatasetVersion(
        uuid=uuid,
        name=name,
        namespace=namespace,
        project=project,
        full_name=f"{namespace}.{project}.{name}",
        version=version,
        num_rows=num_rows,
        size=size,
        created_at=parse_datetime(created_at if isinstance(created_at, str) else None)
        or datetime.fromtimestamp(0, UTC),
        status=STATUS.get(status, str(status)),
        created_by_job=bool(job_id) if created_by_job is None else created_by_job,
        job_id=None if job_id is None else str(job_id),
    )


def _document(text: str | None, name: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text) if text else {}
    except (ValueError, TypeError):
        raise SchemaUnknown(f"a dataset's {name} is not JSON") from None
    return document if isinstance(document, Mapping) else {}


def _semver(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))

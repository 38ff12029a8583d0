"""Reads pages of rows by key: a page costs the same at every offset.

Where the ids of a version are 1 to n without a gap (DataChain numbers them so when it saves), a position is an id. Where
they are not, small tables are walked, and large ones get an order table (see order.py).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from jupyter_datachain_jobs.domain import DatasetNotFound

from .catalog import Catalog, Identity, table_columns
from .cells import decode, expression, length_expression, quoted
from .connection import MissingFile, MissingTable, ReadPool
from .errors import DatasetNotReady, PageOutOfRange, ResultsBusy, SchemaUnknown
from .model import Column, RowPage
from .order import Orders
from .schema import Storage, columns, storages

MAX_LIMIT = 1000
#: Walking this many rows takes about a millisecond; up to here no order table is needed.
NEAR = 10_000
#: Seconds that a page waits for an order table that is being built (5M rows: about 2 s).
ORDER_TIMEOUT = 60.0
#: Versions whose layout is remembered.
_REMEMBERED = 256


@dataclass(frozen=True)
class _Source:
    identity: Identity
    table: str
    columns: tuple[Column, ...]
    stored: tuple[Storage, ...]
    select: str
    total: int
    contiguous: bool


class _Changed(Exception):
    """The version is no longer what was remembered of it."""


class _Gaps(Exception):
    """Ids that should be there are not: rows were taken out after the version was saved."""


class Rows:
    """Pages of rows. Synchronous; safe from many threads."""

    def __init__(self, catalog: Catalog, metastore: ReadPool, warehouse: ReadPool, orders: Orders) -> None:
        self._catalog = catalog
        self._metastore = metastore
        self._warehouse = warehouse
        self._orders = orders
        self._sources: OrderedDict[str, _Source] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, uuid: str, offset: int = 0, limit: int = 200) -> RowPage:
        """Rows `offset` to `offset + limit` in saved order; fewer, or none, at the end.

        Raises `PageOutOfRange`, `DatasetNotFound`, `DatasetNotReady`, `ResultsBusy`, `DatasetUnreadable`.
        """
        if offset < 0 or not 1 <= limit <= MAX_LIMIT or offset > 2**62:
            raise PageOutOfRange(offset, limit, MAX_LIMIT)
        for last_try in (False, True):
            try:
                source = self._source(uuid)
                try:
                    return self._read(source, offset, limit)
                except _Gaps:
                    source = self._remember(uuid, self._recounted(source))
                    return self._read(source, offset, limit)
            except (_Changed, MissingTable, MissingFile):
                # Renamed or removed meanwhile: the second look finds out which.
                self._forget(uuid)
                if last_try:
                    raise DatasetNotFound(uuid) from None
        raise AssertionError

    def _read(self, source: _Source, offset: int, limit: int) -> RowPage:
        total = source.total
        with self._checked(source) as connection:
            if source.contiguous:
                raw = _select(
                    connection, source, "where sys__id between ? and ? order by sys__id", offset + 1, offset + limit
                )
                if len(raw) < min(limit, total - offset):
                    raise _Gaps
            elif total <= NEAR or offset <= NEAR - limit:
                raw = _select(connection, source, "order by sys__id limit ? offset ?", limit, offset)
            else:
                raw = None
        if not source.contiguous and total > NEAR:
            raw, total = self._by_order(source, offset, limit, raw)
        assert raw is not None
        rows, cut, unknown = decode([row[1:] for row in raw], source.columns, source.stored)
        if unknown:
            cut += self._lengths(source, unknown, [row[0] for row in raw])
        return RowPage(
            uuid=source.identity.uuid,
            offset=offset,
            limit=limit,
            total=total,
            columns=tuple(column.name for column in source.columns),
            rows=rows,
            truncated=sorted(cut),
        )

    def _by_order(
        self, source: _Source, offset: int, limit: int, walked: list[tuple[Any, ...]] | None
    ) -> tuple[list[tuple[Any, ...]], int]:
        key = f"{source.identity.uuid}:saved"
        found = self._orders.slice(key, offset, limit)
        if found is None:
            build = self._orders.build(
                key, self._warehouse.path, f"select sys__id from source.{quoted(source.table)} order by sys__id"
            )
            if walked is not None:
                return walked, source.total
            try:
                build.result(ORDER_TIMEOUT)
            except (FutureTimeout, CancelledError):
                raise ResultsBusy from None
            found = self._orders.slice(key, offset, limit)
        if found is None:
            raise _Changed
        ids, total = found
        if not ids:
            return [], total
        with self._checked(source) as connection:
            raw = _select(connection, source, f"where sys__id in ({', '.join('?' * len(ids))})", *ids)
        by_id = {row[0]: row for row in raw}
        return [by_id[row_id] for row_id in ids if row_id in by_id], total

    def _lengths(self, source: _Source, cells: list[tuple[int, int]], ids: list[int]) -> Iterator[tuple[int, int, int]]:
        """Full lengths of the cells that SQL had cut: asked for afterwards, because hardly any page has such cells."""
        wanted = sorted({column for _, column in cells})
        numbers = sorted({row for row, _ in cells})
        selected = ", ".join(length_expression(source.columns[column]) for column in wanted)
        marks = ", ".join("?" * len(numbers))
        with self._checked(source) as connection:
            found = connection.execute(
                f"select sys__id, {selected} from {quoted(source.table)} where sys__id in ({marks})",
                [ids[number] for number in numbers],
            ).fetchall()
        lengths = {row[0]: dict(zip(wanted, row[1:], strict=True)) for row in found}
        for row, column in cells:
            if ids[row] in lengths:
                yield row, column, int(lengths[ids[row]][column])

    @contextmanager
    def _checked(self, source: _Source) -> Iterator[sqlite3.Connection]:
        """A read transaction in the warehouse in which the version still is what `source` says."""
        if self._metastore is self._warehouse:
            with self._warehouse.read() as connection:
                if not self._catalog.still_there(connection, source.identity):
                    raise _Changed
                yield connection
            return
        with self._metastore.read() as metastore:
            if not self._catalog.still_there(metastore, source.identity):
                raise _Changed
        with self._warehouse.read() as connection:
            yield connection

    def _source(self, uuid: str) -> _Source:
        with self._lock:
            source = self._sources.get(uuid)
            if source is not None:
                self._sources.move_to_end(uuid)
                return source
        return self._remember(uuid, self._open(uuid))

    def _remember(self, uuid: str, source: _Source) -> _Source:
        with self._lock:
            self._sources[uuid] = source
            while len(self._sources) > _REMEMBERED:
                self._sources.popitem(last=False)
        return source

    def _recounted(self, source: _Source) -> _Source:
        with self._checked(source) as connection:
            (total,) = connection.execute(f"select count(*) from {quoted(source.table)}").fetchone()
        return replace(source, total=total, contiguous=False)

    def _forget(self, uuid: str) -> None:
        with self._lock:
            self._sources.pop(uuid, None)

    def _open(self, uuid: str) -> _Source:
        identity, version, features, schema = self._catalog.layout(uuid)
        if version.status != "COMPLETE":
            raise DatasetNotReady(version.full_name, version.version, version.status)
        with self._warehouse.read() as connection:
            for table in identity.tables:
                declared = table_columns(connection, table)
                if declared:
                    break
            else:
                raise MissingTable(identity.tables[0])
            if "sys__id" not in declared:
                raise SchemaUnknown(f"table {table} has no column sys__id")
            first, last = connection.execute(
                f"select (select min(sys__id) from {quoted(table)}), (select max(sys__id) from {quoted(table)})"
            ).fetchone()
            total = version.num_rows
            contiguous = (first, last) == (1, total) or (last is None and not total)
            if total is None:
                (total,) = connection.execute(f"select count(*) from {quoted(table)}").fetchone()
                contiguous = last is None or (first, last) == (1, total)
        stored = storages(schema, declared)
        shown = columns(features, stored)
        return _Source(
            identity=identity,
            table=table,
            columns=shown,
            stored=tuple(stored[column.name] for column in shown),
            select=f"select sys__id, {', '.join(map(expression, shown))} from {quoted(table)} ",
            total=total,
            contiguous=contiguous,
        )


def _select(connection: sqlite3.Connection, source: _Source, tail: str, *parameters: int) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(source.select + tail, parameters).fetchall()
    except sqlite3.OperationalError as error:
        if "decode to UTF-8" not in str(error):
            raise
    # Text that is not UTF-8 is rare, and a Python function for each text is not cheap.
    cursor = connection.cursor()
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        return cursor.execute(source.select + tail, parameters).fetchall()
    finally:
        connection.text_factory = str

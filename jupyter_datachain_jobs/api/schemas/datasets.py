"""Datasets and their rows."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from .base import Body, Query, Time


class DatasetVersion(Body):
    uuid: str
    name: str
    namespace: str
    project: str
    full_name: str
    version: str
    num_rows: int | None
    size: int | None
    created_at: Time
    status: str
    created_by_job: bool
    job_id: str | None


class DatasetVersions(Body):
    items: list[DatasetVersion]


class Column(Body):
    name: str
    path: list[str]
    type: str
    hidden: bool


class DatasetDetail(DatasetVersion):
    columns: list[Column]


class DatasetQuery(Query):
    name: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class RowsQuery(Query):
    offset: Annotated[int, Field(ge=0, lt=2**63)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class RowPage(Body):
    """`rows` holds one list per row, in the order of `columns`; `truncated` lists [row, column, full length]."""

    uuid: str
    offset: int
    limit: int
    total: int
    columns: list[str]
    rows: list[list[Any]]
    truncated: list[tuple[int, int, int]]

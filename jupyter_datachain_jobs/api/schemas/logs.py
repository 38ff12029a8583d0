"""Logs, by bytes and by lines."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from .base import Body, Query


class LogQuery(Query):
    offset: Annotated[int, Field(ge=-(2**53), le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=4 * 1024 * 1024)] = 1024 * 1024
    attempt: Annotated[int, Field(ge=1, le=10_000)] | None = None


class LogDownloadQuery(Query):
    attempt: Annotated[int, Field(ge=1, le=10_000)] | None = None


class LogLinesQuery(Query):
    line: Annotated[int, Field(ge=0, le=2**53)] | None = None
    offset: Annotated[int, Field(ge=0, le=2**53)] | None = None
    count: Annotated[int, Field(ge=1, le=10_000)] = 500
    attempt: Annotated[int, Field(ge=1, le=10_000)] | None = None


class LogGap(Body):
    """Bytes `from` to `to` are no longer kept: the log is limited. Offsets and line numbers still count them."""

    model_config = ConfigDict(populate_by_name=True)

    from_: Annotated[int, Field(alias="from")]
    to: int
    line: Annotated[int, Field(description="Number of the line that `to` is in, 0-based.")]
    lines: Annotated[int, Field(description="How many lines before it are gone as a whole.")]


class LogLines(Body):
    """Where lines are: bytes `offset` to `next_offset` hold `count` lines from number `line` (0-based).

    Of lines in a gap it answers those after it, and a page that reaches a gap ends there; then `gap` says so.
    """

    offset: int
    line: int
    next_offset: int
    total_lines: int
    size: int
    complete: bool
    gap: LogGap | None = None

"""A job's log, by bytes and by lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from jupyter_datachain_jobs.domain import AttemptNotFound, InvalidRequest, Job
from jupyter_datachain_jobs.logs import Gap, LogReader, gap_line

from .. import schemas
from ..doors import Rooms
from ..request import Download, Raw, Request

#: Bytes of a download that are read at once.
PIECE = 1024 * 1024


def reader_of(rooms: Rooms, job: Job, attempt: int | None = None) -> LogReader:
    """The log of one attempt of a job, of the present one by default; empty when it has none yet. Raises AttemptNotFound."""
    if attempt is not None and attempt > job.attempt:
        raise AttemptNotFound(job.id, attempt, job.attempt)
    return LogReader(rooms.folders.attempt(job.id, attempt or job.attempt))


def gap_body(gap: Gap | None) -> schemas.LogGap | None:
    return schemas.LogGap(from_=gap.start, to=gap.end, line=gap.line, lines=gap.lines) if gap else None


async def read(request: Request) -> Raw:
    query: schemas.LogQuery = request.query
    job = await request.rooms.store.get(request.job_id)
    reader = reader_of(request.rooms, job, query.attempt)

    offset, content, size, gap = await asyncio.to_thread(reader.read, query.offset, query.limit)
    complete = _complete(job, query.attempt)
    headers = {"X-Log-Offset": str(offset), "X-Log-Size": str(size), "X-Log-Complete": "true" if complete else "false"}
    if gap:
        headers["X-Log-Gap"] = f"{gap.start}-{gap.end}"
    return Raw(content, headers)


async def download(request: Request) -> Download:
    """The log as it is now, with a line where a part of it was dropped."""
    query: schemas.LogDownloadQuery = request.query
    job = await request.rooms.store.get(request.job_id)
    reader = reader_of(request.rooms, job, query.attempt)
    return Download(f"{job.name}-{job.id[:8]}.log", _pieces(reader, await asyncio.to_thread(reader.size)))


async def _pieces(reader: LogReader, size: int) -> AsyncIterator[bytes]:
    at, fresh = 0, True
    while at < size:
        found, content, _, gap = await asyncio.to_thread(reader.read, at, min(PIECE, size - at))
        if gap and found > at:
            yield gap_line(found - at, fresh=fresh)
        if not content:
            return
        yield content
        at, fresh = found + len(content), content.endswith(b"\n")


async def lines(request: Request) -> schemas.LogLines:
    query: schemas.LogLinesQuery = request.query
    if query.line is not None and query.offset is not None:
        raise InvalidRequest("invalid_query", "Both a line and an offset were given.", "Give one of them.")
    job = await request.rooms.store.get(request.job_id)
    reader = reader_of(request.rooms, job, query.attempt)

    def locate() -> schemas.LogLines:
        line = reader.line_at(query.offset) if query.offset is not None else (query.line or 0)
        offset, next_offset, first, gap = reader.page(line, query.count)
        return schemas.LogLines(
            offset=offset,
            line=first,
            next_offset=next_offset,
            total_lines=reader.total_lines(),
            size=reader.size(),
            complete=_complete(job, query.attempt),
            gap=gap_body(gap),
        )

    return await asyncio.to_thread(locate)


def _complete(job: Job, attempt: int | None) -> bool:
    return job.final or (attempt is not None and attempt < job.attempt)

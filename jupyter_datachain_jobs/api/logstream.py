"""One subscription to one job's log: bytes from an offset, live, never more ahead than the client can take."""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import Awaitable, Callable

from jupyter_datachain_jobs.domain import Job
from jupyter_datachain_jobs.logs import Gap, LogReader

from . import schemas
from .doors import Rooms
from .handlers.logs import gap_body, reader_of

#: Largest frame, in bytes. Of one MiB, most of the CPU time went into fresh pages for each frame's memory.
MAX_FRAME = 512 * 1024

#: Time between two frames of a busy log, in seconds: one frame of a screen. An idle log's first line goes out at once.
BATCH_S = 0.016

#: Bytes that may be under way without an acknowledgement: a slow browser then slows only itself.
WINDOW = 4 * 1024 * 1024

_HEADER = struct.Struct(">BxxxIQ16s")
KIND_LOG = 1


def frame(job_id: str, attempt: int, offset: int, content: bytes) -> bytes:
    """A binary websocket frame: a 32-byte header, big-endian, and the bytes."""
    return _HEADER.pack(KIND_LOG, attempt, offset, uuid.UUID(job_id).bytes) + content


class LogStream:
    """Follows the present attempt of a job until the job is final and its last byte is sent.

    say: send a text frame. send: send a binary frame, returning when the socket took it.
    """

    def __init__(
        self,
        rooms: Rooms,
        job_id: str,
        wish: schemas.Subscribe,
        *,
        say: Callable[[schemas.Body], None],
        send: Callable[[bytes], Awaitable[None]],
    ) -> None:
        self._rooms = rooms
        self._job_id = job_id
        self._wish = wish
        self._say = say
        self._send = send
        self._acknowledged = 0
        self._room = asyncio.Event()

        # Where the stream jumped to, and over how many bytes, as far as that is not acknowledged.
        self._jumps: list[tuple[int, int]] = []

    def acknowledge(self, offset: int) -> None:
        self._acknowledged = max(self._acknowledged, offset)
        self._jumps = [jump for jump in self._jumps if jump[0] > self._acknowledged]
        self._room.set()

    async def run(self) -> None:
        """Raises JobNotFound when there is no such job, also when it is deleted meanwhile."""
        job = await self._rooms.store.get(self._job_id)
        if self._wish.attempt is not None and self._wish.attempt < job.attempt:
            await self._attempt(job, self._wish.attempt, first=True)
            return
        first = True
        while True:
            if job.attempt == 0:
                self._say(schemas.SubscribedLog(job=job.id, attempt=0, offset=0, line=0, size=0))
            else:
                await self._attempt(job, job.attempt, first=first)
                first = False
            done = job.attempt
            job = await self._until(lambda found, done=done: found.final or found.attempt > done)  # type: ignore[misc]
            if job.attempt == done:
                if done == 0:
                    self._say(schemas.LogEnd(job=job.id, attempt=0, size=0))
                return

    async def _until(self, wanted: Callable[[Job], bool]) -> Job:
        changed = asyncio.Event()
        unsubscribe = self._rooms.feed.subscribe(lambda _: changed.set())
        try:
            while True:
                job = await self._rooms.store.get(self._job_id)
                if wanted(job):
                    return job
                await changed.wait()
                changed.clear()
        finally:
            unsubscribe()

    async def _attempt(self, job: Job, attempt: int, *, first: bool) -> None:
        reader = reader_of(self._rooms, job, attempt)
        begun = await asyncio.to_thread(self._begin, reader, first)
        offset = self._acknowledged = begun.offset
        self._jumps = []
        self._say(begun.model_copy(update={"job": job.id, "attempt": attempt}))
        sent = 0.0
        over = False
        loop = asyncio.get_running_loop()
        while True:
            start, content, _, gap = await asyncio.to_thread(reader.read, offset, MAX_FRAME)
            if gap:
                self._skip(job.id, attempt, offset, gap)
                offset = start
            if content:
                await self._window(offset)
                await self._send(frame(job.id, attempt, offset, content))
                offset += len(content)
                pause = 0.0 if len(content) == MAX_FRAME else BATCH_S - (loop.time() - sent)
                sent = loop.time()
                if pause > 0:
                    await asyncio.sleep(pause)
            elif over:
                self._say(schemas.LogEnd(job=job.id, attempt=attempt, size=offset))
                return
            else:
                job = await self._rooms.store.get(self._job_id)
                # A final job's log grows no more, so one further read has all of it.
                over = job.final or job.attempt > attempt
                if not over:
                    await self._rooms.monitor.wait_log(job, offset)

    def _begin(self, reader: LogReader, first: bool) -> schemas.SubscribedLog:
        size = reader.size()
        offset, line = 0, 0
        if first and self._wish.offset is not None:
            # Also in a gap: whoever resumes goes on where they were, and is then told what is missing.
            offset = min(self._wish.offset, size)
            line = reader.line_at(offset)
        elif first:
            offset, line = reader.tail_start(self._wish.tail)
        gap = gap_body(reader.gap())
        return schemas.SubscribedLog(job="", attempt=0, offset=offset, line=line, size=size, gap=gap)

    def _skip(self, job_id: str, attempt: int, offset: int, gap: Gap) -> None:
        """Say that the bytes from `offset` on, which the client wants next, are gone."""
        self._say(schemas.LogSkip(job=job_id, attempt=attempt, from_=offset, to=gap.end, line=gap.line))
        self._jumps.append((gap.end, gap.end - offset))

    async def _window(self, offset: int) -> None:
        while offset - self._acknowledged - sum(length for _, length in self._jumps) >= WINDOW:
            self._room.clear()
            await self._room.wait()

"""The rooms in this process, over the same data folder as the user's Jupyter servers."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import getpass
import logging
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Mapping
from types import TracebackType
from typing import Any, Self

# jsonschema would load it for a format that nothing here has, and it builds a grammar for a second each time.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

from jupyter_datachain_jobs.api import Raw, Rooms, ask
from jupyter_datachain_jobs.app import Engine, JobsApp, Options
from jupyter_datachain_jobs.domain import Job, JobsError, Slots

from .backend import Changed, Happening, JobBody, LogBytes, LogGap, LogPiece

LOG_READ = 4 * 1024 * 1024

#: Time for the monitor's first look at jobs that a server left running, in seconds: a lost one is known after it.
LOOK_S = 0.3
#: And for recording the end of those that ended meanwhile.
RECORD_S = 5.0
#: Time to bring DataChain's records in line before the command ends, in seconds; milliseconds where nobody locks them.
SETTLE_S = 20.0


def options() -> Options:
    """As the user's Jupyter configuration has them for a server."""
    from jupyter_server.serverapp import ServerApp

    server = ServerApp()
    server.load_config_file()
    app = JobsApp()
    app.serverapp = server
    app.load_config_file()
    app.update_config(server.config)
    # A terminal may run any script, and pays for importing DataChain only when a job is run.
    return dataclasses.replace(app.options(), root=None, prewarm=False)


class LocalBackend:
    """See `Backend`. ``async with LocalBackend(options) as backend``.

    dispatch: start queued jobs, as `run` must. A command that only looks must not start the jobs that wait for a server.
    """

    def __init__(self, opened_with: Options, *, dispatch: bool) -> None:
        # Without a slot the dispatcher claims nothing.
        self._engine = Engine(opened_with if dispatch else dataclasses.replace(opened_with, slots=Slots(0)))
        self._dispatch = dispatch
        self._owner = _user()

    async def __aenter__(self) -> Self:
        logging.getLogger("jupyter_datachain_jobs").setLevel(logging.ERROR)
        self._rooms: Rooms = await self._engine.__aenter__()
        if not self._dispatch:
            await self._catch_up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._dispatch and self._engine.settler is not None:
            # Where DataChain or the jobs database is locked for longer, the next server or command does it.
            with contextlib.suppress(TimeoutError, JobsError):
                async with asyncio.timeout(SETTLE_S):
                    await self._engine.settler.drain()
        await self._engine.__aexit__(kind, error, trace)

    @property
    def name(self) -> str:
        return "this process"

    async def _catch_up(self) -> None:
        """Jobs that ended while nobody looked are shown as what they are."""
        active = await self._rooms.store.active()
        if not active:
            return
        await asyncio.sleep(LOOK_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RECORD_S):
                for job in active:
                    if (self._rooms.folders.attempt(job.id, job.attempt) / "exit.json").exists():
                        await self._rooms.monitor.until_final(job.id)

    async def ask(
        self,
        verb: str,
        route: str,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        return await ask(self._rooms, self._owner, verb, route, path, query=query, body=body)

    async def read_log(self, job_id: str, offset: int, attempt: int | None = None) -> LogPiece:
        raw = await self.ask(
            "GET", "jobs/{job}/log", {"job": job_id}, query={"offset": offset, "limit": LOG_READ, "attempt": attempt}
        )
        assert isinstance(raw, Raw)
        headers = raw.headers
        return LogPiece(
            int(headers["X-Log-Offset"]), raw.content, int(headers["X-Log-Size"]), headers["X-Log-Complete"] == "true"
        )

    def script_name(self, script: str) -> str:
        return os.path.abspath(script)

    async def follow(self, job: JobBody) -> AsyncGenerator[Happening]:
        # Bounded: a log that is written faster than it is read must not pile up here.
        told: asyncio.Queue[Happening | JobsError | None] = asyncio.Queue(maxsize=4)
        tellers = [
            asyncio.create_task(_tell(work, told), name=f"follow {job['id']}")
            for work in (self._states(job, told), self._log(job["id"], told))
        ]
        final = Changed(job)
        over = 0
        try:
            while over < len(tellers):
                happening = await told.get()
                if happening is None:
                    over += 1
                elif isinstance(happening, JobsError):
                    raise happening
                elif isinstance(happening, Changed) and happening.job["finished_at"]:
                    final = happening
                else:
                    yield happening
            yield final
        finally:
            for teller in tellers:
                teller.cancel()

    async def _states(self, job: JobBody, told: _Told) -> None:
        seen = int(job["revision"])

        async def changed(found: Job) -> None:
            nonlocal seen
            if found.revision > seen:
                seen = found.revision
                await told.put(Changed(await self.ask("GET", "jobs/{job}", {"job": found.id})))

        await self._rooms.monitor.until_final(job["id"], changed)

    async def _log(self, job_id: str, told: _Told) -> None:
        attempt, offset = 0, 0
        while True:
            # Asked before the read: a final job's log grows no more, so what is read afterwards is all of it.
            job = await self._rooms.store.get(job_id)
            if attempt == 0 and job.attempt > 0:
                attempt = job.attempt
            piece = await self.read_log(job_id, offset, attempt) if attempt else None
            if piece and piece.content:
                if piece.offset > offset:
                    await told.put(LogGap(attempt, offset, piece.offset))
                await told.put(LogBytes(attempt, piece.offset, piece.content))
                offset = piece.offset + len(piece.content)
            elif job.attempt > attempt:
                attempt, offset = job.attempt, 0
            elif job.final:
                break
            else:
                await self._rooms.monitor.wait_log(job, offset)


_Told = asyncio.Queue[Happening | JobsError | None]


async def _tell(work: Awaitable[None], told: _Told) -> None:
    """Do `work`, and say how it ended: None when it is done."""
    try:
        await work
    except JobsError as error:
        await told.put(error)
    else:
        await told.put(None)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's numeric user without an account
        return "me"

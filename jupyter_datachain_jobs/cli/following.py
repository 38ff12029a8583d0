"""Follows one job of a server over its websocket, through broken connections and restarts.

The websocket and not polled REST: states and log bytes arrive as they happen (a poll is either late or a load on the
server), and it is the way that the browser uses, with the same resume by sequence number and offset.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import time
from collections.abc import AsyncGenerator
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketError, websocket_connect

from jupyter_datachain_jobs.domain import Category, JobNotFound, JobsError

from .backend import Away, Back, Changed, Happening, JobBody, LogBytes, LogGap
from .exits import ContactLost
from .remote import NoExtension, NotAllowed, RemoteBackend

PROTOCOL = 1

#: Seconds to go on trying after the connection broke: a server restarts in a few, a machine in minutes.
PATIENCE_S = 300.0
PAUSES_S = (0.1, 0.25, 0.5, 1.0, 2.0)
STEADY_S = 5.0

#: A peer that is gone without a word (a laptop that slept, a dead tunnel) is noticed after twice this, in seconds.
PING_S = 15.0

#: Bytes handled before the server is told; it sends at most 4 MiB ahead.
ACK_BYTES = 512 * 1024

MAX_FRAME = 8 * 1024 * 1024
_HEADER = struct.Struct(">BxxxIQ16s")

_FINAL = ("COMPLETE", "FAILED", "CANCELED")


class _Broken(Exception):
    """The connection cannot be made, or broke; another one may work."""


class Following:
    """One job until its end. `job` is what the caller knows of it; later changes and the whole log are told."""

    def __init__(self, backend: RemoteBackend, job: JobBody) -> None:
        self._backend = backend
        self._job = job
        self._seq = int(job["seq"])
        #: Up to here the log was told.
        self._attempt = 0
        self._offset = 0
        self._acknowledged = 0
        self._log_over = False

    async def happenings(self) -> AsyncGenerator[Happening]:
        lost_at: float | None = None
        tries = 0
        while True:
            began = time.monotonic()
            try:
                async for happening in self._listen(await self._connect()):
                    if lost_at is not None:
                        lost_at = None
                        yield Back()
                    if happening is not None:
                        yield happening
                return
            except _Broken as broken:
                if lost_at is None:
                    lost_at = time.monotonic()
                    yield Away(str(broken))
                if time.monotonic() - lost_at > PATIENCE_S:
                    raise ContactLost(self._backend.name, PATIENCE_S) from broken
                # A server that takes connections and drops them must not be asked ten times a second.
                tries = 0 if time.monotonic() - began > STEADY_S else tries + 1
                await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
                await self._backend.find_again()

    async def _connect(self) -> WebSocketClientConnection:
        server = self._backend.server
        url = f"ws{server.url.removeprefix('http')}datachain-jobs/api/ws"
        request = HTTPRequest(url, headers=self._backend.headers(), connect_timeout=10.0, follow_redirects=False)
        try:
            return await websocket_connect(
                request, ping_interval=PING_S, ping_timeout=PING_S, max_message_size=MAX_FRAME
            )
        except HTTPClientError as error:
            # The token or the extension may be back with the server that is being restarted: only a server whose
            # address the user gave is what it is.
            if not server.found and error.code in (401, 403):
                raise NotAllowed(server.url) from error
            if not server.found and error.code == 404:
                raise NoExtension(server.url) from error
            raise _Broken(f"it answers {error.code}") from error
        except (OSError, WebSocketError) as error:
            raise _Broken(str(error) or type(error).__name__) from error

    async def _listen(self, connection: WebSocketClientConnection) -> AsyncGenerator[Happening | None]:
        """Until the job's end, None for what only shows that the server is there; raises _Broken when it ends before."""
        try:
            self._say(connection, {"op": "subscribe", "channel": "jobs", "seq": self._seq})
            self._follow_log(connection)
            while not self._over():
                message = await connection.read_message()
                if message is None:
                    raise _Broken(connection.close_reason or "the connection was closed")
                if isinstance(message, bytes):
                    if told := self._log_bytes(message):
                        yield told
                        self._acknowledge(connection)
                    continue
                heard = json.loads(message)
                if skipped := self._skipped(heard):
                    yield skipped
                changed = self._hear(connection, heard)
                # The end is told last, after the last byte.
                yield Changed(changed) if changed and changed["state"] not in _FINAL else None
            yield Changed(self._job)
        finally:
            connection.close()

    def _over(self) -> bool:
        return self._log_over and self._job["state"] in _FINAL and self._job["attempt"] <= self._attempt

    def _follow_log(self, connection: WebSocketClientConnection) -> None:
        wish: dict[str, Any] = {"op": "subscribe", "channel": "log", "job": self._job["id"], "offset": self._offset}
        if self._attempt:
            # Without it the offset would be taken for one in a later attempt's log.
            wish["attempt"] = self._attempt
        self._acknowledged = self._offset
        self._log_over = False
        self._say(connection, wish)

    def _log_bytes(self, frame: bytes) -> LogBytes | None:
        _kind, attempt, offset, _job = _HEADER.unpack_from(frame)
        content = frame[_HEADER.size :]
        if attempt != self._attempt:
            self._begin(attempt, offset)
        if offset > self._offset:
            raise _Broken(f"the log jumped from byte {self._offset} to {offset}")
        content = content[self._offset - offset :]
        told = LogBytes(attempt, self._offset, content)
        self._offset += len(content)
        return told if content else None

    def _skipped(self, message: dict[str, Any]) -> LogGap | None:
        """What is gone of the log before the next bytes."""
        match message:
            case {"type": "log_gap", "attempt": self._attempt, "to": end} if end > self._offset:
                told = LogGap(self._attempt, self._offset, end)
                self._offset = end
                return told
        return None

    def _begin(self, attempt: int, offset: int) -> None:
        self._attempt, self._offset, self._acknowledged, self._log_over = attempt, offset, offset, False

    def _acknowledge(self, connection: WebSocketClientConnection) -> None:
        # Called when the caller asks for more: what it was given is written.
        if self._offset - self._acknowledged >= ACK_BYTES:
            self._acknowledged = self._offset
            self._say(connection, {"op": "ack", "job": self._job["id"], "offset": self._offset})

    def _hear(self, connection: WebSocketClientConnection, message: dict[str, Any]) -> JobBody | None:
        """The job, when it changed."""
        match message:
            case {"type": "hello", "protocol": protocol}:
                self._check(protocol)
            case {"type": "job", "seq": seq, "job": {"id": found} as job}:
                self._seq = max(self._seq, seq)
                if found == self._job["id"]:
                    return self._changed(connection, job)
            case {"type": "job_deleted", "id": gone} if gone == self._job["id"]:
                raise JobNotFound(gone)
            case {"type": "subscribed", "channel": "log", "attempt": attempt, "offset": offset}:
                if attempt > self._attempt:
                    self._begin(attempt, offset)
            case {"type": "log_end", "attempt": attempt}:
                self._log_over = attempt >= self._attempt
                if self._job["attempt"] > attempt:
                    self._next_attempt(connection)
            case {"type": "error", "code": code, "message": why, "hint": hint}:
                raise JobsError(code, why, hint)
        return None

    def _changed(self, connection: WebSocketClientConnection, job: JobBody) -> JobBody:
        self._job = job
        if self._log_over and job["attempt"] > self._attempt:
            self._next_attempt(connection)
        return job

    def _check(self, protocol: int) -> None:
        if protocol != PROTOCOL:
            raise JobsError(
                "protocol_unknown",
                f"{self._backend.name} speaks version {protocol} of the protocol; this command knows {PROTOCOL}.",
                "Install the same version of jupyter-datachain-jobs here and there.",
                category=Category.UNAVAILABLE,
            )

    def _next_attempt(self, connection: WebSocketClientConnection) -> None:
        self._begin(0, 0)
        self._follow_log(connection)

    def _say(self, connection: WebSocketClientConnection, message: dict[str, Any]) -> None:
        # A connection that is closing is noticed by the next read.
        with contextlib.suppress(WebSocketError):
            connection.write_message(json.dumps(message))

"""A job followed over a websocket that breaks, restarts and tells strange things: a server of this test's own words."""

from __future__ import annotations

import asyncio
import json
import struct
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.websocket import WebSocketHandler

from jupyter_datachain_jobs.cli import following
from jupyter_datachain_jobs.cli.backend import Away, Back, Changed, Happening, LogBytes, LogGap
from jupyter_datachain_jobs.cli.discover import Server
from jupyter_datachain_jobs.cli.exits import ContactLost
from jupyter_datachain_jobs.cli.remote import NotAllowed, RemoteBackend
from jupyter_datachain_jobs.domain import JobNotFound, JobsError

ID = str(uuid.uuid4())
HELLO = {"type": "hello", "protocol": 1, "version": "1", "server_id": "s"}

#: What a connection says, given what it was asked; returning closes it.
Script = Callable[["Connection"], Awaitable[None]]


def job(state: str, seq: int, attempt: int = 1) -> dict[str, Any]:
    final = state in ("COMPLETE", "FAILED", "CANCELED")
    return {
        "id": ID,
        "state": state,
        "seq": seq,
        "revision": seq,
        "attempt": attempt,
        "finished_at": "t" if final else None,
    }


async def drop(connection: Connection) -> None:
    """Takes the connection and says nothing."""


class Connection:
    def __init__(self, socket: WebSocketHandler) -> None:
        self._socket = socket
        self.asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def say(self, **message: Any) -> None:
        self._socket.write_message(json.dumps(message))

    def job(self, state: str, seq: int, attempt: int = 1) -> None:
        self.say(type="job", seq=seq, job=job(state, seq, attempt))

    def log(self, content: bytes, offset: int, attempt: int = 1) -> None:
        header = struct.pack(">BxxxIQ16s", 1, attempt, offset, uuid.UUID(ID).bytes)
        self._socket.write_message(header + content, binary=True)

    def subscribed(self, attempt: int, offset: int = 0) -> None:
        self.say(type="subscribed", channel="log", job=ID, attempt=attempt, offset=offset, line=0, size=0)

    def log_end(self, attempt: int, size: int) -> None:
        self.say(type="log_end", job=ID, attempt=attempt, size=size)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., RemoteBackend]]:
    """Starts a server whose first connection follows the first script, and so on; None refuses with 503."""
    servers: list[HTTPServer] = []

    def start(*scripts: Script | int) -> RemoteBackend:
        left = list(scripts)

        class Socket(WebSocketHandler):
            async def get(self, *args: Any, **kwargs: Any) -> None:
                if left and isinstance(left[0], int):
                    raise web.HTTPError(left.pop(0))
                await super().get(*args, **kwargs)  # type: ignore[misc]

            def open(self, *args: str, **kwargs: str) -> None:
                self._connection = Connection(self)
                self._task = asyncio.create_task(self._run())

            async def _run(self) -> None:
                script = left.pop(0)
                assert not isinstance(script, int)
                if script is not drop:
                    self._connection.say(**HELLO)
                await script(self._connection)
                self.close()

            def on_message(self, message: str | bytes) -> None:
                self._connection.asked.put_nowait(json.loads(message))

        [socket] = bind_sockets(0, "127.0.0.1")
        server = HTTPServer(web.Application([(r"/datachain-jobs/api/ws", Socket)]))
        server.add_socket(socket)
        servers.append(server)
        return RemoteBackend(Server(f"http://127.0.0.1:{socket.getsockname()[1]}/", "token"))

    yield start
    for server in servers:
        server.stop()
        await server.close_all_connections()


async def told(backend: RemoteBackend, known: dict[str, Any]) -> list[Happening]:
    async with asyncio.timeout(20):
        return [happening async for happening in backend.follow(known)]


async def test_the_end_is_told_after_the_last_byte(serve: Callable[..., RemoteBackend]) -> None:
    async def script(connection: Connection) -> None:
        assert await connection.asked.get() == {"op": "subscribe", "channel": "jobs", "seq": 3}
        assert await connection.asked.get() == {"op": "subscribe", "channel": "log", "job": ID, "offset": 0}
        connection.job("RUNNING", 4)
        connection.job("COMPLETE", 5)
        connection.subscribed(1)
        connection.log(b"hello ", 0)
        connection.log(b"world", 6)
        connection.log_end(1, 11)
        await connection.asked.get()

    assert await told(serve(script), job("QUEUED", 3, 0)) == [
        Changed(job("RUNNING", 4)),
        LogBytes(1, 0, b"hello "),
        LogBytes(1, 6, b"world"),
        Changed(job("COMPLETE", 5)),
    ]


async def test_a_broken_connection_is_resumed_where_it_broke(serve: Callable[..., RemoteBackend]) -> None:
    async def first(connection: Connection) -> None:
        connection.subscribed(1)
        connection.job("RUNNING", 4)
        connection.log(b"0123456789", 0)

    async def second(connection: Connection) -> None:
        assert (await connection.asked.get())["seq"] == 4
        wish = await connection.asked.get()
        assert (wish["offset"], wish["attempt"]) == (10, 1)
        connection.subscribed(1, 10)
        # A server that begins a little earlier than it was asked repeats nothing all the same.
        connection.log(b"89abc", 8)
        connection.log_end(1, 13)
        connection.job("FAILED", 5)
        await connection.asked.get()

    happenings = await told(serve(first, 503, 503, second), job("QUEUED", 3, 0))
    assert b"".join(h.content for h in happenings if isinstance(h, LogBytes)) == b"0123456789abc"
    assert [type(h) for h in happenings if isinstance(h, Away | Back)] == [Away, Back]
    assert happenings[-1] == Changed(job("FAILED", 5))


async def test_what_is_gone_is_told_in_its_place(serve: Callable[..., RemoteBackend]) -> None:
    def gap(connection: Connection, start: int, end: int) -> None:
        connection.say(**{"type": "log_gap", "job": ID, "attempt": 1, "from": start, "to": end, "line": 5})

    async def first(connection: Connection) -> None:
        connection.subscribed(1)
        connection.job("RUNNING", 4)
        connection.log(b"head", 0)
        gap(connection, 4, 1000)

    async def second(connection: Connection) -> None:
        await connection.asked.get()
        assert (await connection.asked.get())["offset"] == 1000
        connection.subscribed(1, 1000)
        # More is gone since.
        gap(connection, 1000, 1500)
        connection.log(b"tail", 1500)
        connection.log_end(1, 1504)
        connection.job("COMPLETE", 5)
        await connection.asked.get()

    happenings = await told(serve(first, second), job("QUEUED", 3, 0))
    assert [h for h in happenings if isinstance(h, LogBytes | LogGap)] == [
        LogBytes(1, 0, b"head"),
        LogGap(1, 4, 1000),
        LogGap(1, 1000, 1500),
        LogBytes(1, 1500, b"tail"),
    ]


async def test_a_retry_is_a_log_of_its_own(serve: Callable[..., RemoteBackend]) -> None:
    async def script(connection: Connection) -> None:
        await connection.asked.get()
        await connection.asked.get()
        connection.subscribed(1)
        connection.log(b"first", 0)
        connection.log_end(1, 5)
        connection.job("QUEUED", 4, 1)
        connection.job("INIT", 5, 2)
        assert await connection.asked.get() == {"op": "subscribe", "channel": "log", "job": ID, "offset": 0}
        connection.subscribed(2)
        connection.log(b"second", 0, attempt=2)
        connection.job("COMPLETE", 6, 2)
        connection.log_end(2, 6)
        await connection.asked.get()

    happenings = await told(serve(script), job("RUNNING", 3))
    logs = [(h.attempt, h.offset, h.content) for h in happenings if isinstance(h, LogBytes)]
    assert logs == [(1, 0, b"first"), (2, 0, b"second")]


async def test_the_server_hears_how_far_we_are(serve: Callable[..., RemoteBackend]) -> None:
    piece = b"x" * 300_000
    heard = []

    async def script(connection: Connection) -> None:
        await connection.asked.get()
        await connection.asked.get()
        connection.subscribed(1)
        for i in range(10):
            connection.log(piece, i * len(piece))
        while not heard or heard[-1] < 8 * len(piece):
            message = await connection.asked.get()
            assert message["op"] == "ack"
            heard.append(message["offset"])
        connection.log_end(1, 10 * len(piece))
        connection.job("COMPLETE", 4)
        await connection.asked.get()

    await told(serve(script), job("RUNNING", 3))
    assert all(b - a <= 1024 * 1024 for a, b in zip([0, *heard], heard, strict=False))


async def test_a_canceled_job_that_never_started_has_no_log(serve: Callable[..., RemoteBackend]) -> None:
    async def script(connection: Connection) -> None:
        connection.subscribed(0)
        connection.job("CANCELED", 4, 0)
        connection.log_end(0, 0)
        await asyncio.Event().wait()

    assert await told(serve(script), job("QUEUED", 3, 0)) == [Changed(job("CANCELED", 4, 0))]


async def test_a_job_that_is_deleted_meanwhile(serve: Callable[..., RemoteBackend]) -> None:
    async def script(connection: Connection) -> None:
        connection.say(type="job_deleted", seq=4, id=ID)
        await asyncio.Event().wait()

    with pytest.raises(JobNotFound):
        await told(serve(script), job("COMPLETE", 3))


async def test_a_refusal_is_final(serve: Callable[..., RemoteBackend]) -> None:
    with pytest.raises(NotAllowed):
        await told(serve(403), job("RUNNING", 3))


async def test_another_protocol_is_named(serve: Callable[..., RemoteBackend]) -> None:
    async def script(connection: Connection) -> None:
        connection.say(**{**HELLO, "protocol": 2})
        await asyncio.Event().wait()

    with pytest.raises(JobsError) as caught:
        await told(serve(script), job("RUNNING", 3))
    assert caught.value.code == "protocol_unknown"


async def test_a_server_that_stays_away_is_given_up(
    serve: Callable[..., RemoteBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PATIENCE_S", 0.0)
    with pytest.raises(ContactLost):
        await told(serve(503, 503, 503), job("RUNNING", 3))


async def test_a_server_that_drops_each_connection_is_given_up_too(
    serve: Callable[..., RemoteBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never says a word, so it was never back."""
    monkeypatch.setattr(following, "PATIENCE_S", 1.0)

    with pytest.raises(ContactLost):
        await told(serve(*[drop] * 100), job("RUNNING", 3))

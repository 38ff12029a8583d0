"""The websocket: events, log bytes, resuming, bad messages."""

from __future__ import annotations

import asyncio
import json
import struct
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from support.server import LiveServer
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClientConnection

HEADER = struct.Struct(">BxxxIQ16s")
PATIENCE_S = 60.0


class Client:
    """A page's end of the socket."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self.connection = connection
        self.said: list[dict[str, Any]] = []

    @classmethod
    async def open(cls, server: LiveServer, **arguments: Any) -> Client:
        client = cls(await server.socket(**arguments))
        assert (await client.message())["type"] == "hello"
        return client

    def say(self, **message: Any) -> None:
        self.connection.write_message(json.dumps(message))

    async def read(self) -> dict[str, Any] | tuple[str, int, int, bytes]:
        """The next frame: a message, or (job, attempt, offset, bytes)."""
        async with asyncio.timeout(PATIENCE_S):
            frame = await self.connection.read_message()
        assert frame is not None, "the server closed the socket"
        if isinstance(frame, str):
            self.said.append(json.loads(frame))
            return self.said[-1]
        kind, attempt, offset, job = HEADER.unpack_from(frame)
        assert kind == 1
        return str(uuid.UUID(bytes=job)), attempt, offset, frame[HEADER.size :]

    async def message(self, wanted: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        while True:
            frame = await self.read()
            if isinstance(frame, dict) and wanted(frame):
                return frame

    async def of_type(self, kind: str) -> dict[str, Any]:
        return await self.message(lambda message: message["type"] == kind)

    async def log_until_end(self, job: str, *, ack: bool = True) -> tuple[int, bytes]:
        """(offset of the first byte, all bytes up to log_end); fails on a gap or a repeat."""
        start, found = -1, b""
        while True:
            frame = await self.read()
            if isinstance(frame, dict):
                if frame["type"] == "log_end":
                    assert frame["size"] == max(start, 0) + len(found)
                    return start, found
                continue
            assert frame[0] == job
            start = frame[2] if start < 0 else start
            assert frame[2] == start + len(found), "no byte is lost or repeated"
            found += frame[3]
            if ack:
                self.say(op="ack", job=job, offset=start + len(found))


async def test_nobody_without_a_login(server: LiveServer) -> None:
    for token in (None, "wrong"):
        with pytest.raises(HTTPClientError) as caught:
            await server.socket(token=token)
        assert caught.value.code in (401, 403)


async def test_jobs_are_told_as_they_change(server: LiveServer) -> None:
    client = await Client.open(server)
    seq = server.request("GET", "jobs").body["seq"]
    client.say(op="subscribe", channel="jobs", seq=seq)
    assert (await client.of_type("subscribed")) == {"type": "subscribed", "channel": "jobs", "seq": seq}
    job = await asyncio.to_thread(server.submit, "print(1)\n")
    states, revisions = [], []
    while "COMPLETE" not in states:
        event = await client.message(lambda message: message["type"] == "job" and message["job"]["id"] == job["id"])
        states.append(event["job"]["state"])
        revisions.append(event["seq"])
        assert event["seq"] == event["job"]["seq"]
    assert states[0] == "QUEUED"
    assert "RUNNING" in states
    assert revisions == sorted(set(revisions))
    await asyncio.to_thread(server.wait, job["id"])
    await asyncio.to_thread(server.request, "DELETE", f"jobs/{job['id']}")
    assert (await client.of_type("job_deleted"))["id"] == job["id"]
    client.connection.close()


async def test_a_page_that_was_away_misses_nothing(server: LiveServer) -> None:
    seq = server.request("GET", "jobs").body["seq"]
    kept = server.submit("print(1)\n")
    gone = server.submit("print(2)\n")
    for job in (kept, gone):
        await asyncio.to_thread(server.wait, job["id"])
    server.request("DELETE", f"jobs/{gone['id']}")
    client = await Client.open(server)
    client.say(op="subscribe", channel="jobs", seq=seq)
    assert (await client.of_type("job_deleted"))["id"] == gone["id"]
    told = {message["job"]["id"]: message["job"]["state"] for message in client.said if message["type"] == "job"}
    assert told[kept["id"]] == "COMPLETE"
    assert gone["id"] not in told
    client.connection.close()


async def test_a_log_arrives_live_and_whole(server: LiveServer) -> None:
    job = server.submit(
        "import time, os\nprint('first', flush=True)\n"
        "while not os.path.exists('go-on'): time.sleep(0.01)\n"
        "for i in range(100000): print('line', i)\n"
    )
    client = await Client.open(server)
    client.say(op="subscribe", channel="log", job=job["id"])
    seen = b""
    while b"first\n" not in seen:
        frame = await client.read()
        if not isinstance(frame, dict):
            seen += frame[3]
    assert server.job(job["id"])["state"] == "RUNNING", "the line came while the script waited"
    (server.root_dir / "go-on").touch()
    client.say(op="ack", job=job["id"], offset=len(seen))
    _, rest = await client.log_until_end(job["id"])
    assert seen + rest == server.read_log(job["id"])
    assert (seen + rest).count(b"\nline ") == 100_000
    client.connection.close()


async def test_a_log_is_resumed_at_its_offset(server: LiveServer) -> None:
    job = server.submit("for i in range(50000): print('line', i)\n")
    await asyncio.to_thread(server.wait, job["id"])
    log = server.read_log(job["id"])
    client = await Client.open(server)
    client.say(op="subscribe", channel="log", job=job["id"], offset=12_345)
    assert await client.log_until_end(job["id"]) == (12_345, log[12_345:])
    subscribed = next(message for message in client.said if message["type"] == "subscribed")
    assert subscribed["line"] == log[:12_345].count(b"\n")
    client.say(op="subscribe", channel="log", job=job["id"], tail=1000)
    start, tail = await client.log_until_end(job["id"])
    assert tail == log[start:]
    assert log[start - 1 : start] == b"\n", "a tail begins at a line"
    assert len(tail) <= 1000
    client.connection.close()


async def test_a_slow_reader_gets_no_more_than_a_window(server: LiveServer) -> None:
    job = server.submit("import os\nfor i in range(200): os.write(1, b'x' * 99_999 + b'\\n')\n")
    await asyncio.to_thread(server.wait, job["id"])
    client = await Client.open(server)
    client.say(op="subscribe", channel="log", job=job["id"], offset=0)
    received = 0
    client.say(op="ping")
    while True:
        frame = await client.read()
        if isinstance(frame, dict):
            continue
        received += len(frame[3])
        if received >= 4 * 1024 * 1024:
            break
    client.say(op="ping")
    client.said.clear()
    while not any(message["type"] == "pong" for message in client.said):
        frame = await client.read()
        received += 0 if isinstance(frame, dict) else len(frame[3])
    assert received < 6 * 1024 * 1024, "more was sent than may be unacknowledged"
    client.say(op="ack", job=job["id"], offset=received)
    while received < 20_000_000:
        frame = await client.read()
        if not isinstance(frame, dict):
            received += len(frame[3])
            client.say(op="ack", job=job["id"], offset=received)
    client.connection.close()


async def test_an_id_may_be_spelled_in_upper_case(server: LiveServer) -> None:
    job = server.submit("import os\nfor i in range(100): os.write(1, b'x' * 99_999 + b'\\n')\n")
    await asyncio.to_thread(server.wait, job["id"])
    client = await Client.open(server)
    client.say(op="subscribe", channel="log", job=job["id"].upper(), offset=0)
    received = 0
    while received < 10_000_000:
        frame = await client.read()
        if not isinstance(frame, dict):
            received += len(frame[3])
            client.say(op="ack", job=job["id"].upper(), offset=received)
    client.say(op="unsubscribe", channel="log", job=job["id"].upper())
    client.connection.close()


async def test_a_job_that_waits_is_followed_from_its_start(server: LiveServer) -> None:
    blocker = server.submit("import time; time.sleep(600)\n", workers=4)
    await asyncio.to_thread(server.wait, blocker["id"], "RUNNING")
    waiting = server.submit("print('at last')\n")
    client = await Client.open(server)
    client.say(op="subscribe", channel="log", job=waiting["id"])
    assert (await client.of_type("subscribed"))["attempt"] == 0
    server.request("POST", f"jobs/{blocker['id']}/cancel", {"force": True})
    assert (await client.of_type("subscribed"))["attempt"] == 1
    start, log = await client.log_until_end(waiting["id"])
    assert b"at last\n" in log
    assert start == 0
    client.connection.close()


async def test_a_job_stopped_while_it_waited_has_an_empty_log(server: LiveServer) -> None:
    blocker = server.submit("import time; time.sleep(600)\n", workers=4)
    await asyncio.to_thread(server.wait, blocker["id"], "RUNNING")
    waiting = server.submit("print('never')\n")
    client = await Client.open(server)
    client.say(op="subscribe", channel="log", job=waiting["id"])
    await client.of_type("subscribed")
    server.request("POST", f"jobs/{waiting['id']}/cancel", {})
    assert (await client.of_type("log_end"))["size"] == 0
    server.request("POST", f"jobs/{blocker['id']}/cancel", {"force": True})
    await asyncio.to_thread(server.wait, blocker["id"])
    client.connection.close()


BAD_MESSAGES: list[tuple[str | bytes, str]] = [
    ("not json", "invalid_message"),
    ("[]", "invalid_message"),
    ("null", "invalid_message"),
    ("{}", "invalid_message"),
    ('{"op": "dance"}', "invalid_message"),
    ('{"op": "subscribe"}', "invalid_message"),
    ('{"op": "subscribe", "channel": "jobs", "seq": -1}', "invalid_message"),
    ('{"op": "subscribe", "channel": "jobs", "colour": 1}', "invalid_message"),
    ('{"op": "subscribe", "channel": "log"}', "job_not_found"),
    ('{"op": "subscribe", "channel": "log", "job": "../x"}', "job_not_found"),
    (f'{{"op": "subscribe", "channel": "log", "job": "{uuid.uuid4()}"}}', "job_not_found"),
    ('{"op": "ack"}', "invalid_message"),
    (b"\xff\xfe", "invalid_message"),
    ("[" * 50_000, "invalid_message"),
    ("x" * 70_000, "message_too_large"),
]


async def test_bad_messages_are_answered_and_the_socket_stays(server: LiveServer) -> None:
    client = await Client.open(server)
    for message, code in BAD_MESSAGES:
        client.connection.write_message(message, binary=isinstance(message, bytes))
        answer = await client.of_type("error")
        assert answer["code"] == code, message
        assert answer["message"]
        assert answer["hint"]
    client.say(op="unsubscribe", channel="log", job="nobody")
    client.say(op="ack", job="nobody", offset=7)
    client.say(op="ping")
    assert (await client.of_type("pong")) == {"type": "pong"}
    client.connection.close()


async def test_a_deleted_jobs_log_ends_with_a_word(server: LiveServer) -> None:
    blocker = server.submit("import time; time.sleep(600)\n", workers=4)
    await asyncio.to_thread(server.wait, blocker["id"], "RUNNING")
    waiting = server.submit("print('never')\n")
    client = await Client.open(server)
    client.say(op="subscribe", channel="log", job=waiting["id"])
    await client.of_type("subscribed")
    server.request("POST", f"jobs/{waiting['id']}/cancel", {})
    await client.of_type("log_end")
    server.request("DELETE", f"jobs/{waiting['id']}")
    client.say(op="subscribe", channel="log", job=waiting["id"])
    assert (await client.of_type("error"))["code"] == "job_not_found"
    server.request("POST", f"jobs/{blocker['id']}/cancel", {"force": True})
    await asyncio.to_thread(server.wait, blocker["id"])
    client.connection.close()


async def test_two_pages_see_the_same(server: LiveServer) -> None:
    pages = [await Client.open(server) for _ in range(2)]
    seq = server.request("GET", "jobs").body["seq"]
    for page in pages:
        page.say(op="subscribe", channel="jobs", seq=seq)
        await page.of_type("subscribed")
    job = await asyncio.to_thread(server.submit, "print(1)\n")
    ends = []
    for page in pages:
        ends.append(
            await page.message(
                lambda message: (
                    message["type"] == "job"
                    and message["job"]["id"] == job["id"]
                    and message["job"]["state"] == "COMPLETE"
                )
            )
        )
        page.connection.close()
    assert ends[0] == ends[1]


async def test_a_restarted_server_goes_on_where_the_page_was(new_server: Callable[..., LiveServer]) -> None:
    server = new_server()
    server.start()
    job = server.submit(
        "import time, os\nfor i in range(1000): print('before', i)\n"
        "while not os.path.exists('go'): time.sleep(0.01)\n"
        "for i in range(1000): print('after', i)\n"
    )
    client = await Client.open(server)
    client.say(op="subscribe", channel="log", job=job["id"])
    seen = b""
    while b"before 999\n" not in seen:
        frame = await client.read()
        if not isinstance(frame, dict):
            seen += frame[3]
    seq = server.request("GET", "jobs").body["seq"]
    await asyncio.to_thread(server.kill)
    (server.root_dir / "go").touch()
    await asyncio.to_thread(server.start)
    client = await Client.open(server)
    client.say(op="subscribe", channel="jobs", seq=seq)
    client.say(op="subscribe", channel="log", job=job["id"], offset=len(seen))
    _, rest = await client.log_until_end(job["id"])
    assert seen + rest == server.read_log(job["id"])
    assert (seen + rest).count(b"after 999\n") == 1
    client.connection.close()

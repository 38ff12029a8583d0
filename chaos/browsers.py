"""Pages that follow a log, drop in the middle and come back: they must have exactly the bytes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import struct
import uuid
from typing import Any

from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from .jobs import Job
from .world import PATIENCE_S, Hang, World

HEADER = struct.Struct(">BxxxIQ16s")


class Browser:
    """Follows every attempt of one job from the first byte on. What it saw is in ``job.log`` at the end."""

    def __init__(self, world: World, job: Job, rng: random.Random) -> None:
        self._world = world
        self._job = job
        self._rng = rng
        self._attempt: int | None = None
        self._seen: dict[int, bytearray] = {}
        self._done = False
        self.drops = 0
        self.problems: list[str] = []

    async def run(self) -> None:
        """Returns when the job is final and its log has come to its end."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not self._done:
                    await self._visit()
        except TimeoutError:
            raise Hang(f"a browser waited in vain for the end of the log of {self._job.name}") from None
        self._job.log = {attempt: bytes(seen) for attempt, seen in self._seen.items()}

    async def _visit(self) -> None:
        servers = self._world.servers
        try:
            connection = await self._rng.choice(servers).socket() if servers else None
        except (OSError, HTTPClientError):
            connection = None
        if connection is None:
            await asyncio.sleep(0.05)
            return
        # As far as this one goes: some pages are closed after a few frames, and drop without a word.
        frames = self._rng.choice((1, 2, 5, 20, 10_000))
        try:
            self._subscribe(connection)
            while not self._done and frames > 0:
                frame = await connection.read_message()
                if frame is None:
                    break
                frames -= not isinstance(frame, str)
                self._take(connection, frame)
        except WebSocketClosedError:
            pass
        finally:
            self.drops += not self._done
            with contextlib.suppress(WebSocketClosedError):
                connection.close()

    def _subscribe(self, connection: Any) -> None:
        wish: dict[str, Any] = {"op": "subscribe", "channel": "log", "job": self._job.id, "offset": 0}
        if self._attempt is not None:
            wish |= {"attempt": self._attempt, "offset": len(self._seen.get(self._attempt, b""))}
        connection.write_message(json.dumps(wish))

    def _take(self, connection: Any, frame: str | bytes) -> None:
        if isinstance(frame, str):
            self._hear(connection, json.loads(frame))
            return
        _, attempt, offset, job = HEADER.unpack_from(frame)
        seen = self._seen.setdefault(attempt, bytearray())
        if offset != len(seen):
            self.problems.append(f"attempt {attempt}: bytes from {offset} came after {len(seen)}")
        seen += frame[HEADER.size :]
        ack = {"op": "ack", "job": str(uuid.UUID(bytes=job)), "offset": len(seen)}
        connection.write_message(json.dumps(ack))

    def _hear(self, connection: Any, message: dict[str, Any]) -> None:
        match message["type"]:
            case "subscribed" if message["attempt"]:
                self._attempt = message["attempt"]
                if message["offset"] != len(self._seen.setdefault(message["attempt"], bytearray())):
                    self.problems.append(f"attempt {message['attempt']} was resumed at {message['offset']}")
            case "log_end":
                state, attempt = self._world.state(self._job.id)
                if message["attempt"] < attempt:
                    self._attempt = message["attempt"] + 1
                    self._subscribe(connection)
                elif state in ("COMPLETE", "FAILED", "CANCELED"):
                    self._done = True
                    if message["size"] != len(self._seen.get(attempt, b"")):
                        self.problems.append(
                            f"the end at {message['size']} came after {len(self._seen[attempt])} bytes"
                        )
            case "error":
                self.problems.append(f"the server said {message['code']}: {message['message']}")

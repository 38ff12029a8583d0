"""The fast path to a supervisor: its Unix socket, JSON lines both ways. All it says is in the job's files too."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

#: A line from a supervisor is an event; none comes near this.
MAX_LINE = 1024 * 1024


class Link:
    """One connection. Use as ``async with await Link.open(path) as link``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, socket: Path) -> Link | None:
        """None when nobody listens there."""
        try:
            return cls(*await asyncio.open_unix_connection(str(socket), limit=MAX_LINE))
        except OSError:
            return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def attach(self, from_seq: int) -> None:
        """Ask for every event after `from_seq`."""
        self._send({"op": "attach", "from_seq": from_seq})

    def arm(self, size: int) -> None:
        """Ask to be told once when the log is larger than `size` bytes."""
        self._send({"op": "arm", "size": size})

    def cancel(self, *, force: bool) -> None:
        self._send({"op": "cancel", "force": force})

    def _send(self, message: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(json.dumps(message).encode() + b"\n")

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """What the supervisor says, until it closes the connection."""
        while True:
            try:
                line = await self._reader.readline()
            except (OSError, ValueError):
                return
            if not line:
                return
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if isinstance(message, dict):
                    yield message

"""What the benches share: a real server, a websocket client, and how figures are printed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import struct
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

# Set on some machines: without bytecode each Python start costs more than what is measured here.
for _name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
    os.environ.pop(_name, None)

from support.server import LiveServer

HEADER = struct.Struct(">BxxxIQ16s")


@contextlib.contextmanager
def server(**arguments: Any) -> Iterator[LiveServer]:
    """A running server in folders of its own, warm: DataChain is imported, as it is when a user presses Run."""
    home = Path(tempfile.mkdtemp(prefix="dcj-"))
    live = LiveServer(home, **arguments)
    live.start()
    try:
        live.wait(live.submit("print('warm')\n", "warm.py")["id"])
        yield live
    finally:
        live.close()
        shutil.rmtree(home, ignore_errors=True)


class Page:
    """A page's end of the websocket: acknowledges what it gets, as the browser does."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, live: LiveServer) -> AsyncIterator[Page]:
        connection = await live.socket()
        yield cls(connection)
        connection.close()

    def say(self, **message: Any) -> None:
        self._connection.write_message(json.dumps(message))

    async def frames(self) -> AsyncIterator[dict[str, Any] | tuple[int, int]]:
        """Messages, and (offset, length) of log frames."""
        acknowledged = 0
        while (frame := await self._connection.read_message()) is not None:
            if isinstance(frame, str):
                yield json.loads(frame)
                continue
            _, _, offset, job = HEADER.unpack_from(frame)
            end = offset + len(frame) - HEADER.size
            if end - acknowledged >= 512 * 1024:
                acknowledged = end
                self.say(op="ack", job=str(uuid.UUID(bytes=job)), offset=end)
            yield offset, end - offset


def cpu_seconds(pid: int) -> float:
    """User and system time of one process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    print(f"\n{title}")
    for row in [header, ["-" * width for width in widths], *rows]:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def clock() -> float:
    return time.perf_counter()


def run(main: Any) -> None:
    sys.exit(asyncio.run(main()))

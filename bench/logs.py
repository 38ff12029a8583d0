"""How fast 100 MB of log lines reach a websocket client, and what that costs the server.

Beside it, in the same run: the same lines printed in a notebook kernel and read from the kernel's websocket (its stream
messages, with the server's rate limit switched off). Exits 1 when ours is under `LEAST_MB_S` or over `MOST_CPU_S`.

    python bench/logs.py [MB]
"""

from __future__ import annotations

import json
import sys
import uuid

from _common import LiveServer, Page, clock, cpu_seconds, run, server, table
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

LEAST_MB_S = 50.0
MOST_CPU_S = 0.2

PRINT = """\
import sys
line = ("x" * 99 + "\\n").encode()
block = line * 1000
out = sys.stdout.buffer if hasattr(sys.stdout, "buffer") else None
for _ in range({blocks}):
    if out is None:
        print(block.decode(), end="")
    else:
        out.write(block)
"""

MB = 1_000_000


async def ours(live: LiveServer, megabytes: int) -> tuple[float, float]:
    """Seconds, and CPU seconds of the server, from the first byte to the last."""
    assert live.process is not None
    size = megabytes * MB
    async with Page.open(live) as page:
        job = live.submit(PRINT.format(blocks=size // 100_000), "lines.py")
        page.say(op="subscribe", channel="log", job=job["id"], offset=0)
        begun, before, received = 0.0, 0.0, 0
        async for frame in page.frames():
            if isinstance(frame, tuple):
                if not received:
                    begun, before = clock(), cpu_seconds(live.process.pid)
                assert frame[0] == received
                received += frame[1]
            elif frame["type"] == "log_end":
                assert received == size, received
                return clock() - begun, cpu_seconds(live.process.pid) - before
    raise AssertionError("the server closed the socket")


async def kernel(live: LiveServer, megabytes: int) -> tuple[float, float]:
    """The same for a kernel that runs already, from the request to the last byte."""
    assert live.process is not None
    size = megabytes * MB
    identity = live.request("POST", "/api/kernels", {"name": "python3"}).body["id"]
    url = f"ws{live.url.removeprefix('http')}api/kernels/{identity}/channels"
    socket = await websocket_connect(
        HTTPRequest(url, headers={"Authorization": f"token {live.token}"}), max_message_size=256 * MB
    )
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "session": "bench",
        "username": "",
        "version": "5.3",
    }
    content = {"code": PRINT.format(blocks=size // 100_000), "silent": False, "store_history": False}
    begun, before = clock(), cpu_seconds(live.process.pid)
    await socket.write_message(
        json.dumps({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content})
    )
    received = 0
    while received < size:
        message = json.loads(await socket.read_message())
        if message["msg_type"] == "stream":
            received += len(message["content"]["text"])
        elif message["msg_type"] == "error":
            raise AssertionError(message["content"])
    seconds, cpu = clock() - begun, cpu_seconds(live.process.pid) - before
    socket.close()
    live.request("DELETE", f"/api/kernels/{identity}")
    return seconds, cpu


async def main() -> int:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    no_limit = {"ZMQChannelsWebsocketConnection": {"limit_rate": False}}
    with server(config=no_limit) as live:
        runs = [await ours(live, megabytes) for _ in range(3)]
        # The kernel is an order slower: a fifth of the bytes gives its rate as well.
        peer_megabytes = max(megabytes // 5, 1)
        peer_seconds, peer_cpu = await kernel(live, peer_megabytes)
    seconds, cpu = sorted(runs)[1]
    rate, peer_rate = megabytes / seconds, peer_megabytes / peer_seconds
    peer_cpu *= megabytes / peer_megabytes
    table(
        f"{megabytes} MB of 100-byte lines to a websocket client (median of 3; kernel: {peer_megabytes} MB, scaled)",
        ["", "job", "kernel", "ratio", "target"],
        [
            ["MB/s", f"{rate:.0f}", f"{peer_rate:.0f}", f"{rate / peer_rate:.1f}", f">= {LEAST_MB_S:.0f}"],
            ["server CPU, s", f"{cpu:.2f}", f"{peer_cpu:.2f}", f"{cpu / peer_cpu:.2f}", f"<= {MOST_CPU_S:.2f}"],
        ],
    )
    return int(rate < LEAST_MB_S or cpu > MOST_CPU_S)


if __name__ == "__main__":
    run(main)

"""How long an unrelated request waits while four jobs log at full speed and four pages follow them.

Reported beside the same requests to the idle server; the aim is `AIM_MS` at the 99th percentile, and no failure.

    python bench/latency.py [SECONDS]
"""

from __future__ import annotations

import asyncio
import subprocess
import sys

from _common import LiveServer, Page, clock, percentile, run, server, table
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

AIM_MS = 50.0

FLOOD = """\
import sys
block = (("x" * 99 + "\\n") * 1000).encode()
while True:
    sys.stdout.buffer.write(block)
"""


async def measure(live: LiveServer, seconds: float) -> list[float]:
    """Milliseconds of each GET of the server's own version, one every 20 ms."""
    times = []
    until = clock() + seconds
    while clock() < until:
        begun = clock()
        answer = await asyncio.to_thread(live.request, "GET", "/api")
        assert answer.status == 200
        times.append((clock() - begun) * 1000)
        await asyncio.sleep(0.02)
    return times


async def follow(url: str, token: str, job: str, received: list[int]) -> None:
    request = HTTPRequest(url, headers={"Authorization": f"token {token}"})
    page = Page(await websocket_connect(request, max_message_size=64 * 1024 * 1024))
    page.say(op="subscribe", channel="log", job=job, offset=0)
    async for frame in page.frames():
        if isinstance(frame, tuple):
            received[0] += frame[1]


async def pages(url: str, token: str, jobs: list[str]) -> int:
    """The four pages, in a process of their own: what they do with their frames must not slow the measuring."""
    received = [0]
    begun = clock()
    following = [asyncio.create_task(follow(url, token, job, received)) for job in jobs]
    await asyncio.to_thread(sys.stdin.read)
    print(f"{received[0] / (clock() - begun) / 1e6:.0f}", flush=True)
    for task in following:
        task.cancel()
    return 0


def start_pages(live: LiveServer, jobs: list[str]) -> subprocess.Popen[str]:
    url = f"ws{live.url.removeprefix('http')}datachain-jobs/api/ws"
    return subprocess.Popen(
        [sys.executable, __file__, "--pages", url, live.token, *jobs],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


async def main() -> int:
    if sys.argv[1:2] == ["--pages"]:
        return await pages(sys.argv[2], sys.argv[3], sys.argv[4:])
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    with server(config={"JobsApp": {"max_workers": 4}}) as live:
        idle = await measure(live, seconds / 2)
        jobs = [live.submit(FLOOD, f"flood{i}.py")["id"] for i in range(4)]
        for job in jobs:
            await asyncio.to_thread(live.wait, job, "RUNNING")
        browsers = start_pages(live, jobs)
        busy = await measure(live, seconds)
        rate = browsers.communicate()[0].strip()
        for job in jobs:
            live.request("POST", f"jobs/{job}/cancel", {"force": True})
            await asyncio.to_thread(live.wait, job)
    table(
        f"GET /api while four jobs log at full speed ({rate} MB/s to four pages), ms",
        ["", "idle", "busy", "ratio", "aim"],
        [
            [
                name,
                f"{percentile(idle, share):.1f}",
                f"{percentile(busy, share):.1f}",
                f"{percentile(busy, share) / percentile(idle, share):.1f}",
                f"<= {AIM_MS:.0f}" if share == 0.99 else "",
            ]
            for name, share in (("median", 0.5), ("p99", 0.99))
        ],
    )
    return 0


if __name__ == "__main__":
    run(main)

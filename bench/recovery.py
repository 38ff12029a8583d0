"""How soon the truth is known after something was killed with SIGKILL, medians in seconds.

- attach: from the first answer of a server that was killed and started again to the first new bytes of a running job's
  log on its websocket;
- supervisor: from the end of a job's supervisor to FAILED with `supervisor_lost`;
- both: the same with its guard killed too, so that a server has to find out.

Exits 1 when a median is over its target. There is no peer: a kernel, and what runs in it, ends with its server.

    python bench/recovery.py [ROUNDS]
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import sys
import time
from pathlib import Path

from _common import LiveServer, Page, server

TARGETS_S = {"attach": 1.0, "supervisor": 2.0, "both": 2.0}

TICKS = "import time\nwhile True:\n    print(time.time(), flush=True)\n    time.sleep(0.01)\n"


def attach(live: LiveServer) -> float:
    job = live.wait(live.submit(TICKS, "ticks.py")["id"], "RUNNING")
    live.kill()
    live.start()
    ready = time.monotonic()

    async def first_new_bytes() -> None:
        async with Page.open(live) as page:
            page.say(op="subscribe", channel="log", job=job["id"], tail=0)
            async for frame in page.frames():
                if isinstance(frame, tuple) and frame[1]:
                    return

    asyncio.run(first_new_bytes())
    took = time.monotonic() - ready
    live.request("POST", f"jobs/{job['id']}/cancel", {"force": True})
    live.wait(job["id"])
    return took


def lost(live: LiveServer, *, both: bool) -> float:
    job = live.wait(live.submit(TICKS, "ticks.py")["id"], "RUNNING")
    run = live.data_dir / "jobs" / job["id"] / "attempts" / "1" / "run.json"
    guard = json.loads(run.read_text())["guard"]
    (supervisor,) = Path(f"/proc/{guard}/task/{guard}/children").read_text().split()
    begun = time.monotonic()
    if both:
        os.kill(guard, signal.SIGKILL)
    os.kill(int(supervisor), signal.SIGKILL)
    ended = live.wait(job["id"])
    took = time.monotonic() - begun
    assert ended["error"]["code"] == "supervisor_lost", ended
    return took


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with server(config={"JobsApp": {"prewarm": False}}) as live:
        figures = {
            "attach": [attach(live) for _ in range(rounds)],
            "supervisor": [lost(live, both=False) for _ in range(rounds)],
            "both": [lost(live, both=True) for _ in range(rounds)],
        }
    medians = {name: statistics.median(times) for name, times in figures.items()}
    for name, times in figures.items():
        print(f"  {name:<12}{medians[name]:7.3f} s   worst {max(times):.3f}   target {TARGETS_S[name]:g}")
    missed = [name for name, median in medians.items() if median > TARGETS_S[name]]
    print(f"recovery: {'MISSED ' + ', '.join(missed) if missed else 'met'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

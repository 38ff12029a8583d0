"""What a job costs above ``python script.py``: to the first line of user code, and to COMPLETE.

Both run the same script in turn: it prints a line, then makes a dataset of one row with DataChain. Ours is timed from the
submission to the line's arrival at a websocket client, and to the event that says COMPLETE. Both run at the same
priority (``nice = 0``): by default a job gives way to its busy neighbours, which is another question. Exits 1 when a median is
more than `EXTRA_MS` above the other.

    python bench/startup.py [RUNS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

from _common import LiveServer, Page, clock, run, server, table

EXTRA_MS = 120.0

SCRIPT = """\
print("first", flush=True)
import datachain as dc

dc.read_values(n=[1]).save("one_row")
"""


def plain(live: LiveServer, script: Path) -> tuple[float, float]:
    """Milliseconds to the first line and to the end of ``python script.py``."""
    begun = clock()
    process = subprocess.Popen(
        [sys.executable, script.name],
        cwd=script.parent,
        env=live.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.readline()
    first = clock()
    process.stdout.read()
    process.wait()
    return (first - begun) * 1000, (clock() - begun) * 1000


async def ours(live: LiveServer, page: Page, script: Path) -> tuple[float, float]:
    begun = clock()
    job = live.request("POST", "jobs", {"script": {"path": script.name}}).body
    page.say(op="subscribe", channel="log", job=job["id"])
    first = 0.0
    async for frame in page.frames():
        if isinstance(frame, tuple):
            first = first or clock()
        elif frame["type"] == "job" and frame["job"]["id"] == job["id"] and frame["job"]["finished_at"]:
            assert frame["job"]["state"] == "COMPLETE", frame
            return (first - begun) * 1000, (clock() - begun) * 1000
    raise AssertionError("the server closed the socket")


async def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    theirs_ms: list[tuple[float, float]] = []
    ours_ms: list[tuple[float, float]] = []
    # By default a job gives way to its neighbours; the plain script does not. Here both are to get the same.
    with server(config={"JobsApp": {"nice": 0}}) as live:
        script = live.script("bench_script.py", SCRIPT)
        async with Page.open(live) as page:
            page.say(op="subscribe", channel="jobs")
            await ours(live, page, script)
            plain(live, script)
            for _ in range(runs):
                theirs_ms.append(plain(live, script))
                ours_ms.append(await ours(live, page, script))
    over = False
    rows = []
    for what, index in (("first line", 0), ("COMPLETE", 1)):
        peer, own = (statistics.median(pair[index] for pair in pairs) for pairs in (theirs_ms, ours_ms))
        over |= own - peer > EXTRA_MS
        rows.append([what, f"{peer:.0f}", f"{own:.0f}", f"{own / peer:.2f}", f"{own - peer:+.0f}", f"{EXTRA_MS:.0f}"])
    table(
        f"From submission, medians of {runs} alternating runs, ms",
        ["to", "python script.py", "job", "ratio", "extra", "most"],
        rows,
    )
    return int(over)


if __name__ == "__main__":
    run(main)

"""How fast the queue is with ten thousand jobs in it: submitting, a page of the list, deciding who starts.

Beside it, in the same run: Huey's SQLite queue with as many tasks, which keeps neither states nor slots. Exits 1 when a
median is over its target.

    python bench/long_queue.py [--jobs N] [--repeat N]
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from _common import REPOSITORY  # noqa: F401 - makes the package and the tests' helpers importable
from huey import SqliteHuey
from support.engine import reached
from support.queue import within

from jupyter_datachain_jobs.api import Rooms, ask
from jupyter_datachain_jobs.app import Engine, Options
from jupyter_datachain_jobs.domain import Slots, State, new_job_id
from jupyter_datachain_jobs.store import Claims, JobQueue, JobStore, open_store

#: Medians in the server, milliseconds.
LIST_MS = 20.0
DECIDE_MS = 10.0


async def measure(action: Callable[[], Awaitable[object]], repeat: int) -> float:
    """Median in milliseconds."""
    times = []
    for _ in range(repeat):
        begun = time.perf_counter()
        await action()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


async def fill(rooms: Rooms, script: str, count: int) -> None:
    first = await rooms.submitter.submit(script, owner="ada")
    for number in range(count - 1):
        settings = dataclasses.replace(first.settings, priority=1 + number % 10)
        job = dataclasses.replace(first, id=new_job_id(), settings=settings, state=State.CREATED)
        await rooms.store.add(job)


async def ours(home: Path, count: int, repeat: int) -> dict[str, float]:
    options = Options(home / "data", None, Slots(1), home / "datachain", prewarm=False)
    holder, waiting = home / "holder.py", home / "waiting.py"
    holder.write_text("import time\ntime.sleep(3600)\n")
    waiting.write_text("print('never runs')\n")
    async with Engine(options) as rooms:
        holds = await rooms.submitter.submit(str(holder), owner="ada")
        await reached(rooms, holds, State.RUNNING)
        empty = await measure(lambda: rooms.submitter.submit(str(waiting), owner="ada"), repeat)
        await fill(rooms, str(waiting), count)
        page = {"limit": 50}
        figures = {
            "submit, empty queue": empty,
            "submit": await measure(lambda: rooms.submitter.submit(str(waiting), owner="ada"), repeat),
            "list page": await measure(lambda: ask(rooms, "ada", "GET", "jobs", query=page), repeat),
            "list page, by text": await measure(
                lambda: ask(rooms, "ada", "GET", "jobs", query=page | {"q": "holder"}), repeat
            ),
            "why they wait": await measure(lambda: ask(rooms, "ada", "GET", "queue"), repeat),
        }
    # Without an engine, which would start what is claimed here.
    store = await open_store(home / "data" / "jobs.sqlite")
    figures |= await decisions(store, repeat)
    await store.close()
    async with Engine(options) as rooms:
        await rooms.monitor.cancel(holds.id, force=True)
        await rooms.monitor.until_final(holds.id)
    return figures


async def decisions(store: JobStore, repeat: int) -> dict[str, float]:
    """One slot is taken by the job that runs; each claim then gets one more."""
    claims, queue = Claims(store), JobQueue(store)
    slots = 1

    async def decide() -> None:
        nonlocal slots
        slots += 1
        (job,) = await claims.claim(queue, within(slots), slots)
        assert job.settings.priority == 10, "the first by rank"

    return {
        "decide, no slot free": await measure(lambda: claims.claim(queue, within(1), 1), repeat),
        "decide and claim": await measure(decide, repeat),
    }


def peer(home: Path, count: int, repeat: int) -> dict[str, float]:
    queue = SqliteHuey(filename=str(home / "huey.db"), fsync=True)

    @queue.task()
    def nothing() -> None:
        pass

    def timed(action: Callable[[], object], times: int) -> float:
        taken = []
        for _ in range(times):
            begun = time.perf_counter()
            action()
            taken.append((time.perf_counter() - begun) * 1000)
        return statistics.median(taken)

    submit = timed(nothing, count)
    return {"submit": submit, "decide and claim": timed(queue.dequeue, repeat)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=50)
    args = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="dcj-"))
    try:
        figures = asyncio.run(ours(home, args.jobs, args.repeat))
        beside = peer(home, args.jobs, args.repeat)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{args.jobs:,} queued jobs, medians of {args.repeat} in milliseconds")
    for name, value in figures.items():
        other = f"   Huey {beside[name]:6.2f}   ratio {value / beside[name]:5.1f}" if name in beside else ""
        print(f"  {name:<22}{value:8.2f}{other}")
    targets = {"list page": LIST_MS, "decide, no slot free": DECIDE_MS, "decide and claim": DECIDE_MS}
    missed = [f"{name} {figures[name]:.1f} > {most:g}" for name, most in targets.items() if figures[name] > most]
    print(
        "long queue: "
        + (f"MISSED {', '.join(missed)}" if missed else f"list ≤ {LIST_MS:g}, decisions ≤ {DECIDE_MS:g}: met")
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

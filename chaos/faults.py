"""The faults. Each says what it did to whom, so that the auditor knows what may follow from it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from jupyter_datachain_jobs.supervisor import procfs
from jupyter_datachain_jobs.supervisor.sweep import find

from .jobs import Act, Job
from .world import World

Fault = Callable[[World, list[Job], Job, random.Random], Coroutine[Any, Any, bool]]
"""Does it; answers False where there was nothing (more) to do it to."""


def strike(pid: int, number: int) -> bool:
    """Send a signal to a process that lives. False when it does not (a zombie does not)."""
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        found = procfs.process(pid)
        if found is None or found.dead:
            return False
        signal.pidfd_send_signal(descriptor, number)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


# Servers


async def kill_server(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    return await _restart(world, rng, world.first.kill)


async def stop_server(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    return await _restart(world, rng, world.first.stop)


async def _restart(world: World, rng: random.Random, end: Callable[[], None]) -> bool:
    async with world.changing:
        await asyncio.to_thread(end)
        await asyncio.sleep(rng.choice((0.0, 0.0, 0.5)))
        await asyncio.to_thread(world.first.start)
    return True


async def second_server(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    """Comes, or goes, by turns."""
    async with world.changing:
        if world.second is None:
            await world.start_second()
        else:
            await world.end_second(rng.choice((signal.SIGKILL, signal.SIGTERM)))
    return True


async def kill_datachain_worker(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    struck = [strike(pid, signal.SIGKILL) for each in world.servers for pid in world.children(each, "worker.py")]
    return any(struck)


# The job's processes


def _pids(world: World, job: Job) -> tuple[int, int, int, int]:
    """(attempt, guard, supervisor, main) of the present attempt; 0 for what is not there (yet)."""
    attempt = world.state(job.id)[1]
    folder = world.attempt(job.id, attempt)
    guard = supervisor = main = 0
    with contextlib.suppress(OSError, ValueError):
        run = json.loads((folder / "run.json").read_bytes())
        guard = int(run.get("guard") or 0)
        with open(folder / "events.jsonl", "rb") as events:
            for line in events:
                event = json.loads(line)
                if event["type"] == "started":
                    supervisor, main = event["supervisor"], event["pid"]
                    break
    if guard and not supervisor:
        # Not yet started; and before the guard forks, it is the supervisor too.
        supervisor = next(iter(procfs.children(guard)), 0)
    return attempt, guard, supervisor, main


def _ends(world: World, job: Job, attempt: int, **wanted: tuple[int, int]) -> bool:
    """Strike each (pid, signal); note what was hit under its name."""
    hit = False
    for name, (pid, number) in wanted.items():
        # Noted first: the end of the job may be seen before this line goes on.
        act = Act(name, attempt)
        job.acts.append(act)
        if pid and strike(pid, number):
            hit = True
        else:
            job.acts.remove(act)
    return hit


async def kill_supervisor(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    attempt, _, supervisor, _ = _pids(world, job)
    return _ends(world, job, attempt, kill_supervisor=(supervisor, signal.SIGKILL))


async def kill_guard(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    attempt, guard, supervisor, _ = _pids(world, job)
    # Alone, so that the supervisor has been forked: else this would kill both.
    name = "kill_guard" if supervisor else "kill_supervisor"
    return _ends(world, job, attempt, **{name: (guard, signal.SIGKILL)})


async def kill_both(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    attempt, guard, supervisor, _ = _pids(world, job)
    return _ends(world, job, attempt, kill_guard=(guard, signal.SIGKILL), kill_supervisor=(supervisor, signal.SIGKILL))


async def terminate_guard(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    """What a host does that stops."""
    attempt, guard, _, _ = _pids(world, job)
    return _ends(world, job, attempt, terminate_guard=(guard, signal.SIGTERM))


async def kill_main(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    attempt, _, _, main = _pids(world, job)
    return _ends(world, job, attempt, kill_main=(main, signal.SIGKILL))


async def kill_child(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    """A process that the script started: a worker of DataChain, something in the background."""
    attempt, _, _, main = _pids(world, job)
    found = [each.pid for each in find(f"{job.id}.{attempt}") if each.pid != main]
    return bool(main and found) and _ends(world, job, attempt, kill_child=(rng.choice(found), signal.SIGKILL))


async def kill_starting(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    """A supervisor that was started and may not have claimed its attempt yet."""
    for server in world.servers:
        for pid in world.children(server, "supervisor/__main__.py"):
            with contextlib.suppress(OSError):
                folder = Path(os.readlink(f"/proc/{pid}/fd/2")).parent
                owner = next((each for each in jobs if each.id and each.id in str(folder)), None)
                if owner is not None and not (folder / "run.json").exists():
                    attempt = int(folder.name)
                    if _ends(world, owner, attempt, kill_starting=(pid, signal.SIGKILL)):
                        return True
    return False


async def freeze_supervisor(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    _, _, supervisor, _ = _pids(world, job)
    if not supervisor or not strike(supervisor, signal.SIGSTOP):
        return False
    try:
        await asyncio.sleep(rng.uniform(0.1, 1.0))
    finally:
        strike(supervisor, signal.SIGCONT)
    return True


# What users do


async def cancel(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    return await _cancel(world, job, rng)


async def cancel_force(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    return await _cancel(world, job, rng, force=True)


async def cancel_twice(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    first, second = await asyncio.gather(_cancel(world, job, rng), _cancel(world, job, rng))
    return first or second


async def _cancel(world: World, job: Job, rng: random.Random, force: bool = False) -> bool:
    act = Act("cancel")
    job.acts.append(act)
    answer = await world.ask("POST", f"jobs/{job.id}/cancel", {"force": force}, server=rng.randrange(2))
    if answer.status == 202:
        return True
    # An earlier try of the same question may have been heard though its answer was lost: the database knows.
    if not world.query("SELECT 1 FROM jobs WHERE id = ? AND cancel_requested_at IS NOT NULL", job.id):
        job.acts.remove(act)
    return False


async def priority(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    answer = await world.ask(
        "POST", f"jobs/{job.id}/priority", {"priority": rng.randint(1, 10)}, server=rng.randrange(2)
    )
    return answer.status == 200


async def delete_early(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    """A job that has not ended cannot be deleted."""
    if world.state(job.id)[0] not in ("QUEUED", "INIT", "RUNNING") or job.own_end(1) != "forever":
        return False
    return (await world.ask("DELETE", f"jobs/{job.id}")).status == 409


async def delete_folder(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    job.acts.append(Act("delete_folder"))
    await asyncio.to_thread(shutil.rmtree, world.data_dir / "jobs" / job.id, ignore_errors=True)
    return True


# What holds data


async def lock_jobs(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    return await _lock(world.data_dir / "jobs.sqlite", rng)


async def lock_datachain(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    path = world.datachain / ".datachain" / "db"
    return path.exists() and await _lock(path, rng)


async def _lock(path: Path, rng: random.Random) -> bool:
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        connection.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(rng.uniform(0.3, 1.5))
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


async def fill_disk(world: World, jobs: list[Job], job: Job, rng: random.Random) -> bool:
    """The data folder's file system is full for a while. Only where it is one of our own."""
    if not world.tmpfs:
        return False
    for each in jobs:
        each.acts.append(Act("fill_disk"))
    filler = world.data_dir / "filler"
    try:
        await asyncio.to_thread(_fill, filler)
        await asyncio.sleep(rng.uniform(0.5, 1.5))
        # Again: what was freed meanwhile (a write-ahead log) is taken too.
        await asyncio.to_thread(_fill, filler)
        await asyncio.sleep(0.2)
    finally:
        filler.unlink(missing_ok=True)
    return True


def _fill(path: Path) -> None:
    with open(path, "ab", buffering=0) as file:
        size = 1 << 22
        while size >= 512:
            try:
                if file.write(bytes(size)) < size:
                    size //= 2
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2

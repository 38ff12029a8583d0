"""Runs one round: submits, strikes, and waits until every job is final."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass, field

from . import faults
from .browsers import Browser
from .jobs import FOREVER, Job, truth
from .output import LINE
from .plan import Plan, Strike, When
from .world import POLL_S, Hang, World, until

FINAL = ("COMPLETE", "FAILED", "CANCELED")


@dataclass
class Played:
    """What happened in a round. missed: faults that found nothing to strike. problems: (job's name, what)."""

    faults: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)
    hung: bool = False


async def play(world: World, plan: Plan) -> Played:
    """Play a round to its end, or until something hangs."""
    played = Played()
    rng = random.Random(plan.number)
    following = [Browser(world, plan.jobs[i], random.Random(plan.number + i)) for i in plan.browsers]
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_lives(world, plan, played, rng))
            for browser in following:
                group.create_task(_follow(browser, world))
    except* Hang as hangs:
        played.hung = True
        for hang in hangs.exceptions:
            played.problems.append(("", f"hang: {hang}"))
    for browser in following:
        played.faults["browser dropped"] += browser.drops
        played.problems += [(browser._job.name, f"browser: {each}") for each in browser.problems]
    return played


async def _lives(world: World, plan: Plan, played: Played, rng: random.Random) -> None:
    strikes = [asyncio.create_task(_strike(world, plan, strike, played)) for strike in plan.strikes]
    try:
        for job in plan.jobs:
            await submit(world, job, rng)
        await asyncio.gather(*strikes)
        for job in plan.jobs:
            if job.own_end(1) == FOREVER and world.state(job.id)[0] not in FINAL:
                await faults.cancel(world, [], job, rng)
        for job in plan.jobs:
            await until(
                lambda job=job: world.state(job.id)[0] in FINAL,  # type: ignore[misc]
                f"{job.name} ({job.id}) never became final",
            )
    except Hang as hang:
        raise Hang(f"{hang}; states: {[(job.name, job.id, *world.state(job.id)) for job in plan.jobs]}") from None
    finally:
        for task in strikes:
            task.cancel()


async def submit(world: World, job: Job, rng: random.Random) -> None:
    """Submit a job exactly once, whatever becomes of the servers meanwhile: its name tells whether it was taken."""
    body = {
        "name": job.name,
        "script": {"path": f"{job.kind}.py", "text": job.text},
        "settings": job.settings,
    }
    for _ in range(1000):
        found = world.query("SELECT id FROM jobs WHERE name = ?", job.name)
        if found:
            job.id = found[0][0]
            return
        servers = world.servers
        if servers:
            try:
                answer = await asyncio.to_thread(rng.choice(servers).request, "POST", "jobs", body, timeout=45)
            except (OSError, ValueError):
                # A server that is stopping may still be busy recording it.
                await asyncio.sleep(0.3)
                continue
            if answer.status == 201:
                job.id = answer.body["id"]
                return
            if answer.status != 503:
                raise Hang(f"submitting {job.name} was answered with {answer.status} {answer.body}")
        await asyncio.sleep(0.05)
    raise Hang(f"{job.name} could not be submitted")


async def _follow(browser: Browser, world: World) -> None:
    await until(lambda: browser._job.id, f"{browser._job.name} was not submitted")
    await browser.run()


async def _strike(world: World, plan: Plan, strike: Strike, played: Played) -> None:
    job = plan.jobs[strike.target]
    await until(lambda: job.id, f"{job.name} was not submitted")
    happened = await _reached(world, job, strike.when) if strike.name != "kill_starting" else True
    if happened:
        await asyncio.sleep(strike.when.after)
    rng = random.Random(strike.seed)
    done = False
    # A supervisor that starts can be met for 20 ms only: looked for until there is one.
    tries = 400 if strike.name == "kill_starting" else 1
    for _ in range(tries):
        try:
            done = await strike.fault(world, list(plan.jobs), job, rng)
        except AssertionError as error:
            # A server that did not start, or did not stop.
            raise Hang(str(error)) from None
        if done or all(each.id and world.state(each.id)[0] in FINAL for each in plan.jobs):
            break
        if tries > 1:
            await asyncio.sleep(POLL_S / 4)
    (played.faults if done else played.missed)[strike.name] += 1


async def _reached(world: World, job: Job, when: When) -> bool:
    """Wait for the event. False when the job ended, or time passed, before it came."""
    for _ in range(int(4.0 / POLL_S)):
        state, attempt = world.state(job.id)
        if when.state and state == when.state:
            return True
        if when.lines and _size(world, job, attempt) >= when.lines * LINE:
            return True
        if when.ending and any(each.end is not None for each in truth(job.truth).values()):
            return True
        if not (when.state or when.lines or when.ending):
            return True
        if state in FINAL:
            return False
        await asyncio.sleep(POLL_S)
    return False


def _size(world: World, job: Job, attempt: int) -> int:
    try:
        return os.stat(world.attempt(job.id, attempt) / "output.log").st_size
    except OSError:
        return 0

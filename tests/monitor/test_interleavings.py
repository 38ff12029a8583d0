"""Cancel × exit × crash × recovery, over real files: two servers watch one job, and act on looks that may be old.

Hypothesis orders the steps: what supervisors do to the files, what users ask, when each server looks and when it acts on
what it saw. Whatever the order, each attempt runs once at most and the job has one end, the one that the files tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.queue import within
from support.stores import fresh, template

from jupyter_datachain_jobs.domain import (
    FINAL,
    TRANSITIONS,
    Attempt,
    Job,
    Retries,
    RunSettings,
    Script,
    State,
    new_job_id,
)
from jupyter_datachain_jobs.domain.errors import StaleJob
from jupyter_datachain_jobs.monitor import liveness, watcher
from jupyter_datachain_jobs.monitor.liveness import Look
from jupyter_datachain_jobs.monitor.outcome import from_micros
from jupyter_datachain_jobs.monitor.watcher import Place, Watcher
from jupyter_datachain_jobs.store import Claims, JobQueue, JobStore, now, open_store
from jupyter_datachain_jobs.supervisor.claim import link_once, take_lock
from jupyter_datachain_jobs.supervisor.codec import dumps
from jupyter_datachain_jobs.supervisor.exitfile import document

STEPS = (
    *("claim", "spawn", "spawn", "begin", "exit_0", "exit_7", "crash", "cancel", "die"),
    *(f"{what}_{server}" for server in (0, 1) for what in ("look", "act", "look_act", "take_over")),
)


@pytest.fixture(scope="module", autouse=True)
def database() -> None:
    template()


class Supervisor:
    """What one would do to the files of its attempt, without processes."""

    def __init__(self, folder: Path, lock: Path, job: str, attempt: int) -> None:
        self.folder, self.job, self.attempt = folder, job, attempt
        self.lock = take_lock(str(lock)) if folder.exists() or not folder.mkdir(parents=True) else None
        self.runs = False
        if self.lock is not None:
            if not (folder / "run.json").exists():
                self.runs = link_once(str(folder), "run.json", {"protocol": 1, "job": job, "attempt": attempt})
            if not self.runs:
                self.let_go()
        self.at = int(now().timestamp() * 1e6)

    def begin(self) -> None:
        event = {"seq": 1, "t": self.at, "b": 1, "type": "started", "began": self.at, "pid": 0}
        (self.folder / "events.jsonl").write_bytes(dumps(event) + b"\n")

    def exit(self, code: int) -> None:
        """The end of the script; of one that was asked to stop in time, that it stopped."""
        end = document(self.job, self.attempt)
        canceled = (self.folder / "cancel.json").exists() and code != 7
        end |= {"reason": "canceled" if canceled else "exited", "exit_code": 130 if canceled else code}
        end |= {"started_at": self.at, "ended_at": int(now().timestamp() * 1e6)}
        link_once(str(self.folder), "exit.json", end)
        self.let_go()

    def let_go(self) -> None:
        self.runs = False
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


class Scene:
    """One job, two servers, any number of supervisors."""

    def __init__(self, retries: int) -> None:
        self.retries = retries
        self.ran: list[int] = []
        self.canceled = False

    async def __aenter__(self) -> Self:
        self.home = Path(tempfile.mkdtemp(prefix="dcj-"))
        path = fresh(self.home)
        self.stores: list[JobStore] = [await open_store(path) for _ in range(2)]
        self.claims = [Claims(store, lease_s=0) for store in self.stores]
        self.seen: list[tuple[Watcher, Job, Look] | None] = [None, None]
        self.supervisors: list[Supervisor] = []
        settings = RunSettings(retries=Retries(self.retries, backoff=0))
        script = Script("a.py", "/home/ada/a.py", "0" * 64, 1)
        job = Job(new_job_id(), "a.py", State.CREATED, "ada", script, settings, now())
        self.id = (await self.stores[0].add(job)).id
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for supervisor in self.supervisors:
            supervisor.let_go()
        for store in self.stores:
            await store.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def place(self, attempt: int) -> Place:
        folder = self.home / "job" / "attempts" / str(attempt)
        return Place(folder, self.home / f"{attempt}.lock", self.home / "no-socket")

    async def step(self, name: str) -> None:
        if name[-2:] in ("_0", "_1") and not name.startswith("exit"):
            await getattr(self, name[:-2])(int(name[-1]))
        elif name.startswith("exit_"):
            for each in self.supervisors:
                if each.runs:
                    each.exit(int(name[-1]))
        else:
            await getattr(self, name)()

    # Dispatchers and supervisors

    async def claim(self) -> None:
        await self.claims[0].claim(JobQueue(self.stores[0]), within(1), 1)

    async def spawn(self) -> None:
        """For the attempt that some server believes in, however old that belief is."""
        job = await self.stores[0].get(self.id)
        beliefs = [job, *(seen[1] for seen in self.seen if seen)]
        attempt = min((each.attempt for each in beliefs if each.state is State.INIT), default=0)
        if attempt:
            place = self.place(attempt)
            place.attempt.parent.mkdir(parents=True, exist_ok=True)
            supervisor = Supervisor(place.attempt, place.lock, self.id, attempt)
            self.supervisors.append(supervisor)
            if supervisor.runs:
                self.ran.append(attempt)

    async def begin(self) -> None:
        for each in self.supervisors:
            if each.runs:
                each.begin()

    async def crash(self) -> None:
        """Guard and supervisor are both killed."""
        for each in self.supervisors:
            each.let_go()

    # Users and servers

    async def cancel(self) -> None:
        store = self.stores[1]
        job = await store.get(self.id)
        if job.final or job.state is State.CANCELING:
            return
        waits = job.state is State.QUEUED
        changes: dict[str, Any] = {"cancel_requested_at": now()} | ({"finished_at": now()} if waits else {})
        with contextlib.suppress(StaleJob):
            await store.move(self.id, State.CANCELED if waits else State.CANCELING, revision=job.revision, **changes)
            self.canceled = True
        if not waits:
            with contextlib.suppress(OSError):
                liveness.request_cancel(self.place(job.attempt).attempt, force=False)

    async def die(self) -> None:
        """Server 0 is killed, and comes back knowing nothing."""
        self.claims[0] = Claims(self.stores[0], lease_s=0)
        self.seen[0] = None

    async def take_over(self, server: int) -> None:
        job = await self.stores[server].get(self.id)
        if job.state is State.INIT and job.claim != self.claims[server].id:
            with contextlib.suppress(StaleJob):
                await self.claims[server].take_over(job)

    async def look(self, server: int) -> None:
        """What a watcher does before it acts; it goes on with the attempt that it began with."""
        job = await self.stores[server].get(self.id)
        seen = self.seen[server]
        if job.final or job.state is State.QUEUED or (seen and seen[0]._job.attempt != job.attempt):
            self.seen[server] = None
            return
        watched = seen[0] if seen else self._watcher(server, job)
        watched._job = job
        place = self.place(job.attempt)
        place.attempt.parent.mkdir(parents=True, exist_ok=True)
        self.seen[server] = (watched, job, liveness.look(place.attempt, place.lock))

    def _watcher(self, server: int, job: Job) -> Watcher:
        async def abandoned(_: Job) -> None:
            """Its dispatcher may be alive."""

        return Watcher(self.stores[server], job, self.place(job.attempt), root=None, abandoned=abandoned)

    async def act(self, server: int) -> None:
        if seen := self.seen[server]:
            await seen[0]._step(seen[1], seen[2])

    async def look_act(self, server: int) -> None:
        await self.look(server)
        await self.act(server)

    # The end of every story

    async def come_to_an_end(self) -> None:
        for _ in range(40):
            if (await self.stores[0].get(self.id)).final:
                return
            for name in ("claim", "spawn", "exit_0", "look_act_0", "look_act_1"):
                await self.step(name)
        raise AssertionError(f"still {await self.stores[0].get(self.id)}")

    async def check(self) -> None:
        store = self.stores[0]
        job = await store.get(self.id)
        assert len(set(self.ran)) == len(self.ran), "an attempt ran twice"
        history = await store.history(self.id)
        for before, move in pairwise(history):
            assert move.old == before.new
            assert State(move.new) in TRANSITIONS[State(move.old)]
        assert sum(State(move.new) in FINAL for move in history) == 1
        attempts = {each.attempt: each for each in await store.attempts(self.id)}
        assert list(attempts) == list(range(1, job.attempt + 1))
        assert job.attempt <= 1 + self.retries
        for number, attempt in attempts.items():
            self._agrees(attempt, number in self.ran)
        if job.state is State.CANCELED:
            assert self.canceled
        else:
            assert job.exit_code == attempts[job.attempt].exit_code
            assert (job.state is State.COMPLETE) is (job.error is None)

    def _agrees(self, row: Attempt, ran: bool) -> None:
        """The row of an attempt says what its files say."""
        folder = self.place(row.attempt).attempt
        run = liveness.read_json(folder / "run.json")
        if run is None or run.get("tombstone"):
            assert not ran
            assert (row.reason, row.exit_code) == ("never_started" if run else None, None)
            return
        end = liveness.read_json(folder / "exit.json")
        assert ran
        assert end is not None
        assert (row.reason, row.exit_code) == (end["reason"], end["exit_code"])
        assert row.started_at in (None, from_micros(end["started_at"]))
        own = (folder / "output.log").read_bytes() if (folder / "output.log").exists() else b""
        assert own.count(b"supervisor was killed") == (1 if row.reason == "supervisor_lost" else 0)


#: The other server had seen attempt 1 start, and says so when attempt 2 is about to.
LATE_START = ["spawn", "begin", "look_1", "exit_7", "look_act_0", "claim", "act_1", "look_act_1"]


@example(LATE_START, 1)
@given(st.lists(st.sampled_from(STEPS), max_size=30), st.integers(0, 2))
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
def test_one_end_whatever_the_order(steps: list[str], retries: int) -> None:
    async def play() -> None:
        async with Scene(retries) as scene:
            for name in ("claim", *steps):
                await scene.step(name)
            await scene.come_to_an_end()
            await scene.check()

    before, watcher.POLL_S = watcher.POLL_S, 0.0
    try:
        asyncio.run(play())
    finally:
        watcher.POLL_S = before

"""Any order of what can happen to jobs, with two servers over one database: only legal moves, one end for each."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from support.queue import within
from support.stores import fresh

from jupyter_datachain_jobs.domain import (
    FINAL,
    TRANSITIONS,
    Job,
    JobDeleted,
    JobError,
    JobNotFinal,
    JobNotFound,
    JobNotQueued,
    JobsError,
    Retries,
    RunSettings,
    Script,
    StaleJob,
    State,
    new_job_id,
)
from jupyter_datachain_jobs.queue import try_again
from jupyter_datachain_jobs.store import AttemptEnd, Claims, JobQueue, JobStore, now, open_store

SLOTS = 3
WAITING = (State.CREATED, State.SCHEDULED, State.QUEUED)
ERROR = JobError("exit_code", "It ended with 7.", "Look.")
T = TypeVar("T")

servers = st.integers(0, 1)


class Jobs(RuleBasedStateMachine):
    """Rules are what servers do; each may act on a job as it was when that server last looked (`seen`)."""

    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="dcj-"))
        path = fresh(self.folder)
        self.loop = asyncio.new_event_loop()
        self.stores: list[JobStore] = [self.run(open_store(path)) for _ in range(2)]
        self.claims = [Claims(store, lease_s=0) for store in self.stores]
        self.seen: list[dict[str, Job]] = [{}, {}]
        self.ends: dict[str, State] = {}
        self.claimed: dict[tuple[str, int], str] = {}
        self.gone: set[str] = set()
        self.seq = 0
        self.view: dict[str, tuple[State, int]] = {}
        """What a client knows that resumes from `view_seq` now and then."""
        self.view_seq = 0

    def teardown(self) -> None:
        self.catch_up()
        rows = {job.id: (job.state, job.revision) for job in self.run(self.all())}
        assert self.view == rows, "a client that resumes misses no change"
        for store in self.stores:
            self.run(store.close())
        self.loop.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def all(self) -> list[Job]:
        return list((await self.stores[0].page(limit=1000)).items)

    def note(self, server: int, *jobs: Job) -> None:
        for job in jobs:
            self.seen[server][job.id] = job

    # What users do

    @rule(
        target=jobs,
        server=servers,
        workers=st.integers(1, 2),
        priority=st.integers(1, 10),
        retries=st.integers(0, 2),
    )
    def submit(self, server: int, workers: int, priority: int, retries: int) -> str:
        settings = RunSettings(workers=workers, priority=priority, retries=Retries(retries, backoff=0))
        script = Script("a.py", "/home/ada/a.py", "0" * 64, 1)
        job = Job(new_job_id(), "a.py", State.CREATED, "ada", script, settings, now())
        self.note(server, self.run(self.stores[server].add(job)))
        return job.id

    @rule(job=jobs, server=servers)
    def cancel(self, job: str, server: int) -> None:
        """As the monitor does: the second one of a job that is being stopped changes nothing."""
        store = self.stores[server]
        with contextlib.suppress(StaleJob, JobNotFound):
            found = self.run(store.get(job))
            if found.state in WAITING:
                at = now()
                changed = store.move(
                    job, State.CANCELED, revision=found.revision, cancel_requested_at=at, finished_at=at
                )
                self.note(server, self.run(changed))
            elif not found.final and found.state is not State.CANCELING:
                changed = store.move(job, State.CANCELING, revision=found.revision, cancel_requested_at=now())
                self.note(server, self.run(changed))

    @rule(job=jobs, server=servers, priority=st.integers(1, 10))
    def set_priority(self, job: str, server: int, priority: int) -> None:
        with contextlib.suppress(JobNotQueued, JobNotFound):
            self.run(JobQueue(self.stores[server]).set_priority(job, priority))

    @rule(job=consumes(jobs), server=servers)
    def delete(self, job: str, server: int) -> None:
        try:
            self.run(self.stores[server].delete(job))
            self.gone.add(job)
        except (JobNotFinal, JobNotFound):
            pass

    # What servers do

    @rule(server=servers)
    def claim(self, server: int) -> None:
        for job in self.run(self.claims[server].claim(JobQueue(self.stores[server]), within(SLOTS), SLOTS)):
            key = job.id, job.attempt
            assert key not in self.claimed, f"{key} was claimed twice"
            self.claimed[key] = self.claims[server].id
            self.note(server, job)

    @rule(job=jobs, server=servers)
    def look(self, job: str, server: int) -> None:
        with contextlib.suppress(JobNotFound):
            self.note(server, self.run(self.stores[server].get(job)))

    @rule(job=jobs, server=servers)
    def started(self, job: str, server: int) -> None:
        seen = self.seen[server].get(job)
        if seen is not None and seen.state is State.INIT:
            with contextlib.suppress(JobsError):
                moved = self.stores[server].move(job, State.RUNNING, attempt=seen.attempt, started_at=now())
                self.note(server, self.run(moved))

    @rule(job=jobs, server=servers, fails=st.booleans(), seconds_ago=st.integers(0, 100))
    def ended(self, job: str, server: int, fails: bool, seconds_ago: int) -> None:
        """The end of the attempt that this server saw last, perhaps long ago and recorded by the other one too."""
        seen = self.seen[server].get(job)
        if seen is None or seen.state not in (State.INIT, State.RUNNING, State.CANCELING):
            return
        at = now() - timedelta(seconds=seconds_ago)
        self.run(self._end(server, seen, AttemptEnd(at, "exited", 7 if fails else 0, ERROR if fails else None)))

    async def _end(self, server: int, job: Job, end: AttemptEnd) -> None:
        store = self.stores[server]
        with contextlib.suppress(JobsError):
            if await try_again(store, job, end):
                return
            if job.state is State.INIT and end.error is None:
                await store.move(job.id, State.RUNNING, attempt=job.attempt, started_at=end.finished_at)
            changes: dict[str, Any] = {"exit_code": end.exit_code, "error": end.error, "finished_at": end.finished_at}
            state = State.FAILED if end.error else State.COMPLETE
            await store.move(job.id, state, attempt=job.attempt, reason=end.reason, **changes)

    @rule(job=jobs, server=servers)
    def stopped(self, job: str, server: int) -> None:
        seen = self.seen[server].get(job)
        if seen is not None:
            with contextlib.suppress(JobsError):
                moved = self.stores[server].move(job, State.CANCELED, attempt=seen.attempt, finished_at=now())
                self.run(moved)

    @rule(job=jobs, server=servers)
    def take_over(self, job: str, server: int) -> None:
        """The other server is dead, or was taken for that."""
        with contextlib.suppress(StaleJob, JobNotFound):
            found = self.run(self.stores[server].get(job))
            if found.state is State.INIT and found.claim != self.claims[server].id:
                self.note(server, self.run(self.claims[server].take_over(found)))

    @rule(server=servers)
    def dies(self, server: int) -> None:
        """Killed: what it had seen is gone, its rows stay. The next one has another id."""
        self.claims[server] = Claims(self.stores[server], lease_s=0)
        self.seen[server] = {}

    @rule(server=servers)
    def leaves(self, server: int) -> None:
        self.run(self.claims[server].leave())
        self.run(self.claims[1 - server].forget_others())

    @rule()
    def catch_up(self) -> None:
        """A client comes back and reads on from where it was."""
        changes, until = self.run(self.stores[1].changes_since(self.view_seq))
        numbers = [change.seq for change in changes]
        assert numbers == sorted(set(numbers))
        assert all(self.view_seq < number <= until for number in numbers)
        for change in changes:
            if isinstance(change, JobDeleted):
                self.view.pop(change.id, None)
            else:
                self.view[change.id] = change.state, change.revision
        self.view_seq = until

    # What holds at any time

    @invariant()
    def each_history_is_legal(self) -> None:
        for job in self.run(self.all()):
            history = self.run(self.stores[0].history(job.id))
            assert (history[0].old, history[0].new) == (None, "CREATED")
            for before, move in pairwise(history):
                assert move.old == before.new
                assert State(move.new) in TRANSITIONS[State(move.old)]
            assert history[-1].new == job.state
            assert sum(State(move.new) in FINAL for move in history) == int(job.final)
            attempts = self.run(self.stores[0].attempts(job.id))
            assert [each.attempt for each in attempts] == list(range(1, job.attempt + 1))
            assert sum(move.new == "INIT" for move in history) == job.attempt == self._claims_of(job)
            assert job.attempt <= 1 + job.settings.retries.count
            # A canceled job that waits for its next attempt has the end of the one before.
            for each in attempts if job.final or job.state is State.QUEUED else attempts[:-1]:
                assert each.finished_at is not None

    def _claims_of(self, job: Job) -> int:
        return sum(found == job.id for found, _ in self.claimed)

    @invariant()
    def a_final_state_stays(self) -> None:
        for job in self.run(self.all()):
            if job.final:
                assert self.ends.setdefault(job.id, job.state) is job.state

    @invariant()
    def slots_are_never_exceeded(self) -> None:
        assert self.run(self.stores[0].counts())[1] <= SLOTS

    @invariant()
    def the_counter_grows(self) -> None:
        seq = self.run(self.stores[0].seq())
        assert seq >= self.seq
        self.seq = seq
        numbers = [job.seq for job in self.run(self.all())]
        assert len(set(numbers)) == len(numbers)
        assert max(numbers, default=0) <= seq


TestJobs = Jobs.TestCase
TestJobs.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)

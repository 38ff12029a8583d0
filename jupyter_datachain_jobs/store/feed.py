"""All changes of jobs in one order: those of this process at once, those of other servers soon after."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from jupyter_datachain_jobs.domain import JobChanged, JobDeleted, JobEvent

from .jobs import JobStore

log = logging.getLogger("jupyter_datachain_jobs")

#: How long to wait after a failure, in seconds.
RETRY_S = 1.0

#: How often to ask SQLite whether another process committed, in seconds. The question takes microseconds.
POLL_S = 0.2


class ChangeFeed:
    """Publishes every committed change to its subscribers, in the order of `seq`.

    One reader for own and foreign commits: a second path for own ones could overtake a foreign change, and a client
    that resumes from the larger number would then miss the smaller.
    """

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._kick = asyncio.Event()
        self._subscribers: list[Callable[[JobEvent], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.seq = 0

    async def start(self) -> None:
        self.seq = await self._store.seq()
        self._store.on_commit(self._kick.set)
        self._task = asyncio.create_task(self._publish(), name="change feed")
        self._watch = asyncio.create_task(self._poll(), name="change feed poll")

    async def stop(self) -> None:
        for task in (self._watch, self._task):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    def subscribe(self, subscriber: Callable[[JobEvent], None]) -> Callable[[], None]:
        """Call `subscriber` with each change; it must not block. Returns what ends the subscription."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    async def _publish(self) -> None:
        while True:
            await self._kick.wait()
            self._kick.clear()
            try:
                changes, until = await self._store.changes_since(self.seq)
            except Exception:
                log.exception("action=read_changes trying again in %.0f s", RETRY_S)
                await asyncio.sleep(RETRY_S)
                self._kick.set()
                continue
            self.seq = until
            for change in changes:
                self._tell(change if isinstance(change, JobDeleted) else JobChanged(change))

    def _tell(self, event: JobEvent) -> None:
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(event)
            except Exception:
                log.exception("action=tell_change seq=%d", event.seq)

    async def _poll(self) -> None:
        while True:
            try:
                await self._watch_version()
            except Exception:
                log.exception("action=watch_database trying again in %.0f s", RETRY_S)
                await asyncio.sleep(RETRY_S)

    async def _watch_version(self) -> None:
        last = None
        async with self._store.watching() as version:
            while True:
                current = await version()
                if current != last:
                    last = current
                    self._kick.set()
                await asyncio.sleep(POLL_S)

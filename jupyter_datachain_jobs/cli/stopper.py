"""Ctrl-C while a job is followed: the first stops it, the second forces that, the third leaves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator

from jupyter_datachain_jobs.domain import Category, JobsError

from .backend import Backend, JobBody
from .exits import Exit
from .output import Printer

#: Seconds between two tries to tell a server that is away.
RETRY_S = 0.5


class Stopper:
    """Turns signals into requests to stop the job; the job is followed to its end all the same.

    SIGTERM counts as Ctrl-C: whoever ends a command in the foreground wants its work to end.
    """

    def __init__(self, backend: Backend, printer: Printer) -> None:
        self._backend = backend
        self._printer = printer
        self._job: JobBody | None = None
        self._presses = 0
        self._asking: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._pressed)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
            if self._asking is not None:
                self._asking.cancel()

    def knows(self, job: JobBody) -> None:
        """The job to stop. One that was submitted while Ctrl-C was pressed is stopped now."""
        self._job = job
        if self._presses:
            self._ask()

    def _pressed(self) -> None:
        self._presses += 1
        if self._presses > 2:
            # Not through the loop: it may wait for somebody who does not read our output.
            os._exit(Exit.INTERRUPTED)
        if self._job is not None:
            self._ask()

    def _ask(self) -> None:
        force = self._presses > 1
        self._printer.say(
            "Killing the job; Ctrl-C again leaves it." if force else "Stopping the job; Ctrl-C again kills it."
        )
        if self._asking is not None:
            self._asking.cancel()
        self._asking = asyncio.create_task(self._cancel(force), name="cancel job")

    async def _cancel(self, force: bool) -> None:
        assert self._job is not None
        while True:
            try:
                await self._backend.ask("POST", "jobs/{job}/cancel", {"job": self._job["id"]}, body={"force": force})
            except JobsError as error:
                if error.category is Category.UNAVAILABLE:
                    await asyncio.sleep(RETRY_S)
                    continue
                if error.code != "job_already_final":
                    self._printer.error(error)
            return

"""One run of the process in which DataChain lives: start it, ask it, end it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import DataChainBroken, DataChainBusy, WorkerError

log = logging.getLogger(__name__)

_WORKER = Path(__file__).with_name("worker.py")
#: Seconds between the end of its input and SIGKILL.
STOP_TIMEOUT = 3.0
#: Longest line of the protocol (errors are cut, results are small).
_LINE_LIMIT = 8 * 1024 * 1024


class ProcessEnded(Exception):
    """The process ended instead of answering, or answered something else."""


class WorkerProcess:
    """A started worker. Use `start`; one request at a time; `end` it in any case."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._said: deque[str] = deque(maxlen=20)
        self._listener = asyncio.create_task(self._listen())
        self.version = ""

    @classmethod
    async def start(cls, python: str, environ: Mapping[str, str]) -> WorkerProcess:
        """Start a worker and wait until it has imported DataChain; cancel to give up. Raises `DataChainBroken`."""
        try:
            process = await asyncio.create_subprocess_exec(
                python,
                # As a file, since it imports nothing of ours; -P keeps our folder, with its common names, off its path.
                *("-P", str(_WORKER)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environ,
                limit=_LINE_LIMIT,
                # Ctrl-C in the server's terminal must not interrupt a write; stdin tells the worker when to end.
                start_new_session=True,
            )
        except OSError as error:
            raise DataChainBroken(f"The process for DataChain could not be started: {error}") from None
        worker = cls(process)
        try:
            worker.version = await worker._hello()
        except BaseException:
            await worker.end(at_once=True)
            raise
        return worker

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    @property
    def last_words(self) -> str:
        """The last line that it wrote to stderr."""
        return self._said[-1] if self._said else "it said nothing"

    async def ask(self, op: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Make one request. After any exception but `WorkerError` (also when cancelled) the process must be ended.

        Raises `ProcessEnded`, and `WorkerError` or one of its kinds when DataChain refused.
        """
        assert self._process.stdin is not None
        request_id = next(self._ids)
        request = {"id": request_id, "op": op, "arguments": arguments}
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise ProcessEnded from None
        answer = await self._line()
        if answer.get("id") != request_id:
            raise ProcessEnded
        if answer["ok"]:
            result: dict[str, Any] = answer["result"]
            return result
        raise _error(answer["error"])

    async def end(self, at_once: bool = False) -> None:
        """Close its input, or kill it `at_once`; returns when it is gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            if at_once:
                self._process.kill()
            try:
                async with asyncio.timeout(STOP_TIMEOUT):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
        await self._process.wait()
        await self._listener

    async def _hello(self) -> str:
        try:
            hello = await self._line()
        except ProcessEnded:
            await self._process.wait()
            await self._listener
            raise DataChainBroken(f"The process for DataChain ended while it started: {self.last_words}") from None
        if not hello["ready"]:
            raise DataChainBroken(f"DataChain cannot be imported: {hello['error']}")
        return str(hello["version"])

    async def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        try:
            message = json.loads(line)
        except ValueError:
            raise ProcessEnded from None
        if not isinstance(message, dict):
            raise ProcessEnded
        return message

    async def _listen(self) -> None:
        """Keep the last lines of stderr, and never let the worker wait for a full pipe."""
        assert self._process.stderr is not None
        while True:
            try:
                line = await self._process.stderr.readline()
            except ValueError:  # one line longer than the limit: readline has dropped it
                continue
            if not line:
                return
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                self._said.append(text)
                log.debug("action=datachain_worker_said text=%s", text)


def _error(error: Mapping[str, str]) -> WorkerError:
    code, message = error["code"], error["message"]
    if code == "busy":
        return DataChainBusy(f"DataChain's database stayed locked ({message}).")
    if code == "broken":
        return DataChainBroken(f"DataChain cannot be used: {message}.")
    return WorkerError(f"DataChain refused: {message}.")

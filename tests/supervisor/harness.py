"""Real supervisors for tests: starts them as a server does, and waits for what they do, never for time to pass."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_datachain_jobs import supervisor
from jupyter_datachain_jobs.supervisor.logfile import RECORD
from jupyter_datachain_jobs.supervisor.segments import segments
from jupyter_datachain_jobs.supervisor.sweep import find, sweep

PATIENCE_S = 60.0
"""After so long a test fails; none waits for it."""


def until(wanted: Callable[[], Any], what: str = "") -> Any:
    """Waits until something is true, and answers it."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := wanted()):
        assert time.monotonic() < deadline, f"waited in vain for {what or wanted}"
        time.sleep(0.005)
    return value


def state(pid: int) -> str:
    """A process's state letter; empty if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def gone(pid: int) -> bool:
    """Whether a process is no more. A zombie is: its parent has only not looked yet."""
    return state(pid) in ("", "Z", "X")


def freeze(pid: int) -> None:
    """Stops a process. Returns when all its threads stand still."""

    def states() -> set[str]:
        files = Path(f"/proc/{pid}/task").glob("*/stat")
        return {file.read_text().rpartition(")")[2].split()[0] for file in files}

    os.kill(pid, signal.SIGSTOP)
    until(lambda: states() <= {"T"}, f"{pid} to stop")


def python(code: str, *arguments: str) -> list[str]:
    """The argv that runs Python code."""
    return [sys.executable, "-u", "-c", code, *arguments]


class Attempt:
    """One attempt, and everything that a server would know of it."""

    def __init__(self, root: Path, argv: list[str], **fields: Any) -> None:
        self.job = str(uuid.uuid4())
        self.root = root
        self.folder = root / self.job
        self.folder.mkdir(parents=True)
        self.marker = f"{self.job}.1"
        self.claim: dict[str, Any] = {}
        self._process: subprocess.Popen[bytes] | None = None
        # Socket paths are short: the test's own folder may not be.
        self._runtime = tempfile.mkdtemp(prefix="dcj-")
        self.spec: dict[str, Any] = {
            "protocol": 1,
            "job": self.job,
            "attempt": 1,
            "folder": str(self.folder),
            "lock": str(root / f"{self.job}.1.lock"),
            "socket": f"{self._runtime}/s",
            "argv": argv,
            "cwd": str(root),
            "env": {**os.environ, "DATACHAIN_JOBS_ATTEMPT": self.marker},
            "secrets": [],
            "sigint_grace": 30.0,
            "sigterm_grace": 30.0,
            "nice": 0,
            "sample_interval": 0,
            "phase": "Running query",
            **fields,
        }

    def on(self, disk: Path) -> Attempt:
        """Keeps the attempt's files on another disk."""
        self.folder = disk / "attempt"
        self.folder.mkdir()
        self.spec["folder"] = str(self.folder)
        return self

    def start(self, **popen: Any) -> Attempt:
        """Starts a supervisor and reads what it says of its claim."""
        self._process = self.launch(**popen)
        self.claim = self.answer(self._process)
        return self

    def launch(self, **popen: Any) -> subprocess.Popen[bytes]:
        """Starts a supervisor and hands it the spec."""
        process = subprocess.Popen(
            supervisor.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if popen.pop("errors", False) else None,
            start_new_session=True,
            **popen,
        )
        assert process.stdin
        process.stdin.write(json.dumps(self.spec).encode())
        process.stdin.close()
        return process

    @staticmethod
    def answer(process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """The one line that a supervisor writes to its stdout."""
        assert process.stdout
        with process.stdout:
            return json.loads(process.stdout.read())

    @property
    def guard(self) -> int:
        assert self._process
        return self._process.pid

    def started(self) -> dict[str, Any]:
        """The `started` event, as soon as there is one: has the pids of job, supervisor and guard."""
        return until(lambda: self.event("started"), "the start")

    def finished(self) -> dict[str, Any]:
        """Waits for the guard's end. Answers `exit.json`."""
        assert self._process
        self._process.wait(PATIENCE_S)
        return self.exit()

    def exit(self) -> dict[str, Any]:
        return json.loads((self.folder / "exit.json").read_bytes())

    def ended(self) -> dict[str, Any]:
        """Waits for `exit.json`, whoever writes it."""
        until((self.folder / "exit.json").exists, "exit.json")
        return self.exit()

    def pieces(self) -> list[tuple[int, bytes]]:
        """The segments of the log in order: where each begins, and its bytes."""
        found = []
        for segment in segments(str(self.folder)):
            try:
                found.append((segment.start, Path(segment.path).read_bytes()))
            except FileNotFoundError:
                continue
        return found

    @property
    def log(self) -> bytes:
        """All that is kept of the log."""
        return b"".join(data for _, data in self.pieces())

    def says(self, text: str) -> None:
        """Waits until the log contains a text."""
        until(lambda: text.encode() in self.log, f"{text!r} in the log, which has {self.log[-500:]!r}")

    def own_lines(self) -> list[str]:
        """The supervisor's own lines in the log."""
        lines = self.log.decode(errors="replace").splitlines()
        return [line[6:-4].strip() for line in lines if line.startswith("\x1b[2m── ") and line.endswith("\x1b[0m")]

    def events(self) -> list[dict[str, Any]]:
        try:
            lines = (self.folder / "events.jsonl").read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line]

    def event(self, kind: str) -> dict[str, Any] | None:
        return next((event for event in self.events() if event["type"] == kind), None)

    def index(self) -> list[tuple[int, int, int]]:
        """The records of `output.idx`."""
        data = (self.folder / "output.idx").read_bytes()
        assert len(data) % RECORD.size == 0
        return list(RECORD.iter_unpack(data))

    def connect(self) -> Link:
        return Link(self.spec["socket"])

    def living(self) -> list[int]:
        """Pids of the job's processes that live, wherever they are."""
        return [each.pid for each in find(self.marker)]

    def close(self) -> None:
        """Ends whatever is left, so that a failing test leaves nothing behind."""
        if self._process and self._process.poll() is None:
            children = Path(f"/proc/{self.guard}/task/{self.guard}/children").read_text().split()
            for pid in (*map(int, children), self.guard):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            self._process.wait()
        sweep(self.marker)
        shutil.rmtree(self._runtime, ignore_errors=True)


class Link:
    """A client of a supervisor's socket."""

    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(path)
        self._lines = self.socket.makefile("rb")
        self.hello = self.read()

    def send(self, **message: Any) -> None:
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def read(self) -> dict[str, Any]:
        """The next message; empty at the end of the connection."""
        line = self._lines.readline()
        return json.loads(line) if line else {}

    def read_until(self, kind: str) -> list[dict[str, Any]]:
        """Messages up to one of this type, which is the last in the answer."""
        messages = []
        while message := self.read():
            messages.append(message)
            if message["type"] == kind:
                return messages
        raise AssertionError(f"no {kind} in {messages}")

    def close(self) -> None:
        self._lines.close()
        self.socket.close()

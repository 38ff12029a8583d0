"""The command as a user starts it: a process of its own, against a real server or none."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.server import LiveServer

COMMAND = (sys.executable, "-m", "jupyter_datachain_jobs")

#: Seconds; the slowest thing that a command here waits for is a DataChain that is imported on a busy machine.
TIMEOUT_S = 120.0

#: Says that it runs, then works until it is told to stop.
UNTIL_STOPPED = """
import time
try:
    print("ready", flush=True)
    while True:
        time.sleep(0.05)
except KeyboardInterrupt:
    print("stopped by the user", flush=True)
    raise
"""

#: Takes no notice of the wish to stop.
STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""


class Ran:
    """A command that has ended. Output as bytes."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out
        self.err = err.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def states(self) -> list[str]:
        """The states on standard error, in order."""
        return [line.split()[1] for line in self.err.splitlines() if line[2:3] == ":" and line.split()[1].isupper()]

    def __repr__(self) -> str:
        return f"exit code {self.code}\n{self.out[-3000:]!r}\n{self.err[-3000:]}"


class Running:
    """A command that runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def until(self, wanted: bytes) -> bytes:
        """Read standard output up to a line that holds `wanted`."""
        read = b""
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            read += line
            if wanted in line:
                return read
        raise AssertionError(f"it ended without {wanted!r}: {read!r} {self.end()!r}")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def until_said(self, wanted: str) -> str:
        """Read standard error up to a line that holds `wanted`."""
        read = ""
        assert self.process.stderr is not None
        while line := self.process.stderr.readline().decode():
            read += line
            if wanted in line:
                return read
        raise AssertionError(f"it ended without {wanted!r}: {read!r} {self.end()!r}")

    def end(self) -> Ran:
        """Wait for its end; the output is what was not read before."""
        try:
            out, err = self.process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            # Where does it hang? See PYTHONFAULTHANDLER.
            self.process.send_signal(signal.SIGABRT)
            out, err = self.process.communicate()
            raise AssertionError(f"it did not end: {Ran(self.process.returncode, out, err)}") from None
        return Ran(self.process.returncode, out, err)


class Cli:
    """Starts commands with the folders of `env`, in `cwd`."""

    def __init__(self, env: Mapping[str, str], cwd: Path) -> None:
        self.env = dict(env)
        self.cwd = cwd
        self._started: list[subprocess.Popen[bytes]] = []

    def __call__(self, *words: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ran:
        return self.start(*words, env=env, cwd=cwd).end()

    def start(
        self,
        *words: str | Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdout: int = subprocess.PIPE,
    ) -> Running:
        process = subprocess.Popen(
            [*COMMAND, *map(str, words)],
            env=self.env | {"PYTHONFAULTHANDLER": "1"} | dict(env or {}),
            cwd=cwd or self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            # What a buffer here had read ahead, `communicate` would not see.
            bufsize=0,
        )
        self._started.append(process)
        return Running(process)

    def close(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()


def cli_for(server: LiveServer) -> Cli:
    """The command in a terminal of the user who runs `server`, in the folder that it shows."""
    return Cli({name: value for name, value in server.env.items() if name != "PYTHONUNBUFFERED"}, server.root_dir)


@pytest.fixture
def cli(live_server: LiveServer) -> Iterator[Cli]:
    made = cli_for(live_server)
    yield made
    made.close()


@pytest.fixture
def alone() -> Iterator[Cli]:
    """The command where no server runs."""
    home = Path(tempfile.mkdtemp(prefix="dcj-"))
    server = LiveServer(home)  # never started: it is there for its folders
    made = Cli({**server.env, "PATH": os.environ["PATH"]}, server.root_dir)
    yield made
    made.close()
    server.end_jobs()
    shutil.rmtree(home, ignore_errors=True)

"""Servers over one data folder, and what the suite sees of them without asking them: the database and the files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.server import Answer, LiveServer

#: Whatever takes longer hangs.
PATIENCE_S = 90.0
POLL_S = 0.004

CONFIG: dict[str, Any] = {
    "max_workers": 4,
    "sigint_grace": 0.4,
    "sigterm_grace": 0.3,
    "sample_interval": 0.3,
    "nice": 0,
}


class World:
    """``open``, then ``close``. `tmpfs`: the data folder is a small file system of its own, where that can be had."""

    def __init__(self, *, megabytes: int = 320) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="dcj-"))
        self.truth = self.home / "truth"
        self.truth.mkdir()
        first = self.home / "0"
        first.mkdir()
        self.first = LiveServer(first, config={"JobsApp": CONFIG})
        self.data_dir = self.first.data_dir
        self.datachain = self.first.datachain_root
        self.sockets = first / "run"
        self.tmpfs = _mount(self.data_dir, megabytes)
        self.second: LiveServer | None = None
        self.changing = asyncio.Lock()
        """Held while a server is started or ended: two faults must not do that to one server at once."""
        self._database: sqlite3.Connection | None = None

    async def open(self) -> None:
        await asyncio.to_thread(self.first.start)
        self._database = sqlite3.connect(f"file:{self.data_dir / 'jobs.sqlite'}?mode=ro", uri=True, timeout=0.1)

    async def close(self) -> None:
        """End servers, jobs and mounts, whatever state they are in."""
        if self._database is not None:
            self._database.close()
        for server in self.servers:
            await asyncio.to_thread(server.kill)
        with contextlib.suppress(AssertionError):
            await asyncio.to_thread(self.first.end_jobs)
        if self.tmpfs:
            await asyncio.to_thread(subprocess.run, ["umount", "-l", str(self.data_dir)], check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def servers(self) -> list[LiveServer]:
        found = [each for each in (self.first, self.second) if each is not None]
        return [each for each in found if each.process is not None and each.process.poll() is None]

    async def start_second(self) -> None:
        """A second server over the same folders, as another JupyterLab of the same user is."""
        folder = self.home / f"second-{time.monotonic_ns()}"
        folder.mkdir()
        environment = {"XDG_RUNTIME_DIR": str(self.sockets), "DATACHAIN_ROOT_DIR": str(self.datachain)}
        self.second = LiveServer(
            folder,
            config={"JobsApp": {**CONFIG, "data_dir": str(self.data_dir)}},
            env=environment,
            root_dir=self.first.root_dir,
        )
        await asyncio.to_thread(self.second.start)

    async def end_second(self, number: signal.Signals) -> None:
        server, self.second = self.second, None
        if server is not None:
            await asyncio.to_thread(server.kill if number == signal.SIGKILL else server.stop)

    # Asking

    async def ask(self, method: str, path: str, body: Any = None, *, server: int = 0) -> Answer:
        """A server's answer; while none can be reached, or says that it cannot now, another try."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            servers = self.servers
            if servers:
                with contextlib.suppress(OSError, ValueError):
                    answer = await asyncio.to_thread(
                        servers[server % len(servers)].request, method, path, body, timeout=20
                    )
                    if answer.status != 503:
                        return answer
            if time.monotonic() > deadline:
                raise Hang(f"{method} {path} was not answered")
            await asyncio.sleep(0.05)

    # Seeing

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the jobs database; none while it cannot be read."""
        assert self._database is not None
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error:
            return []

    def state(self, job: str) -> tuple[str, int]:
        """(state, attempt) of a job."""
        return next(iter(self.query("SELECT state, attempt FROM jobs WHERE id = ?", job)), ("", 0))

    def attempt(self, job: str, attempt: int) -> Path:
        return self.data_dir / "jobs" / job / "attempts" / str(attempt)

    def children(self, server: LiveServer, word: str) -> list[int]:
        """Pids of a server's children whose command line contains `word`."""
        if server.process is None:
            return []
        found = []
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{server.process.pid}/task").iterdir():
                for pid in (task / "children").read_text().split():
                    with contextlib.suppress(OSError):
                        if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                            found.append(int(pid))
        return found


class Hang(Exception):
    """Something that must come did not."""


async def until(wanted: Callable[[], Any], what: str, patience: float = PATIENCE_S) -> Any:
    """Wait until something is true. Raises `Hang`."""
    deadline = time.monotonic() + patience
    while not (value := wanted()):
        if time.monotonic() > deadline:
            raise Hang(what)
        await asyncio.sleep(POLL_S)
    return value


def _mount(folder: Path, megabytes: int) -> bool:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    options = f"size={megabytes}m,mode=700"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "chaos", str(folder)], check=False, capture_output=True
    )
    return done.returncode == 0

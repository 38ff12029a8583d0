"""Fixtures of all rooms."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.server import LiveServer


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """One running server for tests that leave it as they found it (their own jobs aside)."""
    with _home() as home:
        server = LiveServer(home)
        server.start()
        try:
            yield server
        finally:
            server.close()


@pytest.fixture
def new_server() -> Iterator[Callable[..., LiveServer]]:
    """Makes servers of the test's own, for tests that configure, restart or kill them; ends them afterwards."""
    servers: list[LiveServer] = []
    with _home() as home:

        def make(**arguments: Any) -> LiveServer:
            folder = home / str(len(servers))
            folder.mkdir()
            servers.append(LiveServer(folder, **arguments))
            return servers[-1]

        try:
            yield make
        finally:
            for server in servers:
                server.close()


class _home:
    """A short path: a Unix socket's may have 107 bytes."""

    def __enter__(self) -> Path:
        self._path = tempfile.mkdtemp(prefix="dcj-")
        return Path(self._path)

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)

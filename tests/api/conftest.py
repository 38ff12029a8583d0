from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server import LiveServer


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    """One real server for all tests of the doors. Four slots, so that a test's job need not wait for another's."""
    home = Path(tempfile.mkdtemp(prefix="dcj-"))
    server = LiveServer(home, config={"JobsApp": {"max_workers": 4, "sigint_grace": 0.5, "sigterm_grace": 0.5}})
    server.start()
    yield server
    server.close()
    shutil.rmtree(home, ignore_errors=True)

"""A home of its own for each engine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from jupyter_datachain_jobs.api import Rooms
from jupyter_datachain_jobs.app import Engine, Options
from jupyter_datachain_jobs.domain import Slots
from jupyter_datachain_jobs.queue import Limits


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dcj-"))
    (folder / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def opened(home: Path) -> AsyncIterator[Callable[..., object]]:
    async with AsyncExitStack() as stack:

        async def open_rooms(max_workers: int = 2, *, slots: Slots | None = None, sigint_grace: float = 0.5) -> Rooms:
            options = Options(
                data_dir=home / "data",
                root=None,
                slots=slots or Slots(max_workers),
                datachain_root=home / "datachain",
                limits=Limits(sigint_grace=sigint_grace, sigterm_grace=0.5),
                prewarm=False,
            )
            return await stack.enter_async_context(Engine(options))

        yield open_rooms

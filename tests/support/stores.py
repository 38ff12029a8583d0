"""Jobs databases for tests that need many of them: migrated once, then copied."""

from __future__ import annotations

import asyncio
import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from jupyter_datachain_jobs.store import open_store


@functools.cache
def template() -> Path:
    """An empty database of the present version. Call it outside any event loop."""
    folder = tempfile.mkdtemp(prefix="dcj-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "jobs.sqlite"

    async def make() -> None:
        await (await open_store(path)).close()

    asyncio.run(make())
    return path


def fresh(folder: Path) -> Path:
    """A new empty database in `folder`."""
    return Path(shutil.copy(template(), folder / "jobs.sqlite"))

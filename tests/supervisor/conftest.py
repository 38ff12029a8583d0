from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from supervisor.harness import Attempt

if sys.platform != "linux":
    pytest.skip("these tests look at processes through /proc", allow_module_level=True)


@pytest.fixture
def attempt(tmp_path: Path) -> Iterator[Callable[..., Attempt]]:
    """Makes attempts; ends what is left of them after the test."""
    made: list[Attempt] = []

    def make(argv: list[str], **fields: Any) -> Attempt:
        made.append(Attempt(tmp_path, argv, **fields))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def run(attempt: Callable[..., Attempt]) -> Callable[..., Attempt]:
    """Makes an attempt and starts it."""

    def go(argv: list[str], **fields: Any) -> Attempt:
        started = attempt(argv, **fields).start()
        assert started.claim == {"claimed": True}
        return started

    return go


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        os.getuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "dcj", folder], check=False).returncode
    ):
        pytest.skip("needs to mount a file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)

"""Real datasets, saved by real DataChain scripts that run in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from results.roots import SCRIPTS, run_script

from jupyter_datachain_jobs.results import Results


@pytest.fixture(autouse=True)
def no_datachain_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer's own environment says about DataChain must not change what is tested."""
    for name in list(os.environ):
        if name.startswith("DATACHAIN_") and name != "DATACHAIN_JOBS_BENCH_DIR":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the datasets of both scripts. Read only: copy it (`root`) to change something."""
    root = tmp_path_factory.mktemp("saved")
    for script, arguments in (("every_type.py", [str(root / "expected.json")]), ("many_datasets.py", [])):
        done = run_script(SCRIPTS / script, root, *arguments)
        assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="session")
def expected(saved: Path) -> dict[str, Any]:
    """What DataChain's own API read from the dataset "every_type"."""
    return json.loads((saved / "expected.json").read_text())


@pytest.fixture
def root(saved: Path, tmp_path: Path) -> Path:
    """A copy of the saved datasets that the test may damage."""
    shutil.copytree(saved, tmp_path / "root")
    return tmp_path / "root"


@pytest.fixture
def open_results(tmp_path: Path) -> Iterator[Callable[[Path], Results]]:
    opened: list[Results] = []

    def open_one(root: Path) -> Results:
        opened.append(Results(root, tmp_path / "cache"))
        return opened[-1]

    yield open_one
    for results in opened:
        results.close()


@pytest.fixture
def results(saved: Path, open_results: Callable[[Path], Results]) -> Results:
    return open_results(saved)

"""Real DataChain scripts through the runner, and through a supervisor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

import pytest
from supervisor.harness import Attempt, until

from jupyter_datachain_jobs.executors import ScriptExecutor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from executors.conftest import Done, Folder

# Whoever runs a script makes the job's row in DataChain's database first.
ROW = """
import sys
from datachain.catalog import get_catalog
from datachain.data_storage import JobStatus
get_catalog().metastore.create_job(name=sys.argv[2], query="", status=JobStatus.RUNNING, job_id=sys.argv[1])
"""
STATE = """
import json, sys
from datachain.catalog import get_catalog
metastore = get_catalog().metastore
print(json.dumps({
    "status": str(metastore.get_job(sys.argv[1]).status),
    "datasets": [[d.name, v.version, v.job_id, v.num_objects] for d in metastore.list_datasets() for v in d.versions],
}))
"""


class DataChain:
    """A DataChain root of the test's own, and one job in it."""

    def __init__(self, folder: Folder, root: Path) -> None:
        self.folder = folder
        self.env = {"DATACHAIN_ROOT_DIR": str(root), "DATACHAIN_NO_ANALYTICS": "1"}
        self.job = str(uuid.uuid4())
        self._python(ROW, self.job, str(folder.script))

    def _python(self, code: str, *arguments: str) -> bytes:
        env = {**os.environ, **self.env}
        return subprocess.run([sys.executable, "-c", code, *arguments], env=env, check=True, capture_output=True).stdout

    def run(self, text: str, **fields: object) -> Done:
        return self.folder.run(text, job_id=self.job, extra_env=self.env, **fields)

    def state(self) -> dict[str, object]:
        return json.loads(self._python(STATE, self.job))


@pytest.fixture
def datachain(folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataChain:
    # Without it each import of DataChain takes seconds.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    root = tmp_path / "root"
    root.mkdir()
    return DataChain(folder, root)


def test_dataset_belongs_to_the_job(datachain: DataChain) -> None:
    text = """
import datachain as dc
from datachain.query.params import param
chain = dc.read_values(n=list(range(int(param("count"))))).map(square=lambda n: n * n, output=int)
print(chain.save("squares").count())
"""
    done = datachain.run(text, parameters={"count": "7"})

    assert (done.code, done.out) == (0, "7\n"), done.err
    assert datachain.state()["datasets"] == [["squares", "1.0.0", datachain.job, 7]]


def test_parallel_udf_of_unsaved_text(datachain: DataChain) -> None:
    text = """
import datachain as dc
from pydantic import BaseModel
class Row(BaseModel):
    name: str
    length: int
def describe(name: str) -> Row:
    return Row(name=name.upper(), length=len(name))
dc.read_values(name=["a", "bb", "ccc", "dddd"]).map(row=describe).save("rows")
print(sorted(dc.read_dataset("rows").to_values("row.length")))
"""
    done = datachain.run(text, on_disk="raise SystemExit('the file on disk ran')", workers=2)

    assert (done.code, done.out) == (0, "[1, 2, 3, 4]\n"), done.err
    assert "Processed" in done.err


@pytest.mark.parametrize("workers", [1, 2])
def test_failing_udf_names_the_users_line(datachain: DataChain, workers: int) -> None:
    text = """
import datachain as dc
def fail(n: int) -> int:
    raise ValueError(f"bad row {n}")
dc.read_values(n=[1, 2, 3]).map(m=fail).save("never")
"""
    done = datachain.run(text, workers=workers)

    assert done.code == 1
    assert "ValueError: bad row" in done.err
    assert done.error
    if workers == 1:
        frame = done.error["frame"]
        assert (frame["line"], frame["function"]) == (4, "fail")
    else:
        # The exception was raised in another process; this is where the script called for it.
        assert done.error["frame"]["line"] == 5
    assert "run_script" not in done.error["traceback"]


def test_hook_of_datachain_still_runs(datachain: DataChain) -> None:
    """DataChain cleans up in `sys.excepthook`: its temporary datasets are gone, and the printing is done once."""
    text = """
import datachain as dc
kept = dc.read_values(n=[1]).persist()
raise ValueError("after a temporary dataset")
"""
    done = datachain.run(text)

    assert done.code == 1
    assert done.err.count("ValueError: after a temporary dataset") == 1
    assert datachain.state()["datasets"] == []


@pytest.fixture
def attempt(datachain: DataChain, tmp_path: Path) -> Iterator[Attempt]:
    made = Attempt(tmp_path / "attempts", [], sigint_grace=10, sigterm_grace=5)
    yield made
    made.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_cancel_of_a_running_script(datachain: DataChain, attempt: Attempt, workers: int) -> None:
    text = """
import time
import datachain as dc
def slow(n: int) -> int:
    print("row", n, flush=True)
    time.sleep(600)
    return n
dc.read_values(n=list(range(100))).map(m=slow).save("never")
"""
    datachain.folder.script.write_text(text)
    datachain.folder.snapshot.write_text(text)
    request = datachain.folder.request(
        job_id=datachain.job, attempt_folder=str(attempt.folder), workers=workers, extra_env=datachain.env
    )
    execution = ScriptExecutor().prepare(request)
    env = {**execution.env, "DATACHAIN_JOBS_ATTEMPT": attempt.marker}
    attempt.spec.update(argv=list(execution.argv), cwd=execution.cwd, env=env)
    attempt.start()
    attempt.says("row")
    until(lambda: workers == 1 or len(attempt.living()) > 2)
    attempt.connect().send(op="cancel")
    end = attempt.finished()

    assert end["reason"] == "canceled"
    assert end["cancel"]["signals"][0]["signal"] == "SIGINT"
    assert attempt.living() == []
    assert [each for each in datachain.state()["datasets"] if each[3]] == []

"""The DataChain process: rows of jobs, finalising, and what happens when it or its database fails."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import sqlite3
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from results.roots import SCRIPTS, change, clean_environment, database, run_script, table_of

from jupyter_datachain_jobs.results import DataChainBroken, DataChainBusy, DataChainWorker, Results, WorkerError
from jupyter_datachain_jobs.results import worker as worker_module

FAILED, COMPLETE, CANCELED, RUNNING = 6, 5, 8, 4


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[DataChainWorker]:
    worker = DataChainWorker(tmp_path, environ=clean_environment(tmp_path))
    yield worker
    await worker.stop()


def new_id() -> str:
    return str(uuid.uuid4())


def job_row(root: Path, job_id: str) -> dict[str, object] | None:
    connection = sqlite3.connect(database(root))
    connection.row_factory = sqlite3.Row
    row = connection.execute("select * from jobs where id = ?", (job_id,)).fetchone()
    connection.close()
    return dict(row) if row else None


async def run(script: str, root: Path, job_id: str, *arguments: str) -> int:
    done = await asyncio.to_thread(run_script, SCRIPTS / script, root, *arguments, DATACHAIN_JOB_ID=job_id)
    return done.returncode


async def test_a_job_from_its_row_to_its_datasets(
    worker: DataChainWorker, tmp_path: Path, open_results: Callable[[Path], Results]
) -> None:
    job_id = new_id()
    assert await worker.create_job(job_id, "/home/u/cats.py", "print(1)", 3, "3.11", {"a": "b"})
    row = job_row(tmp_path, job_id)
    assert row is not None
    assert (row["name"], row["query"], row["workers"], row["python_version"], row["params"], row["status"]) == (
        *("/home/u/cats.py", "print(1)", 3, "3.11", '{"a":"b"}', RUNNING),
    )
    assert row["run_group_id"] == job_id
    assert await run("save_then_fail.py", tmp_path, job_id, "succeed") == 0
    assert await worker.finalise(job_id, "COMPLETE") == 0
    row = job_row(tmp_path, job_id)
    assert row is not None
    assert row["status"] == COMPLETE
    assert row["finished_at"]
    results = open_results(tmp_path)
    found = results.datasets_of_job(job_id)
    assert [(version.name, version.num_rows, version.status) for version in found] == [
        ("finished", 3, "COMPLETE"),
        ("second", 3, "COMPLETE"),
    ]
    assert results.page(found[1].uuid).total == 3


@pytest.mark.parametrize(("how", "status", "code"), [("raise", "FAILED", 1), ("kill", "CANCELED", -9)])
async def test_failed_job_keeps_what_it_finished_and_nothing_half_done(
    worker: DataChainWorker, tmp_path: Path, open_results: Callable[[Path], Results], how: str, status: str, code: int
) -> None:
    job_id = new_id()
    await worker.create_job(job_id, "x.py", "")
    assert await run("save_then_fail.py", tmp_path, job_id, how) == code
    results = open_results(tmp_path)
    begun = results.datasets_of_job(job_id)
    assert [(version.name, version.status) for version in begun] == [("finished", "COMPLETE"), ("second", "CREATED")]
    # A killed job also leaves DataChain's intermediate datasets behind.
    assert await worker.finalise(job_id, status, "boom", "Traceback ...") >= 1
    row = job_row(tmp_path, job_id)
    assert row is not None
    assert (row["error_message"], row["error_stack"]) == ("boom", "Traceback ...")
    assert [(version.name, version.status) for version in results.datasets_of_job(job_id)] == [("finished", "COMPLETE")]
    connection = sqlite3.connect(database(tmp_path))
    assert connection.execute("select name from datasets").fetchall() == [("finished",)]
    assert connection.execute("select status from datasets_versions").fetchall() == [(4,)]
    connection.close()


async def test_finalising_again_changes_nothing(worker: DataChainWorker, tmp_path: Path) -> None:
    job_id = new_id()
    await worker.create_job(job_id, "x.py", "")
    await worker.finalise(job_id, "FAILED", "first")
    before = job_row(tmp_path, job_id)
    assert await worker.finalise(job_id, "FAILED", "second") == 0
    assert job_row(tmp_path, job_id) == before


async def test_creating_again_is_no_error(worker: DataChainWorker, tmp_path: Path) -> None:
    job_id = new_id()
    assert await worker.create_job(job_id, "x.py", "one")
    await worker.finalise(job_id, "FAILED")
    assert not await worker.create_job(job_id, "x.py", "two")
    row = job_row(tmp_path, job_id)
    assert row is not None
    assert (row["query"], row["status"]) == ("one", RUNNING)


async def test_rerun_takes_over_the_run_group(worker: DataChainWorker, tmp_path: Path) -> None:
    first, second, third = new_id(), new_id(), new_id()
    await worker.create_job(first, "x.py", "")
    await worker.create_job(second, "x.py", "", rerun_from=first)
    await worker.create_job(third, "x.py", "", rerun_from=second)
    rows = [job_row(tmp_path, job_id) or {} for job_id in (second, third)]
    assert [(row["rerun_from_job_id"], row["run_group_id"]) for row in rows] == [(first, first), (second, first)]


async def test_job_that_datachain_does_not_know(worker: DataChainWorker) -> None:
    assert await worker.finalise(new_id(), "FAILED") == 0


async def test_refused_request_leaves_the_worker_alive(worker: DataChainWorker) -> None:
    await worker.prewarm()
    pid = worker.pid
    with pytest.raises(WorkerError, match="final status") as caught:
        await worker.finalise(new_id(), "RUNNING")
    assert caught.value.code == "datachain_failed"
    assert await worker.create_job(new_id(), "x.py", "")
    assert worker.pid == pid


async def test_text_of_any_kind(worker: DataChainWorker, tmp_path: Path) -> None:
    job_id = new_id()
    text = "ünï 日本 \x00 \u2028 \n" + "x" * 3_000_000
    await worker.create_job(job_id, "/ü/日本 'quoted\".py", text)
    row = job_row(tmp_path, job_id)
    assert row is not None
    assert row["name"] == "/ü/日本 'quoted\".py"
    assert str(row["query"]) == text[:1_000_000]


async def test_killed_worker_is_replaced(worker: DataChainWorker) -> None:
    await worker.prewarm()
    pid = worker.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert await worker.create_job(new_id(), "x.py", "")
    assert worker.pid not in (pid, None)


async def test_many_requests_at_once(worker: DataChainWorker, tmp_path: Path) -> None:
    ids = [new_id() for _ in range(30)]
    assert all(await asyncio.gather(*(worker.create_job(job_id, "x.py", "") for job_id in ids)))
    assert all(job_row(tmp_path, job_id) for job_id in ids)


async def test_two_servers_over_one_root(worker: DataChainWorker, tmp_path: Path) -> None:
    other = DataChainWorker(tmp_path, environ=clean_environment(tmp_path))
    job_id = new_id()
    try:
        made = await asyncio.gather(*(w.create_job(new_id(), "x.py", "") for w in (worker, other) * 10))
        assert all(made)
        assert await worker.create_job(job_id, "x.py", "")
        removed = await asyncio.gather(*(w.finalise(job_id, "CANCELED") for w in (worker, other)))
        assert removed == [0, 0]
    finally:
        await other.stop()
    row = job_row(tmp_path, job_id)
    assert row is not None
    assert row["status"] == CANCELED


async def test_cancelled_request_does_not_leave_its_answer_behind(worker: DataChainWorker) -> None:
    await worker.prewarm()
    held = asyncio.create_task(worker.create_job(new_id(), "x.py", ""))
    await asyncio.sleep(0)
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    assert await worker.finalise(new_id(), "FAILED") == 0


async def test_locked_database_is_told(tmp_path: Path) -> None:
    worker = DataChainWorker(tmp_path, environ=clean_environment(tmp_path), request_timeout=3)
    await worker.create_job(new_id(), "x.py", "")
    holder = sqlite3.connect(database(tmp_path), isolation_level=None)
    holder.execute("begin exclusive")
    try:
        with pytest.raises(DataChainBusy) as caught:
            await worker.create_job(new_id(), "x.py", "")
        assert caught.value.code == "datachain_busy"
        assert "3 seconds" in caught.value.message
    finally:
        holder.rollback()
        holder.close()
    assert await worker.create_job(new_id(), "x.py", "")
    await worker.stop()


async def test_root_that_was_deleted_and_made_anew(worker: DataChainWorker, tmp_path: Path) -> None:
    await worker.create_job(new_id(), "x.py", "")
    for file in database(tmp_path).parent.glob("db*"):
        file.unlink()
    job_id = new_id()
    await worker.create_job(job_id, "x.py", "")
    assert job_row(tmp_path, job_id) is not None


async def test_version_is_that_of_the_library(worker: DataChainWorker) -> None:
    assert worker.known_version is None
    assert await worker.version() == version("datachain") == worker.known_version


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ImportError('half installed')", "half installed"),
        ("import os; os._exit(3)", "ended while it started"),
        ("raise SystemExit('no licence')", "no licence"),
        ("import sys; print('x' * 100_000, flush=True); raise ValueError('bad')", "bad"),
    ],
)
async def test_datachain_that_cannot_be_imported(tmp_path: Path, body: str, said: str) -> None:
    package = tmp_path / "broken" / "datachain"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(body)
    worker = DataChainWorker(tmp_path, environ=clean_environment(tmp_path, PYTHONPATH=str(package.parent)))
    with pytest.raises(DataChainBroken, match=said) as caught:
        await worker.prewarm()
    assert caught.value.code == "datachain_broken"
    assert caught.value.hint
    await worker.stop()


async def test_import_that_never_ends(tmp_path: Path) -> None:
    package = tmp_path / "slow" / "datachain"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("import signal; signal.pause()")
    environ = clean_environment(tmp_path, PYTHONPATH=str(package.parent))
    worker = DataChainWorker(tmp_path, environ=environ, start_timeout=1)
    with pytest.raises(DataChainBroken, match="within 1 seconds"):
        await worker.prewarm()
    assert worker.pid is None


async def test_no_such_interpreter(tmp_path: Path) -> None:
    worker = DataChainWorker(tmp_path, python=str(tmp_path / "no-python"))
    with pytest.raises(DataChainBroken, match="could not be started"):
        await worker.version()


async def test_what_datachain_prints_does_not_disturb_the_protocol(tmp_path: Path) -> None:
    """A module that is imported with DataChain prints on every door that it finds."""
    site = tmp_path / "site"
    site.mkdir()
    noise = "import os, sys\nprint('noise')\nos.write(1, b'{}\\n' * 1000)\nsys.stderr.write('e' * 200_000 + '\\n')\n"
    (site / "loud.py").write_text(noise)
    plugin = site / "loud-1.dist-info"
    plugin.mkdir()
    (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1\n")
    (plugin / "entry_points.txt").write_text("[datachain.callables]\nloud = loud:os.getpid\n")
    worker = DataChainWorker(tmp_path, environ=clean_environment(tmp_path, PYTHONPATH=str(site)))
    assert await worker.create_job(new_id(), "x.py", "")
    await worker.stop()


async def test_a_datachain_in_the_current_folder_is_not_imported(
    worker: DataChainWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "datachain.py").write_text("raise ImportError('the wrong one')")
    monkeypatch.chdir(tmp_path)
    await worker.prewarm()


async def test_worker_ends_with_its_server(tmp_path: Path) -> None:
    """A server that is killed cannot tell its worker to end; the closed pipe does."""
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import asyncio, pathlib, sys\n"
        "from jupyter_datachain_jobs.results import DataChainWorker\n"
        "async def main():\n"
        f"    worker = DataChainWorker(pathlib.Path({str(tmp_path)!r}))\n"
        "    await worker.prewarm()\n"
        "    print(worker.pid, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n",
        stdout=asyncio.subprocess.PIPE,
        env=clean_environment(tmp_path),
    )
    assert server.stdout is not None
    pid = int(await server.stdout.readline())
    exited = os.pidfd_open(pid)
    server.kill()
    await server.wait()
    loop = asyncio.get_running_loop()
    gone = loop.create_future()
    loop.add_reader(exited, lambda: gone.done() or gone.set_result(None))
    try:
        await asyncio.wait_for(gone, 10)
    finally:
        loop.remove_reader(exited)
        os.close(exited)


async def test_prewarming_leaves_no_trace_where_datachain_is_not_used(worker: DataChainWorker, tmp_path: Path) -> None:
    await worker.prewarm()
    assert os.listdir(tmp_path) == []
    assert await worker.create_job(new_id(), "x.py", "")
    assert database(tmp_path).exists()


async def test_request_that_is_under_way_when_it_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_datachain_jobs.results.client.STOP_TIMEOUT", 0.1)
    monkeypatch.setattr("jupyter_datachain_jobs.results.process.STOP_TIMEOUT", 0.1)
    worker = DataChainWorker(tmp_path, environ=clean_environment(tmp_path))
    await worker.create_job(new_id(), "x.py", "")
    holder = sqlite3.connect(database(tmp_path), isolation_level=None)
    holder.execute("begin exclusive")
    held = asyncio.create_task(worker.create_job(new_id(), "x.py", ""))
    await asyncio.sleep(0)
    await worker.stop()
    holder.close()
    with pytest.raises(WorkerError) as caught:
        await held
    assert caught.value.code == "datachain_stopped"
    assert worker.pid is None


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([sqlite3.SQLITE_BUSY], "busy"),
        ([sqlite3.SQLITE_BUSY_SNAPSHOT], "busy"),
        ([None, sqlite3.SQLITE_LOCKED], "busy"),
        ([sqlite3.SQLITE_CORRUPT], "failed"),
        ([None], "failed"),
    ],
)
def test_locks_are_told_from_other_failures(errors: list[int | None], code: str) -> None:
    cause: BaseException | None = None
    for number in reversed(errors):
        error: BaseException = RuntimeError("wrapped")
        if number is not None:
            error = sqlite3.OperationalError("database")
            error.sqlite_errorcode = number
        error.__cause__, cause = cause, error
    assert cause is not None
    assert worker_module._code(cause) == code


async def test_stop_without_start(tmp_path: Path) -> None:
    await DataChainWorker(tmp_path).stop()


async def test_versions_of_a_job_are_removed_and_others_stay(
    worker: DataChainWorker, tmp_path: Path, open_results: Callable[[Path], Results]
) -> None:
    job_id = new_id()
    await worker.create_job(job_id, "x.py", "")
    assert await run("save_then_fail.py", tmp_path, job_id, "succeed") == 0
    await worker.finalise(job_id, "COMPLETE")
    results = open_results(tmp_path)
    finished, second = results.datasets_of_job(job_id)
    gone = await worker.remove_versions([finished])
    assert (gone.removed, gone.kept) == ((finished,), ())
    assert results.datasets_of_job(job_id) == [second]
    connection = sqlite3.connect(database(tmp_path))
    tables = {name for (name,) in connection.execute("select name from sqlite_master")}
    connection.close()
    assert table_of(finished).strip('"') not in tables, "its rows are gone from the disk's point of view too"
    assert table_of(second).strip('"') in tables
    assert (await worker.remove_versions([finished])).removed == (finished,), "it can be asked again"
    anew = dataclasses.replace(second, uuid=new_id())
    assert (await worker.remove_versions([anew])).removed == (anew,)
    assert results.datasets_of_job(job_id) == [second], "a version that was made anew under the same number stays"
    nowhere = dataclasses.replace(second, project="elsewhere")
    assert (await worker.remove_versions([nowhere])).removed == (nowhere,)


async def test_a_version_that_cannot_be_removed_is_told_and_keeps_no_other(
    worker: DataChainWorker, tmp_path: Path, open_results: Callable[[Path], Results]
) -> None:
    job_id = new_id()
    await worker.create_job(job_id, "x.py", "")
    assert await run("save_then_fail.py", tmp_path, job_id, "succeed") == 0
    results = open_results(tmp_path)
    finished, second = results.datasets_of_job(job_id)
    # As a removal by somebody else leaves it who was killed in the middle of a wipe.
    change(
        tmp_path, f"update datasets_versions set status = 7, pending_metadata_drop = 1 where uuid = '{finished.uuid}'"
    )
    gone = await worker.remove_versions([finished, second])
    assert gone.removed == (second,)
    ((kept, why),) = gone.kept
    assert kept == finished
    assert "REMOVING" in why or "removal" in why or "wipe" in why or "gc" in why


async def test_a_removal_that_was_killed_half_way_is_finished(
    worker: DataChainWorker, tmp_path: Path, open_results: Callable[[Path], Results]
) -> None:
    """DataChain marks a version first, then drops its rows; a worker that dies in between is asked again."""
    job_id = new_id()
    await worker.create_job(job_id, "x.py", "")
    assert await run("save_then_fail.py", tmp_path, job_id, "succeed") == 0
    version = open_results(tmp_path).datasets_of_job(job_id)[0]
    connection = sqlite3.connect(database(tmp_path), isolation_level=None)
    connection.execute(
        "update datasets_versions set status = 7, removed_at = '2026-01-01', pending_metadata_drop = 0 where uuid = ?",
        (version.uuid,),
    )
    assert (await worker.remove_versions([version])).removed == (version,)
    assert connection.execute("select status from datasets_versions where uuid = ?", (version.uuid,)).fetchone() == (8,)
    tables = {name for (name,) in connection.execute("select name from sqlite_master where name like 'ds%finished%'")}
    connection.close()
    assert tables == set()

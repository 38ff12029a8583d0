"""Finding and describing datasets."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from results.roots import change, database

from jupyter_datachain_jobs.domain import DatasetNotFound, DatasetUnreadable
from jupyter_datachain_jobs.results import Results, ResultsBusy, SchemaUnknown


def test_newest_version_is_found_by_number_not_by_text(results: Results) -> None:
    assert results.find("versions").version == "1.0.10"
    assert results.find("versions@1.0.9").num_rows == 2
    assert results.find("versions", "1.0.0").num_rows == 1


@pytest.mark.parametrize("name", ["versions", "local.versions", "local.local.versions"])
def test_names_bare_and_full(results: Results, name: str) -> None:
    detail = results.find(name)
    assert (detail.full_name, detail.name, detail.namespace, detail.project) == (
        "local.local.versions",
        "versions",
        "local",
        "local",
    )
    assert datetime.now(UTC) - timedelta(hours=1) < detail.created_at <= datetime.now(UTC)
    assert results.describe(detail.uuid) == detail


@pytest.mark.parametrize(
    "name",
    ["no_such", "versions@9.9.9", "other.local.versions", "", ".", "a.b.c.d", "@", "versions@", "x" * 10_000, "%"],
)
def test_unknown_names(results: Results, name: str) -> None:
    if name == "versions@":
        assert results.find(name).version == "1.0.10"
        return
    with pytest.raises(DatasetNotFound) as caught:
        results.find(name)
    assert caught.value.code == "dataset_not_found"
    assert caught.value.hint


def test_quoted_and_unicode_names(results: Results) -> None:
    detail = results.find('name with "quotes" and ünïcode 日本')
    assert results.page(detail.uuid).total == 1
    odd = results.find("odd_columns")
    assert [column.name for column in odd.columns if not column.hidden] == ["ünïcode", "select"]
    assert results.page(odd.uuid).rows[1][-2:] == [2, "b"]


def test_a_thousand_columns(results: Results) -> None:
    detail = results.find("thousand_columns")
    assert len([column for column in detail.columns if not column.hidden]) == 1000
    assert results.page(detail.uuid).rows[1][-1] == 1000


def test_datasets_of_a_job_leave_out_listings_and_intermediate_results(results: Results) -> None:
    job_id = results.find("files").job_id
    assert job_id
    found = results.datasets_of_job(job_id)
    assert [version.name for version in found][:2] == ["empty", "versions"]
    assert {version.version for version in found if version.name == "versions"} == {"1.0.0", "1.0.9", "1.0.10"}
    assert all(version.created_by_job and version.job_id == job_id for version in found)
    assert not [version.name for version in found if version.name.startswith(("lst__", "session_"))]


def test_unknown_job_has_no_datasets(results: Results) -> None:
    assert results.datasets_of_job("no such job") == []
    assert results.datasets_of_job() == []


def test_reused_versions_are_marked(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    detail = results.find("counted")
    change(
        root,
        "insert into dataset_version_jobs (dataset_version_id, job_id, is_creator) "
        f"select id, 'resumed', 0 from datasets_versions where uuid = '{detail.uuid}'",
    )
    (reused,) = results.datasets_of_job("resumed")
    assert (reused.uuid, reused.created_by_job, reused.job_id) == (detail.uuid, False, detail.job_id)


def test_no_database_yet(tmp_path: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(tmp_path / "nowhere")
    assert results.datasets_of_job("x") == []
    with pytest.raises(DatasetNotFound):
        results.find("cats")
    with pytest.raises(DatasetNotFound):
        results.page("cats")


def test_database_that_is_only_being_made(tmp_path: Path, open_results: Callable[[Path], Results]) -> None:
    (tmp_path / ".datachain").mkdir()
    database(tmp_path).touch()
    assert open_results(tmp_path).datasets_of_job("x") == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("update meta set schema_version = 2", "schema version is 2"),
        ("alter table datasets_versions rename column num_objects to how_many", "num_objects"),
        ("drop table dataset_version_jobs", "dataset_version_jobs"),
    ],
)
def test_other_schema(root: Path, open_results: Callable[[Path], Results], statement: str, named: str) -> None:
    change(root, statement)
    results = open_results(root)
    with pytest.raises(SchemaUnknown, match=named) as caught:
        results.find("counted")
    assert caught.value.code == "datachain_schema_unknown"


def test_schema_that_changes_while_open(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    results.find("counted")
    change(root, "alter table datasets rename to data_sets")
    with pytest.raises(SchemaUnknown):
        results.find("counted")


@pytest.mark.parametrize(
    "content", [b"this is no database, but some text " * 200, b"SQLite format 3\x00" + b"\xff" * 8000]
)
def test_damaged_file(root: Path, open_results: Callable[[Path], Results], content: bytes) -> None:
    for suffix in ("-wal", "-shm"):
        database(root).with_name("db" + suffix).unlink(missing_ok=True)
    database(root).write_bytes(content)
    with pytest.raises(Exception, match=r"damaged|cannot be read") as caught:
        open_results(root).find("counted")
    assert caught.value.code == "dataset_unreadable"


@pytest.mark.parametrize(
    "damage",
    [
        "update datasets_versions set num_objects = 'many' where id = (select max(id) from datasets_versions)",
        "update datasets_versions set size = x'00ff' where id = (select max(id) from datasets_versions)",
        "update datasets set name = x'ff00' where id = (select max(dataset_id) from datasets_versions)",
        "update datasets set name = cast(x'ff41' as text) where id = (select max(dataset_id) from datasets_versions)",
    ],
)
def test_a_damaged_row_of_a_jobs_datasets(root: Path, open_results: Callable[[Path], Results], damage: str) -> None:
    change(
        root,
        "insert into dataset_version_jobs (dataset_version_id, job_id, is_creator) "
        "select id, '00000000-0000-4000-8000-000000000000', 1 from datasets_versions",
    )
    results = open_results(root)
    assert results.datasets_of_job("00000000-0000-4000-8000-000000000000")
    change(root, damage)
    with pytest.raises(DatasetUnreadable) as caught:
        results.datasets_of_job("00000000-0000-4000-8000-000000000000")
    assert caught.value.code == "dataset_unreadable"
    assert caught.value.hint


def test_database_is_a_folder(tmp_path: Path, open_results: Callable[[Path], Results]) -> None:
    database(tmp_path).mkdir(parents=True)
    with pytest.raises(Exception, match="cannot be read") as caught:
        open_results(tmp_path).find("counted")
    assert caught.value.code == "dataset_unreadable"


def test_writer_does_not_disturb_readers(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    writer = sqlite3.connect(database(root), isolation_level=None)
    writer.execute("begin exclusive")
    writer.execute("update datasets set description = 'half written'")
    try:
        assert results.page(results.find("counted").uuid, 100, 1).rows[0][-1] == 101
    finally:
        writer.rollback()
        writer.close()


def test_exclusive_locking_is_told_and_does_not_hang(root: Path, open_results: Callable[[Path], Results]) -> None:
    holder = sqlite3.connect(database(root), isolation_level=None)
    holder.execute("pragma journal_mode = delete")
    holder.execute("begin exclusive")
    try:
        with pytest.raises(ResultsBusy) as caught:
            open_results(root).find("counted")
        assert caught.value.code == "results_busy"
    finally:
        holder.rollback()
        holder.close()
    assert open_results(root).find("counted").num_rows == 500


def test_root_that_was_deleted_and_made_anew(saved: Path, root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    results.find("counted")
    for file in database(root).parent.glob("db*"):
        file.unlink()
    with pytest.raises(DatasetNotFound):
        results.find("counted")
    database(root).write_bytes(database(saved).read_bytes())
    assert results.find("counted").num_rows == 500


def test_read_only_folder(root: Path, open_results: Callable[[Path], Results], monkeypatch: pytest.MonkeyPatch) -> None:
    for file in database(root).parent.glob("db-*"):
        file.unlink()
    # As root every folder is writable, so what the system says is replaced.
    monkeypatch.setattr("os.access", lambda *_: False)
    results = open_results(root)
    assert results.page(results.find("counted").uuid).total == 500
    assert not list(database(root).parent.glob("db-*"))

"""Pages of rows: positions, gaps, and versions that change or vanish while they are read."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from results.roots import change, table_of

from jupyter_datachain_jobs.domain import DatasetNotFound
from jupyter_datachain_jobs.results import DatasetNotReady, PageOutOfRange, Results, rows


def numbers(results: Results, uuid: str, offset: int, limit: int) -> list[int]:
    page = results.page(uuid, offset, limit)
    return [row[page.columns.index("n")] for row in page.rows]


@pytest.mark.parametrize("offset", [0, 1, 199, 499, 500, 501, 10**12])
@pytest.mark.parametrize("limit", [1, 200, 1000])
def test_positions(results: Results, offset: int, limit: int) -> None:
    uuid = results.find("counted").uuid
    assert numbers(results, uuid, offset, limit) == list(range(1, 501))[offset : offset + limit]
    page = results.page(uuid, offset, limit)
    assert (page.offset, page.limit, page.total) == (offset, limit, 500)


@pytest.mark.parametrize(("offset", "limit"), [(-1, 10), (0, 0), (0, -5), (0, 1001), (2**63, 1), (2**70, 1)])
def test_senseless_pages(results: Results, offset: int, limit: int) -> None:
    with pytest.raises(PageOutOfRange) as caught:
        results.page(results.find("counted").uuid, offset, limit)
    assert caught.value.code == "page_out_of_range"


def test_empty_dataset(results: Results) -> None:
    detail = results.find("empty")
    page = results.page(detail.uuid)
    assert (page.total, page.rows, page.truncated) == (0, [], [])
    assert page.columns == tuple(column.name for column in detail.columns)


@pytest.mark.parametrize("uuid", ["", "nonsense", "00000000-0000-0000-0000-000000000000", "' or 1=1 --"])
def test_unknown_uuid(results: Results, uuid: str) -> None:
    with pytest.raises(DatasetNotFound):
        results.page(uuid)
    with pytest.raises(DatasetNotFound):
        results.describe(uuid)


@pytest.fixture
def gaps(root: Path, open_results: Callable[[Path], Results]) -> tuple[Results, str, list[int]]:
    """A version from which rows were taken out, so that ids are no positions."""
    results = open_results(root)
    detail = results.find("gaps")
    kept = [n for n in range(1, 501) if n % 7 and n not in (1, 2, 3, 499, 500)]
    change(
        root,
        f"delete from {table_of(detail)} where n not in ({', '.join(map(str, kept))})",
        f"update datasets_versions set num_objects = {len(kept)} where uuid = '{detail.uuid}'",
    )
    return results, detail.uuid, kept


@pytest.mark.parametrize("near", [0, 100, 10_000], ids=["ordered", "mixed", "walked"])
@pytest.mark.parametrize("offset", [0, 50, 150, 300, 420, 424, 1000])
def test_ids_with_gaps(
    gaps: tuple[Results, str, list[int]], monkeypatch: pytest.MonkeyPatch, near: int, offset: int
) -> None:
    monkeypatch.setattr(rows, "NEAR", near)
    results, uuid, kept = gaps
    assert numbers(results, uuid, offset, 50) == kept[offset : offset + 50]
    assert results.page(uuid, offset, 50).total == len(kept)


def test_order_table_is_made_once_and_shared(
    gaps: tuple[Results, str, list[int]],
    root: Path,
    tmp_path: Path,
    open_results: Callable[[Path], Results],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "NEAR", 0)
    results, uuid, kept = gaps
    numbers(results, uuid, 300, 10)
    (made,) = (tmp_path / "cache" / "orders").iterdir()
    changed = made.stat().st_mtime_ns
    assert numbers(open_results(root), uuid, 400, 10) == kept[400:410]
    assert made.stat().st_mtime_ns == changed


def test_rows_taken_out_behind_datachains_back(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    detail = results.find("counted")
    assert results.page(detail.uuid).total == 500
    change(root, f"delete from {table_of(detail)} where n between 100 and 109")
    assert numbers(results, detail.uuid, 95, 10) == [96, 97, 98, 99, 110, 111, 112, 113, 114, 115]
    assert results.page(detail.uuid).total == 490


def test_version_deleted_while_open(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    detail = results.find("counted")
    results.page(detail.uuid)
    change(
        root,
        f"drop table {table_of(detail)}",
        f"update datasets_versions set status = 8, removed_at = '2026-01-01' where uuid = '{detail.uuid}'",
    )
    for read in (results.page, results.describe):
        with pytest.raises(DatasetNotFound):
            read(detail.uuid)
    with pytest.raises(DatasetNotFound):
        results.find("counted")


def test_version_deleted_and_made_anew_under_the_same_name(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    detail = results.find("counted")
    results.page(detail.uuid)
    change(root, f"update datasets_versions set uuid = 'another' where uuid = '{detail.uuid}'")
    with pytest.raises(DatasetNotFound):
        results.page(detail.uuid)
    assert results.page("another").total == 500


def test_dataset_renamed_while_open(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    detail = results.find("counted")
    results.page(detail.uuid)
    change(
        root,
        f"alter table {table_of(detail)} rename to ds_local_local_recounted_1_0_0",
        "update datasets set name = 'recounted' where name = 'counted'",
    )
    assert numbers(results, detail.uuid, 10, 1) == [11]


def test_table_is_missing(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    detail = results.find("counted")
    change(root, f"drop table {table_of(detail)}")
    with pytest.raises(DatasetNotFound):
        results.page(detail.uuid)


@pytest.mark.parametrize(("status", "word"), [(1, "CREATED"), (3, "FAILED")])
def test_rows_that_are_not_complete(
    root: Path, open_results: Callable[[Path], Results], status: int, word: str
) -> None:
    results = open_results(root)
    detail = results.find("counted")
    change(root, f"update datasets_versions set status = {status}, num_objects = null where uuid = '{detail.uuid}'")
    with pytest.raises(DatasetNotReady, match=word) as caught:
        results.page(detail.uuid)
    assert caught.value.code == "dataset_not_ready"
    assert results.describe(detail.uuid).status == word


def test_number_of_rows_is_not_recorded(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    detail = results.find("counted")
    change(root, f"update datasets_versions set num_objects = null where uuid = '{detail.uuid}'")
    assert results.page(detail.uuid).total == 500
    assert numbers(results, detail.uuid, 499, 5) == [500]


def test_text_that_is_not_utf8(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    detail = results.find("odd_columns")
    change(root, f"""update {table_of(detail)} set "select" = cast(x'61ff62' as text) where sys__id = 1""")
    page = results.page(detail.uuid)
    assert [row[page.columns.index("select")] for row in page.rows] == ["a�b", "b"]


def test_values_of_another_type_than_declared(root: Path, open_results: Callable[[Path], Results]) -> None:
    """SQLite lets any column hold anything."""
    results = open_results(root)
    detail = results.find("every_type")
    change(
        root,
        f"update {table_of(detail)} set num = 'text', b = 7, moment = 'yesterday', embedding = '[1,', d = 5, s = x'6162', "
        "f = 'x', \"by\" = 'text' where sys__id = 1",
        f"update {table_of(detail)} set d = '{'[' * 500 + ']' * 500}', embedding = 'null' where sys__id = 2",
    )
    page = results.page(detail.uuid)
    first = dict(zip(page.columns, page.rows[0], strict=True))
    assert [first[name] for name in ("num", "b", "moment", "embedding", "d", "s", "f", "by")] == [
        *("text", 7, "yesterday", "[1,", 5, "ab", "x", "text")
    ]
    second = dict(zip(page.columns, page.rows[1], strict=True))
    assert second["d"] == "[" * 500 + "]" * 500
    assert second["embedding"] is None


def test_many_threads_share_the_connections(results: Results) -> None:
    uuid = results.find("counted").uuid
    wrong: list[object] = []

    def read(start: int) -> None:
        try:
            for offset in range(start, 480, 16):
                if numbers(results, uuid, offset, 3) != [offset + 1, offset + 2, offset + 3]:
                    wrong.append(offset)
        except Exception as error:
            wrong.append(error)
            raise

    threads = [threading.Thread(target=read, args=(start,)) for start in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_no_connection_stays_in_a_transaction(root: Path, open_results: Callable[[Path], Results]) -> None:
    results = open_results(root)
    uuid = results.find("counted").uuid
    results.page(uuid)
    with pytest.raises(DatasetNotFound):
        results.page("unknown")
    # A reader inside a transaction would keep the log from being emptied: the first column says whether one did.
    connection = sqlite3.connect(results.location.metastore, isolation_level=None)
    connection.execute("update datasets set description = 'x'")
    assert connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0] == 0
    connection.close()


def test_closed_results_open_no_build(gaps: tuple[Results, str, list[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "NEAR", 0)
    results, uuid, _ = gaps
    results.close()
    with pytest.raises(RuntimeError):
        results.page(uuid, 300, 10)

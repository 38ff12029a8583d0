"""Every kind of cell, against what DataChain's own API reads from the same dataset."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_datachain_jobs.results import Results


def test_cells_are_those_that_datachain_reads(results: Results, expected: dict[str, Any]) -> None:
    page = results.page(results.find("every_type").uuid)
    records = [dict(zip(page.columns, row, strict=True)) for row in page.rows]
    ours = [{name: record[name] for name in expected["records"][0]} for record in records]
    assert ours == expected["records"]
    assert page.truncated == []


def test_page_is_strict_json(results: Results) -> None:
    page = results.page(results.find("every_type").uuid)
    assert json.loads(json.dumps(page.rows, allow_nan=False)) == page.rows


def test_columns_are_grouped_typed_and_hidden(results: Results, expected: dict[str, Any]) -> None:
    detail = results.find("every_type")
    by_name = {column.name: column for column in detail.columns}
    assert [column.name for column in detail.columns if not column.hidden] == expected["visible"]
    assert by_name["outer__inner__note"].path == ("outer", "inner", "note")
    assert by_name["outer__score"].hidden, "the model hides it"
    assert by_name["outer__maybe___type_tag"].hidden, "it only says whether the model is None"
    assert by_name["sys__id"].hidden
    assert {
        name: by_name[name].type for name in ("num", "f", "maybe_f", "s", "b", "by", "moment", "embedding", "d")
    } == {
        "num": "int",
        "f": "float",
        "maybe_f": "float",
        "s": "str",
        "b": "bool",
        "by": "bytes",
        "moment": "datetime",
        "embedding": "list",
        "d": "dict",
    }


def test_page_columns_are_the_described_ones(results: Results) -> None:
    detail = results.find("every_type")
    assert results.page(detail.uuid).columns == tuple(column.name for column in detail.columns)


def test_missing_float_is_nan_only_where_it_cannot_be_none(results: Results) -> None:
    page = results.page(results.find("every_type").uuid)
    row = dict(zip(page.columns, page.rows[1], strict=True))
    assert row["f"] == "NaN"
    assert row["maybe_f"] is None


def test_file_signal(results: Results) -> None:
    detail = results.find("files")
    assert [c.name for c in detail.columns if not c.hidden] == ["file__path", "file__size", "length"]
    page = results.page(detail.uuid)
    rows = [dict(zip(page.columns, row, strict=True)) for row in page.rows]
    assert sorted(row["file__path"] for row in rows) == ["a.txt", "b.txt", "ü 日.txt"]
    assert all(row["file__last_modified"].endswith("Z") and row["file__is_latest"] is True for row in rows)
    assert all(row["length"] == len(row["file__path"].encode()) for row in rows)


@pytest.mark.parametrize(
    ("column", "row", "shown", "full"),
    [
        ("text", 1, "z" * 2000, 5000),
        ("text", 2, "日" * 2000, 3000),
        ("text", 3, "y" * 2000, 20000),
        ("text", 5, "e" * 2000, 2001),
        ("blob", 1, "enp6" * 500, 5000),
        ("blob", 4, "eHh4" * 500, 1501),
        ("blob", 5, "eHh4" * 500, 8001),
        ("numbers", 1, ("[" + "0.5," * 600)[:2000], 16001),
        ("data", 2, '{"k":"' + "v" * 1994, 20008),
    ],
)
def test_long_cells_are_cut(results: Results, column: str, row: int, shown: str, full: int) -> None:
    page = results.page(results.find("long_cells").uuid)
    index = page.columns.index(column)
    assert page.rows[row][index] == shown
    assert (row, index, full) in page.truncated


def test_cells_at_the_limit_are_whole(results: Results) -> None:
    page = results.page(results.find("long_cells").uuid)
    cut = {(row, page.columns[column]) for row, column, _ in page.truncated}
    assert page.rows[4][page.columns.index("text")] == "e" * 2000
    assert page.rows[2][page.columns.index("numbers")] == [0.25] * 100
    assert cut.isdisjoint({(4, "text"), (3, "blob"), (2, "numbers"), (0, "text"), (0, "data")})

"""From feature schemas to columns: what real datasets of other versions can hold."""

from __future__ import annotations

import pytest

from jupyter_datachain_jobs.results import schema


def names(features: dict[str, object], *stored: str) -> list[tuple[str, tuple[str, ...], bool]]:
    kept = {name: schema.Storage("int", False) for name in stored}
    return [(column.name, column.path, column.hidden) for column in schema.columns(features, kept)]


def test_order_is_the_feature_schemas() -> None:
    assert [name for name, _, _ in names({"b": "int", "a": "int"}, "sys__id", "a", "b")] == ["sys__id", "b", "a"]


def test_signal_name_that_contains_the_delimiter() -> None:
    assert names({"my__signal": "int"}, "my__signal") == [("my__signal", ("my__signal",), False)]


@pytest.mark.parametrize("optional", ["Optional[M@v1]", "Union[M@v1, NoneType]", "Union[NoneType, M@v1]"])
def test_optional_model_has_a_hidden_marker(optional: str) -> None:
    features = {"m": optional, "_custom_types": {"M@v1": {"schema_version": 2, "fields": {"x": "int"}}}}
    assert names(features, "m___type_tag", "m__x") == [
        ("m___type_tag", ("m", "_type_tag"), True),
        ("m__x", ("m", "x"), False),
    ]


def test_fields_of_a_hidden_model_are_hidden() -> None:
    features = {
        "o": "O@v1",
        "_custom_types": {
            "O@v1": {"schema_version": 2, "fields": {"i": "I@v1"}, "hidden_fields": ["i"]},
            "I@v1": {"schema_version": 2, "fields": {"x": "int"}},
        },
    }
    assert names(features, "o__i__x") == [("o__i__x", ("o", "i", "x"), True)]


def test_models_of_the_first_schema_version_are_bare_fields() -> None:
    features = {"f": "File@v1", "_custom_types": {"File@v1": {"path": "str"}}}
    assert names(features, "f__path") == [("f__path", ("f", "path"), False)]


def test_column_that_no_signal_explains_is_shown() -> None:
    assert names({}, "sys__id", "a__b", "c") == [
        ("sys__id", ("sys", "id"), True),
        ("a__b", ("a", "b"), False),
        ("c", ("c",), False),
    ]


def test_signal_without_a_column_is_left_out() -> None:
    assert names({"a": "int", "gone": "int"}, "a") == [("a", ("a",), False)]


def test_model_that_contains_itself_ends() -> None:
    features = {"m": "M", "_custom_types": {"M": {"schema_version": 2, "fields": {"m": "M"}}}}
    assert names(features, "x") == [("x", ("x",), False)]


@pytest.mark.parametrize("features", [{"_custom_types": None}, {"_custom_types": []}, {"a": None}, {"a": {"b": 1}}])
def test_odd_documents(features: dict[str, object]) -> None:
    assert names(features, "a") == [("a", ("a",), False)]


def test_kind_comes_from_the_schema_then_from_the_table() -> None:
    document = {"a": {"type": "Float32"}, "b": {"type": "Array", "item_type": {"type": "String"}}, "c": "odd"}
    declared = {"a": "VARCHAR", "b": "ARRAY", "c": "DATETIME", "d": "SOMETHING"}
    assert {name: storage.kind for name, storage in schema.storages(document, declared).items()} == {
        "a": "float",
        "b": "list",
        "c": "datetime",
        "d": "str",
    }

"""From DataChain's schemas to columns. Pure.

DataChain stores two JSON documents with each version: the *feature schema* (signals and their models, which gives grouping,
order and hidden fields) and the *schema* (SQL type of each stored column, which says how a cell is stored).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .model import Column

#: Between the parts of a storage name (`datachain.query.schema.DEFAULT_DELIMITER`).
DELIMITER = "__"
#: Extra column of an optional model; 1 says that the whole model is None.
NULL_MARKER = "_type_tag"
#: Models cannot nest without end, but a damaged schema can.
_DEEPEST = 64

_KINDS = {
    "String": "str",
    "Boolean": "bool",
    "Int": "int",
    "Int32": "int",
    "Int64": "int",
    "UInt32": "int",
    "UInt64": "int",
    "Float": "float",
    "Float32": "float",
    "Float64": "float",
    "Array": "list",
    "JSON": "dict",
    "DateTime": "datetime",
    "Binary": "bytes",
    # as declared in the table, where the stored schema does not mention a column
    "VARCHAR": "str",
    "TEXT": "str",
    "BOOLEAN": "bool",
    "INTEGER": "int",
    "BIGINT": "int",
    "FLOAT": "float",
    "REAL": "float",
    "ARRAY": "list",
    "DATETIME": "datetime",
    "BINARY": "bytes",
    "BLOB": "bytes",
}

_OPTIONAL = re.compile(r"Optional\[(.+)\]|Union\[(.+), NoneType\]|Union\[NoneType, (.+)\]")


@dataclass(frozen=True)
class Storage:
    """How one column is stored. kind: see `Column.type`; nullable: NULL means None, and not (for floats) NaN."""

    kind: str
    nullable: bool


def storages(schema: Mapping[str, Any], declared: Mapping[str, str]) -> dict[str, Storage]:
    """Storage of each column that the table really has.

    schema: the version's `schema` document. declared: column name to declared SQL type, in table order.
    """
    found = {}
    for name, declared_type in declared.items():
        entry = schema.get(name)
        entry = entry if isinstance(entry, Mapping) else {}
        kind = _KINDS.get(str(entry.get("type")), _KINDS.get(declared_type.upper(), "str"))
        found[name] = Storage(kind, nullable=not entry or bool(entry.get("dc_nullable")))
    return found


def columns(features: Mapping[str, Any], stored: Mapping[str, Storage]) -> tuple[Column, ...]:
    """Columns in the order in which DataChain shows them: system, signals as declared, then what no signal explains."""
    models = features.get("_custom_types")
    models = models if isinstance(models, Mapping) else {}
    found: dict[str, Column] = {}
    for name in stored:
        if name.startswith("sys" + DELIMITER):
            found[name] = _column(name, tuple(name.split(DELIMITER, 1)), True, stored)
    for signal, type_text in features.items():
        if signal == "_custom_types":
            continue
        for path, hidden in _leaves((signal,), str(type_text), False, models):
            name = DELIMITER.join(path)
            if name in stored and name not in found:
                found[name] = _column(name, path, hidden, stored)
    for name in stored:
        if name not in found:
            found[name] = _column(name, tuple(name.split(DELIMITER)), False, stored)
    return tuple(found.values())


def _column(name: str, path: tuple[str, ...], hidden: bool, stored: Mapping[str, Storage]) -> Column:
    return Column(name=name, path=path, type=stored[name].kind, hidden=hidden)


def _leaves(
    path: tuple[str, ...], type_text: str, hidden: bool, models: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], bool]]:
    inner = _without_optional(type_text)
    model = models.get(inner)
    if not isinstance(model, Mapping) or len(path) > _DEEPEST:
        yield path, hidden
        return
    if inner != type_text:
        yield (*path, NULL_MARKER), True
    # Schemas written before version 2 of the document are the bare mapping of fields.
    fields = model.get("fields") if "schema_version" in model else model
    hidden_fields = model.get("hidden_fields") or ()
    for field, field_type in (fields or {}).items():
        yield from _leaves((*path, field), str(field_type), hidden or field in hidden_fields, models)


def _without_optional(type_text: str) -> str:
    match = _OPTIONAL.fullmatch(type_text)
    return next(part for part in match.groups() if part) if match else type_text

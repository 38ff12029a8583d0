"""Saves a dataset with every kind of cell that DataChain stores, then what DataChain itself reads back from it."""

import base64
import datetime as dt
import json
import math
import sys
from typing import ClassVar, Literal, Optional

import datachain as dc
from pydantic import BaseModel


class Inner(BaseModel):
    a: int
    note: str | None = None


class Outer(dc.DataModel):
    inner: Inner
    maybe: Inner | None = None
    many: list[Inner]
    score: float
    tags: list[str]
    mapping: dict[str, int]
    by_key: dict[str, Inner]
    when: dt.datetime
    raw: bytes
    ok: bool
    kind: Literal["x", "y"] = "x"
    _hidden_fields: ClassVar[list[str]] = ["score"]


n = 6
utc = dt.UTC
tokyo = dt.timezone(dt.timedelta(hours=9))


def outer(i: int) -> Outer:
    return Outer(
        inner=Inner(a=i, note=None if i % 2 else "n"),
        maybe=Inner(a=i) if i % 2 else None,
        many=[Inner(a=k) for k in range(i)],
        score=i / 3,
        tags=["p"] * i,
        mapping={"q": i},
        by_key={"k": Inner(a=i)},
        when=dt.datetime(2020, 1, 1, 0, 0, i, i, tzinfo=utc),
        raw=bytes(range(i)),
        ok=bool(i % 2),
    )


values = {
    "num": [0, -1, 2, 3, 4, 5],
    "big": [2**62, -(2**62), 2**53, 2**53 - 1, -(2**53), 0],
    "f": [1.5, math.nan, math.inf, -math.inf, 0.1, -0.0],
    "maybe_f": [1.5, None, math.inf, 0.0, -1.0, 2.0],
    "maybe_i": [1, None, 3, None, 5, 6],
    "s": ["", "日本語 🎉", "x'\"y", "line\nbreak\ttab", "nul\x00inside", "<b>&amp;</b>"],
    "b": [True, False, True, False, True, False],
    "by": [b"", b"\x00\xff", b"abc", bytes(range(256)), b"x", b"y"],
    "moment": [
        dt.datetime(2024, 1, 2, 3, 4, 5, 678, tzinfo=utc),
        dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=tokyo),
        dt.datetime(1970, 1, 1, tzinfo=utc),
        dt.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=utc),
        dt.datetime(1, 1, 1, tzinfo=utc),
        dt.datetime(2024, 2, 29, tzinfo=utc),
    ],
    "embedding": [[0.1, 0.2], [], [math.nan, 1.0], [math.inf, -math.inf], [1e300] * 3, [0.5] * 40],
    "texts": [["a", "b"], [], ["日本"], [""], ["x,y", '"'], ["[1]"]],
    "matrix": [[[1, 2], [3]], [[]], [], [[2**60]], [[0]], [[1]]],
    "flags": [[True, False], [], [True], [False], [True], [True]],
    "d": [{"a": 1, "b": [1, 2]}, {}, {"x": None}, {"n": {"m": [2**60, math.nan]}}, {"日本": "語"}, {"t": True}],
    "outer": [outer(i) for i in range(n)],
}
types = {
    "num": int,
    "big": int,
    "f": float,
    "maybe_f": Optional[float],  # noqa: UP045 - as users write it
    "maybe_i": int | None,
    "s": str,
    "b": bool,
    "by": bytes,
    "moment": dt.datetime,
    "embedding": list[float],
    "texts": list[str],
    "matrix": list[list[int]],
    "flags": list[bool],
    "d": dict,
    "outer": Outer,
}


def encode(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return value.astimezone(utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    return value


saved = dc.read_values(**values, output=types).save("every_type")
visible: list[str] = []
saved.results(row_factory=lambda names, row: visible.extend(names) if not visible else None, include_hidden=False)
expected = {
    "records": [{name: encode(cell) for name, cell in record.items()} for record in saved.to_records()],
    "visible": visible,
}
with open(sys.argv[1], "w") as file:
    json.dump(expected, file, allow_nan=False)

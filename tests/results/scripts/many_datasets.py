"""Saves small datasets of different shapes, in one root."""

from pathlib import Path

import datachain as dc

dc.read_values(x=[1, 2, 3]).filter(dc.C("x") > 10).save("empty")

dc.read_values(x=[1]).save("versions")
dc.read_values(x=[1, 2]).save("versions", version="1.0.9")
dc.read_values(x=[1, 2, 3]).save("versions", version="1.0.10")

dc.read_values(x=[1]).save('name with "quotes" and ünïcode 日本')
dc.read_values(ünïcode=[1, 2], select=["a", "b"]).save("odd_columns")

dc.read_values(
    text=["short", "z" * 5000, "日" * 3000, "y" * 20000, "e" * 2000, "e" * 2001],
    blob=[b"short", b"z" * 5000, b"y" * 20000, b"x" * 1500, b"x" * 1501, b"x" * 8001],
    numbers=[[0.5], [0.5] * 4000, [0.25] * 100, [1.0] * 600, [], [2.0]],
    data=[{"k": "v"}, {"k": "v" * 5000}, {"k": "v" * 20000}, {}, {"a": 1}, {"b": 2}],
).save("long_cells")

dc.read_values(**{f"column_{i}": [i, i + 1] for i in range(1000)}).save("thousand_columns")

dc.read_values(n=list(range(1, 501))).save("counted")
dc.read_values(n=list(range(1, 501))).save("gaps")

folder = Path("files")
folder.mkdir()
for name in ("a.txt", "b.txt", "ü 日.txt"):
    (folder / name).write_text(name)
files = dc.read_storage(str(folder.absolute()), type="binary").map(length=lambda file: len(file.read()), output=int)
files.save("files")

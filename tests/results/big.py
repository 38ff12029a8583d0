"""A dataset of five million rows, made once and kept outside the repository, for tests and the bench.

DataChain itself saves a small dataset with the same schema (a `File` signal, a nested model, a list); its rows are
then multiplied by SQL into the very table that DataChain made. DataChain alone would need about a minute for it, and
the file would look the same.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

ROWS = 5_000_000
NAME = "five_million"
#: Part of the folder's name: raise it when the content changes.
RECIPE = 1

SEED_SCRIPT = """
import datetime as dt
import datachain as dc

class Box(dc.DataModel):
    x: int
    y: int
    label: str

start = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
n = 1000
dc.read_values(
    file=[dc.File(source="s3://bucket", path=f"images/{i:07d}.jpg", size=1000 + i, etag=f"etag-{i}", last_modified=start)
          for i in range(n)],
    box=[Box(x=i, y=i * 2, label=f"label {i % 10}") for i in range(n)],
    score=[i / n for i in range(n)],
    tags=[["a", "b", str(i)] for i in range(n)],
).save("five_million")
"""


def cache_dir() -> Path:
    base = os.environ.get("DATACHAIN_JOBS_BENCH_DIR")
    if base:
        return Path(base)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jupyter-datachain-jobs-bench"


def big_root(rows: int = ROWS) -> Path:
    """The DataChain root (value for DATACHAIN_ROOT_DIR) that holds the dataset; made on the first call (about 30 s).

    Raises subprocess.CalledProcessError if DataChain cannot make the seed.
    """
    root = cache_dir() / f"rows-{rows}-v{RECIPE}"
    if (root / "done").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    environment = {**os.environ, "DATACHAIN_ROOT_DIR": str(root), "DATACHAIN_NO_ANALYTICS": "1"}
    for name in ("DATACHAIN_JOB_ID", "DATACHAIN_DIR"):
        environment.pop(name, None)
    subprocess.run([sys.executable, "-c", SEED_SCRIPT], env=environment, cwd=root, check=True, capture_output=True)
    _multiply(root / ".datachain" / "db", rows)
    (root / "done").write_text("")
    return root


def _multiply(db: Path, rows: int) -> None:
    table = f"ds_local_local_{NAME}_1_0_0"
    connection = sqlite3.connect(db, isolation_level=None)
    # The file can be made anew at any time, so durability is traded for speed.
    connection.execute("pragma synchronous = off")
    connection.execute("pragma cache_size = -200000")
    columns = [row[1] for row in connection.execute(f'pragma table_info("{table}")')]
    copied = [f'"{name}"' for name in columns if name not in ("sys__id", "sys__rand", "file__path")]
    (seed,) = connection.execute(f'select count(*) from "{table}"').fetchone()
    connection.execute("begin")
    connection.execute(
        f"with recursive n(k) as (select 1 union all select k + 1 from n where k < {rows // seed - 1}) "
        f'insert into "{table}" (file__path, {", ".join(copied)}) '
        f"select printf('images/%07d.jpg', n.k * {seed} + t.sys__id - 1), {', '.join('t.' + c for c in copied)} "
        f'from n cross join (select * from "{table}" order by sys__id) t'
    )
    (count, last) = connection.execute(f'select count(*), max(sys__id) from "{table}"').fetchone()
    assert count == last == rows, (count, last)
    connection.execute("update datasets_versions set num_objects = ? where version = '1.0.0'", (rows,))
    connection.execute("commit")
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()


if __name__ == "__main__":
    print(big_root())

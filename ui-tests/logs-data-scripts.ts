/** 100 MB in a million lines, as fast as Python can print them. */
export const MILLION = `import sys

line = "INFO \\x1b[32mworker\\x1b[0m row=%d " + "payload " * 10 + "\\n"
for block in range(1000):
    sys.stdout.write("".join(line % (block * 1000 + row) for row in range(1000)))
print("the very last line")
`;

/** Nested bars as tqdm draws them, then a bar that is slow enough to be seen. */
export const BARS = `import sys, time

from tqdm import tqdm

print("before the bars")
for outer in tqdm(range(5), desc="outer"):
    for inner in tqdm(range(200), desc="inner", leave=False, mininterval=0):
        pass
print("after the bars")
print("x" * 5_000_000)
try:
    {}["missing"]
except KeyError:
    import traceback

    traceback.print_exc()
for step in tqdm(range(600), desc="slow"):
    time.sleep(0.1)
`;

export const LOOKS = `for i in range(8):
    print(f"\\x1b[3{i}mcolour {i}\\x1b[0m \\x1b[9{i}mbright {i}\\x1b[0m \\x1b[4{i}m behind \\x1b[0m")
print("\\x1b[1mbold\\x1b[0m \\x1b[2mdim\\x1b[0m \\x1b[3mitalic\\x1b[0m \\x1b[4munderlined\\x1b[0m \\x1b[7minverse\\x1b[0m")
print("\\x1b[38;5;208mone of 256\\x1b[0m, see https://docs.datachain.ai.")
`;

/** A small dataset with nested signals and values that are hard to show. */
export const SMALL = `import datetime as dt

import datachain as dc


class Box(dc.DataModel):
    x: int
    y: int


class Detection(dc.DataModel):
    label: str
    score: float
    box: Box


start = dt.datetime(2024, 1, 1, 12, 30, tzinfo=dt.timezone.utc)
rows = range(300)
dc.read_values(
    file=[dc.File(source="s3://bucket", path=f"images/{i:07d}.jpg", size=1000 * i) for i in rows],
    detection=[Detection(label=f"label {i % 10}", score=i / 300, box=Box(x=i, y=2 * i)) for i in rows],
    name=[None if i % 7 == 0 else "" if i % 5 == 0 else f"name {i}" for i in rows],
    embedding=[[j / 3 for j in range(20)] for i in rows],
    seen=[start + dt.timedelta(seconds=i) for i in rows],
).save("grid_small")
`;

/**
 * Saves a second dataset and multiplies its rows in the database, in the very
 * table that DataChain made: DataChain alone would need a minute for so many.
 */
export const DATASETS = `${SMALL}
import os
import pathlib
import sqlite3

dc.read_values(number=list(range(1000)), word=[f"word {i}" for i in range(1000)]).save("grid_large")
root = pathlib.Path(os.environ["DATACHAIN_ROOT_DIR"], ".datachain", "db")
database = sqlite3.connect(root, timeout=60, isolation_level=None)
table = "ds_local_local_grid_large_1_0_0"
database.execute("pragma synchronous = off")
database.execute("begin immediate")
database.execute(
    "with recursive n(k) as (select 1 union all select k + 1 from n where k < 4999) "
    f"insert into {table} (sys__rand, number, word) "
    f"select t.sys__rand, n.k * 1000 + t.number, t.word from n cross join (select * from {table} order by sys__id) t"
)
database.execute(
    "update datasets_versions set num_objects = 5000000 "
    "where dataset_id in (select id from datasets where name = 'grid_large')"
)
database.execute("commit")
print("saved")
`;

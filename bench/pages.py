"""How long a page of 200 rows takes in a dataset of five million, at the start, the middle and the end.

Beside it, in the same run and on the same file: DataChain's own API. The dataset is made once (about 20 s) and kept
outside the repository. Exits 1 when a median is over `TARGET_MS`.

    python bench/pages.py [--rows N] [--repeat N]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "results")]

from big import NAME, ROWS, big_root

from jupyter_datachain_jobs.results import Results

#: Median in the server, milliseconds.
TARGET_MS = 5.0
LIMIT = 200

# In a process of its own: importing DataChain here would change what is measured.
PEER = """
import json, statistics, sys, time
import datachain as dc
name, repeat, limit = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
out = {}
for place, offset in json.loads(sys.argv[4]).items():
    times = []
    for _ in range(repeat):
        begun = time.perf_counter()
        rows = dc.read_dataset(name).order_by("sys.id").offset(offset).limit(limit).results()
        times.append((time.perf_counter() - begun) * 1000)
        assert len(rows) == limit, len(rows)
    out[place] = times
print(json.dumps(out))
"""


def measure(action: Callable[[], object], repeat: int) -> list[float]:
    times = []
    for _ in range(repeat):
        begun = time.perf_counter()
        action()
        times.append((time.perf_counter() - begun) * 1000)
    return times


def datachain_times(root: Path, offsets: dict[str, int], repeat: int) -> dict[str, list[float]]:
    environ = {**os.environ, "DATACHAIN_ROOT_DIR": str(root), "DATACHAIN_NO_ANALYTICS": "1"}
    arguments = [NAME, str(repeat), str(LIMIT), json.dumps(offsets)]
    done = subprocess.run(
        [sys.executable, "-c", PEER, *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return {}
    times: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return times


def p99(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]


def main(argv: list[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--repeat", type=int, default=300)
    options = parser.parse_args(argv)

    root = big_root(options.rows)
    middle = options.rows // 2 - LIMIT // 2
    offsets = {"start": 0, "middle": middle, "end": options.rows - LIMIT}
    peer = datachain_times(root, offsets, max(3, options.repeat // 60))
    slow = False
    with tempfile.TemporaryDirectory() as cache:
        results = Results(root, Path(cache))
        begun = time.perf_counter()
        detail = results.find(NAME)
        results.page(detail.uuid, 0, LIMIT)
        first = (time.perf_counter() - begun) * 1000
        print(f"{detail.num_rows:,} rows, {len(detail.columns)} columns, pages of {LIMIT}; milliseconds")
        print(f"found by name, and its first page, on new connections: {first:.1f}")
        print(f"{'':8}{'median':>8}{'p99':>8}{'DataChain':>11}{'ratio':>7}")
        for place, offset in offsets.items():
            page = results.page(detail.uuid, offset, LIMIT)
            assert len(page.rows) == LIMIT
            assert page.rows[0][0] == offset + 1
            times = measure(lambda at=offset: results.page(detail.uuid, at, LIMIT), options.repeat)  # type: ignore[misc]
            median = statistics.median(times)
            beside = statistics.median(peer[place]) if place in peer else float("nan")
            print(f"{place:8}{median:8.2f}{p99(times):8.2f}{beside:11.1f}{beside / median:7.0f}")
            slow = slow or median > TARGET_MS
        results.close()
    print(f"target: median <= {TARGET_MS:g} ms: {'MISSED' if slow else 'met'}")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())

"""The Launcher's template and the examples run as they are."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from results.roots import run_script

from jupyter_datachain_jobs.results import Results

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_template(tmp_path: Path, open_results: Callable[[Path], Results]) -> None:
    script = tmp_path / "datachain_script.py"
    script.write_text((files("jupyter_datachain_jobs") / "submit" / "template.py.txt").read_text("utf-8"))
    done = run_script(script, tmp_path)
    assert done.returncode == 0, done.stderr
    detail = open_results(tmp_path).find("sensor_verdicts")
    assert detail.num_rows == 1000
    assert {column.path[0] for column in detail.columns if not column.hidden} == {"reading", "verdict"}


@pytest.mark.parametrize(
    ("name", "code", "datasets"),
    [
        ("quickstart.py", 0, {"reviews": 200, "reviews_by_product": 3}),
        ("images.py", 0, {"image_looks": 120}),
        ("fails.py", 1, {"lines": 500}),
    ],
)
def test_example(
    tmp_path: Path, open_results: Callable[[Path], Results], name: str, code: int, datasets: dict[str, int]
) -> None:
    shutil.copy(EXAMPLES / name, tmp_path)
    for _ in range(2):  # again, with what the first run left
        done = run_script(tmp_path / name, tmp_path)
        assert done.returncode == code, done.stderr
    results = open_results(tmp_path)
    for dataset, rows in datasets.items():
        detail = results.find(dataset)
        assert detail.num_rows == rows
        assert len(results.page(detail.uuid).rows) == min(rows, 200)

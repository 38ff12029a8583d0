"""The rules by which DataChain finds its databases, and reading them when they are two files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from results.roots import run_script

from jupyter_datachain_jobs.results import Results, WarehouseUnsupported, locate

SAVE = "import datachain as dc\ndc.read_values(x=[1, 2, 3]).save('pair')\n"


def test_given_root() -> None:
    location = locate(Path("/data"), {})
    assert location.metastore == location.warehouse == Path("/data/.datachain/db")
    assert location.one_file


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"DATACHAIN_ROOT_DIR": "/r"}, "/r/.datachain/db"),
        ({"DATACHAIN_DIR": "/d", "DATACHAIN_ROOT_DIR": "/r"}, "/d/db"),
        ({}, "/here/.datachain/db"),
        ({"DATACHAIN_ROOT_DIR": "rel"}, "/here/rel/.datachain/db"),
    ],
)
def test_root_from_the_environment(environ: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getcwd", lambda: "/here")
    assert locate(None, environ).metastore == Path(expected)


def test_given_root_wins_over_the_environment() -> None:
    assert locate(Path("/data"), {"DATACHAIN_DIR": "/d"}).metastore == Path("/data/.datachain/db")


@pytest.mark.parametrize(
    "environ",
    [
        {"DATACHAIN_METASTORE": "studio.ClickHouseMetastore"},
        {"DATACHAIN_WAREHOUSE": "studio.ClickHouseWarehouse"},
        {"DATACHAIN__METASTORE": "eyJ4IjoxfQ=="},
    ],
)
def test_data_that_is_kept_elsewhere(environ: dict[str, str]) -> None:
    with pytest.raises(WarehouseUnsupported) as caught:
        locate(Path("/data"), environ)
    assert caught.value.code == "warehouse_unsupported"
    assert next(iter(environ)) in caught.value.message


@pytest.mark.parametrize(
    "environ",
    [
        {"DATACHAIN_ROOT_DIR": "/r"},
        {"DATACHAIN_DIR": "/d"},
        {"DATACHAIN_ROOT_DIR": "/r", "DATACHAIN_WAREHOUSE_ARG_DB_FILE": "/w.db"},
    ],
)
def test_environment_leads_another_process_to_the_same_files(environ: dict[str, str]) -> None:
    location = locate(None, environ)
    assert locate(None, location.environment) == location


def test_sqlite_named_outright_is_no_other_warehouse() -> None:
    environ = {"DATACHAIN_METASTORE": "datachain.data_storage.sqlite.SQLiteMetastore"}
    assert locate(Path("/data"), environ).one_file


def test_metastore_and_warehouse_in_two_files(
    tmp_path: Path, open_results: Callable[[Path], Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {
        "DATACHAIN_METASTORE_ARG_DB_FILE": str(tmp_path / "what.db"),
        "DATACHAIN_WAREHOUSE_ARG_DB_FILE": str(tmp_path / "rows.db"),
    }
    script = tmp_path / "save.py"
    script.write_text(SAVE)
    done = run_script(script, tmp_path, **environ)
    assert done.returncode == 0, done.stderr
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    results = open_results(tmp_path)
    assert not results.location.one_file
    page = results.page(results.find("pair").uuid, 1, 5)
    assert [row[-1] for row in page.rows] == [2, 3]
    (tmp_path / "rows.db").unlink()
    with pytest.raises(Exception, match="no dataset") as caught:
        results.page(page.uuid)
    assert caught.value.code == "dataset_not_found"


def test_default_project_from_the_environment(results: Results, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATACHAIN_PROJECT", "elsewhere.mine")
    other = Results(saved)
    try:
        assert other.find("counted").full_name == "local.local.counted"
    finally:
        other.close()

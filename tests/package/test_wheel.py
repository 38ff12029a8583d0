"""The package as users get it: built without Node from a tree that has its bundle, installed into an environment of its
own, and served by it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server import LiveServer

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "jupyter_datachain_jobs"
BUNDLE = ROOT / PACKAGE / "labextension"
NODE = ("node", "nodejs", "npm", "npx", "corepack", "jlpm", "yarn")


def run(*command: str | Path, **env: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=os.environ | env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def nodeless(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which a front end cannot be built."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "python").symlink_to(sys.executable)
    assert not any(shutil.which(name, path=str(folder)) for name in NODE)
    return str(folder)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, nodeless: str) -> dict[str, Path]:
    """The wheel of the tree, its sdist, and the wheel of the sdist."""
    assert (BUNDLE / "static/style.js").exists(), "`make dev` builds the front end"
    direct, through = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("sdist")
    # The build's own requirements hold a Node, which is not needed here.
    build = (sys.executable, "-m", "build", "--no-isolation", "--skip-dependency-check")
    run(*build, "--wheel", "--outdir", direct, PATH=nodeless)
    run(*build, "--outdir", through, PATH=nodeless)
    return {
        "wheel": next(direct.glob("*.whl")),
        "sdist": next(through.glob("*.tar.gz")),
        "through": next(through.glob("*.whl")),
    }


def members(wheel: Path) -> dict[str, int]:
    """Names and checksums."""
    with zipfile.ZipFile(wheel) as archive:
        return {info.filename: info.CRC for info in archive.infolist()}


def test_the_wheel_holds_the_package_and_no_more(built: dict[str, Path]) -> None:
    names = members(built["wheel"])
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / PACKAGE).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if name.startswith(f"{PACKAGE}/")} == ours
    assert any(re.search(r"/store/migrations/versions/\w+\.py$", name) for name in ours)
    rest = {re.sub(r"^[^/]*\.(data|dist-info)/", r"\1/", name) for name in names.keys() - ours}
    shared = "data/data/share/jupyter/labextensions/jupyter-datachain-jobs/"
    assert {name for name in rest if not name.startswith(shared)} == {
        "data/data/etc/jupyter/jupyter_server_config.d/jupyter_datachain_jobs.json",
        *(f"dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")),
    }
    bundle = {path.relative_to(BUNDLE).as_posix() for path in BUNDLE.rglob("*") if path.is_file()}
    assert {name.removeprefix(shared) for name in rest if name.startswith(shared)} == bundle | {"install.json"}
    for schema in (ROOT / "schema").glob("*.json"):
        assert f"schemas/jupyter-datachain-jobs/{schema.name}" in bundle


def test_the_sdist_makes_the_same_wheel_without_node(built: dict[str, Path]) -> None:
    def content(wheel: Path) -> dict[str, int]:
        return {name: crc for name, crc in members(wheel).items() if not name.endswith("/RECORD")}

    assert content(built["through"]) == content(built["wheel"])


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="asks git which files are the project's")
def test_the_sdist_holds_nothing_that_runs_have_left(built: dict[str, Path]) -> None:
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    with tarfile.open(built["sdist"]) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    bundle = {name for name in names if name.startswith(f"{PACKAGE}/labextension/")}
    assert bundle
    assert names - bundle - {"PKG-INFO"} <= set(listed.split("\0"))


@pytest.fixture(scope="module")
def fresh(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The programs of a new environment with the wheel, and with the dependencies as they are installed here."""
    home = tmp_path_factory.mktemp("fresh")
    uv = ROOT / "scripts/uv.sh"
    (home / "constraints.txt").write_text(run(uv, "pip", "freeze", "--exclude-editable"))
    run(uv, "venv", "--quiet", "--python", sys.executable, home / "venv")
    install = (uv, "pip", "install", "--quiet", "--python", home / "venv/bin/python", built["wheel"])
    constrained = (*install, "--constraint", home / "constraints.txt")
    try:
        # All of it is in the cache of who has made the environment that runs this.
        run(*constrained, "--offline")
    except AssertionError:
        run(*constrained)
    yield home / "venv/bin"
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def lab(fresh: Path) -> Iterator[LiveServer]:
    """`jupyter lab` of that environment, with no configuration that would enable an extension."""
    home = Path(tempfile.mkdtemp(prefix="dcj-"))
    server = LiveServer(
        home,
        config={"ServerApp": {"jpserver_extensions": {}}},
        env={"PATH": str(fresh)},
        command=(fresh / "jupyter", "lab"),
    )
    try:
        server.start()
        yield server
    finally:
        server.close()
        shutil.rmtree(home, ignore_errors=True)


def test_both_halves_are_enabled_by_the_installation(fresh: Path, lab: LiveServer) -> None:
    def listed(*command: str) -> str:
        return re.sub(r"\x1b\[\d*m", "", run(fresh / "jupyter", *command, **lab.env))

    assert re.search(r"jupyter-datachain-jobs v\S+ enabled OK", listed("labextension", "list"))
    server = listed("server", "extension", "list")
    assert re.search(r"jupyter_datachain_jobs enabled", server)
    assert re.search(r"jupyter_datachain_jobs \S+ OK", server)


def test_jupyter_lab_serves_both_halves(lab: LiveServer) -> None:
    page = lab.request("GET", "/lab").body.decode()
    config = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    (ours,) = [found for found in config["federated_extensions"] if found["name"] == "jupyter-datachain-jobs"]
    entry = lab.request("GET", f"/lab/extensions/jupyter-datachain-jobs/{ours['load']}")
    assert entry.status == 200
    assert entry.body == (BUNDLE / ours["load"]).read_bytes()
    settings = lab.request("GET", "/lab/api/settings/jupyter-datachain-jobs:editor")
    assert settings.status == 200
    assert settings.body["schema"]["jupyter.lab.shortcuts"][0]["command"] == "datachain-jobs:run"


def test_it_runs_a_job(lab: LiveServer) -> None:
    job = lab.wait(lab.submit("import jupyter_datachain_jobs\nprint(jupyter_datachain_jobs.__file__)\n")["id"])
    assert job["state"] == "COMPLETE"
    where = Path(lab.read_log(job["id"]).decode().split()[0])
    assert where.is_relative_to(Path(lab.env["PATH"]).parent), "the job ran on another installation"

"""Which server a command speaks to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.server import LiveServer, free_port

from jupyter_datachain_jobs.cli.discover import named, running
from jupyter_datachain_jobs.domain import JobsError

from .conftest import Cli, cli_for


def _info(folder: Path, name: str, *, root: Path, pid: int | None = None, **more: object) -> None:
    info = {
        "url": f"http://localhost:{free_port()}/",
        "root_dir": str(root),
        "token": name,
        "pid": pid or os.getpid(),
        "sock": "",
        **more,
    }
    (folder / f"jpserver-{name}.json").write_text(json.dumps(info))


def test_the_innermost_root_comes_first(tmp_path: Path) -> None:
    runtime, home, project, other = (tmp_path / name for name in ("runtime", "home", "home/project", "other"))
    for folder in (runtime, home, project, other):
        folder.mkdir()
    for name, root in (("home", home), ("project", project), ("other", other)):
        _info(runtime, name, root=root)
    (project / "a.py").touch()
    assert [server.token for server in running(project / "a.py", runtime)][:2] == ["project", "home"]
    assert running(home, runtime)[0].token == "home"
    assert running(other / "x.py", runtime)[0].token == "other"


def test_what_is_no_running_server_is_left_out(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    _info(tmp_path, "ended", root=tmp_path, pid=ended.pid)
    _info(tmp_path, "socket", root=tmp_path, sock="/run/jupyter.sock")
    (tmp_path / "jpserver-half.json").write_text('{"url": "http://loc')
    (tmp_path / "jpserver-list.json").write_text("[]")
    _info(tmp_path, "good", root=tmp_path)
    assert [server.token for server in running(tmp_path, tmp_path)] == ["good"]
    assert running(tmp_path, tmp_path / "missing") == []


def test_we_find_what_jupyter_server_list_finds(live_server: LiveServer) -> None:
    from jupyter_server.serverapp import list_running_servers

    runtime = Path(live_server.env["JUPYTER_RUNTIME_DIR"])
    theirs = [(info["url"], info["token"], info["root_dir"]) for info in list_running_servers(str(runtime))]
    ours = [(server.url, server.token, str(server.root)) for server in running(Path.cwd(), runtime)]
    assert ours == theirs
    assert len(ours) == 1


@pytest.mark.parametrize(
    ("given", "url", "token"),
    [
        ("http://host:8888", "http://host:8888/", ""),
        ("host:8888/", "http://host:8888/", ""),
        ("http://host:8888/lab?token=abc", "http://host:8888/", "abc"),
        ("https://hub/user/ann/lab/tree/work/a.py", "https://hub/user/ann/", ""),
        ("https://hub/user/lab/tree", "https://hub/user/", ""),
        ("http://host/base/doc/tree/x?token=t", "http://host/base/", "t"),
    ],
)
def test_addresses_may_be_copied_from_the_browser(given: str, url: str, token: str, tmp_path: Path) -> None:
    server = named(given, None, tmp_path)
    assert (server.url, server.token) == (url, token)


def test_a_given_token_wins(tmp_path: Path) -> None:
    assert named("http://host/lab?token=old", "new", tmp_path).token == "new"


@pytest.mark.parametrize(
    "given", ["", "ftp://host/", "http://", "/lab", "http://host:abc", "http://host:99999", "http://[::1"]
)
def test_what_is_no_address(given: str, tmp_path: Path) -> None:
    with pytest.raises(JobsError) as caught:
        named(given, None, tmp_path)
    assert caught.value.code == "invalid_url"


def test_url_and_token_from_the_line_and_from_the_environment(live_server: LiveServer, alone: Cli) -> None:
    assert alone("ls", "--json", "--url", live_server.url, "--token", live_server.token).code == 0
    assert alone("ls", "--json", "--url", f"{live_server.url}lab?token={live_server.token}").code == 0
    env = {"DATACHAIN_JOBS_URL": live_server.url, "DATACHAIN_JOBS_TOKEN": live_server.token}
    assert alone("ls", "--json", env=env).code == 0


def test_a_script_on_a_server_elsewhere_is_named_as_its_file_browser_does(live_server: LiveServer, alone: Cli) -> None:
    live_server.script("there/elsewhere.py", "print('there')")
    where = ("--url", live_server.url, "--token", live_server.token)
    assert alone("run", "there/elsewhere.py", *where).out == b"there\n"
    absolute = alone("run", "/there/elsewhere.py", *where, "--json")
    assert absolute.code == 3
    assert absolute.json["code"] == "script_path_invalid"


@pytest.mark.parametrize("words", [["ls"], ["show", "abc"], ["rows", "x"]])
def test_wrong_token(live_server: LiveServer, alone: Cli, words: list[str]) -> None:
    ran = alone(*words, "--json", "--url", live_server.url, "--token", "wrong")
    assert ran.code == 3, ran
    assert ran.json["code"] == "not_authenticated"
    assert live_server.token not in ran.err + ran.out.decode()


def test_run_with_a_wrong_token_is_not_submitted(live_server: LiveServer, cli: Cli) -> None:
    live_server.script("refused.py", "print(1)")
    ran = cli("run", "refused.py", "--token", "wrong")
    assert ran.code == 3, ran
    assert "token" in ran.err


def test_nobody_at_the_address(alone: Cli) -> None:
    ran = alone("ls", "--json", "--url", f"http://127.0.0.1:{free_port()}/")
    assert ran.code == 3, ran
    assert ran.json["code"] == "server_unreachable"


def test_a_server_without_the_extension_is_passed_over_or_named(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(enabled=False)
    server.start(until=lambda answer: answer.status == 404)
    cli = cli_for(server)
    named_one = cli("ls", "--json", "--url", server.url)
    assert named_one.code == 3, named_one
    assert named_one.json["code"] == "extension_missing"
    assert cli("ls", "--json").json == [], "the data folder itself, with no jobs yet"


def test_under_a_base_url(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(base_url="/user/ann/", config={"JobsApp": {"prewarm": False}})
    server.start()
    server.script("based.py", "print('based')")
    ran = cli_for(server)("run", "based.py")
    assert (ran.code, ran.out) == (0, b"based\n"), ran


def test_serve_is_jupyterlab_with_its_own_options(alone: Cli) -> None:
    running = alone.start("serve", "--no-browser", f"--port={free_port()}")
    running.until_said("datachain-jobs: ready")
    found = alone("ls", "--json")
    assert (found.code, found.json) == (0, []), found
    running.signal(signal.SIGTERM)
    assert running.end().code == 0

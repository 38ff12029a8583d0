"""``ls``, ``show``, ``logs``, ``cancel``, ``rm`` and ``rows`` against a running server."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from typing import Any

import pytest
from support.server import LiveServer

from .conftest import UNTIL_STOPPED, Cli, cli_for

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def done(live_server: LiveServer) -> dict[str, Any]:
    """A job that is complete."""
    job = live_server.submit("print('done', flush=True)", "done.py", parameters={"k": "v"})
    return live_server.wait(job["id"])


@pytest.fixture
def active(live_server: LiveServer) -> Any:
    """A job that runs until it is stopped."""
    job = live_server.submit(UNTIL_STOPPED, "active.py")
    job = live_server.wait(job["id"], "RUNNING")
    yield job
    live_server.request("POST", f"jobs/{job['id']}/cancel", {"force": True})
    live_server.wait(job["id"])


def test_ls_lists_newest_first(cli: Cli, done: dict[str, Any], active: dict[str, Any]) -> None:
    lines = cli("ls").out.decode().splitlines()
    assert lines[0].split() == ["ID", "STATE", "CREATED", "DURATION", "OWNER", "NAME"]
    assert lines[1].split()[:2] == [active["id"][:8], "RUNNING"]
    assert any(line.startswith(done["id"][:8]) for line in lines[2:])


def test_ls_filters(cli: Cli, done: dict[str, Any], active: dict[str, Any]) -> None:
    running = cli("ls", "--state", "running", "--json").json
    assert active["id"] in [job["id"] for job in running]
    assert {job["state"] for job in running} == {"RUNNING"}
    assert [job["id"] for job in cli("ls", "--q", done["id"], "--json").json] == [done["id"]]
    assert len(cli("ls", "--limit", "1", "--json").json) == 1
    ran = cli("ls", "--state", "ASLEEP")
    assert ran.code == 1, ran
    assert "ASLEEP" in ran.err


def test_show(cli: Cli, done: dict[str, Any]) -> None:
    ran = cli("show", done["id"])
    assert ran.code == 0, ran
    shown = [line.split(maxsplit=1) for line in ran.out.decode().splitlines()]
    assert ["id", done["id"]] in shown
    assert ["state", "COMPLETE"] in shown
    assert ["parameter", "k=v"] in shown
    assert cli("show", done["id"], "--json").json == done


def test_show_a_failure_with_the_users_line_first(cli: Cli, live_server: LiveServer) -> None:
    job = live_server.submit("def f():\n    raise ValueError('bo\\x1bom')\nf()\n", "raises.py")
    live_server.wait(job["id"])
    shown = cli("show", job["id"]).out.decode()
    assert shown.index("raises.py, line 2, in f") < shown.index("Traceback")
    assert "\x1b" not in shown, "what a script says must not steer the terminal"


def test_ids_may_be_shortened(cli: Cli, done: dict[str, Any]) -> None:
    assert cli("show", done["id"][:12].upper(), "--json").json["id"] == done["id"]


def test_a_beginning_that_several_jobs_have_is_refused(cli: Cli, live_server: LiveServer) -> None:
    by_digit: dict[str, list[str]] = {}
    while not (shared := [found for found in by_digit.values() if len(found) > 1]):
        job = live_server.submit("print(1)", "many.py")
        by_digit.setdefault(job["id"][0], []).append(job["id"])
        live_server.wait(job["id"])
    ran = cli("show", shared[0][0][0], "--json")
    assert ran.code == 1, ran
    assert ran.json["code"] == "job_ambiguous"
    assert set(shared[0]) <= set(ran.json["details"]["ids"])


@pytest.mark.parametrize("command", ["show", "logs", "cancel", "rm"])
@pytest.mark.parametrize("id_", [UNKNOWN, "0000000000", "no-id", "../status"])
def test_unknown_ids(cli: Cli, command: str, id_: str) -> None:
    ran = cli(command, id_, "--json")
    assert ran.code == 1, ran
    assert ran.json["code"] == "job_not_found"
    plain = cli(command, id_)
    assert plain.code == 1
    assert plain.out == b""
    assert plain.err.startswith("error: There is no job")


def test_logs_are_the_bytes_that_were_written(cli: Cli, live_server: LiveServer) -> None:
    content = b"".join(b"\xff line %d\r\n" % i for i in range(400_000))
    text = "import sys\nfor i in range(400_000): sys.stdout.buffer.write(b'\\xff line %d\\r\\n' % i)"
    job = live_server.submit(text, "bytes.py")
    live_server.wait(job["id"])
    assert cli("logs", job["id"]).out == content
    assert cli("logs", "--follow", job["id"]).out == content


def test_logs_follow_to_the_end(cli: Cli, live_server: LiveServer) -> None:
    job = live_server.submit(UNTIL_STOPPED, "followed.py")
    running = cli.start("logs", "-f", job["id"])
    running.until(b"ready")
    live_server.request("POST", f"jobs/{job['id']}/cancel", {})
    ran = running.end()
    assert ran.code == 0, ran
    assert b"stopped by the user" in ran.out
    assert ran.err == ""


def test_logs_json(cli: Cli, done: dict[str, Any]) -> None:
    for words in (["logs", done["id"]], ["logs", "--follow", done["id"]]):
        assert cli(*words, "--json").json_lines == [
            {"type": "log", "job": done["id"], "attempt": 1, "offset": 0, "text": "done\n"}
        ]


def test_ctrl_c_leaves_a_log_and_its_job_alone(cli: Cli, live_server: LiveServer, active: dict[str, Any]) -> None:
    running = cli.start("logs", "--follow", active["id"])
    running.until(b"ready")
    running.signal(signal.SIGINT)
    ran = running.end()
    assert ran.code == 130, ran
    assert "Traceback" not in ran.err
    assert live_server.job(active["id"])["state"] == "RUNNING"


def test_logs_follow_goes_on_after_a_restart(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(config={"JobsApp": {"prewarm": False}})
    server.start()
    job = server.submit(UNTIL_STOPPED, "followed.py")
    running = cli_for(server).start("logs", "--follow", job["id"])
    running.until(b"ready")
    server.restart()
    server.request("POST", f"jobs/{job['id']}/cancel", {})
    ran = running.end()
    assert ran.code == 0, ran
    assert ran.out.count(b"ready") == 0, "it had that line already"
    assert b"stopped by the user" in ran.out


def test_cancel(cli: Cli, live_server: LiveServer) -> None:
    job = live_server.submit(UNTIL_STOPPED, "to-cancel.py")
    live_server.wait(job["id"], "RUNNING")
    ran = cli("cancel", job["id"][:13])
    assert ran.code == 0, ran
    assert ran.out.decode().split() == [job["id"], "CANCELING"]
    assert live_server.wait(job["id"])["state"] == "CANCELED"
    again = cli("cancel", job["id"], "--json")
    assert again.code == 1
    assert again.json["code"] == "job_already_final"


def test_rm(cli: Cli, live_server: LiveServer, active: dict[str, Any]) -> None:
    refused = cli("rm", active["id"], "--json")
    assert refused.code == 1
    assert refused.json["code"] == "job_not_final"
    job = live_server.submit("print('x' * 999)", "to-delete.py")
    live_server.wait(job["id"])
    ran = cli("rm", job["id"])
    assert ran.code == 0, ran
    assert b"1000 B of log" in ran.out
    assert cli("show", job["id"]).code == 1


@pytest.fixture(scope="module")
def dataset(live_server: LiveServer) -> str:
    """A dataset of 2,500 rows: more than two pages of the API."""
    job = live_server.submit(
        "import datachain as dc\n"
        "n = 2500\n"
        "dc.read_values(n=list(range(n)), text=[f'row\\n{i}' for i in range(n)]).save('cli_rows')\n",
        "makes-rows.py",
    )
    job = live_server.wait(job["id"], timeout=120)
    assert job["state"] == "COMPLETE", live_server.read_log(job["id"])
    return "cli_rows"


def test_rows(cli: Cli, dataset: str) -> None:
    ran = cli("rows", dataset, "--limit", "2", "--offset", "9")
    assert ran.code == 0, ran
    assert [line.split() for line in ran.out.decode().splitlines()] == [
        ["n", "text"],
        ["9", "row\\n9"],
        ["10", "row\\n10"],
    ]
    assert "rows 10 to 11 of 2,500" in ran.err


def test_rows_of_several_pages_in_json(cli: Cli, dataset: str) -> None:
    found = cli("rows", f"{dataset}@1.0.0", "--json", "--limit", "2200", "--offset", "100").json
    at = found["columns"].index("n")
    assert [row[at] for row in found["rows"]] == list(range(100, 2300))
    assert found["total"] == 2500
    assert found["dataset"]["version"] == "1.0.0"


def test_rows_past_the_end_and_of_nothing(cli: Cli, dataset: str) -> None:
    ran = cli("rows", dataset, "--offset", "5000")
    assert ran.code == 0, ran
    assert "no rows of 2,500" in ran.err
    for name in ("no-such-dataset", f"{dataset}@9.9.9", "@", "local.local."):
        ran = cli("rows", name, "--json")
        assert ran.code == 1, ran
        assert ran.json["code"] == "dataset_not_found", name


def test_show_names_the_datasets(cli: Cli, live_server: LiveServer, dataset: str) -> None:
    [job] = [job for job in cli("ls", "-q", "makes-rows.py", "--json").json]
    assert "local.local.cli_rows@1.0.0  2,500 rows" in cli("show", job["id"]).out.decode()


def test_output_is_one_json_value(cli: Cli, done: dict[str, Any]) -> None:
    for words in (["ls"], ["show", done["id"]]):
        ran = cli(*words, "--json")
        json.loads(ran.out)
        assert ran.err == ""

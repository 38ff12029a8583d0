"""The queue on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.server import LiveServer

from .conftest import STUBBORN, UNTIL_STOPPED, Cli, cli_for

SETTINGS = {"JobsApp": {"prewarm": False, "max_workers": 1, "sigint_grace": 0.2, "sigterm_grace": 0.2}}


@pytest.fixture
def one_slot(new_server: Callable[..., LiveServer]) -> Iterator[tuple[LiveServer, Cli, dict[str, Any]]]:
    """A server with one worker slot, and the job that holds it."""
    server = new_server(config=SETTINGS)
    server.start()
    job = server.wait(server.submit(UNTIL_STOPPED, "holder.py")["id"], "RUNNING")
    yield server, cli_for(server), job
    server.request("POST", f"jobs/{job['id']}/cancel", {"force": True})


def test_who_waits_and_why(one_slot: tuple[LiveServer, Cli, dict[str, Any]]) -> None:
    server, cli, holder = one_slot
    first = server.submit("print(1)", "first.py")
    second = cli("run", server.script("second.py", "print(2)"), "--no-wait", "--priority", "5", "--json").json
    lines = cli("queue").out.decode().splitlines()
    assert lines[0].split() == ["#", "ID", "STARTS", "IN", "WHY"]
    assert lines[1].split()[:2] == ["1", first["id"][:8]]
    assert "Running: holder.py." in lines[1]
    assert lines[2].split()[:2] == ["2", second["id"][:8]]
    assert lines[2].endswith("One job is before it.")
    shown = cli("show", second["id"]).out.decode()
    assert "place      2 in the queue\n" in shown
    assert "waits      One job is before it.\n" in shown

    ran = cli("priority", second["id"], "8")
    assert ran.out.decode().splitlines()[:2] == [f"{second['id']} has priority 8", "place: 1 in the queue"]
    assert [wait["job_id"] for wait in cli("queue", "--json").json] == [second["id"], first["id"]]
    ran = cli("priority", holder["id"], "8")
    assert (ran.code, "does not wait in the queue" in ran.err) == (1, True)
    assert cli("priority", second["id"], "11").code == 64
    for job in (first, second):
        cli("cancel", job["id"])


def test_what_stopping_did_is_shown(one_slot: tuple[LiveServer, Cli, dict[str, Any]]) -> None:
    server, cli, holder = one_slot
    server.request("POST", f"jobs/{holder['id']}/cancel", {"force": True})
    job = server.submit(STUBBORN, "stubborn.py")
    server.wait(job["id"], "RUNNING")
    cli.start("logs", job["id"], "--follow").until(b"ready")
    assert cli("cancel", job["id"]).code == 0
    server.wait(job["id"])
    stopped = [line for line in cli("show", job["id"]).out.decode().splitlines() if line.startswith("stopped")]
    assert [line.split()[1] for line in stopped] == ["SIGINT", "SIGTERM", "SIGKILL", "killed:"]


def test_retries_and_their_logs(cli: Cli, live_server: LiveServer) -> None:
    text = (
        "from pathlib import Path\nonce = Path('retried-once')\nprint('second' if once.exists() else 'first')\n"
        "if not once.exists():\n    once.touch()\n    raise SystemExit(3)\n"
    )
    script = live_server.script("retried.py", text)
    ran = cli("run", script, "--retries", "2", "--retry-backoff", "0.1s", "--retry-on", "exit_code,timeout")
    assert ran.code == 0, ran
    assert ran.out == b"first\nsecond\n"
    assert "attempt 1 failed, the next one is due at" in ran.err
    job = cli("ls", "--q", "retried.py", "--json").json[0]
    assert job["settings"]["retries"] == {"count": 2, "backoff": 0.1, "on": ["exit_code", "timeout"]}
    shown = cli("show", job["id"]).out.decode()
    attempts = [line for line in shown.splitlines() if line.startswith("attempt")]
    assert "exit_code: The script ended with exit code 3." in attempts[0]
    assert attempts[1].endswith("ended well")
    assert "retries    2 at most, the first after 0.1 s, after exit_code, timeout\n" in shown
    assert b"first\n" in cli("logs", job["id"], "--attempt", "1").out
    assert b"second\n" in cli("logs", job["id"]).out
    for wrong in (
        ("--retries", "1", "--retry-on", "tuesday"),
        ("--retries", "1", "--retry-on", ""),
        ("--retries", "1", "--retry-backoff", "2h"),
        ("--retry-on", "exit_code"),
        ("--retry-backoff", "5s"),
    ):
        assert cli("run", script, *wrong).code == 64, wrong


def test_a_timeout_ends_with_1(cli: Cli, live_server: LiveServer) -> None:
    ran = cli("run", live_server.script("slow.py", "import time; time.sleep(600)"), "--timeout", "0.3")
    assert ran.code == 1, ran
    assert "ran longer than its timeout of 0.3 s" in ran.err
    for wrong in ("soon", "0", "0s", "-1", "nan", "99999999999999h"):
        assert cli("run", "slow.py", f"--timeout={wrong}").code == 64, wrong


def test_without_a_server_nobody_starts_it(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(config=SETTINGS)
    server.start()
    cli = cli_for(server)
    holder = server.wait(server.submit(UNTIL_STOPPED, "holder.py")["id"], "RUNNING")
    job = server.submit("print(1)", "first.py")
    server.stop()
    shown = cli("show", job["id"], "--local").out.decode()
    assert "No server is running that starts jobs" in shown
    for each in (job, holder):
        assert cli("cancel", each["id"], "--local", "--force").code == 0


def test_run_again_and_resume(cli: Cli, live_server: LiveServer) -> None:
    job = live_server.wait(live_server.submit("print('once more')", "again.py")["id"])
    ran = cli("rerun", job["id"][:13])
    assert (ran.code, ran.out) == (0, b"once more\n")
    ran = cli("rerun", job["id"], "--resume", "--json")
    assert ran.json_lines[-1]["job"]["resumed_from"] == job["id"]
    script = live_server.script("again.py", "print('mended')")
    resumed = cli("run", script, "--resume", job["id"][:13], "--no-wait", "--json").json
    assert resumed["resumed_from"] == job["id"]
    live_server.wait(resumed["id"])
    ran = cli("run", live_server.script("other.py", "print(1)"), "--resume", job["id"])
    assert (ran.code, "which is another script" in ran.err) == (3, True)
    assert cli("rerun", "00000000-0000-4000-8000-000000000000").code == 3

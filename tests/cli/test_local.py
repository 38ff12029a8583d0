"""Commands without a server: the same rooms in the command's own process."""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Callable

from support.server import LiveServer

from .conftest import COMMAND, STUBBORN, UNTIL_STOPPED, Cli, cli_for


def _script(cli: Cli, name: str, text: str) -> str:
    (cli.cwd / name).write_text(text)
    return name


def test_a_whole_life(alone: Cli) -> None:
    script = _script(
        alone,
        "whole.py",
        "import datachain as dc\nprint('here')\ndc.read_values(n=[1, 2, 3]).save('alone')\n",
    )
    ran = alone("run", script)
    assert ran.code == 0, ran
    assert "in this process" in ran.err
    assert ran.states == ["QUEUED", "INIT", "RUNNING", "COMPLETE"]
    assert b"here" in ran.out

    [job] = alone("ls", "--json").json
    assert job["state"] == "COMPLETE"
    assert job["script"]["path"] == str(alone.cwd / script)
    assert alone("show", job["id"][:6], "--json").json == job
    assert b"local.local.alone@1.0.0  3 rows" in alone("show", job["id"]).out
    assert alone("logs", job["id"]).out == ran.out
    found = alone("rows", "alone", "--json").json
    assert [row[found["columns"].index("n")] for row in found["rows"]] == [1, 2, 3]
    assert alone("rm", job["id"]).code == 0
    assert alone("ls", "--json").json == []


def test_exit_codes(alone: Cli) -> None:
    failed = alone("run", _script(alone, "failed.py", "raise KeyError('k')"))
    assert failed.code == 1, failed
    assert "KeyError: 'k'" in failed.err
    unsubmitted = alone("run", "missing.py", "--json")
    assert unsubmitted.code == 3, unsubmitted
    assert unsubmitted.json["code"] == "script_not_found"
    unknown = alone("show", "abcdef", "--json")
    assert unknown.code == 1, unknown
    assert unknown.json["code"] == "job_not_found"


def test_no_wait_needs_a_server(alone: Cli) -> None:
    ran = alone("run", "--no-wait", "--json", _script(alone, "left.py", "print(1)"))
    assert ran.code == 3, ran
    assert ran.json["code"] == "no_server"


def test_ctrl_c(alone: Cli) -> None:
    running = alone.start("run", _script(alone, "stop.py", UNTIL_STOPPED))
    running.until(b"ready")
    running.signal(signal.SIGINT)
    ran = running.end()
    assert ran.code == 2, ran
    assert b"stopped by the user" in ran.out


def test_a_second_ctrl_c_kills(alone: Cli) -> None:
    running = alone.start("run", _script(alone, "stubborn.py", STUBBORN))
    running.until(b"ready")
    running.signal(signal.SIGINT)
    running.until_said("CANCELING")
    running.signal(signal.SIGINT)
    assert running.end().code == 2


def test_a_command_that_was_killed_left_its_job_running_and_the_next_one_finds_it(alone: Cli) -> None:
    running = alone.start("run", _script(alone, "orphan.py", UNTIL_STOPPED))
    running.until(b"ready")
    running.signal(signal.SIGKILL)
    running.process.wait()

    [job] = alone("ls", "--json").json
    assert job["state"] == "RUNNING"
    following = alone.start("logs", "--follow", job["id"])
    following.until(b"ready")
    assert alone("cancel", job["id"]).code == 0
    ran = following.end()
    assert ran.code == 0, ran
    assert b"stopped by the user" in ran.out
    assert alone("show", job["id"], "--json").json["state"] == "CANCELED"


def test_a_look_does_not_start_what_waits_for_a_server(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(config={"JobsApp": {"prewarm": False, "max_workers": 1}})
    server.start()
    first = server.submit(UNTIL_STOPPED, "first.py")
    server.wait(first["id"], "RUNNING")
    second = server.submit("print('second')", "second.py")
    server.stop()

    cli = cli_for(server)
    states = {job["id"]: job["state"] for job in cli("ls", "--json").json}
    assert states == {first["id"]: "RUNNING", second["id"]: "QUEUED"}
    assert cli("cancel", first["id"], "--force").code == 0
    assert {job["id"]: job["state"] for job in cli("ls", "--json").json} == {
        first["id"]: "CANCELED",
        second["id"]: "QUEUED",
    }
    server.start()
    assert server.wait(second["id"])["state"] == "COMPLETE"


def test_local_beside_a_server(cli: Cli, live_server: LiveServer, tmp_path: object) -> None:
    """--local works on the same data folder, so the server sees the job too, whoever starts it."""
    outside = live_server.home / "outside.py"
    outside.write_text("print('outside')")
    ran = cli("run", outside, "--local", "--json")
    assert ran.code == 0, ran
    job = ran.json_lines[-1]["job"]
    assert live_server.job(job["id"])["state"] == "COMPLETE"


def test_output_that_cannot_be_written_is_not_the_jobs_failure(cli: Cli, live_server: LiveServer) -> None:
    script = _script(cli, "fine.py", "print('x' * 100_000)\n")
    with open("/dev/full", "wb") as full:
        assert cli.start("run", script, stdout=full.fileno()).end().code == 0
    command = " ".join(map(shlex.quote, [*COMMAND, "run", script]))
    closed = subprocess.run(["sh", "-c", f"{command} 2>&-"], env=cli.env, cwd=cli.cwd, capture_output=True, check=False)
    assert (closed.returncode, closed.stdout) == (0, b"x" * 100_000 + b"\n")
    assert (
        subprocess.run(
            ["sh", "-c", f"{command} >&-"], env=cli.env, cwd=cli.cwd, capture_output=True, check=False
        ).returncode
        == 0
    )

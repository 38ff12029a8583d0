"""``run`` against a running server."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from support.server import LiveServer

from .conftest import COMMAND, STUBBORN, TIMEOUT_S, UNTIL_STOPPED, Cli, cli_for

RAW = b"plain\n\xff\xfe not UTF-8\nbar 1\rbar 2\r\x1b[31mred\x1b[0m\nno newline at the end"


def test_states_on_stderr_log_on_stdout_and_0_when_complete(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("complete.py", f"import sys; sys.stdout.buffer.write({RAW!r})")
    ran = cli("run", "complete.py")
    assert ran.code == 0, ran
    assert ran.out == RAW
    assert ran.states == ["QUEUED", "INIT", "RUNNING", "COMPLETE"], ran
    assert "\x1b" not in ran.err, "colours only on a terminal"


def test_large_log_arrives_byte_for_byte(cli: Cli, live_server: LiveServer) -> None:
    """More than the server sends ahead, and one line that is longer than any frame."""
    live_server.script(
        "large.py",
        "import sys\n"
        "sys.stdout.write('x' * 5_000_000 + '\\n')\n"
        "for i in range(200_000): print('line', i, 'of a log that is larger than what is sent ahead')\n",
    )
    ran = cli("run", "large.py")
    expected = b"x" * 5_000_000 + b"\n"
    expected += b"".join(b"line %d of a log that is larger than what is sent ahead\n" % i for i in range(200_000))
    assert ran.code == 0, ran
    assert ran.out == expected


def test_1_when_failed_with_the_users_own_line(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("failed.py", "def divide(x):\n    return 1 / x\n\ndivide(0)\n")
    ran = cli("run", "failed.py")
    assert ran.code == 1, ran
    assert "ZeroDivisionError: division by zero" in ran.err
    assert "failed.py, line 2, in divide" in ran.err
    assert b"Traceback" in ran.out


def test_the_scripts_own_exit_code_is_not_ours(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("seven.py", "import os; os._exit(2)")
    ran = cli("run", "--json", "seven.py")
    assert ran.code == 1, ran
    final = ran.json_lines[-1]["job"]
    assert (final["state"], final["exit_code"], final["error"]["code"]) == ("FAILED", 2, "exit_code")


def test_2_when_somebody_else_stopped_it(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("canceled.py", UNTIL_STOPPED)
    running = cli.start("run", "canceled.py")
    running.until(b"ready")
    [job] = live_server.request("GET", "jobs?state=RUNNING&q=canceled.py").body["items"]
    assert cli("cancel", job["id"]).code == 0
    ran = running.end()
    assert ran.code == 2, ran
    assert ran.states[-2:] == ["CANCELING", "CANCELED"], ran


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("missing.py", None, "There is no file"),
        ("syntax.py", "x = 1\nif x\n    pass\n", "line 2, column 5"),
        ("empty.py", "  \n", "is empty"),
        ("notes.txt", "text", "not a Python script"),
        ("folder.py/inner.py", "1", ""),
    ],
)
def test_3_when_it_cannot_be_submitted(
    cli: Cli, live_server: LiveServer, name: str, text: str | None, said: str
) -> None:
    if text is not None:
        live_server.script(name, text)
    ran = cli("run", name.split("/")[0])
    assert ran.code == 3, ran
    assert said in ran.err
    assert ran.err.count("\n") >= 2, "a sentence, and what to do"
    assert ran.out == b""


def test_3_with_a_code_in_json(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("syntax.py", "x = (\n")
    ran = cli("run", "--json", "syntax.py")
    assert ran.code == 3
    assert ran.json["type"] == "error"
    assert ran.json["code"] == "script_syntax_error"
    assert ran.json["details"]["line"] == 1
    assert ran.json["hint"]


def test_3_outside_the_servers_folder(cli: Cli, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("print(1)")
    ran = cli("run", outside)
    assert ran.code == 3, ran
    assert "--local" in ran.err


def test_3_for_more_workers_than_there_are(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("wide.py", "print(1)")
    ran = cli("run", "--json", "--workers", "1000", "wide.py")
    assert ran.code == 3
    assert ran.json["code"] == "too_many_workers"


def test_settings_reach_the_job(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("settings.py", "import json, os; print(json.loads(os.environ['DATACHAIN_QUERY_PARAMS']))")
    ran = cli(
        "run", "settings.py", "--name", "my run", "-p", "city=Málaga", "-p", "expr=a=b", "--workers", "2", "--priority", "7",
        "--timeout", "5m", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran
    final = ran.json_lines[-1]["job"]
    assert final["name"] == "my run"
    assert final["settings"] == {
        "workers": 2,
        "priority": 7,
        "timeout": 300.0,
        "retries": {"count": 0, "backoff": 10.0, "on": []},
        "parameters": {"city": "Málaga", "expr": "a=b"},
    }
    text = "".join(event["text"] for event in ran.json_lines if event["type"] == "log")
    assert text == "{'city': 'Málaga', 'expr': 'a=b'}\n"


def test_a_path_relative_to_where_the_command_runs(cli: Cli, live_server: LiveServer) -> None:
    script = live_server.script("deep/er/script.py", "print('found')")
    ran = cli("run", "../er/script.py", "--json", cwd=script.parent)
    assert ran.code == 0, ran
    assert ran.json_lines[-1]["job"]["script"]["path"] == "deep/er/script.py"


def test_json_events_tell_the_whole_story(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("events.py", "print('zwölf', flush=True); print('end')")
    ran = cli("run", "--json", "events.py")
    events = ran.json_lines
    assert ran.code == 0
    assert ran.err == ""
    assert events[0]["job"]["state"] == "QUEUED"
    assert events[-1]["job"]["state"] == "COMPLETE"
    jobs = [event["job"] for event in events if event["type"] == "job"]
    assert all(a["revision"] < b["revision"] for a, b in pairwise(jobs))
    logs = [event for event in events if event["type"] == "log"]
    assert "".join(event["text"] for event in logs) == "zwölf\nend\n"
    offset = 0
    for event in logs:
        assert event["offset"] == offset
        offset += len(event["text"].encode())


def test_no_wait_hands_the_job_over(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("handed.py", "print(1)")
    ran = cli("run", "--no-wait", "handed.py")
    assert ran.code == 0, ran
    assert live_server.wait(ran.out.decode().strip())["state"] == "COMPLETE"

    ran = cli("run", "--no-wait", "--json", "handed.py")
    assert ran.code == 0, ran
    assert ran.json.keys() == live_server.wait(ran.json["id"]).keys()
    assert ran.json["state"] == "QUEUED"


def test_ctrl_c_stops_the_job_and_follows_it_to_its_end(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("stop.py", UNTIL_STOPPED)
    running = cli.start("run", "stop.py")
    running.until(b"ready")
    running.signal(signal.SIGINT)
    ran = running.end()
    assert ran.code == 2, ran
    assert b"stopped by the user" in ran.out, "what it printed on its way out"
    assert ran.states[-2:] == ["CANCELING", "CANCELED"], ran


def test_a_second_ctrl_c_kills_it(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("stubborn.py", STUBBORN)
    running = cli.start("run", "stubborn.py")
    running.until(b"ready")
    running.signal(signal.SIGINT)
    running.until_said("CANCELING")
    running.signal(signal.SIGINT)
    ran = running.end()
    assert ran.code == 2, ran
    assert ran.states == ["CANCELED"], ran


def test_sigterm_stops_the_job_too(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("terminated.py", UNTIL_STOPPED)
    running = cli.start("run", "terminated.py")
    running.until(b"ready")
    running.signal(signal.SIGTERM)
    assert running.end().code == 2


def test_a_reader_that_leaves_does_not_change_the_end(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("head.py", "for i in range(100_000): print(i)\nraise SystemExit(3)")
    running = cli.start("run", "head.py")
    assert running.process.stdout is not None
    running.process.stdout.readline()
    running.process.stdout.close()
    assert running.process.wait(TIMEOUT_S) == 1


def test_colours_on_a_terminal_only_and_not_against_the_users_wish(cli: Cli, live_server: LiveServer) -> None:
    live_server.script("colour.py", "print(1)")

    def on_terminal(**env: str) -> bytes:
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*COMMAND, "run", "colour.py"], env=cli.env | {"TERM": "xterm", **env}, cwd=cli.cwd,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        said = b""
        try:
            while chunk := os.read(ours, 4096):
                said += chunk
        except OSError:  # how Linux says that the other end of a terminal was closed
            pass
        os.close(ours)
        assert process.wait(TIMEOUT_S) == 0
        return said

    assert b"\x1b[32mCOMPLETE" in on_terminal()
    plain = on_terminal(NO_COLOR="1")
    assert b"COMPLETE" in plain
    assert b"\x1b" not in plain


def test_a_server_that_is_killed_and_comes_back_loses_and_repeats_nothing(
    new_server: Callable[..., LiveServer], tmp_path: Path
) -> None:
    server = new_server(config={"JobsApp": {"prewarm": False}})
    server.start()
    go = tmp_path / "go"
    server.script(
        "counting.py",
        "import os, time\n"
        "for i in range(1000): print('before', i)\n"
        f"while not os.path.exists({str(go)!r}): time.sleep(0.02)\n"
        "for i in range(1000): print('after', i)\n",
    )
    cli = cli_for(server)
    running = cli.start("run", "counting.py")
    read = running.until(b"before 999")
    server.kill()
    running.until_said("connection lost")
    go.write_text("")
    server.start()
    ran = running.end()
    assert ran.code == 0, ran
    assert "connected again" in ran.err
    lines = (read + ran.out).decode().splitlines()
    assert lines == [f"before {i}" for i in range(1000)] + [f"after {i}" for i in range(1000)]


def test_ctrl_c_while_the_server_is_away_stops_the_job_when_it_is_back(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(config={"JobsApp": {"prewarm": False}})
    server.start()
    server.script("away.py", UNTIL_STOPPED)
    running = cli_for(server).start("run", "away.py")
    running.until(b"ready")
    server.kill()
    running.until_said("connection lost")
    running.signal(signal.SIGINT)
    running.until_said("Stopping the job")
    server.start()
    assert running.end().code == 2

"""Jobs through the doors: real scripts in real processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from support.server import LiveServer

JOB_FIELDS = {
    "id", "name", "kind", "state", "revision", "seq", "owner", "cluster", "script", "settings", "progress", "exit_code",
    "attempt", "error", "log_size", "created_at", "queued_at", "started_at", "finished_at", "cancel_requested_at",
    "not_before", "resumed_from",
}  # fmt: skip


def run(server: LiveServer, text: str, name: str = "script.py", **settings: Any) -> dict[str, Any]:
    return server.wait(server.submit(text, name, **settings)["id"])


def test_a_job_from_start_to_end(server: LiveServer) -> None:
    submitted = server.submit("print('hello')\n", "hello.py")
    assert set(submitted) == JOB_FIELDS
    assert submitted["state"] == "QUEUED"
    job = server.wait(submitted["id"])
    assert (job["state"], job["exit_code"], job["error"]) == ("COMPLETE", 0, None)
    stamps = [job[key] for key in ("created_at", "queued_at", "started_at", "finished_at")]
    assert stamps == sorted(stamps)
    assert all(len(stamp) == len("2026-01-01T00:00:00.000000Z") for stamp in stamps)
    log = server.read_log(job["id"])
    assert b"hello\n" in log
    assert job["log_size"] == len(log)
    assert server.request("GET", "jobs").body["items"][0] == job
    assert server.request("GET", f"jobs/{job['id']}/script").body["text"] == "print('hello')\n"


def test_the_saved_file_runs_where_no_text_is_given(server: LiveServer) -> None:
    server.script("sub/saved.py", "import os; print(os.getcwd(), __file__)\n")
    answer = server.request("POST", "jobs", {"script": {"path": "sub/saved.py"}})
    job = server.wait(answer.body["id"])
    folder = server.root_dir / "sub"
    assert f"{folder} {folder / 'saved.py'}\n".encode() in server.read_log(job["id"])
    assert job["name"] == "saved.py"
    assert job["script"]["path"] == "sub/saved.py"


def test_the_text_on_screen_runs_and_neighbours_are_found(server: LiveServer) -> None:
    server.script("pack/neighbour.py", "value = 41\n")
    server.script("pack/main.py", "raise SystemExit('the saved text ran')\n")
    job = run(server, "import neighbour\nprint('value', neighbour.value + 1)\n", "pack/main.py")
    assert job["state"] == "COMPLETE", job
    assert b"value 42\n" in server.read_log(job["id"])


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("missing", {"path": "missing.py"}, 404, "script_not_found"),
    ("outside", {"path": "../outside.py"}, 403, "script_outside_root"),
    ("directory", {"path": "folder.py"}, 400, "script_is_directory"),
    ("not UTF-8", {"path": "latin.py"}, 400, "script_not_utf8"),
    ("empty", {"path": "empty.py"}, 400, "script_empty"),
    ("syntax", {"path": "syntax.py"}, 400, "script_syntax_error"),
    ("no script", {"path": "data.csv"}, 400, "script_not_python"),
    ("another drive", {"path": "s3:bucket/a.py", "text": "x = 1"}, 400, "script_not_local"),
    ("a name too long", {"path": "a" * 300 + ".py", "text": "x = 1"}, 400, "script_unreadable"),
    ("empty text", {"path": "a.py", "text": "\n"}, 400, "script_empty"),
]


@pytest.mark.parametrize(("script", "status", "code"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_scripts_that_cannot_run(server: LiveServer, script: dict[str, Any], status: int, code: str) -> None:
    root = server.root_dir
    (root / "folder.py").mkdir(exist_ok=True)
    (root / "latin.py").write_bytes(b"x = '\xe9'\n")
    (root / "empty.py").write_bytes(b"")
    (root / "syntax.py").write_text("x = 1\ndef f(:\n    pass\n")
    (root / "data.csv").write_text("a,b\n")
    before = server.request("GET", "jobs").body["seq"]
    answer = server.request("POST", "jobs", {"script": script})
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body["message"]
    assert answer.body["hint"]
    assert server.request("GET", "jobs").body["seq"] == before
    if code == "script_syntax_error":
        assert answer.body["details"] == {"path": "syntax.py", "line": 2, "column": 7, "text": "def f(:"}


def test_more_workers_than_there_are(server: LiveServer) -> None:
    answer = server.request("POST", "jobs", {"script": {"path": "a.py", "text": "x=1"}, "settings": {"workers": 5}})
    assert (answer.status, answer.body["code"]) == (400, "too_many_workers")


def test_parameters_that_no_process_could_take(server: LiveServer) -> None:
    body = {
        "script": {"path": "a.py", "text": "x=1"},
        "settings": {"parameters": {f"p{i}": "x" * 60_000 for i in range(3)}},
    }
    answer = server.request("POST", "jobs", body)
    assert (answer.status, answer.body["code"]) == (413, "parameters_too_large")


def test_a_large_script_holds_nobody_up(server: LiveServer) -> None:
    """The compiler would hold Python's lock for seconds; other requests are answered meanwhile."""
    answers: list[int] = []
    sending = threading.Thread(
        target=lambda: answers.append(
            server.request("POST", "jobs", {"script": {"path": "big.py", "text": "x = f(1)(2)\n" * 150_000}}).status
        )
    )
    sending.start()
    meanwhile = 0
    while sending.is_alive():
        assert server.request("GET", "template").status == 200
        meanwhile += 1
    sending.join()
    assert meanwhile > 3
    assert answers == [201]
    error = server.request("POST", "jobs", {"script": {"path": "big.py", "text": "x = 1\n" * 20_000 + "if:\n"}}).body
    assert (error["code"], error["details"]["line"]) == ("script_syntax_error", 20_001)


def test_a_message_to_exit_with_is_no_traceback(server: LiveServer) -> None:
    job = run(server, "import sys; sys.exit('no input today')\n")
    assert job["state"] == "FAILED"
    assert "no input today" in job["error"]["message"]
    assert "marked line" not in job["error"]["hint"]


def test_parameters_reach_the_script(server: LiveServer) -> None:
    job = run(
        server,
        "from datachain.query.params import param\nprint('limit is', param('limit'))\n",
        parameters={"limit": "ten"},
    )
    assert job["state"] == "COMPLETE", server.read_log(job["id"])
    assert b"limit is ten\n" in server.read_log(job["id"])


def test_an_exit_code_is_kept(server: LiveServer) -> None:
    job = run(server, "import sys; sys.exit(7)\n")
    assert (job["state"], job["exit_code"], job["error"]["code"]) == ("FAILED", 7, "exit_code")


def test_a_kill_is_named(server: LiveServer) -> None:
    job = run(server, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n")
    assert (job["state"], job["exit_code"], job["error"]["code"]) == ("FAILED", -9, "killed_by_signal")
    assert "SIGKILL" in job["error"]["message"]
    assert job["error"]["hint"]


def test_os_exit_is_an_exit(server: LiveServer) -> None:
    job = run(server, "import os; print('before', flush=True); os._exit(3)\n")
    assert (job["state"], job["exit_code"]) == ("FAILED", 3)
    assert b"before\n" in server.read_log(job["id"])
    assert run(server, "import os; os._exit(0)\n")["state"] == "COMPLETE"


def test_the_users_own_frame_comes_with_a_failure(server: LiveServer) -> None:
    server.script("lib/helper.py", "def clean(x):\n    return 1 / x\n")
    job = run(server, "import helper\n\n\ndef main():\n    helper.clean(0)\n\n\nmain()\n", "lib/main.py")
    error = job["error"]
    assert (error["code"], error["exception"]) == ("script_error", "ZeroDivisionError")
    assert error["message"] == "ZeroDivisionError: division by zero"
    assert (error["frame"]["path"], error["frame"]["line"]) == ("lib/helper.py", 2)
    assert error["frame"]["function"] == "clean"
    assert {"line": 2, "text": "    return 1 / x"} in error["frame"]["context"]
    assert "run_script" not in error["traceback"]
    assert b"ZeroDivisionError: division by zero" in server.read_log(job["id"])


def test_bytes_that_are_no_text_pass_unchanged(server: LiveServer) -> None:
    job = run(server, "import os; os.write(1, b'\\xff\\xfe\\x00 raw\\n')\n")
    assert b"\xff\xfe\x00 raw\n" in server.read_log(job["id"])
    answer = server.request("GET", f"jobs/{job['id']}/log")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_one_line_of_five_megabytes(server: LiveServer) -> None:
    job = run(server, "print('x' * 5_000_000)\n")
    assert b"x" * 5_000_000 + b"\n" in server.read_log(job["id"])


def test_a_background_process_ends_with_its_script(server: LiveServer) -> None:
    job = run(
        server,
        "import subprocess\np = subprocess.Popen(['sleep', '1000'], start_new_session=True)\nprint('pid', p.pid)\n",
    )
    assert job["state"] == "COMPLETE"
    log = server.read_log(job["id"])
    pid = int(log.split(b"pid ")[1].split()[0])
    assert not alive(pid)
    assert log.count(str(pid).encode()) == 2, "the log says what was killed"


def test_stop_a_running_job(server: LiveServer) -> None:
    job = server.submit("import time\nprint('up', flush=True)\ntime.sleep(600)\n")
    server.wait(job["id"], "RUNNING")
    answer = server.request("POST", f"jobs/{job['id']}/cancel", {})
    assert (answer.status, answer.body["state"]) == (202, "CANCELING")
    assert answer.body["cancel_requested_at"]
    ended = server.wait(job["id"])
    assert ended["state"] == "CANCELED"
    again = server.request("POST", f"jobs/{job['id']}/cancel", {})
    assert (again.status, again.body["code"]) == (409, "job_already_final")


def test_stop_a_job_that_ignores_it(server: LiveServer) -> None:
    job = server.submit(
        "import signal, time\n"
        "for s in (signal.SIGINT, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\nwhile True: time.sleep(1)\n"
    )
    wait_for_log(server, job["id"], b"deaf")
    server.request("POST", f"jobs/{job['id']}/cancel", {})
    assert server.wait(job["id"])["state"] == "CANCELED"


def test_force_needs_no_grace(server: LiveServer) -> None:
    job = server.submit(
        "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(600)\n"
    )
    wait_for_log(server, job["id"], b"deaf")
    assert server.request("POST", f"jobs/{job['id']}/cancel", {"force": True}).status == 202
    assert server.wait(job["id"])["state"] == "CANCELED"


def test_a_job_that_waits_is_stopped_at_once_and_frees_nothing(server: LiveServer) -> None:
    blocker = server.submit("import time; time.sleep(600)\n", workers=4)
    server.wait(blocker["id"], "RUNNING")
    waiting = server.submit("print(1)\n")
    assert server.job(waiting["id"])["state"] == "QUEUED"
    answer = server.request("POST", f"jobs/{waiting['id']}/cancel", {})
    assert (answer.status, answer.body["state"]) == (202, "CANCELED")
    status = server.request("GET", "status").body
    assert (status["busy_workers"], status["max_workers"], status["running"]) == (4, 4, 1)
    second = server.submit("print(2)\n")
    server.request("POST", f"jobs/{blocker['id']}/cancel", {"force": True})
    assert server.wait(second["id"])["state"] == "COMPLETE"


def test_only_final_jobs_are_deleted_and_then_all_of_them(server: LiveServer) -> None:
    job = server.submit("import time\nprint('x', flush=True)\ntime.sleep(600)\n")
    server.wait(job["id"], "RUNNING")
    refused = server.request("DELETE", f"jobs/{job['id']}")
    assert (refused.status, refused.body["code"]) == (409, "job_not_final")
    server.request("POST", f"jobs/{job['id']}/cancel", {"force": True})
    server.wait(job["id"])
    gone = server.request("DELETE", f"jobs/{job['id']}")
    assert gone.status == 200
    assert gone.body["id"] == job["id"]
    assert gone.body["removed"]["files"] > 0
    assert server.request("GET", f"jobs/{job['id']}").status == 404
    assert not list(server.data_dir.glob(f"**/*{job['id']}*"))


def test_run_again_runs_the_snapshot(server: LiveServer) -> None:
    first = run(server, "print('old text')\n", "again.py", parameters={"a": "b"})
    server.script("again.py", "print('new text')\n")
    answer = server.request("POST", f"jobs/{first['id']}/rerun", {})
    assert answer.status == 201
    second = server.wait(answer.body["id"])
    assert second["settings"] == first["settings"]
    assert second["script"] == first["script"]
    assert b"old text\n" in server.read_log(second["id"])


def test_a_log_is_read_by_bytes_and_by_lines(server: LiveServer) -> None:
    job = run(server, "for i in range(20000): print(f'line {i:05d}')\n")
    log = server.read_log(job["id"])
    part = server.request("GET", f"jobs/{job['id']}/log?offset=100&limit=50")
    assert part.body == log[100:150]
    assert (part.headers["x-log-offset"], part.headers["x-log-size"]) == ("100", str(len(log)))
    assert part.headers["x-log-complete"] == "true"
    assert server.request("GET", f"jobs/{job['id']}/log?offset=-7").body == log[-7:]
    assert server.request("GET", f"jobs/{job['id']}/log?offset={len(log) + 5}").body == b""
    found = server.request("GET", f"jobs/{job['id']}/log/lines?line=12345&count=2").body
    assert log[found["offset"] : found["next_offset"]] == b"".join(log.splitlines(keepends=True)[12345:12347])
    assert found["total_lines"] == log.count(b"\n")
    middle = server.request("GET", f"jobs/{job['id']}/log/lines?offset={found['offset'] + 3}&count=1").body
    assert middle["line"] == 12345
    for bad in ("limit=0", "offset=x", "limit=99999999", "attempt=0"):
        assert server.request("GET", f"jobs/{job['id']}/log?{bad}").status == 400


def test_secrets_of_the_server_are_not_the_jobs(server: LiveServer) -> None:
    job = run(server, "import os\nfor k in sorted(os.environ): print(k)\n")
    names = server.read_log(job["id"]).decode().split()
    assert not [name for name in names if "TOKEN" in name or name.startswith("JPY_")]


def test_a_datachain_script_and_its_rows(server: LiveServer) -> None:
    job = run(
        server,
        "import datachain as dc\ndc.read_values(n=[1, 2, 3]).map(square=lambda n: n * n, output=int).save('squares')\n",
        "squares.py",
    )
    assert job["state"] == "COMPLETE", server.read_log(job["id"]).decode()
    (version,) = server.request("GET", f"jobs/{job['id']}/datasets").body["items"]
    assert (version["name"], version["num_rows"], version["created_by_job"]) == ("squares", 3, True)
    detail = server.request("GET", f"datasets/{version['uuid']}").body
    assert [column["name"] for column in detail["columns"] if not column["hidden"]] == ["n", "square"]
    page = server.request("GET", f"datasets/{version['uuid']}/rows?offset=1&limit=10").body
    assert page["total"] == 3
    square = page["columns"].index("square")
    assert [row[square] for row in page["rows"]] == [4, 9]
    named = server.request("GET", "datasets?name=squares@1.0.0")
    assert named.body == detail
    assert server.request("GET", "datasets?name=nothing").body["code"] == "dataset_not_found"
    for bad in ("limit=0", "limit=1001", "offset=-1"):
        assert server.request("GET", f"datasets/{version['uuid']}/rows?{bad}").status == 400


def test_a_job_outlives_the_server(new_server: Any) -> None:
    server: LiveServer = new_server()
    server.start()
    job = server.submit(
        "import time, os\nprint('up', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('done')\n"
    )
    quick = server.submit(
        "import time, os\nprint('short', flush=True)\nwhile not os.path.exists('first'): time.sleep(0.01)\n"
    )
    wait_for_log(server, job["id"], b"up")
    wait_for_log(server, quick["id"], b"short")
    server.kill()
    (server.root_dir / "first").touch()
    wait_for_exit(server, quick["id"])
    server.start()
    assert server.wait(quick["id"])["state"] == "COMPLETE"
    assert server.job(job["id"])["state"] == "RUNNING"
    (server.root_dir / "go").touch()
    ended = server.wait(job["id"])
    assert (ended["state"], ended["attempt"]) == ("COMPLETE", 1)
    assert server.read_log(job["id"]).count(b"up\n") == 1
    assert server.read_log(job["id"]).endswith(b"done\n")


def test_supervisor_and_guard_killed(server: LiveServer) -> None:
    job = server.submit("import time, os\nprint('pid', os.getpid(), flush=True)\ntime.sleep(600)\n")
    log = wait_for_log(server, job["id"], b"\n")
    pid = int(log.split(b"pid ")[1].split()[0])
    supervisor = parent_of(pid)
    guard = parent_of(supervisor)
    for victim in (guard, supervisor):
        os.kill(victim, signal.SIGKILL)
    ended = server.wait(job["id"])
    assert (ended["state"], ended["error"]["code"]) == ("FAILED", "supervisor_lost")
    assert not alive(pid)
    log = server.read_log(job["id"])
    assert log.count(b"output may be missing here") == 1
    assert ended["log_size"] == len(log)


def alive(pid: int) -> bool:
    """A process that was killed may wait for its new parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def wait_for_log(server: LiveServer, job_id: str, wanted: bytes, timeout: float = 60.0) -> bytes:
    deadline = time.monotonic() + timeout
    while wanted not in (found := server.read_log(job_id)):
        assert time.monotonic() < deadline, found
    return found


def wait_for_exit(server: LiveServer, job_id: str, timeout: float = 60.0) -> None:
    deadline = time.monotonic() + timeout
    while not list(server.data_dir.glob(f"jobs/{job_id}/attempts/1/exit.json")):
        assert time.monotonic() < deadline


def test_the_whole_log_can_be_downloaded(server: LiveServer) -> None:
    text = "for i in range(400_000): print('line', i)\n"
    job = run(server, text, "long log.py")
    answer = server.request("GET", f"jobs/{job['id']}/log/download")
    assert answer.status == 200
    assert answer.body == b"".join(b"line %d\n" % i for i in range(400_000))
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''long%20log.py-{job['id'][:8]}.log"
    assert server.request("GET", f"jobs/{job['id']}/log/download?attempt=0").status == 400


def test_an_attempt_that_never_was(server: LiveServer) -> None:
    job = run(server, "print('once')\n")
    for door in ("log?", "log/lines?", "log/download?"):
        assert server.request("GET", f"jobs/{job['id']}/{door}attempt=1").status == 200
        answer = server.request("GET", f"jobs/{job['id']}/{door}attempt=2")
        assert (answer.status, answer.body["code"]) == (404, "attempt_not_found")
        assert answer.body["message"].endswith("has no attempt 2: it has had one.")

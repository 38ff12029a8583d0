"""The log has the job's bytes, all of them, and its index finds them."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from supervisor.harness import Attempt, python, until

from jupyter_datachain_jobs.supervisor.logfile import INDEX_STEP

Run = Callable[..., Attempt]


def check_index(job: Attempt) -> None:
    """Whatever was written: ordered, starting at 0, and each record's count of newlines is right."""
    log, records = job.log, job.index()
    if not log:
        assert records == []
        return
    assert records[0][1:] == (0, 0)
    for (time, offset, lines), (later, further, more) in itertools.pairwise(records):
        assert time <= later
        assert offset < further
        assert lines + log.count(b"\n", offset, further) == more
    assert records[-1][1] < len(log)


def test_invalid_utf8_is_kept(run: Run) -> None:
    job = run(python(r"import os; os.write(1, b'\xff\xfe ok \xc3(\n\x00\x1b[31m')"))
    job.finished()

    assert job.log == b"\xff\xfe ok \xc3(\n\x00\x1b[31m"


def test_no_output(run: Run) -> None:
    job = run(["/bin/true"])
    end = job.finished()

    assert (job.log, end["log_size"], end["log_lines"], job.index()) == (b"", 0, 0, [])


def test_both_streams_in_the_order_of_writing(run: Run) -> None:
    job = run(["/bin/sh", "-c", "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done"])
    job.finished()

    assert job.log == b"".join(b"out %d\nerr %d\n" % (i, i) for i in range(1, 6))


def test_one_long_line(run: Run) -> None:
    job = run(python("import sys; sys.stdout.write('x' * 5_000_000 + '\\n')"))
    end = job.finished()

    assert job.log == b"x" * 5_000_000 + b"\n"
    assert end["log_lines"] == 1
    check_index(job)


def test_fifty_megabytes_exactly(run: Run) -> None:
    code = """
import hashlib, os, sys
digest, block = hashlib.sha256(), b"".join(b"%07d some text\\n" % i for i in range(5000))
for i in range(667):
    data = b"%d " % i + block
    digest.update(data)
    while data: data = data[os.write(1, data):]
open(sys.argv[1], "w").write(digest.hexdigest())
"""
    job = run(python(code, "digest"))
    end = job.finished()

    log = job.log
    assert len(log) > 50_000_000
    assert hashlib.sha256(log).hexdigest() == (job.root / "digest").read_text()
    assert (end["log_size"], end["log_lines"]) == (len(log), log.count(b"\n"))
    assert end["dropped_bytes"] == 0
    check_index(job)
    # Sparse, but never further apart than one read.
    offsets = [offset for _, offset, _ in job.index()]
    assert all(b - a <= (1 << 18) + INDEX_STEP for a, b in itertools.pairwise(offsets))


def test_many_small_writes(run: Run) -> None:
    job = run(python("import os\nfor i in range(20_000): os.write(1, b'%d\\n' % i)"))
    job.finished()

    assert job.log == b"".join(b"%d\n" % i for i in range(20_000))
    check_index(job)


def test_first_line_is_there_while_the_job_runs(run: Run, tmp_path: Path) -> None:
    job = run(["/bin/sh", "-c", f"printf first; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done; echo ' last'"])
    until(lambda: job.log == b"first")
    (tmp_path / "go").touch()
    job.finished()

    assert job.log == b"first last\n"
    check_index(job)
    assert next(offset for _, offset, _ in job.index()) == 0


def test_output_of_a_job_that_ends_at_once_is_complete(run: Run) -> None:
    for _ in range(20):
        job = run(python("import os; os.write(1, b'y' * 60_000); os._exit(0)"))
        end = job.finished()
        assert (job.log, end["log_size"]) == (b"y" * 60_000, 60_000)


def test_secrets_are_masked(run: Run) -> None:
    code = """
import base64, json, os, sys, urllib.parse
secret = os.environ["PASSWORD"]
print(secret, urllib.parse.quote(secret), json.dumps({"p": secret}))
for user in ("u", "us", "use"):
    print("Basic", base64.b64encode(f"{user}:{secret}".encode()).decode())
sys.stdout.flush()
for byte in secret.encode(): os.write(1, bytes([byte]))
print(); print(secret[:-1])
"""
    secret = 'pä"ss wörd/1'
    job = run(python(code), secrets=[secret, "short"], env={**os.environ, "PASSWORD": secret})
    end = job.finished()

    text = job.log.decode()
    lines = text.splitlines()
    assert lines[0] == '*** *** {"p": "***"}'
    assert [line.startswith("Basic d") and "***" in line for line in lines[1:4]] == [True] * 3
    assert lines[4] == "***"
    # Not the secret: what was held back comes when it is certain.
    assert lines[5] == secret[:-1]
    assert end["masked"] == 7
    assert end["log_size"] == len(job.log)
    for path in job.folder.iterdir():
        assert secret.encode() not in path.read_bytes(), path
    command = Path(f"/proc/{os.getpid()}/cmdline").read_bytes()
    assert secret.encode() not in command


def test_secrets_in_command_lines_and_in_the_account_of_an_exception_are_masked(run: Run, tmp_path: Path) -> None:
    secret = "hunter2/hunter2"
    code = """
import json, os, subprocess, sys
json.dump({"message": "login failed for " + os.environ["S"]}, open("error.json", "w"))
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "-" * 20, os.environ["S"], "x" * 500])
subprocess.Popen(["sleep", "600"])
"""
    attempt_env = {**os.environ, "S": secret}
    job = run(python(code), secrets=[secret], env=attempt_env, cwd=str(tmp_path))
    # The job's own files are in its folder; the runner is told where that is.
    (job.folder / "error.json").write_text('{"message": "login failed for hunter2\\/hunter2 hunter2/hunter2"}')
    end = job.finished()

    assert any("***" in each["cmd"] for each in end["leftovers"])
    assert any("***" in line for line in job.own_lines())
    assert "failed for hunter2\\/hunter2 ***" in (job.folder / "error.json").read_text()
    for path in job.folder.iterdir():
        assert secret.encode() not in path.read_bytes(), path


# Writes 1 MB at a time; says outside of the log how far it is; ends with 3 on a byte in the gate.
CHATTY = """
import os, sys
for i in range(int(sys.argv[1])): os.write(1, (b"%07d\\n" % i) * 131072)
open(sys.argv[2], "w").close()
while not os.path.exists(sys.argv[3]): pass
os.write(1, b"after\\n")
sys.exit(3)
"""


def test_full_disk_stops_the_log_and_nothing_else(attempt: Run, small_disk: Path, tmp_path: Path) -> None:
    job = attempt(python(CHATTY, "10", str(tmp_path / "full"), str(tmp_path / "go")), sample_interval=0.01)
    job.on(small_disk).start()
    until((tmp_path / "full").exists, "the job to write all")
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "more").write_bytes(bytes(1 << 20))
    (tmp_path / "go").touch()
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("exited", 3)
    log = job.log
    assert end["log_size"] == len(log)
    first, second = job.own_lines()
    assert first == "The log cannot be written (No space left on device): output is lost until it can"
    assert second == f"{end['dropped_bytes']} bytes of output are missing here (No space left on device)"
    own = sum(len(f"\x1b[2m── {line}\x1b[0m\n".encode()) for line in (first, second))
    # A newline may have been added, so that the marker begins a line.
    assert len(log) - own + end["dropped_bytes"] - ((10 << 20) + len("after\n")) in (0, 1)
    assert job.events()[-1]["type"] == "exit"
    assert [event["seq"] for event in job.events()] == list(range(1, len(job.events()) + 1))


def test_log_goes_on_when_there_is_room_again(attempt: Run, small_disk: Path, tmp_path: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(3 << 20))
    code = """
import os, sys
os.write(1, b"x" * (2 << 20))
open(sys.argv[1], "w").close()
while not os.path.exists(sys.argv[2]): os.write(1, b".")
os.write(1, b"\\nend\\n")
"""
    job = attempt(python(code, str(tmp_path / "full"), str(tmp_path / "go")))
    job.on(small_disk).start()
    until((tmp_path / "full").exists)
    job.says("output is lost until it can")
    ballast.unlink()
    job.says("bytes of output are missing here")
    (tmp_path / "go").touch()
    end = job.finished()

    assert end["exit_code"] == 0
    assert end["dropped_bytes"] > 0
    assert job.log.endswith(b"\nend\n")
    assert len(job.own_lines()) == 2
    check_index(job)


def fill(ballast: Path) -> None:
    """Takes all that is left of a disk."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            continue


def test_a_disk_that_fills_before_the_first_output_leaves_a_word(
    attempt: Run, small_disk: Path, tmp_path: Path
) -> None:
    code = """
import os, sys, time
while not os.path.exists(sys.argv[1]): time.sleep(0.005)
os.write(1, b"all of this is lost\\n" * 50)
"""
    job = attempt(python(code, str(tmp_path / "go")))
    job.on(small_disk).start()
    until(lambda: job.event("started"), "the job to begin")
    fill(small_disk / "ballast")
    (tmp_path / "go").touch()
    end = job.finished()

    assert (end["exit_code"], end["dropped_bytes"]) == (0, 1000)
    assert job.own_lines() == [
        "The log cannot be written (No space left on device): output is lost until it can",
        "1000 bytes of output are missing here (No space left on device)",
    ]


def test_no_room_to_begin_with_is_refused_and_uses_nothing_up(attempt: Run, small_disk: Path) -> None:
    job = attempt(["/bin/true"])
    job.on(small_disk)
    ballast = small_disk / "ballast"
    try:
        ballast.write_bytes(bytes(5 << 20))
    except OSError:
        pass
    job.start()

    assert (job.claim["claimed"], job.claim["why"]) == (False, "error")
    assert "No space left" in job.claim["message"]
    ballast.unlink()
    # Nothing was used up: the same attempt can run now.
    assert job.start().claim == {"claimed": True}
    assert job.finished()["exit_code"] == 0


def test_file_size_limit_counts_as_a_full_disk(attempt: Run, tmp_path: Path) -> None:
    """Where nothing can be mounted: a limit fails writes too, but cannot be reserved against."""
    job = attempt(python(CHATTY, "3", str(tmp_path / "full"), str(tmp_path / "go")))
    (tmp_path / "go").touch()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    job.start(preexec_fn=limit)
    end = job.finished()

    assert (end["reason"], end["exit_code"]) == ("exited", 3)
    assert end["log_size"] == len(job.log) == 1 << 20
    assert end["dropped_bytes"] == (3 << 20) + 6 - (1 << 20)

"""An auditor that never complains proves nothing: each rule, broken once, is reported, and nothing else is."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support.spoil import Round

from chaos.jobs import Act
from chaos.output import CHUNK, LINE, Lost, Told, check, expected
from jupyter_datachain_jobs.supervisor.logfile import own_line

MARK = own_line("The supervisor was killed: output may be missing here, and the job is ended")


def test_a_good_round_is_good(spoiled: Round) -> None:
    assert spoiled.violations() == []
    assert spoiled.left() == []


def _lines(round_: Round, change: object) -> None:
    """Change the log's lines, and tell the files and the database of its new size: only the log itself is wrong."""
    attempt, job = round_.attempt("slow"), round_.job("slow")
    lines = (attempt / "output.log").read_bytes().splitlines(keepends=True)
    change(lines)  # type: ignore[operator]
    log = b"".join(lines)
    (attempt / "output.log").write_bytes(log)
    end = json.loads((attempt / "exit.json").read_text())
    (attempt / "exit.json").write_text(json.dumps(end | {"log_size": len(log)}))
    for table, key in (("jobs", "id"), ("attempts", "job_id")):
        round_.execute(f"UPDATE {table} SET log_size = ? WHERE {key} = ?", len(log), job.id)


def doubled_line(r: Round) -> None:
    _lines(r, lambda lines: lines.insert(5, lines[5]))


def lost_line(r: Round) -> None:
    _lines(r, lambda lines: lines.pop(5))


def lost_end(r: Round) -> None:
    _lines(r, lambda lines: lines.pop())


def swapped_lines(r: Round) -> None:
    _lines(r, lambda lines: lines.insert(7, lines.pop(3)))


def foreign_line(r: Round) -> None:
    _lines(r, lambda lines: lines.insert(3, b"hello\n"))


def cut_log(r: Round) -> None:
    os.truncate(r.attempt("slow") / "output.log", 10 * LINE)


def illegal_move(r: Round) -> None:
    r.execute("UPDATE moves SET old = 'QUEUED' WHERE job_id = ? AND new = 'RUNNING'", r.job("slow").id)


def second_end(r: Round) -> None:
    r.execute(
        "INSERT INTO moves (job_id, attempt, old, new, at) VALUES (?, 1, 'COMPLETE', 'FAILED', 1)", r.job("slow").id
    )


def end_before_start(r: Round) -> None:
    r.execute("UPDATE jobs SET finished_at = started_at - 5000000 WHERE id = ?", r.job("slow").id)


def missing_attempt(r: Round) -> None:
    r.execute("DELETE FROM attempts WHERE job_id = ? AND attempt = 1", r.job("flaky").id)


def wrong_state(r: Round) -> None:
    error = json.dumps({"code": "supervisor_lost", "message": "", "hint": ""})
    r.execute("UPDATE attempts SET error = ? WHERE job_id = ?", error, r.job("slow").id)


def unasked_cancel(r: Round) -> None:
    r.job("long").acts.clear()


def ran_twice(r: Round) -> None:
    with r.job("slow").truth.open("a") as file:
        file.write("1 begin\n")


def too_many_attempts(r: Round) -> None:
    r.job("flaky").settings["retries"] = {"count": 0}


def gave_up(r: Round) -> None:
    r.job("failing").settings["retries"] = {"count": 4}


def missing_exit_file(r: Round) -> None:
    (r.attempt("slow") / "exit.json").unlink()


def other_exit_file(r: Round) -> None:
    path = r.attempt("slow") / "exit.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"exit_code": 9}))


def missing_run_file(r: Round) -> None:
    (r.attempt("slow") / "run.json").unlink()


def temporary_file(r: Round) -> None:
    (r.attempt("slow") / "exit.json.new").touch()


def unknown_file(r: Round) -> None:
    (r.attempt("slow") / "core").touch()


def missing_folder(r: Round) -> None:
    r.evidence.folder(r.job("failing")).rename(r.evidence.data_dir / "away")


def gap_in_events(r: Round) -> None:
    path = r.attempt("slow") / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:1] + lines[2:]))


def half_event(r: Round) -> None:
    path = r.attempt("slow") / "events.jsonl"
    os.truncate(path, path.stat().st_size - 5)


def supervisor_error(r: Round) -> None:
    (r.attempt("slow") / "supervisor.err").write_text("Traceback")


def half_dataset(r: Round) -> None:
    r.execute_in_datachain("UPDATE datasets_versions SET status = 2 WHERE job_id = ?", r.job("dataset").id)


def lost_rows(r: Round) -> None:
    r.execute_in_datachain(f'DELETE FROM "ds_local_local_{r.job("dataset").dataset}_1_0_0" WHERE sys__id = 1')


def rows_of_no_version(r: Round) -> None:
    r.execute_in_datachain(f'CREATE TABLE "ds_local_local_{r.job("dataset").dataset}_1_0_1" (a)')


def open_datachain_job(r: Round) -> None:
    r.execute_in_datachain("UPDATE jobs SET status = 4 WHERE id = ?", r.job("slow").id)


def lost_job(r: Round) -> None:
    r.execute("DELETE FROM jobs WHERE id = ?", r.job("slow").id)


def occupied_slot(r: Round) -> None:
    r.execute("UPDATE jobs SET state = 'RUNNING' WHERE id = ?", r.job("slow").id)


def doubled_job(r: Round) -> None:
    r.execute("UPDATE jobs SET name = ? WHERE id = ?", r.job("slow").name, r.job("failing").id)


def wrong_browser(r: Round) -> None:
    r.job("slow").log[1] = b"what it never wrote"


SPOILS = {
    doubled_line: "log", lost_line: "log", lost_end: "log", swapped_lines: "log", foreign_line: "log", cut_log: "log",
    illegal_move: "illegal_move", second_end: "not_one_end", end_before_start: "time", missing_attempt: "attempts",
    wrong_state: "wrong_end", unasked_cancel: "wrong_end", ran_twice: "ran_twice", too_many_attempts: "retries",
    gave_up: "retries", missing_exit_file: "exit_file", other_exit_file: "exit_file", missing_run_file: "exactly_once",
    temporary_file: "temporary_file", unknown_file: "temporary_file", missing_folder: "folder",
    gap_in_events: "events", half_event: "events", supervisor_error: "supervisor_error", half_dataset: "dataset",
    lost_rows: "dataset", rows_of_no_version: "dataset", open_datachain_job: "dataset", lost_job: "lost_job",
    occupied_slot: "slot", doubled_job: "doubled_job", wrong_browser: "browser",
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "kind"), SPOILS.items(), ids=[spoil.__name__ for spoil in SPOILS])
def test_each_broken_rule_is_reported(spoiled: Round, spoil: object, kind: str) -> None:
    spoil(spoiled)  # type: ignore[operator]
    found = spoiled.violations()
    assert kind in {violation.kind for violation in found}, found


# What is left


def test_a_left_process_is_reported(spoiled: Round) -> None:
    marker = {"DATACHAIN_JOBS_ATTEMPT": f"{spoiled.job('slow').id}.1"}
    with subprocess.Popen([sys.executable, "-c", "input()"], env=os.environ | marker, stdin=subprocess.PIPE) as left:
        assert [violation.kind for violation in spoiled.left()] == ["process"]
        left.kill()
    assert spoiled.left() == []


def test_a_left_socket_lock_and_folder_are_reported(spoiled: Round) -> None:
    spoiled.violations()
    with tempfile.TemporaryDirectory(prefix="dcj-") as short, socket.socket(socket.AF_UNIX) as door:
        spoiled.evidence.sockets = Path(short)
        folder = Path(short) / "datachain-jobs-0-abc"
        folder.mkdir()
        door.bind(str(folder / "0123.1"))
        door.listen()
        (found,) = spoiled.left()
        assert (found.kind, "is listened to" in found.what) == ("socket", True)
    data = spoiled.evidence.data_dir
    (data / "locks" / "9d3f3ae5-7d58-4d30-a12f-6d5aa47b4b6e.1.lock").touch()
    (data / "jobs" / ".9d3f3ae5.tmp").mkdir()
    (data / "dispatchers" / "dead.lock").touch()
    assert sorted(violation.kind for violation in spoiled.left()) == ["lock", "lock", "temporary_file"]


# What a log may lose


def gap(lines: int, mark: bytes = MARK) -> bytes:
    """A log of 3,000 lines from which some are missing after the hundredth."""
    script = expected(3000 + lines)
    return script[: 100 * LINE - 30] + (b"\n" + mark if mark else b"") + script[(100 + lines) * LINE :]


def test_a_killed_supervisor_may_lose_a_chunk_with_a_mark() -> None:
    check(gap(50), Told(least=3050, exact=True, killed=True))
    check(expected(100)[:-40] + b"\n" + MARK, Told(least=2000, exact=False, killed=True))
    for log, least in (
        (gap(CHUNK // LINE + 1), 3000),
        (gap(50, mark=b""), 3050),
        (expected(100) + MARK, 100 + CHUNK // LINE + 1),
    ):
        with pytest.raises(Lost):
            check(log, Told(least=least, exact=False, killed=True))


def test_who_was_not_killed_loses_nothing() -> None:
    check(expected(100), Told(least=100, exact=True))
    for log in (gap(50), expected(99), expected(101)):
        with pytest.raises(Lost):
            check(log, Told(least=len(log) // LINE if log == gap(50) else 100, exact=True))


def test_a_full_disk_loses_what_it_says() -> None:
    lost = 50 * LINE + 30
    mark = own_line(f"{lost} bytes of output are missing here (No space left on device)")
    check(gap(50, mark), Told(least=3050, exact=True, dropped=lost))
    mark = own_line("1000 bytes of output are missing here (No space left on device)")
    check(expected(90) + mark, Told(least=100, exact=True, dropped=1000))
    check(
        gap(50, own_line(f"{lost} bytes of output are missing here (full)")) + mark,
        Told(3060, True, dropped=lost + 1000),
    )
    for told in (Told(least=101, exact=True, dropped=1000), Told(least=100, exact=True, dropped=900)):
        with pytest.raises(Lost):
            check(expected(90) + mark, told)
    wrong = own_line("7 bytes of output are missing here (No space left on device)")
    with pytest.raises(Lost):
        check(gap(50, wrong), Told(least=3050, exact=True, dropped=7))


def test_lines_of_the_supervisor_stand_between_the_bytes() -> None:
    script = expected(20)
    check(script[:555] + b"\n" + own_line("SIGINT sent") + script[555:], Told(least=20, exact=True))
    check(script[:500] + own_line("a") + own_line("b") + script[500:], Told(least=20, exact=True))


def test_among_noise_each_line_still_stands_once_and_in_order() -> None:
    script = expected(20)
    noisy = script[:500] + b"Traceback\n" + script[500:] + b"KeyboardInterrupt\n"
    check(noisy, Told(least=20, exact=True, noise=True))
    for log in (script[:500] + script[400:], script[:500] + script[800:]):
        with pytest.raises(Lost):
            check(log, Told(least=20, exact=True, noise=True))


def test_acts_excuse_only_what_follows_from_them(spoiled: Round) -> None:
    def blamed() -> bool:
        return any("left alone it ends with" in violation.what for violation in spoiled.violations())

    wrong_state(spoiled)
    spoiled.job("slow").acts.append(Act("kill_main", 1))
    assert blamed()
    spoiled.job("slow").acts.append(Act("kill_supervisor", 2))
    assert blamed(), "that was another attempt"
    spoiled.job("slow").acts.append(Act("kill_supervisor", 1))
    assert not blamed()

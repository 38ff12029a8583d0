"""The folder of a job: its log, its events, its end, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chaos.jobs import Job, Truth, truth
from chaos.output import LINE, Lost, Told, check

from .evidence import Evidence, code, read_json

#: What an attempt may leave. Everything else is a temporary file that somebody forgot.
KNOWN = frozenset(
    {"run.json", "exit.json", "output.log", "output.idx", "events.jsonl", "error.json", "cancel.json", "supervisor.err"}
)  # fmt: skip
TEMPORARY = re.compile(r"\.tmp$|\.new$|\.gone$|\.json\.\d+\.")


def files(evidence: Evidence, job: Job) -> Iterator[tuple[str, str]]:
    folder = evidence.folder(job)
    if job.done("delete_folder"):
        return
    if not folder.is_dir():
        yield "folder", "is missing"
        return
    for path in folder.rglob("*"):
        if path.is_file() and TEMPORARY.search(path.name):
            yield "temporary_file", f"{path.relative_to(folder)} is left"
    numbers = sorted(int(path.name) for path in (folder / "attempts").iterdir())
    rows = evidence.attempts.get(job.id, {})
    if not set(numbers) <= set(rows):
        yield "attempts", f"there are folders of attempts {numbers}, and rows of {sorted(rows)}"
    told = truth(job.truth)
    for number in numbers:
        if number in rows:
            for kind, what in _attempt(evidence, job, number, rows[number], told.get(number, Truth())):
                yield kind, f"attempt {number}: {what}"


def _attempt(evidence: Evidence, job: Job, number: int, row: dict[str, Any], said: Truth) -> Iterator[tuple[str, str]]:
    folder = evidence.attempt(job, number)
    for path in folder.iterdir():
        if path.name not in KNOWN and not TEMPORARY.search(path.name):
            yield "temporary_file", f"{path.name} is left"
    errors = folder / "supervisor.err"
    disk = job.done("fill_disk")
    if errors.exists() and errors.stat().st_size and not disk:
        yield "supervisor_error", errors.read_text(errors="replace")[-1500:]
    run = read_json(folder / "run.json")
    if run is None:
        # It never began. Only what a tombstone could not say for want of room may be missing.
        if said.begins:
            yield "exactly_once", "it ran without a run.json"
        elif not disk:
            yield "exactly_once", f"it ended with {row['reason']} and has no run.json: a late supervisor could begin it"
        return
    if run.get("tombstone"):
        if said.begins:
            yield "exactly_once", "it has a tombstone, and it ran"
        return
    end = read_json(folder / "exit.json")
    if end is None:
        yield "exit_file", "exit.json is missing"
        return
    yield from _ended(folder, job, number, row, end, said)


def _ended(
    folder: Path, job: Job, number: int, row: dict[str, Any], end: dict[str, Any], said: Truth
) -> Iterator[tuple[str, str]]:
    yield from _end(job, row, end)
    log = (folder / "output.log").read_bytes() if (folder / "output.log").exists() else b""
    yield from _log(job, number, row, end, log, said)
    yield from _events(folder, job, number, end)
    if number in job.log and job.log[number] != log:
        yield "browser", f"a browser has {len(job.log[number])} bytes that are not the {len(log)} of the log"


def _end(job: Job, row: dict[str, Any], end: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, mine in (
        ("reason", "reason"), ("exit_code", "exit_code"), ("log_size", "log_size"),
        ("started_at", "started_at"), ("ended_at", "ended_at"),
    ):  # fmt: skip
        if row[name] != end[mine]:
            yield "exit_file", f"{name} is {row[name]} in the database and {end[mine]} in exit.json"


def _log(
    job: Job, number: int, row: dict[str, Any], end: dict[str, Any], log: bytes, said: Truth
) -> Iterator[tuple[str, str]]:
    if end["log_size"] != len(log):
        yield "log", f"exit.json says {end['log_size']} bytes, and it has {len(log)}"
    lost = code(row) == "supervisor_lost"
    interrupted = end.get("cancel") is not None or job.done("kill_child", number)
    told = Told(
        # The pipe takes a line before the script can tell so.
        least=said.wrote,
        exact=said.end is not None,
        killed=lost,
        noise=job.noise or interrupted or lost and b"SIGINT sent" in log,
        dropped=int(end.get("dropped_bytes") or 0),
    )
    if told.dropped and not job.done("fill_disk"):
        yield "log", f"{told.dropped} bytes were dropped, and the disk was never full"
    try:
        check(log, told)
    except Lost as error:
        yield "log", str(error)
    if said.wrote and not log and not lost:
        yield "log", f"is empty; the script wrote {said.wrote * LINE} bytes"


def _events(folder: Path, job: Job, number: int, end: dict[str, Any]) -> Iterator[tuple[str, str]]:
    path = folder / "events.jsonl"
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    # The last write of a supervisor that was killed, and of a guard that was killed too, may be cut short.
    if lines.pop() and not job.done("kill_supervisor", number):
        yield "events", "ends with half a line"
    seqs, kinds = [], []
    for line in lines:
        try:
            event = json.loads(line)
            seqs.append(event["seq"])
            kinds.append(event["type"])
        except ValueError:
            if line and not job.done("kill_supervisor", number) and not job.done("fill_disk"):
                yield "events", f"{line[:80]!r} is no event"
    if seqs != list(range(1, len(seqs) + 1)) and not job.done("fill_disk"):
        yield "events", f"the numbers are {seqs}"
    if kinds.count("exit") > 1:
        yield "events", f"{kinds.count('exit')} ends"
    both = job.done("kill_guard", number) and job.done("kill_supervisor", number)
    if "exit" not in kinds and not both and not job.done("fill_disk") and not _early(job, number):
        yield "events", f"no end, and exit.json says {end['reason']}"


def _early(job: Job, number: int) -> bool:
    """Killed as one process, before guard and supervisor were two: then nobody was left to write."""
    return job.done("kill_supervisor", number) or job.done("kill_starting", number)

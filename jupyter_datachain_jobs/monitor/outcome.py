"""What an ended attempt means: its final state, exit code and error."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jupyter_datachain_jobs.domain import Job, JobError, State, UserFrame
from jupyter_datachain_jobs.supervisor.exitfile import document
from jupyter_datachain_jobs.supervisor.segments import log_size

from .liveness import began, read_json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Tracebacks longer than this are cut in the middle: a recursion error has a thousand frames.
MAX_TRACEBACK = 64 * 1024


@dataclass(frozen=True)
class Outcome:
    state: State
    exit_code: int | None
    error: JobError | None
    started_at: datetime | None
    finished_at: datetime
    log_size: int | None
    reason: str
    report: dict[str, Any] | None = None


def judge(job: Job, exit_record: dict[str, Any], attempt: Path, root: Path | None) -> Outcome:
    """Read exit.json and, for a failure, what the script runner left in error.json.

    root: the server's root; a user frame inside it is named as the file browser names it.
    """
    reason = str(exit_record.get("reason", "exited"))
    exit_code = exit_record.get("exit_code")
    if reason == "canceled" or reason == "never_started":
        state, error = State.CANCELED, None
    elif reason == "exited" and exit_code == 0:
        state, error = State.COMPLETE, None
    else:
        state, error = State.FAILED, _error(reason, exit_code, exit_record, read_json(attempt / "error.json"), root)
    return Outcome(
        state,
        exit_code,
        error,
        from_micros(exit_record.get("started_at")),
        from_micros(exit_record.get("ended_at")) or datetime.now(UTC),
        exit_record.get("log_size"),
        reason,
        {key: exit_record[key] for key in ("cancel", "leftovers", "peak_rss", "masked") if exit_record.get(key)},
    )


def lost(job: Job, attempt: Path, *, rebooted: bool, survivors: list[int]) -> dict[str, Any]:
    """The exit.json of an attempt whose end nobody recorded: supervisor and guard were both killed.

    survivors: pids that were left of it and could not be ended.
    """
    record = document(job.id, job.attempt)
    record["reason"] = "machine_restarted" if rebooted else "supervisor_lost"
    record["started_at"] = began(attempt)
    record["ended_at"] = int(datetime.now(UTC).timestamp() * 1_000_000)
    record["log_size"] = log_size(str(attempt))
    if survivors:
        record["message"] = f"The job's supervisor was killed, and these processes could not be ended: {survivors}."
    return record


def never_started(error: Any) -> Outcome:
    """The attempt has a tombstone: it was stopped before it began, or could not begin for the reason in `error`."""
    found = JobError(str(error["code"]), str(error["message"]), str(error["hint"])) if error else None
    state = State.FAILED if found else State.CANCELED
    return Outcome(state, None, found, None, datetime.now(UTC), 0, found.code if found else "never_started")


def folder_gone() -> Outcome:
    return Outcome(
        State.FAILED,
        None,
        JobError(
            "job_folder_deleted",
            "The job's folder was deleted while it ran, and its log with it.",
            "Run it again, and leave the data folder of jupyter-datachain-jobs to the server.",
        ),
        None,
        datetime.now(UTC),
        None,
        "job_folder_deleted",
    )


def _error(
    reason: str, exit_code: int | None, record: dict[str, Any], script: dict[str, Any] | None, root: Path | None
) -> JobError:
    if reason in _REASONS:
        code, what, hint = _REASONS[reason]
        return JobError(code, str(record.get("message") or what), hint)
    if script and script.get("exception"):
        return _script_error(script, root)
    if exit_code == -signal.SIGKILL and record.get("oom_kills"):
        peak = int(record.get("peak_rss") or 0) / 2**30
        return JobError(
            "out_of_memory",
            f"The script was killed because memory ran out; it and what it started had used up to {peak:.1f} GiB.",
            "Use smaller batches or fewer workers, read less at once, or give the machine more memory.",
        )
    if exit_code is not None and exit_code < 0:
        name = _signal_name(-exit_code)
        hint = (
            "Most often this is the system running out of memory. Use smaller batches or fewer workers."
            if name == "SIGKILL"
            else "Something outside the script sent it, or native code crashed. The end of the log may tell."
        )
        return JobError("killed_by_signal", f"The script was killed by {name}.", hint)
    return JobError(
        "exit_code",
        f"The script ended with exit code {exit_code}.",
        "The end of the log tells why; the script, or something it called, chose this code.",
    )


_REASONS = {
    "supervisor_lost": (
        "supervisor_lost",
        "The job's supervisor was killed, and the job was ended with it.",
        "Run it again. The log holds what it wrote until then.",
    ),
    "machine_restarted": (
        "machine_restarted",
        "The machine was restarted while the job ran.",
        "Run it again. The log holds what it wrote until then.",
    ),
    "host_stopped": (
        "host_stopped",
        "The job was stopped from outside: the machine or its container was shutting down.",
        "Run it again.",
    ),
    "timeout": (
        "timeout",
        "The script ran longer than its timeout allows, and was stopped.",
        "Set a longer timeout, or let it do less at once. The end of the log tells how far it came.",
    ),
    "start_failed": (
        "start_failed",
        "The job's process could not be started.",
        "Check that its Python and its folder still exist, then run it again.",
    ),
    "job_folder_deleted": (
        "job_folder_deleted",
        "The job's folder was deleted while it ran.",
        "Run it again, and leave the data folder of jupyter-datachain-jobs to the server.",
    ),
}


def _script_error(script: dict[str, Any], root: Path | None) -> JobError:
    exception = str(script["exception"])
    message = str(script.get("message") or "").strip()
    name = exception.rsplit(".", 1)[-1]
    return JobError(
        "script_error",
        f"{name}: {message}" if message else name,
        _hint(name, message, traced=bool(script.get("traceback"))),
        exception,
        _cut(str(script.get("traceback") or "")),
        _frame(script.get("frame"), root),
    )


def _hint(exception: str, message: str, *, traced: bool) -> str:
    if not traced:
        return "The script chose to end with this message; the end of the log may tell more."
    match exception:
        case "ModuleNotFoundError" | "ImportError":
            return "Install it where the Jupyter server's Python finds it, or correct the name, then run again."
        case "FileNotFoundError" | "NotADirectoryError" | "IsADirectoryError":
            return "Check the path. Relative ones start in the script's own folder."
        case "PermissionError":
            return "Check who may read or write it: the script runs as the user of the Jupyter server."
        case "MemoryError":
            return "Use smaller batches or fewer workers, or read less at once."
        case "EOFError" if "reading a line" in message:
            return "A job has no keyboard: replace input() with a parameter or a file."
        case "KeyboardInterrupt":
            return "Something outside the script interrupted it. Run it again."
    return "Correct the marked line, then run it again."


def _frame(frame: dict[str, Any] | None, root: Path | None) -> UserFrame | None:
    if not frame:
        return None
    context = tuple((int(item["line"]), str(item["text"])) for item in frame.get("context") or ())
    return UserFrame(
        _shown(str(frame["path"]), root), int(frame["line"]), str(frame["function"]), str(frame["text"]), context
    )


def _shown(path: str, root: Path | None) -> str:
    if root is not None:
        try:
            return Path(path).relative_to(root.resolve()).as_posix()
        except ValueError:
            pass
    return path


def _cut(text: str) -> str:
    if len(text) <= MAX_TRACEBACK:
        return text
    half = MAX_TRACEBACK // 2
    return f"{text[:half]}\n  … {len(text) - 2 * half} characters left out …\n{text[-half:]}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def from_micros(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)

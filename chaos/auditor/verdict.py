"""The right end: derived from what the script itself says and from what was done to it."""

from __future__ import annotations

from collections.abc import Iterator

from chaos.jobs import FOREVER, Job, Truth, truth
from jupyter_datachain_jobs.domain import Retryable

from .evidence import Evidence, code

#: What may follow from an act in the attempt that it struck: error codes.
FOLLOWS: dict[str, frozenset[str]] = {
    "kill_supervisor": frozenset({"supervisor_lost"}),
    "kill_starting": frozenset({"start_failed", "supervisor_lost"}),
    "kill_main": frozenset({"killed_by_signal"}),
    "terminate_guard": frozenset({"host_stopped"}),
    "delete_folder": frozenset({"job_folder_deleted"}),
    # What the script says about its exception has no room; nor has what a start must write.
    "fill_disk": frozenset({"exit_code", "start_failed", "data_dir_unwritable"}),
}


def verdict(evidence: Evidence, job: Job) -> Iterator[tuple[str, str]]:
    row, attempts = evidence.rows[job.id], evidence.attempts.get(job.id, {})
    told = truth(job.truth)
    for number, said in told.items():
        if said.begins > 1:
            yield "ran_twice", f"attempt {number} began {said.begins} times"
        if number not in attempts:
            yield "ran_twice", f"attempt {number} ran, and the database does not know it"
    for number, attempt in attempts.items():
        last = number == row["attempt"] and row["state"] != "QUEUED"
        canceled = last and row["state"] == "CANCELED" and code(attempt) is None and attempt["exit_code"] != 0
        if canceled or (last and row["state"] == "CANCELED" and attempt["reason"] == "canceled"):
            continue
        wrong = _wrong(job, number, code(attempt), told.get(number, Truth()))
        if wrong:
            yield "wrong_end", f"attempt {number} of {sorted(attempts)} ended with {code(attempt)}: {wrong}"
    yield from _state(evidence, job)


def _wrong(job: Job, number: int, found: str | None, said: Truth) -> str:
    """Why this is not how the attempt can have ended; empty when it is."""
    if any(act.attempt in (0, number) and found in FOLLOWS.get(act.what, ()) for act in job.acts):
        return ""
    if job.dataset and job.done("kill_child", number) and found in ("script_error", "exit_code", "killed_by_signal"):
        return ""
    own = job.own_end(number)
    if found != own:
        struck = [act.what for act in job.acts if act.attempt in (0, number)]
        return f"left alone it ends with {own}, and what was done to it was {struck}"
    if own == FOREVER:
        return "it does not end by itself"
    if own == "timeout":
        return ""
    code_of = {None: 0, "script_error": 1}.get(own)
    if said.end is None or (code_of is not None and said.end != code_of):
        return f"the script says that it came to {said.end}"
    return ""


def _state(evidence: Evidence, job: Job) -> Iterator[tuple[str, str]]:
    row, attempts = evidence.rows[job.id], evidence.attempts.get(job.id, {})
    state, last = row["state"], attempts.get(row["attempt"])
    found = code(last) if last else None
    if state == "CANCELED" and not job.done("cancel"):
        yield "wrong_end", "CANCELED, and nobody asked for it"
    if state == "COMPLETE" and (last is None or found is not None or row["exit_code"] != 0):
        yield "wrong_end", f"COMPLETE with exit code {row['exit_code']} and error {found}"
    if state == "FAILED" and found is None:
        yield "wrong_end", "FAILED without an error"
    if row["attempt"] > 1 + job.retries:
        yield "retries", f"{row['attempt']} attempts, and {1 + job.retries} were allowed"
    for number, attempt in attempts.items():
        if number < row["attempt"] and code(attempt) not in set(Retryable):
            yield "retries", f"attempt {number} ended with {code(attempt)}, and was tried again"
    if state == "FAILED" and row["attempt"] < 1 + job.retries and found in set(Retryable) and not job.done("cancel"):
        yield "retries", f"gave up with {found} after {row['attempt']} of {1 + job.retries} attempts"

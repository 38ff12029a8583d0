"""The queue on a terminal: who waits and why, priorities, attempts, and what a stop did."""

from __future__ import annotations

import argparse
import contextlib
from datetime import UTC, datetime
from typing import Any

from jupyter_datachain_jobs.domain import JobsError

from .backend import Backend, JobBody
from .exits import Exit
from .output import Printer, clean, clock, moment, one_line, table

SHORT_ID = 8


async def queue(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    found = await backend.ask("GET", "queue")
    if args.json:
        printer.json(found["items"])
        return Exit.DONE
    if not found["items"]:
        printer.say("No job waits.")
        return Exit.DONE
    rows = (
        (str(wait["position"]), wait["job_id"][:SHORT_ID], span(wait["estimate"]), one_line(wait["message"], 120))
        for wait in found["items"]
    )
    for line in table(("#", "ID", "STARTS IN", "WHY"), rows, right=(0,)):
        printer.line(line)
    return Exit.DONE


async def priority(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    from .commands import find

    job = await find(backend, args.id)
    job = await backend.ask("POST", "jobs/{job}/priority", {"job": job["id"]}, body={"priority": args.priority})
    if args.json:
        printer.json(job)
        return Exit.DONE
    printer.line(f"{job['id']} has priority {job['settings']['priority']}")
    for name, value in await waiting_facts(job, backend):
        printer.line(f"{name}: {value}")
    return Exit.DONE


async def waiting_facts(job: JobBody, backend: Backend) -> list[tuple[str, str]]:
    """Where a queued job stands; nothing when it starts at this moment."""
    with contextlib.suppress(JobsError):
        wait = await backend.ask("GET", "jobs/{job}/wait", {"job": job["id"]})
        facts = [("place", f"{wait['position']} in the queue"), ("waits", clean(wait["message"]))]
        if wait["estimate"] is not None:
            facts.append(("starts in", f"{span(wait['estimate'])}, to judge by past runs"))
        return facts
    return []


async def attempt_facts(job: JobBody, backend: Backend) -> list[tuple[str, str]]:
    """What each attempt came to where there were several, and what a stop did."""
    if not job["attempt"]:
        return []
    with contextlib.suppress(JobsError):
        attempts = (await backend.ask("GET", "jobs/{job}/attempts", {"job": job["id"]}))["items"]
        several = [("attempt", _attempt(attempt)) for attempt in attempts] if len(attempts) > 1 else []
        return several + [("stopped", line) for attempt in attempts for line in _stopped(attempt["cancel"])]
    return []


def _attempt(attempt: dict[str, Any]) -> str:
    began = moment(attempt["started_at"] or attempt["claimed_at"])
    if attempt["finished_at"] is None:
        return f"{attempt['attempt']}  {began}  under way"
    error = attempt["error"]
    return f"{attempt['attempt']}  {began}  " + (
        f"{error['code']}: {clean(error['message'])}" if error else "ended well"
    )


def _stopped(report: dict[str, Any] | None) -> list[str]:
    if report is None:
        return []
    lines = [
        f"{each['signal']} at {clock(datetime.fromtimestamp(each['at'] / 1e6, UTC))} to {_pids(each['pids'])}"
        for each in report["signals"]
    ]
    for word, key in (("ended by itself", "ended"), ("killed", "killed"), ("could not be ended", "survivors")):
        if report[key]:
            lines.append(f"{word}: {_pids(report[key])}")
    return lines


def _pids(pids: list[int], most: int = 8) -> str:
    return "pid " + ", ".join(map(str, pids[:most])) + (f" and {len(pids) - most} more" if len(pids) > most else "")


def retries_text(retries: dict[str, Any]) -> str:
    after = f", after {', '.join(retries['on'])}" if retries["on"] else ""
    return f"{retries['count']} at most, the first after {retries['backoff']:g} s{after}"


def span(seconds: float | None) -> str:
    """About how long, for a person."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

"""What takes room and what makes some: ``rm``, ``disk``, ``disk --prune``; and what the server wants known of itself."""

from __future__ import annotations

import argparse
import contextlib
from typing import Any

from jupyter_datachain_jobs.domain import JobsError

from .backend import Backend
from .exits import REFUSED, Exit
from .output import Printer, clean, moment, one_line, size, table

SHORT_ID = 8
_REASONS = {"age": "too old", "count": "too many jobs", "bytes": "too many bytes"}


async def tell_notices(backend: Backend, printer: Printer) -> None:
    """On standard error; a command does not fail over it."""
    with contextlib.suppress(JobsError):
        for notice in (await backend.ask("GET", "status")).get("notices", ()):
            printer.say(f"note: {clean(notice['message'])} {clean(notice['hint'])}")


async def remove(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    from .commands import find

    job = await find(backend, args.id)
    query = {"datasets": "true"} if args.datasets else None
    gone = await backend.ask("DELETE", "jobs/{job}", {"job": job["id"]}, query=query)
    kept = gone["kept_datasets"]
    if args.json:
        printer.json(gone)
    else:
        for line in _removed(gone, args.datasets):
            printer.line(line)
        for dataset in kept:
            printer.say(f"not removed: {_named(dataset)}: {clean(dataset['why'])}")
    return REFUSED if kept else Exit.DONE


def _removed(gone: dict[str, Any], datasets: bool) -> list[str]:
    removed = gone["removed"]
    parts = f"{size(removed['log_bytes'])} of log, {size(removed['snapshot_bytes'])} of script and settings"
    lines = [f"{gone['id']} deleted: {removed['files']} files, {size(removed['bytes'])} on the disk ({parts})"]
    if not datasets:
        return [*lines, "its datasets stay"]
    lines += [f"dataset removed: {_named(dataset)}" for dataset in removed["datasets"]]
    return lines if removed["datasets"] or gone["kept_datasets"] else [*lines, "it had made no datasets"]


def _named(dataset: dict[str, Any]) -> str:
    return clean(f"{dataset['full_name']}@{dataset['version']}")


async def disk(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    if args.prune:
        return await _prune(args, backend, printer)
    found = await backend.ask("GET", "disk", query={"top": args.top})
    if args.json:
        printer.json(found)
        return Exit.DONE
    for line in _report(found):
        printer.line(line)
    return Exit.DONE


def _report(found: dict[str, Any]) -> list[str]:
    folders = "" if found["folders"] == found["recorded"] else f", {found['folders']:,} folders"
    rows = [
        (f"jobs ({found['recorded']:,}{folders})", found["jobs"]),
        ("  logs", found["logs"]),
        ("  scripts and settings", found["snapshots"]),
        ("  events and the rest", found["job_rest"]),
        ("database", found["database"]),
        ("caches", found["caches"]),
        *([("environments", found["environments"])] if found["environments"] is not None else []),
        ("other", found["rest"]),
        ("total", found["total"]),
        ("free on its disk", found["free"]),
    ]
    lines = [clean(found["data_dir"]), ""]
    # The first line of a table is its head: here there is none.
    lines += table(("", ""), ((name, size(count)) for name, count in rows), right=(1,))[1:]
    if not found["complete"]:
        lines += ["", "This took too long to measure all of it: the sums are too small."]
    if found["biggest"]:
        lines += ["", "The biggest jobs:"]
        lines += table(
            ("ID", "STATE", "SIZE", "LOG", "NAME"),
            (
                (
                    job["id"][:SHORT_ID],
                    job["state"] or "-",
                    size(job["bytes"]),
                    size(job["log_bytes"]),
                    "(not recorded)" if job["name"] is None else one_line(job["name"], 60),
                )
                for job in found["biggest"]
            ),
            right=(2, 3),
        )
    return [*lines, "", *_retention(found["retention"])]


def _retention(rules: dict[str, Any]) -> list[str]:
    limits = [
        *([f"{rules['keep_days']:g} days"] if rules["keep_days"] else []),
        *([f"{rules['keep_jobs']:,} jobs"] if rules["keep_jobs"] else []),
        *([size(rules["keep_bytes"])] if rules["keep_bytes"] else []),
    ]
    if not limits:
        return ["Jobs are kept until they are deleted (JobsApp.keep_days, keep_jobs and keep_bytes set limits)."]
    lines = [f"Kept: {', '.join(limits)}."]
    leaving = rules["leaving"]
    if not leaving["count"]:
        return [*lines, "Nothing is over these limits now."]
    return [*lines, f"Over these limits now, and removed next: {leaving['count']:,} jobs.", *_leaving(leaving)]


def _leaving(leaving: dict[str, Any]) -> list[str]:
    lines = table(
        ("ID", "ENDED", "WHY", "NAME"),
        (
            (
                job["id"][:SHORT_ID],
                moment(job["finished_at"]),
                _REASONS.get(job["reason"], job["reason"]),
                one_line(job["name"], 60),
            )
            for job in leaving["items"]
        ),
    )
    more = leaving["count"] - len(leaving["items"])
    return [*lines, *([f"... and {more:,} more"] if more > 0 else [])]


async def _prune(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    """Ask until nothing is left: the server answers after a while, since a large number takes longer than a request."""
    removed: dict[str, Any] = {"count": 0, "bytes": 0, "items": []}
    while True:
        answer = await backend.ask("POST", "disk/prune", body={"dry_run": args.dry_run})
        now = answer["removed"]
        removed["count"] += now["count"]
        removed["bytes"] += now["bytes"]
        removed["items"] += now["items"]
        if not answer["left"]:
            break
        printer.say(f"{removed['count']:,} jobs removed, {answer['left']:,} to go")
    if args.json:
        printer.json({"dry_run": args.dry_run, "removed": removed})
        return Exit.DONE
    if not removed["count"]:
        printer.say("Nothing is over the limits.")
        return Exit.DONE
    for line in _leaving(removed):
        printer.line(line)
    printer.say(f"{removed['count']:,} jobs {'would be' if args.dry_run else 'were'} removed; their datasets stay.")
    return Exit.DONE

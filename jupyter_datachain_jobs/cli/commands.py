"""The commands that ask once and print the answer."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from typing import Any

from jupyter_datachain_jobs.domain import InvalidRequest, JobNotFound, JobsError

from .backend import Backend, Changed, JobBody, LogBytes, LogGap
from .exits import Exit
from .output import Printer, clean, coloured, duration, frame_lines, moment, one_line, size, table
from .queue_commands import attempt_facts, retries_text, waiting_facts
from .tell import JsonTeller, PlainTeller, Teller

#: The largest pages that the API gives.
JOBS_PAGE = 500
ROWS_PAGE = 1000

SHORT_ID = 8


async def listing(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    jobs = await _jobs(backend, args.limit, state=args.state, q=args.q)
    if args.json:
        printer.json(jobs)
        return Exit.DONE
    if not jobs:
        printer.say("No jobs." if not (args.state or args.q) else "No such jobs.")
        return Exit.DONE
    head = ("ID", "STATE", "CREATED", "DURATION", "OWNER", "NAME")
    lines = table(
        head,
        (
            (
                job["id"][:SHORT_ID],
                job["state"],
                moment(job["created_at"]),
                duration(job),
                one_line(job["owner"], 16),
                one_line(job["name"], 60),
            )
            for job in jobs
        ),
    )
    printer.line(lines[0])
    for job, line in zip(jobs, lines[1:], strict=True):
        state = job["state"]
        printer.line(line.replace(state, coloured(state, sys.stdout, padded=False), 1))
    return Exit.DONE


async def show(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    job = await find(backend, args.id)
    if args.json:
        printer.json(job)
        return Exit.DONE
    for name, value in await _facts(job, backend):
        printer.line(f"{name:<11}{value}".rstrip())
    if error := job["error"]:
        printer.line()
        printer.line(f"{error['code']}: {clean(error['message'])}")
        printer.line(clean(error["hint"]))
        for line in frame_lines(error):
            printer.line(line)
        if error["traceback"]:
            printer.line()
            printer.line(clean(error["traceback"]).rstrip("\n"))
    return Exit.DONE


async def _facts(job: JobBody, backend: Backend) -> list[tuple[str, str]]:
    settings = job["settings"]
    facts = [
        ("id", job["id"]),
        ("name", clean(job["name"])),
        ("state", job["state"]),
        ("script", clean(job["script"]["path"])),
        ("owner", clean(job["owner"])),
        ("workers", str(settings["workers"])),
        ("priority", str(settings["priority"])),
    ]
    if settings["timeout"]:
        facts.append(("timeout", f"{settings['timeout']:g} s"))
    if settings["retries"]["count"]:
        facts.append(("retries", retries_text(settings["retries"])))
    facts += [("parameter", clean(f"{key}={value}")) for key, value in settings["parameters"].items()]
    facts += [
        (word, moment(job[f"{word}_at"])) for word in ("created", "queued", "started", "finished") if job[f"{word}_at"]
    ]
    if job["started_at"]:
        facts.append(("duration", duration(job, exact=True)))
    if job["exit_code"] is not None:
        facts.append(("exit code", str(job["exit_code"])))
    if job["log_size"] is not None:
        facts.append(("log", size(job["log_size"])))
    if job["state"] == "QUEUED":
        facts += await waiting_facts(job, backend)
    facts += await attempt_facts(job, backend)
    # What it says about the job itself must not fail with what DataChain's files hold.
    with contextlib.suppress(JobsError):
        datasets = await backend.ask("GET", "jobs/{job}/datasets", {"job": job["id"]})
        facts += [("dataset", f"{found['full_name']}@{found['version']}{_rows(found)}") for found in datasets["items"]]
    return facts


def _rows(dataset: dict[str, Any]) -> str:
    if dataset["num_rows"] is None:
        return f"  {dataset['status']}"
    return f"  {dataset['num_rows']:,} rows"


async def logs(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    job = await find(backend, args.id)
    teller: Teller = JsonTeller(printer, job) if args.json else PlainTeller(printer)
    if args.follow:
        async with contextlib.aclosing(backend.follow(job)) as happenings:
            async for happening in happenings:
                if not isinstance(happening, Changed):
                    # In a thread: while `less` waits for its reader, the connection must still answer.
                    await asyncio.to_thread(teller.tell, happening)
    else:
        offset = 0
        attempt = args.attempt or job["attempt"]
        while (piece := await backend.read_log(job["id"], offset, args.attempt)).content:
            if piece.offset > offset:
                teller.tell(LogGap(attempt, offset, piece.offset))
            teller.tell(LogBytes(attempt, piece.offset, piece.content))
            offset = piece.offset + len(piece.content)
    teller.close()
    return Exit.DONE


async def cancel(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    job = await find(backend, args.id)
    job = await backend.ask("POST", "jobs/{job}/cancel", {"job": job["id"]}, body={"force": args.force})
    if args.json:
        printer.json(job)
    else:
        printer.line(f"{job['id']} {job['state']}")
    return Exit.DONE


async def rows(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    dataset = await backend.ask("GET", "datasets", query={"name": args.dataset})
    page: dict[str, Any] | None = None
    offset, left = args.offset, args.limit
    while True:
        more = await backend.ask(
            "GET",
            "datasets/{uuid}/rows",
            {"uuid": dataset["uuid"]},
            query={"offset": offset, "limit": min(left, ROWS_PAGE)},
        )
        page = _joined(page, more)
        offset, left = offset + len(more["rows"]), left - len(more["rows"])
        if left <= 0 or not more["rows"] or offset >= more["total"]:
            break
    page["limit"] = args.limit
    if args.json:
        printer.json({"dataset": dataset, **page})
        return Exit.DONE
    shown = [i for i, column in enumerate(dataset["columns"]) if not column["hidden"]]
    numbers = [at for at, i in enumerate(shown) if dataset["columns"][i]["type"] in ("int", "float")]
    lines = table(
        [one_line(".".join(dataset["columns"][i]["path"])) for i in shown],
        ([_cell(row[i]) for i in shown] for row in page["rows"]),
        numbers,
    )
    for line in lines:
        printer.line(line)
    last = args.offset + len(page["rows"])
    which = f"rows {args.offset + 1} to {last}" if page["rows"] else "no rows"
    printer.say(f"{dataset['full_name']}@{dataset['version']}: {which} of {page['total']:,}")
    return Exit.DONE


def _joined(page: dict[str, Any] | None, more: dict[str, Any]) -> dict[str, Any]:
    if page is None:
        return dict(more)
    before = len(page["rows"])
    page["rows"] += more["rows"]
    page["truncated"] += [[row + before, column, length] for row, column, length in more["truncated"]]
    return page


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


async def find(backend: Backend, id_: str) -> JobBody:
    """The one job whose id begins so. Raises JobNotFound, InvalidRequest ``job_ambiguous``."""
    prefix = id_.lower()
    if not prefix or set(prefix) - set("0123456789abcdef-"):
        raise JobNotFound(id_)
    if len(prefix) == 36:
        return dict(await backend.ask("GET", "jobs/{job}", {"job": prefix}))
    matches = [job for job in await _jobs(backend, None, q=prefix) if job["id"].startswith(prefix)]
    if not matches:
        raise JobNotFound(id_)
    if len(matches) > 1:
        raise InvalidRequest(
            "job_ambiguous",
            f"{len(matches)} jobs have an id that begins with {id_}.",
            "Type more of it: " + ", ".join(_telling(matches)) + ".",
            details={"ids": [job["id"] for job in matches]},
        )
    return matches[0]


def _telling(matches: list[JobBody], most: int = 5) -> list[str]:
    """The beginnings of some ids, long enough to tell them apart."""
    ids = [job["id"] for job in matches]
    length = next(n for n in range(SHORT_ID, 37) if len({found[:n] for found in ids}) == len(ids))
    return [found[:length] for found in ids[:most]] + (["..."] if len(ids) > most else [])


async def _jobs(backend: Backend, limit: int | None, **query: str) -> list[JobBody]:
    """Jobs, newest first; None for all of them."""
    jobs: list[JobBody] = []
    cursor: str | None = None
    while True:
        wanted = JOBS_PAGE if limit is None else min(limit - len(jobs), JOBS_PAGE)
        page = await backend.ask("GET", "jobs", query={**query, "limit": wanted, "cursor": cursor})
        jobs += page["items"]
        cursor = page["next"]
        if cursor is None or (limit is not None and len(jobs) >= limit):
            return jobs

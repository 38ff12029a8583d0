"""``run`` and ``rerun``: submit, follow to the end, stop on Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from typing import Any

from jupyter_datachain_jobs.domain import JobsError

from .backend import Backend, Changed, JobBody, LogBytes
from .commands import find
from .exits import OF_STATE, Exit
from .output import Printer, clean
from .stopper import Stopper
from .tell import JsonTeller, PlainTeller, Teller


async def run(args: argparse.Namespace, backend: Backend, printer: Printer) -> int:
    """Raises JobsError when the job could not be submitted."""
    if args.no_wait:
        job = await _submit(args, backend)
        if args.json:
            printer.json(job)
        else:
            printer.state(job, clean(job["name"]))
            printer.line(job["id"])
        return Exit.DONE
    stopper = Stopper(backend, printer)
    with stopper.listening():
        job = await _submit(args, backend)
        stopper.knows(job)
        try:
            return await _follow(backend, job, JsonTeller(printer, job) if args.json else PlainTeller(printer))
        except JobsError as error:
            # It was submitted: whatever happens now, "not submitted" would be wrong, and its end is not known.
            printer.error(error)
            return Exit.LOST


async def _submit(args: argparse.Namespace, backend: Backend) -> JobBody:
    if args.command == "rerun":
        before = await find(backend, args.id)
        return dict(await backend.ask("POST", "jobs/{job}/rerun", {"job": before["id"]}, body={"resume": args.resume}))
    body: dict[str, Any] = {
        "script": {"path": backend.script_name(args.script)},
        "settings": {
            "workers": args.workers,
            "priority": args.priority,
            "timeout": args.timeout,
            "retries": _retries(args),
            "parameters": dict(args.param),
        },
    }
    if args.resume is not None:
        body["resume"] = (await find(backend, args.resume))["id"]
    if args.name is not None:
        body["name"] = args.name
    return dict(await backend.ask("POST", "jobs", body=body))


def _retries(args: argparse.Namespace) -> dict[str, Any]:
    chosen = {"count": args.retries, "backoff": args.retry_backoff, "on": args.retry_on}
    return {name: value for name, value in chosen.items() if value is not None}


async def _follow(backend: Backend, job: JobBody, teller: Teller) -> int:
    teller.tell(Changed(job))
    async with contextlib.aclosing(backend.follow(job)) as happenings:
        async for happening in happenings:
            if isinstance(happening, LogBytes):
                # In a thread: while whoever reads our output takes its time, Ctrl-C must still work.
                await asyncio.to_thread(teller.tell, happening)
                continue
            if isinstance(happening, Changed):
                job = happening.job
            teller.tell(happening)
    return OF_STATE[job["state"]]

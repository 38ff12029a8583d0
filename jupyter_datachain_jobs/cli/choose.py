"""Whom a command asks: a server that was named, one that is found, or the rooms in this process."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from jupyter_datachain_jobs.domain import Category, InvalidRequest, JobsError

from .backend import Backend
from .discover import Server, named, running
from .exits import STARTING
from .output import Printer
from .remote import NoExtension, RemoteBackend, Unreachable

#: Seconds for a found server's first answer; a process that hangs must not hang the command.
PROBE_S = 5.0
#: Seconds that a server may still be opening its rooms.
STARTING_S = 20.0


@contextlib.asynccontextmanager
async def backend(args: argparse.Namespace, printer: Printer) -> AsyncIterator[Backend]:
    """Raises JobsError when the server that was named, or the one that must be taken, cannot be asked."""
    if args.local:
        chosen = None
    elif args.url:
        chosen = RemoteBackend(named(args.url, args.token))
        await _ready(chosen)
    else:
        chosen = await _found(_near(args), args.token)
    if chosen is not None:
        yield chosen
        return
    # Imported late: with a server to ask, none of the rooms is needed here.
    from .local import LocalBackend, options

    running_here = args.command in STARTING and not args.no_wait
    if args.command in STARTING and args.no_wait:
        raise InvalidRequest(
            "no_server",
            "No Jupyter server with jupyter-datachain-jobs runs here that could go on with the job.",
            "Start one, name one with --url, or run without --no-wait.",
            category=Category.UNAVAILABLE,
        )
    if running_here and not args.local:
        printer.say("No Jupyter server with jupyter-datachain-jobs runs here: the job runs in this process.")
    async with LocalBackend(await asyncio.to_thread(options), dispatch=running_here) as local:
        yield local


def _near(args: argparse.Namespace) -> Path:
    return Path(args.script).absolute() if args.command == "run" else Path.cwd()


async def _found(near: Path, token: str | None) -> RemoteBackend | None:
    """The first server here that has the extension and takes its token; None where there is none.

    A server that has the extension and refuses is an error: working around it in silence would surprise.
    """
    refused: JobsError | None = None
    for server in await asyncio.to_thread(running, near):
        if token:
            server = Server(server.url, token, server.root, found=True)
        candidate = RemoteBackend(server, lambda root=server.root: _again(root, near, token))  # type: ignore[misc]
        try:
            await _ready(candidate)
        except (Unreachable, NoExtension):
            continue
        except JobsError as error:
            refused = refused or error
            continue
        return candidate
    if refused is not None:
        raise refused
    return None


async def _again(root: Path | None, near: Path, token: str | None) -> Server | None:
    """The server of that root as it is now."""
    for server in await asyncio.to_thread(running, near):
        if server.root == root:
            return Server(server.url, token or server.token, server.root, found=True)
    return None


async def _ready(candidate: RemoteBackend) -> None:
    """Wait while the server is still opening its rooms; raises what it answers otherwise."""
    deadline = time.monotonic() + STARTING_S
    while True:
        try:
            await candidate.fetch("GET", "status", seconds=PROBE_S)
        except JobsError as error:
            if error.code != "starting" or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            return

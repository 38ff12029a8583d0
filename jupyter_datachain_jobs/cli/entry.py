"""From the command line to an exit code: parses, chooses whom to ask, and says what went wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from jupyter_datachain_jobs.domain import JobsError

from .exits import REFUSED, STARTING, Exit, of_error
from .output import Printer
from .parser import parse


def run(argv: Sequence[str] | None) -> int:
    """See `main`."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["serve"]:
        return _serve(words[1:])
    try:
        args = parse(words)
    except SystemExit as end:
        return int(end.code or 0)
    printer = Printer(as_json=args.json)
    import asyncio

    try:
        return int(asyncio.run(_command(args, printer)))
    except JobsError as error:
        printer.error(error)
        return int(Exit.NOT_SUBMITTED if args.command in STARTING else of_error(error))
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough (`| head`).
        printer.nobody_reads()
        return int(Exit.DONE)
    except OSError as error:
        # Of `run`, 1 would say that the job failed, and nothing here knows that.
        printer.say(f"error: the output could not be written: {error.strerror or error}")
        printer.nobody_reads()
        return int(Exit.LOST if args.command in STARTING else REFUSED)


async def _command(args: argparse.Namespace, printer: Printer) -> int:
    from . import commands, disk_commands, queue_commands, run_command
    from .choose import backend

    async with backend(args, printer) as chosen:
        if args.command in {*STARTING, "ls", "disk"}:
            await disk_commands.tell_notices(chosen, printer)
        if args.command in STARTING:
            return await run_command.run(args, chosen, printer)
        action = {
            "ls": commands.listing,
            "show": commands.show,
            "logs": commands.logs,
            "queue": queue_commands.queue,
            "priority": queue_commands.priority,
            "cancel": commands.cancel,
            "rm": disk_commands.remove,
            "disk": disk_commands.disk,
            "rows": commands.rows,
        }[args.command]
        return await action(args, chosen, printer)


def _serve(options: list[str]) -> int:
    from jupyter_datachain_jobs.app import JobsApp

    JobsApp.launch_instance(options)
    return 0

"""What can be typed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from jupyter_datachain_jobs import __version__
from jupyter_datachain_jobs.domain import (
    DEFAULT_PRIORITY,
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    MOST_BACKOFF_S,
    MOST_TIMEOUT_S,
    Retryable,
)

from .arguments import codes, pair, span, whole
from .exits import Exit

PROG = "jupyter datachain-jobs"

EPILOG = """\
A running Jupyter server is found as `jupyter server list` finds it; the one whose folder holds the script, or else the
current folder, comes first. Without one, or with --local, a command works on the data folder itself, and `run` runs the
job in its own process. Ids may be shortened as long as they are unique.

exit codes: run, rerun: 0 COMPLETE, 1 FAILED, 2 CANCELED, 3 not submitted, 4 contact lost. Others: 0 done, 1 refused,
3 nobody to ask. All: 64 wrong usage, 130 interrupted.
"""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"{self.prog}: {message}\n")


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Exits (SystemExit) with 0 after --help and --version, with 64 for what cannot be understood."""
    parser = Parser(
        prog=PROG,
        description="Run DataChain scripts as managed jobs, watch them, and read their datasets.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    shared = _shared()

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[shared], epilog=None)

    run = command("run", "Run a script as a job and follow it: states on stderr, its log on stdout.")
    _run_options(run)

    rerun = _with_id(command("rerun", "Run a job again: the same text and settings; follow it as run does."))
    rerun.add_argument("--resume", action="store_true", help="go on from its checkpoints")
    rerun.add_argument("--no-wait", action="store_true", help="print the new job's id and return")

    ls = command("ls", "List jobs, newest first.")
    ls.add_argument("--state", default="", metavar="S[,S...]", help="only these states")
    ls.add_argument("-q", "--q", default="", metavar="TEXT", help="only with this in name, script, owner or id")
    ls.add_argument("-l", "--limit", type=whole(1), default=20, metavar="N", help="at most so many (default 20)")

    _with_id(command("show", "Show a job: why it waits, its settings, times, attempts, error and datasets."))

    command("queue", "List the jobs that wait, the next one first, and why each waits.")

    priority = _with_id(command("priority", "Change the priority of a queued job."))
    priority.add_argument("priority", type=whole(LOWEST_PRIORITY, HIGHEST_PRIORITY), metavar="N", help="1 to 10")

    logs = _with_id(command("logs", "Print a job's log, byte for byte."))
    which = logs.add_mutually_exclusive_group()
    which.add_argument("-f", "--follow", action="store_true", help="until the job has ended")
    which.add_argument("--attempt", type=whole(1), metavar="N", help="of this attempt (default: the newest)")

    cancel = _with_id(command("cancel", "Stop a job; a second time, without waiting for it to end by itself."))
    cancel.add_argument("--force", action="store_true", help="kill it at once")

    rm = _with_id(command("rm", "Delete a job that has ended, with its log, its copy of the script and its files."))
    rm.add_argument(
        "--datasets", action="store_true", help="and the dataset versions that it made; without this they stay"
    )

    disk = command("disk", "Show what the data folder takes on the disk, and what would be removed next.")
    disk.add_argument("--top", type=whole(0, 100), default=10, metavar="N", help="name the N biggest jobs (default 10)")
    disk.add_argument(
        "--prune", action="store_true", help="remove now what is over JobsApp.keep_days, _jobs and _bytes"
    )
    disk.add_argument("--dry-run", action="store_true", help="with --prune: only say what would be removed")

    rows = command("rows", "Print rows of a dataset.")
    rows.add_argument("dataset", metavar="NAME[@VERSION]", help="the newest version by default")
    rows.add_argument("-l", "--limit", type=whole(1), default=20, metavar="N", help="rows (default 20)")
    rows.add_argument("--offset", type=whole(0), default=0, metavar="N", help="rows to skip")

    # Never parsed here: everything after it is for JupyterLab.
    commands.add_parser("serve", help="Start JupyterLab with this extension; takes the options of `jupyter lab`.")
    args = parser.parse_args(argv)
    if args.command == "disk" and args.dry_run and not args.prune:
        disk.error("--dry-run needs --prune")
    if args.command == "run" and not args.retries and (args.retry_on, args.retry_backoff) != (None, None):
        run.error("--retry-on and --retry-backoff say how to retry: add --retries N")
    return args


def _run_options(run: argparse.ArgumentParser) -> None:
    run.add_argument("script", help="a .py file")
    run.add_argument("-w", "--workers", type=whole(1), default=1, metavar="N", help="worker slots (default 1)")
    run.add_argument(
        "-p", "--param", type=pair, action="append", default=[], metavar="K=V",
        help="for datachain.query.params.param(); may be repeated",
    )  # fmt: skip
    run.add_argument(
        "--priority", type=whole(LOWEST_PRIORITY, HIGHEST_PRIORITY), default=DEFAULT_PRIORITY, metavar="N",
        help="1 to 10, higher starts sooner (default 5)",
    )  # fmt: skip
    run.add_argument(
        "--timeout", type=span(MOST_TIMEOUT_S), metavar="TIME", help="stop it after so long: 90, 90s, 15m, 2h"
    )
    retries = run.add_argument_group("after a failure")
    retries.add_argument("--retries", type=whole(0, 100), default=0, metavar="N", help="try it again, N times at most")
    retries.add_argument(
        "--retry-backoff", type=span(MOST_BACKOFF_S, zero=True), default=None, metavar="TIME",
        help="wait before the first retry; each further one waits twice as long (default 10s)",
    )  # fmt: skip
    retries.add_argument(
        "--retry-on", type=codes, default=None, metavar="CODE[,CODE...]",
        help=f"only after these errors: {', '.join(Retryable)}",
    )  # fmt: skip
    run.add_argument("-n", "--name", help="the job's name (default: the file's)")
    run.add_argument(
        "--resume", metavar="ID", help="go on from the checkpoints of this job, which ran the same script and has ended"
    )
    run.add_argument("--no-wait", action="store_true", help="print the job's id and return")


def _shared() -> Parser:
    shared = Parser(add_help=False)
    where = shared.add_argument_group("where")
    where.add_argument(
        "--url", default=os.environ.get("DATACHAIN_JOBS_URL"), help="of the Jupyter server (or DATACHAIN_JOBS_URL)"
    )
    where.add_argument(
        "--token", default=os.environ.get("DATACHAIN_JOBS_TOKEN"), help="of that server (or DATACHAIN_JOBS_TOKEN)"
    )
    where.add_argument("--local", action="store_true", help="no server: work on the data folder in this process")
    shared.add_argument("--json", action="store_true", help="print JSON")
    return shared


def _with_id(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("id", metavar="ID", help="of a job, or the beginning of one")
    return parser

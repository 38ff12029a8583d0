"""``jupyter datachain-jobs``: jobs from a terminal.

Owns the commands, what they print and their exit codes. Called by the console script alone. It exists so that a job
can be run and watched where there is no browser, and with no server at all: a command speaks either to a running
Jupyter server over REST and its websocket (`remote`), or to the same rooms in its own process (`local`), and knows no
difference (`backend`).

Exit codes of ``run``: 0 COMPLETE, 1 FAILED, 2 CANCELED, 3 not submitted, 4 contact lost before the end was known.
Of the others: 0 done, 1 refused, 3 nobody could be asked. Of all: 64 wrong usage (argparse's own 2 would read as
CANCELED), 130 Ctrl-C.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code; `argv` without the program's name, the process's own by default."""
    # Imported here: whoever imports the room for its name must not pay for it.
    from .entry import run

    return run(argv)


__all__ = ["main"]

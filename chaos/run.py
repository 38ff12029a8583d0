"""``python chaos/run.py --rounds 20 --seed 1``: rounds of jobs under faults. Exit status 1 if any rule was broken."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests")]

# Set on some machines: without bytecode each Python start costs more than the script that it runs.
for _name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
    os.environ.pop(_name, None)

from chaos import suite


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how many")
    parser.add_argument("--seed", type=int, default=None, help="chooses jobs and faults; random when it is not given")
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    parser.add_argument("--quiet", action="store_true", help="only the report at the end")
    parser.add_argument("--keep", action="store_true", help="keep the folders, to look into")
    options = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    # Servers and a mount must not stay when a time limit ends this.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    numbers = range(options.first, options.first + max(1, options.rounds))
    outcome = suite.run(seed, numbers, quiet=options.quiet, keep=options.keep)
    print(outcome.report(), flush=True)
    return 1 if outcome.violations else 0


if __name__ == "__main__":
    sys.exit(main())

"""Runs the steps of ``make test``, ``make check`` or ``make bench`` to the end, and says how each one closed.

A step that fails does not keep the others from running: one run shows all that is wrong. Exit status 1 if any failed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable

#: What runners print last and a reader looks for.
CLOSING = re.compile(
    r"^[=\s]*\d+ (passed|failed|errors?|skipped|flaky|interrupted|did not run)\b|^\s*(Test Files|Tests)\s"
)
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Step:
    name: str
    command: tuple[str, ...] | str

    @property
    def shell(self) -> bool:
        return isinstance(self.command, str)


def steps(target: str) -> list[Step]:
    match target:
        case "test":
            return [
                # Two at a time: most tests wait for a server or a process. One file stays with one, for its server.
                Step("pytest", (PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile")),
                Step("vitest", ("scripts/jlpm.sh", "test")),
                Step("playwright", (PYTHON, "ui-tests/run.py")),
            ]
        case "check":
            return [
                Step("ruff check", (PYTHON, "-m", "ruff", "check", ".")),
                Step("ruff format", (PYTHON, "-m", "ruff", "format", "--check", ".")),
                Step("mypy", (PYTHON, "-m", "mypy")),
                Step("import-linter", ("lint-imports",)),
                # Through a file: Node cannot be relied on to wait for a pipe on standard input.
                Step(
                    "wire types",
                    'document=$(mktemp) && trap "rm -f $document" EXIT && '
                    f'{PYTHON} -m jupyter_datachain_jobs.api.openapi > "$document" && '
                    'node scripts/wire.mjs "$document" --check',
                ),
                Step("tsc", ("scripts/jlpm.sh", "tsc", "--noEmit")),
                Step("model without DOM", ("scripts/jlpm.sh", "check:model")),
                Step("eslint", ("scripts/jlpm.sh", "eslint:check")),
                Step("prettier", ("scripts/jlpm.sh", "prettier:check")),
                Step("dependency-cruiser", ("scripts/jlpm.sh", "depcruise")),
            ]
        case "bench":
            return [Step(path.stem, (PYTHON, str(path))) for path in sorted((ROOT / "bench").glob("[a-z]*.py"))]
    sys.exit(f"unknown target {target!r}")


@dataclass
class Result:
    step: Step
    status: int
    seconds: float
    closing: list[str]


def run(step: Step) -> Result:
    print(f"\n── {step.name} ──", flush=True)
    began = time.monotonic()
    tail: deque[str] = deque(maxlen=40)
    command = ("bash", "-o", "pipefail", "-c", step.command) if isinstance(step.command, str) else step.command
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        tail.append(ANSI.sub("", line).rstrip())
    status = process.wait()
    return Result(step, status, time.monotonic() - began, [line for line in tail if CLOSING.search(line)][-3:])


def main(target: str) -> int:
    results = []
    for step in steps(target):
        try:
            results.append(run(step))
        except KeyboardInterrupt:
            return 130
    print(f"\n── {target} ──")
    for result in results:
        print(f"{'ok    ' if result.status == 0 else 'FAILED'} {result.step.name} ({result.seconds:.0f} s)")
        if target == "test":
            print("\n".join(result.closing))
    failed = [result.step.name for result in results if result.status != 0]
    print(f"{target}: " + (f"FAILED: {', '.join(failed)}" if failed else "all ok"), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Is the attempt alive? Asked of its lock and its files, never of a pid."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from jupyter_datachain_jobs.supervisor import claim


class Life(Enum):
    NOT_STARTED = "not started"
    ALIVE = "alive"
    ENDED = "ended"
    LOST = "lost"
    FOLDER_GONE = "folder gone"


@dataclass(frozen=True)
class Look:
    """What the files say. `exit`: exit.json for ENDED. `run`: run.json, for who ran it and since which boot."""

    life: Life
    exit: dict[str, Any] | None = None
    run: dict[str, Any] | None = None


def look(attempt: Path, lock: Path) -> Look:
    """Blocking; well under a millisecond on a local disk.

    A held lock is alive. A free one with run.json but no exit.json is lost: guard and supervisor are both gone.
    """
    exit_file = attempt / "exit.json"
    if ended := read_json(exit_file):
        return Look(Life.ENDED, ended, read_json(attempt / "run.json"))
    run = read_json(attempt / "run.json")
    if run is None:
        if not attempt.parent.is_dir():
            return Look(Life.FOLDER_GONE)
        # The lock is not probed here: a probe could refuse a supervisor that is about to take it.
        return Look(Life.NOT_STARTED)
    if held(lock):
        return Look(Life.ALIVE, run=run)
    # It may have ended between the two looks.
    if ended := read_json(exit_file):
        return Look(Life.ENDED, ended, run)
    return Look(Life.LOST, run=run)


def began(attempt: Path) -> int | None:
    """When the main process was started, in wall microseconds; None when it was not (yet).

    `run.json` is older: between the two a supervisor can die, and a start can fail.
    """
    try:
        with open(attempt / "events.jsonl", "rb") as events:
            # Nothing comes before it but a few small events.
            head = events.read(65536)
    except OSError:
        return None
    for line in head.split(b"\n"):
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and event.get("type") == "started":
                found = event.get("began") or event.get("t")
                return int(found) if found else None
    return None


def held(lock: Path) -> bool:
    """Whether a supervisor or a guard holds the lock."""
    return claim.held(str(lock)) is True


def request_cancel(attempt: Path, *, force: bool) -> None:
    """Leave the wish to stop in the job's folder, where the supervisor finds it without a socket."""
    if force:
        draft = attempt / f".cancel.{os.getpid()}.{os.urandom(4).hex()}.tmp"
        draft.write_text('{"force": true}', encoding="ascii")
        draft.replace(attempt / "cancel.json")
    else:
        claim.link_once(str(attempt), "cancel.json", {"force": False})


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in `path`; None when there is none, or not yet a whole one."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None

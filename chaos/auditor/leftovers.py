"""What must not be there any more: processes, sockets, locks, temporary files."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from jupyter_datachain_jobs.supervisor import MARKER, procfs

from .evidence import Evidence, Violation
from .files import TEMPORARY


def leftovers(evidence: Evidence, *, servers: int | None = None, crashed: bool = False) -> list[Violation]:
    """What is left, at this moment.

    servers: how many live; None while dead ones may have left their locks to the next start. crashed: one was killed since its folders were swept, so that what it had half made may
    still be there.
    """
    found = [Violation("process", name, what) for name, what in _processes(evidence)]
    found += [Violation("socket", "", what) for what in _sockets(evidence.sockets)]
    found += [Violation("lock", "", what) for what in _locks(evidence)]
    found += [Violation("temporary_file", "", what) for what in ([] if crashed else _folders(evidence))]
    dispatchers = list((evidence.data_dir / "dispatchers").glob("*.lock"))
    if servers is not None and len(dispatchers) != servers:
        found.append(Violation("lock", "", f"{len(dispatchers)} dispatchers' locks, and {servers} servers"))
    return found


def _processes(evidence: Evidence) -> Iterator[tuple[str, str]]:
    names = {job.id: job.name for job in evidence.jobs}
    entry = f"{MARKER}=".encode()
    for pid in procfs.all_pids():
        for variable in procfs.environment(pid):
            process = procfs.process(pid)
            if variable.startswith(entry) and process is not None and not process.dead:
                marker = variable.removeprefix(entry).decode(errors="replace")
                job, _, attempt = marker.rpartition(".")
                if job in names:
                    yield names[job], f"pid {pid} of attempt {attempt}: {procfs.command_line(pid, bytes)}"
    # Guards and supervisors carry no marker; they stand in the folder of their job with one foot.
    for pid in procfs.all_pids():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"supervisor/__main__.py" not in command:
                continue
            held = os.readlink(f"/proc/{pid}/fd/2")
        except OSError:
            continue
        process = procfs.process(pid)
        if process is not None and not process.dead and held.startswith(str(evidence.data_dir)):
            yield "", f"pid {pid} is a supervisor or a guard: {held}"


def _sockets(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_socket() and path.parent.name.startswith("datachain-jobs-"):
            with socket.socket(socket.AF_UNIX) as probe:
                listens = probe.connect_ex(str(path)) == 0
            yield f"{path.name} {'is listened to' if listens else 'is left'}"


def _locks(evidence: Evidence) -> Iterator[str]:
    for path in (evidence.data_dir / "locks").iterdir():
        if path.name.partition(".")[0] not in evidence.rows:
            yield f"{path.name} is of no job"


def _folders(evidence: Evidence) -> Iterator[str]:
    for path in evidence.data_dir.iterdir():
        if TEMPORARY.search(path.name):
            yield f"{path.name} is left"
    for path in (evidence.data_dir / "jobs").iterdir():
        if path.name not in evidence.rows:
            yield f"jobs/{path.name} is of no job"

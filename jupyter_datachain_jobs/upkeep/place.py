"""Where the state is kept: in the data folder, unless that is on a network file system that will not do."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jupyter_datachain_jobs.domain import Category, JobsError

from .filesystem import Mount, mount_of, trouble
from .model import Notice
from .private import private

#: auto: stay where locks and links work, else move. local: always move. stay: never move, and refuse where they do not work.
Policy = Literal["auto", "local", "stay"]


@dataclass(frozen=True)
class Storage:
    """data_dir: where the state is. wal: whether SQLite may use a write-ahead log there, which takes shared memory.

    network: the kind of file system, when it is not a local one.
    """

    data_dir: Path
    wal: bool = True
    network: str | None = None
    notices: tuple[Notice, ...] = ()


def settle(data_dir: Path, policy: Policy, mountinfo: str | None = None) -> Storage:
    """Decide where the state of `data_dir` is kept; makes that folder. Blocking, up to `PROBE_S` seconds.

    What was moved once stays moved as long as the policy lets it: a lock service that fails one day and works the next
    must not part servers and commands from their jobs.

    mountinfo: see `mount_of`. Raises OSError when the folder cannot be made or written, JobsError
    ``network_storage_unusable`` when it will not do and no other place is allowed or found.
    """
    mount = mount_of(data_dir, mountinfo)
    if mount is None or mount.local:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Storage(data_dir)
    if policy == "local":
        return _moved(data_dir, mount, "`JobsApp.network_storage` asks for a local folder", mountinfo)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not os.access(data_dir, os.W_OK | os.X_OK):
        # No fault of its locks: whoever chose a folder that cannot be written must hear so.
        raise PermissionError(errno.EACCES, "it cannot be written")
    if mount.locks_stay_here:
        wrong: str | None = "its locks do not reach other machines"
    elif policy == "auto" and any(_used(folder) for folder in candidates(data_dir)):
        wrong = "an earlier start moved them"
    else:
        wrong = trouble(data_dir)
    if wrong is None:
        return Storage(data_dir, wal=False, network=mount.kind)
    if policy == "stay":
        raise _unusable(
            f"The data folder {data_dir} is on a network file system ({mount.kind}) that will not do: {wrong}.",
            'Set `JobsApp.network_storage` to "auto", or `JobsApp.data_dir` to a folder on a local disk.',
        )
    return _moved(data_dir, mount, wrong, mountinfo)


def _moved(data_dir: Path, mount: Mount, why: str, mountinfo: str | None) -> Storage:
    left = " Jobs that were recorded there are not shown." if _used(data_dir) else ""
    refused = []
    for folder in sorted(candidates(data_dir), key=lambda each: not _used(each)):
        here = mount_of(folder, mountinfo)
        if here is not None and not here.local:
            refused.append(f"{folder} is on {here.kind}")
            continue
        try:
            folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            wrong = trouble(folder) if private(folder) else "it belongs to somebody else, or others can enter it"
        except OSError as error:
            wrong = error.strerror or str(error)
        if wrong:
            refused.append(f"{folder}: {wrong}")
            continue
        notice = Notice(
            "state_moved",
            f"Jobs are kept in {folder} on this machine, because {data_dir} is on a network file system ({mount.kind}): "
            f"{why}.{left}",
            "They are not seen from other machines. To keep them elsewhere, set `JobsApp.data_dir` to a folder on a local "
            'disk, or `JobsApp.network_storage` to "stay" where locks work.',
        )
        return Storage(folder, network=mount.kind, notices=(notice,))
    raise _unusable(
        f"{data_dir} is on a network file system ({mount.kind}): {why}. No local folder can take its place: "
        f"{'; '.join(refused)}.",
        "Set `JobsApp.data_dir` to a folder of your own on a local disk.",
    )


def _used(folder: Path) -> bool:
    return (folder / "jobs.sqlite").exists()


def candidates(data_dir: Path) -> list[Path]:
    """Local folders for the state of `data_dir`, best first. Not /tmp: a restart of the machine empties it."""
    tag = hashlib.sha256(os.path.realpath(data_dir).encode(errors="surrogateescape")).hexdigest()[:8]
    state = os.environ.get("XDG_STATE_HOME")
    own = [Path(state) / f"datachain-jobs-{tag}"] if state and os.path.isabs(state) else []
    return [*own, Path(f"/var/tmp/datachain-jobs-{os.getuid()}-{tag}")]


def _unusable(message: str, hint: str) -> JobsError:
    return JobsError("network_storage_unusable", message, hint, category=Category.UNAVAILABLE)

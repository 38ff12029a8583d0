"""On what kind of file system a folder is, and whether what this project needs works there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

#: Kinds that one kernel alone writes, with locks, links and shared memory as POSIX has them. What is not here (nfs, cifs,
#: 9p, lustre, ceph, any FUSE) is asked what it can do before it is believed.
LOCAL = frozenset(
    {"apfs", "bcachefs", "btrfs", "ecryptfs", "erofs", "ext2", "ext3", "ext4", "f2fs", "fuseblk", "hfs", "jfs", "overlay",
     "ramfs", "reiserfs", "rootfs", "tmpfs", "ufs", "xfs", "zfs"}
)  # fmt: skip

#: Mount options with which locks hold among the processes of one machine only.
_LOCKS_STAY_HERE = frozenset({"nolock", "local_lock=flock", "local_lock=all", "local_lock=posix", "localflocks"})

MOUNTINFO = Path("/proc/self/mountinfo")

#: Seconds for the probe: a lock daemon that is away keeps its callers waiting.
PROBE_S = 15.0

_PROBE = Path(__file__).with_name("probe.py")


@dataclass(frozen=True)
class Mount:
    """Where a file system is mounted, its kind ("nfs4"), and the options it is mounted with."""

    point: str
    kind: str
    options: frozenset[str] = frozenset()

    @property
    def local(self) -> bool:
        return self.kind in LOCAL

    @property
    def locks_stay_here(self) -> bool:
        return bool(self.options & _LOCKS_STAY_HERE)


def mount_of(folder: Path, mountinfo: str | None = None) -> Mount | None:
    """The mount that holds `folder`, which need not exist; None where the system does not say.

    mountinfo: text of /proc/self/mountinfo; that file's by default, or else what `mount` prints (macOS).
    """
    if mountinfo is None:
        mountinfo = _mountinfo()
    wanted = os.path.realpath(folder)
    found: Mount | None = None
    for line in mountinfo.splitlines():
        mount = _parsed(line) or _printed(line)
        # Of two on one point the later one is on top.
        if mount and _within(wanted, mount.point) and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def _mountinfo() -> str:
    try:
        return MOUNTINFO.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        pass
    try:
        return subprocess.run(["mount"], capture_output=True, text=True, timeout=PROBE_S, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _printed(line: str) -> Mount | None:
    """``server:/export on /Users/ada (nfs, nodev)``: of `mount` on macOS and the BSDs."""
    parts = re.fullmatch(r".+ on (/.*) \(([^(),]+)([^()]*)\)", line)
    return Mount(parts[1], parts[2], frozenset(each.strip() for each in parts[3].split(","))) if parts else None


def _parsed(line: str) -> Mount | None:
    """``36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/root rw`` (proc(5))."""
    before, dash, after = line.partition(" - ")
    fields, tail = before.split(" "), after.split(" ")
    if not dash or len(fields) < 6 or len(tail) < 1:
        return None
    options = fields[5].split(",") + (tail[2].split(",") if len(tail) > 2 else [])
    return Mount(_unescaped(fields[4]), tail[0], frozenset(options))


def _unescaped(text: str) -> str:
    """Blanks, tabs, newlines and backslashes are octal escapes."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def _within(path: str, point: str) -> bool:
    return path == point or path.startswith(point.rstrip("/") + "/")


def trouble(folder: Path, timeout: float = PROBE_S) -> str | None:
    """What does not work in `folder` of what this project needs, in words; None when all does.

    Tried for real, between two processes: flock (who lives), fcntl locks (SQLite), hard links (who was first) and
    renames. Blocking, about 30 ms on a local disk. Raises OSError where it cannot be told, as on a full disk.
    """
    probe = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_PROBE), str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        said, _ = probe.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        # Not waited for: in an uninterruptible wait for a server even SIGKILL takes as long as that.
        probe.kill()
        return f"it did not answer within {timeout:g} seconds"
    if probe.returncode > 1:
        raise OSError(probe.returncode, os.strerror(probe.returncode))
    return None if said.strip() == "ok" else said.strip() or "the test ended without an answer"

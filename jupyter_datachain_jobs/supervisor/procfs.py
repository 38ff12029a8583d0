"""What /proc says about processes. Answers None or nothing for processes that are gone."""

import os
import sys

from . import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_HAVE_PROC = sys.platform == "linux"
# Kernels without CONFIG_PROC_CHILDREN need a walk over all processes instead.
_HAVE_CHILDREN = os.path.exists(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")


class Process:
    """One process as /proc/PID/stat showed it. `(pid, starttime)` names it for good; a pid alone is used again."""

    __slots__ = ("command", "cpu", "group", "parent", "pid", "rss", "starttime", "state")

    def __init__(self, pid: int, state: str, parent: int, group: int, cpu: int, starttime: int, rss: int) -> None:
        self.pid = pid
        self.state = state
        self.parent = parent
        self.group = group
        self.cpu = cpu
        """Ticks used, with those of children that were waited for."""
        self.starttime = starttime
        """Ticks after boot."""
        self.rss = rss
        """Bytes."""
        self.command = ""
        """What it was called as, where somebody looked before it was gone."""

    @property
    def key(self) -> tuple[int, int]:
        return self.pid, self.starttime

    @property
    def dead(self) -> bool:
        return self.state in "ZX"


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(fd, 65536)
        # A process with tens of thousands of children, or a long command line.
        while chunk := os.read(fd, 65536):
            data += chunk
        return data
    finally:
        os.close(fd)


def process(pid: int) -> Process | None:
    """The process with this pid, zombies included."""
    try:
        # The name, in parentheses, may hold spaces and parentheses itself.
        fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        cpu = int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])
        return Process(
            pid, fields[0].decode(), int(fields[1]), int(fields[2]), cpu, int(fields[19]), int(fields[21]) * PAGE
        )
    except (OSError, IndexError, ValueError):
        return None


def starttime(pid: int) -> int:
    """When a process began, in ticks after boot; 0 if it is gone or unknown."""
    found = process(pid)
    return found.starttime if found else 0


def children(pid: int) -> list[int]:
    """The direct children of all threads of a process: each thread lists only what it forked itself."""
    found: list[int] = []
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return found
    for thread in threads:
        try:
            found += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
        except (OSError, ValueError):
            continue
    return found


def all_pids() -> list[int]:
    """Every pid of this PID namespace."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()] if _HAVE_PROC else []


def environment(pid: int) -> list[bytes]:
    """The environment that a process was started with, as NAME=VALUE; empty if it is not ours to read."""
    try:
        return _read(f"/proc/{pid}/environ").split(b"\0")
    except OSError:
        return []


def _by_parent() -> dict[int, list[int]]:
    table: dict[int, list[int]] = {}
    for pid in all_pids():
        if found := process(pid):
            table.setdefault(found.parent, []).append(pid)
    return table


def descendants(root: int) -> list[int]:
    """The pids of everything below a process, zombies included, the process itself not."""
    if _HAVE_CHILDREN:
        step = children
    else:
        table = _by_parent()

        def step(pid: int) -> list[int]:
            return table.get(pid, [])

    found: dict[int, None] = {}
    todo = [root]
    while todo:
        for pid in step(todo.pop()):
            if pid not in found and pid != root:
                found[pid] = None
                todo.append(pid)
    return list(found)


def alive(root: int, group: int = 0) -> list[Process]:
    """What lives below a process.

    Args:
        root: the process to look below.
        group: the process group of the job. Without /proc its members are all that can be found.
    """
    return [each for each in below(root, group) if not each.dead]


def below(root: int, group: int = 0) -> list[Process]:
    """What is below a process, zombies included."""
    if not _HAVE_PROC:
        return [Process(pid, "R", root, group, 0, 0, 0) for pid in kernel.group_members(group) if pid != root]
    found = (process(pid) for pid in descendants(root))
    return [each for each in found if each]


def command_line(pid: int, hide: "Callable[[bytes], bytes]", limit: int = 120) -> str:
    """What a process was called as, in printable characters.

    Args:
        pid: the process.
        hide: masks secrets: a program may have been given one as an argument.
        limit: how many characters to cut it to.
    """
    try:
        # Masked first: a secret that is cut in two would no longer be found.
        raw = hide(_read(f"/proc/{pid}/cmdline").replace(b"\0", b" ")) or _read(f"/proc/{pid}/comm")
    except OSError:
        return ""
    text = "".join(char if char.isprintable() else "?" for char in raw.decode(errors="replace").strip())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def disk_io(pid: int) -> tuple[int, int]:
    """Bytes that a process and the children it waited for read from and wrote to storage."""
    read = write = 0
    try:
        for line in _read(f"/proc/{pid}/io").splitlines():
            if line.startswith(b"read_bytes:"):
                read = int(line[11:])
            elif line.startswith(b"write_bytes:"):
                write = int(line[12:])
    except (OSError, ValueError):
        pass
    return read, write

"""A control group (v2) of the job's own, where the system lets us have one.

`cgroup.kill` ends everything in it at once, forks under way included, and its members cannot leave it by setsid or
double forks. Also counts what the kernel's out-of-memory killer did around the job.
"""

import os

_ROOTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")


def _own(controller: str) -> str:
    """This process's path in one hierarchy; the empty controller is v2."""
    try:
        with open("/proc/self/cgroup", encoding="utf-8") as file:
            for line in file:
                _, names, path = line.rstrip("\n").split(":", 2)
                if controller in names.split(","):
                    return path
    except (OSError, ValueError):
        pass
    return ""


def _write(path: str, text: str) -> bool:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(fd, text.encode("ascii"))
        finally:
            os.close(fd)
    except OSError:
        return False
    return True


class Cgroup:
    """The job's control group, or nothing at all: each method then does nothing."""

    def __init__(self, name: str) -> None:
        self.path = ""
        own = _own("")
        if not own:
            return
        for root in _ROOTS:
            parent = root + own.rstrip("/")
            # The kernel's real root has no cgroup.kill, and belongs to the system's manager: no groups there.
            if not os.path.exists(f"{parent}/cgroup.kill") or not os.access(parent, os.W_OK):
                continue
            path = f"{parent}/{name}"
            try:
                os.mkdir(path)
            except FileExistsError:
                pass
            except OSError:
                continue
            self.path = path
            return

    def enter(self) -> None:
        """Moves the calling process into the group. Where that is forbidden it stays outside."""
        if self.path:
            _write(f"{self.path}/cgroup.procs", "0")

    def kill(self) -> None:
        """Sends SIGKILL to every process in the group."""
        if self.path:
            _write(f"{self.path}/cgroup.kill", "1")

    def remove(self) -> None:
        """Removes the group, if it is empty."""
        if self.path:
            try:
                os.rmdir(self.path)
            except OSError:
                return
            self.path = ""


def oom_kills() -> int:
    """How often the out-of-memory killer struck in this process's memory group so far; 0 where that is unknown."""
    v1, v2 = _own("memory"), _own("")
    candidates = [f"/sys/fs/cgroup{v2}/memory.events"]
    if v1:
        candidates.insert(0, f"/sys/fs/cgroup/memory{v1}/memory.oom_control")
    for path in candidates:
        try:
            with open(path, encoding="ascii") as file:
                for line in file:
                    if line.startswith("oom_kill "):
                        return int(line.split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return 0

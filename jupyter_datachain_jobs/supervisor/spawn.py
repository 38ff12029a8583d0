"""Starts the job's main process: fork and exec, in a session of its own.

Not `subprocess`: in a subreaper the one reaping loop takes its children too, and `Popen.wait` then answers 0 for
whatever they returned. Forking happens in the main thread, before others exist.
"""

import os

from .cgroup import Cgroup
from .signals import signal

OOM_SCORE = 500
"""The job is chosen by the out-of-memory killer before the Jupyter server and the supervisor."""
_STARTED = b"s"


class StartError(Exception):
    """The main process could not be started. The sentence names the step and the system's reason."""


class Child:
    """A process that was forked and is on its way to exec."""

    def __init__(self, pid: int, status: int) -> None:
        self.pid = pid
        """Also the number of its process group and session."""
        self.status = status
        """Readable when it is known whether exec worked; -1 afterwards."""

    def finish(self) -> None:
        """Ends the start, once `status` is readable.

        Raises:
            StartError: exec failed, or a step before it.
        """
        parts = []
        while part := os.read(self.status, 4096):
            parts.append(part)
        os.close(self.status)
        self.status = -1
        if parts:
            raise StartError(b"".join(parts).decode(errors="replace"))


def spawn(argv: list[str], cwd: str, env: dict[str, str], output: int, nice: int, cgroup: Cgroup) -> Child:
    """Forks the main process. Returns when it is in a session and process group of its own.

    Args:
        argv: the command; searched in `env`'s PATH if it has no slash.
        cwd: where it runs.
        env: its whole environment.
        output: becomes its stdout and stderr. Its stdin is empty.
        nice: how much to lower its priority, 0 to 19.
        cgroup: where it belongs.
    """
    status, report = os.pipe()
    # No handler of ours may run in the child.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    pid = os.fork()
    if pid == 0:
        _child(argv, cwd, env, output, nice, cgroup, report)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(report)
    # The group exists from here on, so a cancel has something to signal. Empty: it died first, `finish` says so.
    os.read(status, len(_STARTED))
    return Child(pid, status)


def _child(argv: list[str], cwd: str, env: dict[str, str], output: int, nice: int, cgroup: Cgroup, report: int) -> None:
    """Everything between fork and exec. Never returns."""
    step = "start"
    try:
        os.setsid()
        _drop_pending()
        os.write(report, _STARTED)
        cgroup.enter()
        null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        _limits(nice)
        step = f"enter {cwd}"
        os.chdir(cwd)
        step = f"execute {argv[0]}"
        _default_signals()
        if "/" in argv[0]:
            os.execve(argv[0], argv, env)
        else:
            os.execvpe(argv[0], argv, env)
    except BaseException as error:  # noqa: BLE001 - whatever it is, this process must not go on as a supervisor
        reason = error.strerror if isinstance(error, OSError) else repr(error)
        os.write(report, f"Could not {step}: {reason}".encode(errors="replace"))
    finally:
        os._exit(127)


def _limits(nice: int) -> None:
    if nice > 0:
        os.nice(nice)
        set_session_priority("self", nice)
    try:
        with open("/proc/self/oom_score_adj", "r+", encoding="ascii") as file:
            if int(file.read()) < OOM_SCORE:
                file.seek(0)
                file.write(str(OOM_SCORE))
    except (OSError, ValueError):
        pass


def set_session_priority(pid: int | str, nice: int) -> bool:
    """Lowers the priority of a session under autogroup scheduling, where `nice` works only inside a session.

    Returns:
        False if the kernel wants to be asked again later: it takes ten such changes a second from all ordinary users.
    """
    try:
        with open(f"/proc/{pid}/autogroup", "w", encoding="ascii") as file:
            file.write(str(nice))
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def _drop_pending() -> None:
    """What reached this process while it was in the supervisor's group was for the supervisor, which sees to it."""
    for number in signal.sigpending():
        signal.signal(number, signal.SIG_IGN)
        signal.signal(number, signal.SIG_DFL)


def _default_signals() -> None:
    """Undoes what was ignored or blocked: a server started with nohup passes SIGINT on ignored."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        # None: not ours to set (SIGKILL), or not set through Python.
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())

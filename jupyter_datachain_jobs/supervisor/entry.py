"""From the document on stdin to a guard and a supervisor."""

import gc
import os
import resource
import sys

from . import clocks, kernel
from .claim import LocksUnsupported, link_once, take_lock
from .codec import dumps
from .events import Journal
from .exitfile import ExitFile
from .guard import Guard
from .logfile import LogFile
from .procfs import starttime
from .run import Run
from .signals import STOPS, signal
from .spec import Spec, SpecError, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

RUN = "run.json"


class Refused(Exception):
    """This attempt is not ours to run. `why` is a word for programs."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


def main() -> None:
    """Runs one attempt, or says on stdout why not. Never returns."""
    _own_descriptors()
    try:
        spec = parse(_read_all(0))
        _hold_signals()
        files = _claim(spec)
    except SpecError as error:
        _refuse("bad_spec", str(error))
    except Refused as error:
        _refuse(error.why, str(error))
    except LocksUnsupported as error:
        _refuse("no_locks", str(error))
    except OSError as error:
        _refuse("error", str(error))
    _divide(spec, *files)


def _refuse(why: str, message: str) -> "NoReturn":
    try:
        os.write(1, dumps({"claimed": False, "why": why, "message": message}) + b"\n")
    finally:
        os._exit(0)


def _own_descriptors() -> None:
    """Makes sure that 0, 1 and 2 are open, and nothing else is: what leaks in here would leak into the job."""
    for name in os.listdir("/dev/fd"):
        if (fd := int(name)) > 2:
            try:
                os.close(fd)
            except OSError:
                # The listing's own.
                continue
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fd, True)
    os.close(fd)


def _hold_signals() -> None:
    """Undoes what the server blocked or ignored, and keeps a stop until guard and supervisor can handle it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # Ignored, it would leave no exit code to be read.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, STOPS)


def _read_all(fd: int) -> bytes:
    parts = []
    while part := os.read(fd, 1 << 16):
        parts.append(part)
    return b"".join(parts)


def _claim(spec: Spec) -> tuple[Journal, LogFile, ExitFile]:
    """Takes the attempt, or raises. The lock's descriptor stays open for good."""
    if take_lock(spec.lock) is None:
        raise Refused("locked", "another supervisor runs this attempt")
    if not os.path.isdir(spec.folder):
        raise Refused("no_folder", f"{spec.folder} does not exist")
    if os.path.exists(os.path.join(spec.folder, RUN)):
        raise Refused("exists", "this attempt has begun before, or was cancelled before it began")
    # All files first: once run.json is there, the attempt is used up.
    journal, log = Journal(spec.folder), LogFile(spec.folder, spec.max_log_size)
    log.hold()
    files = journal, log, ExitFile(spec.folder)
    pid = os.getpid()
    document = {
        "protocol": 1,
        "job": spec.job,
        "attempt": spec.attempt,
        "t": clocks.wall_us(),
        "b": clocks.boot_ns(),
        "guard": pid,
        "starttime": starttime(pid),
        "boot_id": clocks.boot_id(),
        "pidns": clocks.pid_namespace(),
        "socket": spec.socket,
    }
    try:
        if link_once(spec.folder, RUN, document):
            return files
    except OSError:
        files[2].discard()
        raise
    files[2].discard()
    raise Refused("exists", "this attempt has begun before, or was cancelled before it began")


def _divide(spec: Spec, journal: Journal, log: LogFile, exit_file: ExitFile) -> "NoReturn":
    """Forks: the parent becomes the guard, the child the supervisor."""
    _detach(spec.folder)
    kernel.become_subreaper()
    read_end, write_end = os.pipe()
    # What exists now is never garbage; without this each collection would copy the pages that both share.
    gc.freeze()
    supervisor = os.fork()
    code = 70
    try:
        if supervisor:
            os.close(write_end)
            os.dup2(0, 1)
            code = Guard(spec, supervisor, read_end, exit_file).watch()
        else:
            # The flag is not inherited.
            kernel.become_subreaper()
            run = Run(spec, (read_end, write_end), journal, log, exit_file)
            run.start()
            run.loop()
            code = 0
    except BaseException:  # noqa: BLE001 - told on stderr; the guard sees the exit code
        sys.excepthook(*sys.exc_info())
    finally:
        # Threads may hang on a disk, and nothing here needs an orderly interpreter shutdown.
        os._exit(code)


def _detach(folder: str) -> None:
    """Lets go of the server: session, working directory, stdin, stderr, core files."""
    try:
        os.setsid()
    except OSError:
        # The server has seen to it.
        pass
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    errors = os.open(
        os.path.join(folder, "supervisor.err"), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
    )
    os.dup2(errors, 2)
    os.close(errors)
    # A core file would hold the secrets: ours and the job's.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

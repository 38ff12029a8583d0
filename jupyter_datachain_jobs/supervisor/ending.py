"""What follows once the main process is gone: what it left behind is ended, the pipe drained, the end recorded."""

import os
import time

from . import clocks, procfs
from .cancel import CANCEL, FOLDER, HOST, TIMEOUT, listed
from .door import remove
from .events import now as both_clocks
from .signals import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .events import Journal
    from .exitfile import ExitFile
    from .masking import Masker
    from .run import Run

# Helpers that end by themselves when the main process does (multiprocessing's resource tracker, pool workers) get this
# long before they count as left behind.
_SETTLE_S = 0.75
_TERM_S = 1.0
_DRAIN_S = 2.0
_TELL_S = 1.0
# Between tries to write the end, on a disk that fails.
_WRITE_WAITS_S = (0.1, 1, 1, 2, 4, 8, 16, 30)
# What stops a host often signals all processes at once, and the job may be faster than its supervisor.
_HOST_DEATHS = (-signal.SIGHUP, -signal.SIGINT, -signal.SIGTERM, -signal.SIGKILL)
# The runner's account of an exception, which may quote a secret.
_MASKED_FILES = ("error.json",)
_REASONS = {CANCEL: "canceled", HOST: "host_stopped", FOLDER: "job_folder_deleted", TIMEOUT: "timeout"}


class Ending:
    """A row of steps; each answers whether it is through, and is asked again until then."""

    def __init__(self, run: "Run", exit_file: "ExitFile", journal: "Journal") -> None:
        self.begun = False
        self.due = float("inf")
        """When to ask again (monotonic seconds), if nothing rings before."""
        self._run = run
        self._exit_file = exit_file
        self._journal = journal
        self._steps: list[Callable[[float], bool]] = []
        self._since = 0.0
        self._asked = False
        self._left: list[procfs.Process] = []
        self._survivors: list[procfs.Process] = []
        self.recorded = False
        """`exit.json` is on disk, and its event was sent."""

    def begin_unstarted(self, reason: str, message: str | None) -> None:
        """The main process never ran."""
        self._run.end["message"] = message
        self._begin(reason)
        self._go([self._drain, self._record, self._tell])

    def begin(self, code: int | None) -> None:
        """The main process ended with this exit code, or could not be ended (None)."""
        run = self._run
        run.end["exit_code"] = code
        stopped_too = run.stopper.why == HOST and code in _HOST_DEATHS
        if run.stopper.signalled or stopped_too:
            reason = _REASONS[run.stopper.why]
        else:
            reason = "exited" if code is not None and code >= 0 else "signaled"
        self._begin(reason)
        if reason == "timeout":
            run.end["message"] = f"The script ran longer than its timeout of {run.spec.timeout:g} s, and was stopped."
        run.end["oom_kills"] = run.oom_killed
        if run.end["oom_kills"] and code != 0 and not run.stopper.signalled:
            self._tell_memory(code)
        run.scribe.emit("phase", phase=run.spec.phase, status="end")
        self._go([self._settle, self._terminate, self._kill, self._drain, self._record, self._tell])

    def _tell_memory(self, code: int | None) -> None:
        # The counter is the whole container's, so with another exit code it is a hint and no more.
        words = "The machine or its container ran out of memory while this job ran"
        if code == -signal.SIGKILL:
            words = "Out of memory: the system killed this job"
            self._run.end["message"] = words
        self._run.pump.say(words)

    def _begin(self, reason: str) -> None:
        end = self._run.end
        end["reason"] = reason
        end["ended_at"], end["boot_ended"] = clocks.wall_us(), clocks.boot_ns()
        self.begun = True

    def _go(self, steps: "list[Callable[[float], bool]]") -> None:
        self._steps = steps
        self._enter()

    def _enter(self) -> None:
        self._since = time.monotonic()
        self._asked = False
        self.due = 0.0

    def step(self, now: float) -> None:
        """Takes the steps that can be taken."""
        self.due = float("inf")
        while self._steps and self._steps[0](now):
            del self._steps[0]
            self._enter()
            now = time.monotonic()
        self._run.over = not self._steps

    def _first(self) -> bool:
        """Whether the present step is asked for the first time."""
        first, self._asked = not self._asked, True
        return first

    def _alive(self) -> list[procfs.Process]:
        return procfs.alive(os.getpid(), self._run.group)

    def _empty(self) -> bool:
        """Nothing lives below this process. ECHILD proves it; without a subreaper (macOS) the group has to do."""
        return self._run.reaper.childless and not self._alive()

    def _settle(self, now: float) -> bool:
        self.due = now + 0.01
        if self._empty():
            return True
        if now - self._since < _SETTLE_S and not self._run.stopper.forced:
            return False
        self._left = self._alive()
        for each in self._left:
            each.command = procfs.command_line(each.pid, self._run.masker.hide)
        return True

    def _terminate(self, now: float) -> bool:
        """SIGTERM, and a second to follow it."""
        self.due = now + 0.02
        if self._empty() or self._run.stopper.forced:
            return True
        if self._first():
            self._run.stopper.terminate(self._run.group, "leftovers")
        return now - self._since >= _TERM_S

    def _kill(self, now: float) -> bool:
        run = self._run
        if not self._empty() and not run.ender.exhausted(now):
            run.stopper.kill(run.group)
            self.due = run.stopper.due
            return False
        self._survivors = self._alive()
        run.cgroup.remove()
        self._tell_leftovers()
        return True

    def _tell_leftovers(self) -> None:
        run, left = self._run, self._left
        if self._survivors:
            run.pump.say(f"Could not be ended: {listed(self._survivors)}")
        if not left:
            return
        survivors = {each.key for each in self._survivors}
        killed = sum(each.key not in survivors for each in left)
        run.end["leftovers"] = [{"pid": each.pid, "cmd": each.command} for each in left]
        run.scribe.emit("leftovers", pids=run.end["leftovers"], killed=killed)
        if not run.stopper.why:
            run.pump.say(
                f"Background processes were still running when the script ended: {killed} killed ({listed(left)})"
            )

    def _drain(self, now: float) -> bool:
        if self._first():
            self._run.pump.stop(_DRAIN_S)
        return self._run.pump.done

    def _record(self, now: float) -> bool:
        if self._first():
            self._fill()
            self._run.scribe.post(self._write)
        return self.recorded

    def _fill(self) -> None:
        run, end = self._run, self._run.end
        end["log_size"], end["log_lines"] = run.log.position
        end["masked"], end["dropped_bytes"] = run.masker.count, run.log.dropped
        end["peak_rss"] = max(run.sampler.peak_rss, run.reaper.peak_rss)
        end["cpu_s"] = round(run.reaper.cpu_s, 3)
        end["cancel"] = run.stopper.report(self._survivors)

    def _write(self) -> "tuple[Any, ...]":
        """Runs in the scribe's thread."""
        run = self._run
        at = both_clocks()
        try:
            run.log.sync()
            run.log.close()
        except OSError as error:
            os.write(2, f"log: {error}\n".encode(errors="replace"))
        for name in _MASKED_FILES:
            # Of a script that was killed while it wrote its account.
            remove(os.path.join(run.spec.folder, f"{name}.new"))
            _mask_file(os.path.join(run.spec.folder, name), run.masker)
        for wait in _WRITE_WAITS_S:
            try:
                self._exit_file.write(run.end)
                break
            except FileNotFoundError:
                # The folder is gone: those who are attached still hear the end.
                break
            except OSError as error:
                os.write(2, f"exit.json: {error}\n".encode(errors="replace"))
                time.sleep(wait)
        else:
            # The guard is the next to try.
            os._exit(71)
        line = self._journal.append("exit", at, run.end)
        self._journal.finish()
        return ("end", self._journal.seq, line)

    def _tell(self, now: float) -> bool:
        """Lets clients have the end, but does not wait for one that does not read."""
        self.due = now + 0.05
        return self._run.door.idle or now - self._since > _TELL_S


def _mask_file(path: str, masker: "Masker") -> None:
    """Masks secrets in a file that the job itself wrote."""
    if not masker.longest:
        return
    try:
        with open(path, "rb") as file:
            data = file.read()
        hidden = masker.hide(data)
        if hidden != data:
            with open(f"{path}.new", "wb") as file:
                file.write(hidden)
            os.replace(f"{path}.new", path)
    except FileNotFoundError:
        return
    except OSError as error:
        os.write(2, f"{path}: {error}\n".encode(errors="replace"))
        # Better no account than one with a secret in it.
        remove(path)
        remove(f"{path}.new")

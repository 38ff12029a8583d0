"""The supervisor's main loop: starts the job, listens, and knows when it is over.

One thread signals, reaps and answers; it touches no disk once the job runs. The pump moves output, the scribe does
everything else on the job folder.
"""

import os
import select
import time

from . import clocks, procfs
from .cancel import CANCEL, FOLDER, HOST, TIMEOUT, Stopper
from .cgroup import Cgroup, oom_kills
from .codec import dumps
from .door import Client, Door
from .ending import Ending
from .events import Journal
from .exitfile import ExitFile, document
from .logfile import LogFile
from .masking import Masker
from .pump import Pump
from .reaper import Reaper
from .sampler import Sampler
from .scribe import Scribe
from .signals import STOPS, signal
from .spawn import Child, StartError, set_session_priority, spawn
from .spec import Spec
from .tree import Ender

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PRIORITY_S = 0.15
NEVER = float("inf")


class Run:
    """One attempt, from the fork of its main process to its `exit.json`."""

    def __init__(
        self, spec: Spec, output: tuple[int, int], journal: Journal, log: LogFile, exit_file: ExitFile
    ) -> None:
        """Prepares the run; nothing is started.

        Args:
            spec: what to run.
            output: the job's output pipe, read end and write end.
            journal: its events.
            log: its output.
            exit_file: where its end is written.
        """
        self.spec = spec
        self.poll = select.poll()
        self._hear_bell()
        self.reaper = Reaper()
        self.scribe = Scribe(spec.folder, journal, self._ring)
        self.masker = Masker(spec.secrets)
        self.log = log
        self.pump = Pump(output[0], log, self.masker, self._ring)
        self.pump.sync = lambda: self.scribe.post(self._sync_log)
        self.cgroup = Cgroup(f"dcj-{spec.job}-{spec.attempt}")
        self.ender = Ender(self.cgroup, self.masker.hide)
        self.stopper = Stopper(spec, self.ender, self.scribe.emit, self.pump.say)
        self.sampler = Sampler(spec.sample_interval, self.reaper)
        self.door = Door(spec.socket, self.poll, self.scribe.replay)
        self.group = 0
        """Pid of the main process, also its process group."""
        self.end = document(spec.job, spec.attempt)
        """What `exit.json` will say."""
        self.over = False
        """The end is on disk."""
        self._seq = journal.seq
        self._output = output[1]
        self._child: Child | None = None
        self._priority_due = NEVER
        self._timeout_due = NEVER
        self._oom_before = oom_kills()
        self.ending = Ending(self, exit_file, journal)

    def _sync_log(self) -> None:
        """Runs in the scribe's thread."""
        try:
            self.log.sync()
        except OSError as error:
            os.write(2, f"log: {error}\n".encode(errors="replace"))

    def _hear_bell(self) -> None:
        """One pipe wakes the loop: signals write to it, and so do the other threads."""
        self._bell_out, self._bell = os.pipe()
        os.set_blocking(self._bell_out, False)
        os.set_blocking(self._bell, False)
        self._host_stops = 0
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for stop in STOPS:
            signal.signal(stop, self._on_stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        self.poll.register(self._bell_out, select.POLLIN)

    def _on_stop(self, *_: object) -> None:
        self._host_stops += 1

    def _ring(self) -> None:
        try:
            os.write(self._bell, b"\0")
        except BlockingIOError:
            pass

    def start(self) -> None:
        """Starts the main process and the threads. Tells whoever started us on stdout."""
        if self.door.problem:
            os.write(2, f"no socket: {self.door.problem}\n".encode(errors="replace"))
        force = self.scribe.look()
        if force is not None:
            # Before anything was started: nothing is.
            self.stopper.request(CANCEL, force, "file")
            self.ending.begin_unstarted("canceled", None)
        else:
            self._spawn()
        os.close(self._output)
        try:
            os.write(1, dumps({"claimed": True}) + b"\n")
        except OSError:
            # Whoever started us is gone; others will find the job by its files.
            pass
        os.dup2(0, 1)
        self.scribe.start()
        self.pump.start()

    def _spawn(self) -> None:
        spec = self.spec
        self._began = clocks.wall_us(), clocks.boot_ns()
        self._child = spawn(spec.argv, spec.cwd, spec.env, self._output, spec.nice, self.cgroup)
        self.group = self.end["pid"] = self._child.pid
        self.poll.register(self._child.status, select.POLLIN)

    def loop(self) -> None:
        """Runs until the end is on disk and told."""
        while not self.over:
            timeout = max(0.0, self._due() - time.monotonic())
            ready = self.poll.poll(None if timeout == NEVER else timeout * 1000 + 1)
            for fd, _ in ready:
                self._ready(fd)
            self.reaper.reap()
            self._hear()
            self._tend(time.monotonic())
        self.door.close()

    def _due(self) -> float:
        if self.ending.begun:
            return self.ending.due
        return min(self.stopper.due if self.group else NEVER, self.sampler.due, self._priority_due, self._timeout_due)

    def _ready(self, fd: int) -> None:
        if fd == self._bell_out:
            os.read(fd, 4096)
        elif self._child and fd == self._child.status:
            self._started(self._child)
        else:
            for client, message in self.door.handle(fd, self._hello):
                self._asked(client, message)

    def _started(self, child: Child) -> None:
        self.poll.unregister(child.status)
        try:
            child.finish()
        except StartError as error:
            self.pump.say(str(error))
            self.ending.begin_unstarted("start_failed", str(error))
            return
        self.end["started_at"], self.end["boot_started"] = self._began
        self.scribe.emit(
            "started",
            began=self._began[0],
            pid=child.pid,
            starttime=procfs.starttime(child.pid),
            boot_id=clocks.boot_id(),
            pidns=clocks.pid_namespace(),
            supervisor=os.getpid(),
            guard=os.getppid(),
        )
        self.scribe.emit("phase", phase=self.spec.phase, status="begin")
        if self.spec.nice > 0:
            self._priority_due = time.monotonic()
        if self.spec.timeout > 0:
            # The monotonic clock stands still while the machine sleeps: a closed laptop does not use up the time.
            self._timeout_due = time.monotonic() + self.spec.timeout

    def _hello(self) -> "dict[str, Any]":
        return {"job": self.spec.job, "attempt": self.spec.attempt, "seq": self._seq, "size": self.log.position[0]}

    def _asked(self, client: Client, message: "dict[str, Any]") -> None:
        op, number = message.get("op"), message.get("from_seq" if message.get("op") == "attach" else "size", 0)
        if op == "cancel":
            self.stopper.request(CANCEL, message.get("force") is True, "socket")
        elif op == "attach" and isinstance(number, int):
            self.door.attach(client, number)
        elif op == "arm" and isinstance(number, int):
            client.arms.append(number)
            self._tell_size()
        else:
            self.door.send(client, {"type": "error", "message": f"unknown or wrong: {str(message)[:200]}"})

    def _tell_size(self) -> None:
        smallest = self.door.tell_size(*self.log.position)
        if smallest is not None:
            self.pump.arm(smallest)
            # It may have grown past that between the two.
            self.door.tell_size(*self.log.position)

    def _hear(self) -> None:
        while self.scribe.heard:
            kind, *rest = self.scribe.heard.pop(0)
            if kind in ("event", "end"):
                self._seq = rest[0]
                self.door.broadcast(rest[1])
                self.ending.recorded = kind == "end"
            elif kind == "page":
                self.door.page(*rest)
            elif kind == "cancel":
                self.stopper.request(CANCEL, rest[0], "file")
            elif kind == "gone":
                self.stopper.request(FOLDER, False, "folder")
        self._tell_size()
        if self._host_stops:
            self._host_stops = 0
            self.stopper.request(HOST, False, "signal")

    def _tend(self, now: float) -> None:
        if self.ending.begun:
            self.ending.step(now)
            return
        if self.group in self.reaper.statuses:
            if self._child and self._child.status >= 0:
                # It ended before anybody looked whether it had started.
                self._started(self._child)
            if not self.ending.begun:
                self.ending.begin(self.reaper.statuses[self.group])
            return
        if self.ender.exhausted(now):
            # It cannot be killed (it hangs in the kernel). The job is over all the same.
            self.ending.begin(None)
            return
        self._time_out(now)
        if now >= self.stopper.due:
            self.stopper.step(self.group)
        if now >= self.sampler.due:
            self.scribe.emit("sample", essential=False, **self.sampler.sample(self.group))
            self.stopper.see(self.group)
        if now >= self._priority_due:
            again = not set_session_priority(self.group, self.spec.nice)
            self._priority_due = now + _PRIORITY_S if again else NEVER

    def _time_out(self, now: float) -> None:
        if now >= self._timeout_due:
            self._timeout_due = NEVER
            if not self.stopper.why:
                self.stopper.request(TIMEOUT, False, "timeout")

    @property
    def oom_killed(self) -> int:
        """How often the out-of-memory killer struck around the job since it began."""
        return max(0, oom_kills() - self._oom_before)

"""The thread that moves the job's output from its pipe into the log.

A thread of its own, so that a disk that hangs holds up the log and never a cancel. Reads are large, so a fast job
costs few of them; a slow one has its first line written at once.
"""

import _thread
import fcntl
import os
import select
import sys
import termios
import time

from .logfile import LogFile
from .masking import Masker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 1 << 18
"""Bytes of one read at most, and so what is lost at most when the supervisor itself is killed."""
_SYNC_STEP = 64 << 20
# A job that prints line by line would wake this thread for each: then a little is let to gather.
_SMALL = 16384
_GATHER_S = 0.002
# Reads between two looks at the notes, for a job that never pauses.
_BURST = 16


class Pump:
    """Moves output until it is told to stop."""

    def __init__(self, source: int, log: LogFile, masker: Masker, ring: "Callable[[], None]") -> None:
        """Prepares the pump.

        Args:
            source: the pipe's read end.
            log: where to; this thread is its only user from `start` on.
            masker: what to hide.
            ring: wakes the main loop; called when the armed size is reached and when the pump is done.
        """
        self.done = False
        """Everything is in the log; nothing more will come."""
        self.sync: Callable[[], None] = lambda: None
        """Asked for each 64 MiB."""
        self._source = source
        self._log = log
        self._masker = masker
        self._ring = ring
        self._armed: int | None = None
        self._notes: list[str] = []
        self._stop_at: float | None = None
        self._ended = False
        self._last_small = 0.0
        self._synced = 0
        self._bell_out, self._bell = os.pipe()
        os.set_blocking(source, False)
        os.set_blocking(self._bell, False)
        self._poll = select.poll()
        self._poll.register(source, select.POLLIN)
        self._poll.register(self._bell_out, select.POLLIN)

    def start(self) -> None:
        """Starts the thread."""
        _thread.start_new_thread(self._run, ())

    def say(self, text: str) -> None:
        """Puts a line of the supervisor's own after what the job wrote so far. Any thread."""
        self._notes.append(text)
        self._wake()

    def arm(self, size: int) -> None:
        """Rings once when the log is larger than `size` bytes. Replaces an earlier arm."""
        self._armed = size

    def stop(self, seconds: float) -> None:
        """Ends the pump at the end of the pipe; after `seconds`, with what the pipe then holds, even if a process
        that could not be ended still has it open."""
        self._stop_at = time.monotonic() + seconds
        self._wake()

    def _wake(self) -> None:
        try:
            os.write(self._bell, b"\0")
        except BlockingIOError:
            pass

    def _run(self) -> None:
        try:
            while not self._over():
                self._step()
            self._log.write(self._masker.flush())
            self._write_notes()
            self._log.finish()
            self.done = True
            self._ring()
        except BaseException:  # noqa: BLE001 - without this thread the job would hang for ever: the guard takes over
            sys.excepthook(*sys.exc_info())
            os._exit(70)

    def _over(self) -> bool:
        if self._stop_at is None:
            return False
        if not self._ended and time.monotonic() >= self._stop_at:
            drain(self._source, self._log, self._masker)
            self._ended = True
        return self._ended

    def _step(self) -> None:
        timeout = None
        if self._stop_at is not None:
            timeout = max(0.0, self._stop_at - time.monotonic()) * 1000 + 1
        for fd, _ in self._poll.poll(timeout):
            if fd == self._bell_out:
                os.read(fd, 4096)
            else:
                self._move()
        if self._log.position[0] - self._synced >= _SYNC_STEP:
            self._synced = self._log.position[0]
            self.sync()
        self._write_notes()

    def _move(self) -> None:
        if self._stop_at is None and time.monotonic() - self._last_small < 2 * _GATHER_S:
            time.sleep(_GATHER_S)
        for _ in range(_BURST):
            try:
                data = os.read(self._source, CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._ended = True
                self._poll.unregister(self._source)
                return
            if len(data) < _SMALL:
                self._last_small = time.monotonic()
            self._log.write(self._masker.feed(data))
            if self._armed is not None and self._log.position[0] > self._armed:
                self._armed = None
                self._ring()

    def _write_notes(self) -> None:
        while self._notes:
            self._log.say(self._notes.pop(0))


def drain(source: int, log: LogFile, masker: Masker, skip: int = 0) -> None:
    """Moves what a pipe holds now, and no more, so that a writer that goes on cannot keep it busy.

    Args:
        source: the pipe's read end, not blocking.
        log: where to.
        masker: what to hide.
        skip: how many bytes to leave out at the beginning.
    """
    count = bytearray(4)
    fcntl.ioctl(source, termios.FIONREAD, count)
    left = int.from_bytes(count, sys.byteorder)
    while left > 0:
        try:
            data = os.read(source, min(left, CHUNK))
        except BlockingIOError:
            return
        if not data:
            return
        left -= len(data)
        log.write(masker.feed(data[skip:]))
        skip = max(0, skip - len(data))

"""The thread that does all work on the job folder, except for the log's bytes.

The main thread sends signals and reaps; it must not wait for a disk. It posts what is to be written, in order, and
hears back through `heard`. This thread also looks each second for a cancel file, and whether the folder is still there.
"""

import _queue
import _thread
import os
import sys
import time

from . import events
from .codec import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

CANCEL = "cancel.json"
_WATCH_S = 1.0


class Scribe:
    """Writes events, answers replays, watches the folder."""

    def __init__(self, folder: str, journal: events.Journal, ring: "Callable[[], None]") -> None:
        """Prepares the scribe.

        Args:
            folder: the attempt's folder.
            journal: its events; this thread is its only user from `start` on.
            ring: wakes the main loop, which then looks into `heard`.
        """
        self.heard: list[tuple[Any, ...]] = []
        """`("event", seq, line)`, `("page", reader, lines, offset, all)`, `("cancel", force)`, `("gone",)`, `("done",)`
        and what tasks return, in order."""
        self._folder = folder
        self._cancel = os.path.join(folder, CANCEL)
        self._cancel_seen: tuple[int, int] | None = None
        self._missed = 0
        self._journal = journal
        self._ring = ring
        self._tasks: _queue.SimpleQueue[Callable[[], tuple[Any, ...] | None]] = _queue.SimpleQueue()

    def start(self) -> None:
        """Starts the thread."""
        _thread.start_new_thread(self._run, ())

    def post(self, task: "Callable[[], tuple[Any, ...] | None]") -> None:
        """Runs a task in the thread; what it returns is heard."""
        self._tasks.put(task)

    def emit(self, kind: str, essential: bool = True, **fields: "Any") -> None:
        """Records an event that happens now."""
        at = events.now()

        def write() -> "tuple[Any, ...] | None":
            line = self._journal.append(kind, at, fields, essential)
            return ("event", self._journal.seq, line) if line else None

        self.post(write)

    def replay(self, reader: object, after: int, offset: int | None = None) -> None:
        """Reads a page of events for a reader."""
        self.post(lambda: ("page", reader, *self._journal.page(after, offset)))

    def look(self) -> bool | None:
        """Whether there is a cancel file that was not seen before: None, or whether it asks for force.

        A file that cannot be read as JSON counts as an ordinary cancel.
        """
        try:
            found = os.stat(self._cancel)
        except OSError:
            # None there, or a disk that does not answer: that is no reason to end a job.
            return None
        identity = (found.st_ino, found.st_mtime_ns)
        if identity == self._cancel_seen:
            return None
        self._cancel_seen = identity
        try:
            with open(self._cancel, "rb") as file:
                return loads(file.read(65536)).get("force") is True
        except (OSError, ValueError, AttributeError):
            return False

    def _watch(self) -> None:
        force = self.look()
        if force is not None:
            self._tell(("cancel", force))
        try:
            os.stat(self._folder)
            self._missed = 0
        except FileNotFoundError:
            # Twice in a row: a network file system can be wrong once.
            self._missed += 1
            if self._missed == 2:
                self._tell(("gone",))
        except OSError:
            # It does not answer; that is no reason to end a job.
            pass

    def _tell(self, message: "tuple[Any, ...]") -> None:
        self.heard.append(message)
        self._ring()

    def _run(self) -> None:
        try:
            watch_at = 0.0
            while True:
                if time.monotonic() >= watch_at:
                    self._watch()
                    watch_at = time.monotonic() + _WATCH_S
                try:
                    task = self._tasks.get(True, max(0.0, watch_at - time.monotonic()))
                except _queue.Empty:
                    continue
                message = task()
                if message:
                    self._tell(message)
        except BaseException:  # noqa: BLE001 - nothing would be recorded any more: the guard takes over
            sys.excepthook(*sys.exc_info())
            os._exit(70)

"""A file that a dispatcher keeps locked while it lives, so that its death is known at once and not after a lease.

The kernel lets go of the lock however the process ends, and no clock or pid is asked. It is only proof of death: where
the file is missing or the file system has no locks, the lease decides.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from pathlib import Path

from jupyter_datachain_jobs.supervisor.claim import held, take_lock


class Presence:
    """``hold`` and ``release`` are for this process, `gone` for others. Blocking; microseconds each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: tuple[Path, int] | None = None

    def hold(self, dispatcher: str) -> None:
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            path = self._path(dispatcher)
            if (descriptor := take_lock(str(path))) is not None:
                self._held = path, descriptor

    def release(self) -> None:
        if self._held is not None:
            path, descriptor = self._held
            self._held = None
            path.unlink(missing_ok=True)
            os.close(descriptor)

    def gone(self, dispatcher: str) -> bool:
        """Whether it certainly lives no more."""
        try:
            return held(str(self._path(dispatcher))) is False
        except OSError:
            return False

    def sweep(self, needed: Collection[str]) -> None:
        """Remove the files of the dead, but for those that are `needed`: somebody will ask whether they live."""
        with contextlib.suppress(OSError):
            for path in self._folder.glob("*.lock"):
                if path.stem not in needed and self.gone(path.stem):
                    path.unlink(missing_ok=True)

    def _path(self, dispatcher: str) -> Path:
        return self._folder / f"{dispatcher}.lock"

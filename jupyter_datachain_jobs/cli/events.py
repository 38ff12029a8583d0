"""The JSON lines of ``run --json`` and ``logs --json``.

``{"type": "job", "job": Job}`` for each change, the final one last; ``{"type": "log", "job", "attempt", "offset", "text"}``
for log text, `offset` being that of its first byte; ``{"type": "log_gap", "job", "attempt", "from", "to"}`` for bytes
that the limited log no longer has; ``{"type": "connection", "up": bool, "why"}``; ``{"type": "error",
"code", "message", "hint", "details"}``.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

from .backend import JobBody


def changed(job: JobBody) -> dict[str, Any]:
    return {"type": "job", "job": job}


def connection(up: bool, why: str | None = None) -> dict[str, Any]:
    return {"type": "connection", "up": up, "why": why}


class LogText:
    """Log bytes as text events, for one job.

    A character that two pieces share is held back until it is whole; bytes that are no UTF-8 become U+FFFD (``logs``
    without --json has them as they are).
    """

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._attempt = 0
        self._next = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def take(self, attempt: int, offset: int, content: bytes) -> Iterator[dict[str, Any]]:
        if attempt != self._attempt:
            yield from self.rest()
            self._attempt, self._next = attempt, offset
        yield from self._event(self._decoder.decode(content), offset + len(content))

    def skip(self, attempt: int, start: int, end: int) -> Iterator[dict[str, Any]]:
        """The bytes from `start` to `end` are gone."""
        yield from self.rest()
        self._attempt, self._next = attempt, end
        yield {"type": "log_gap", "job": self._job_id, "attempt": attempt, "from": start, "to": end}

    def rest(self) -> Iterator[dict[str, Any]]:
        """What is held back and will never be whole."""
        yield from self._event(self._decoder.decode(b"", final=True), self._next)
        self._decoder.reset()

    def _event(self, text: str, end: int) -> Iterator[dict[str, Any]]:
        start, held = self._next, len(self._decoder.getstate()[0])
        self._next = end - held
        if text:
            yield {"type": "log", "job": self._job_id, "attempt": self._attempt, "offset": start, "text": text}

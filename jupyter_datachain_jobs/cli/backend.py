"""What a command speaks to: a server, or the rooms in this process. The commands see this and nothing else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

#: A job as in REST (see openapi.json).
JobBody = dict[str, Any]


@dataclass(frozen=True)
class LogPiece:
    """Some bytes of a log from `offset`, which is further than was asked where those in between are gone; `complete`: the attempt is over, so the log will not grow beyond `size`."""

    offset: int
    content: bytes
    size: int
    complete: bool


# What following a job yields.


@dataclass(frozen=True)
class Changed:
    job: JobBody


@dataclass(frozen=True)
class LogBytes:
    """The bytes from `offset` on of the log of that attempt; offsets of one attempt leave no gap and repeat nothing,
    except for a gap that was told."""

    attempt: int
    offset: int
    content: bytes


@dataclass(frozen=True)
class LogGap:
    """The bytes from `start` to `end`, which would be next, are gone: the log is limited."""

    attempt: int
    start: int
    end: int


@dataclass(frozen=True)
class Away:
    """The connection broke; it is being made again."""

    why: str


@dataclass(frozen=True)
class Back:
    pass


Happening = Changed | LogBytes | LogGap | Away | Back


class Backend(Protocol):
    """Failures of all kinds are raised as `JobsError`."""

    @property
    def name(self) -> str:
        """How to name it in a sentence."""

    async def ask(
        self,
        verb: str,
        route: str,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """What the door answers, as JSON values. `route` is its path in the API's table, filled in from `path`."""

    async def read_log(self, job_id: str, offset: int, attempt: int | None = None) -> LogPiece:
        """As many bytes from `offset` as one read gives; none when there are no more yet. Of the newest attempt."""

    def follow(self, job: JobBody) -> AsyncGenerator[Happening]:
        """Every change of `job` after the one given, and its log from the start, until it is final and all is told.

        The final change comes last. Ends with `JobNotFound` when the job is deleted meanwhile.
        """

    def script_name(self, script: str) -> str:
        """How this backend knows the script that was given on the command line."""

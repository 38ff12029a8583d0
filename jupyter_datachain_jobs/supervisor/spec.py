"""The document on stdin: what to run, where, and how to stop it."""

import os

from .codec import loads
from .names import MARKER, PROTOCOL
from .segments import LEAST_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MIN_SECRET = 6
"""Characters. Shorter secrets are not masked: they would turn ordinary text into stars."""


class SpecError(ValueError):
    """The document on stdin cannot be run. The sentence says which field is wrong."""


class Spec:
    """A checked spec."""

    __slots__ = (
        "argv",
        "attempt",
        "cwd",
        "env",
        "folder",
        "job",
        "lock",
        "max_log_size",
        "nice",
        "phase",
        "sample_interval",
        "secrets",
        "sigint_grace",
        "sigterm_grace",
        "socket",
        "timeout",
    )

    def __init__(self, data: "dict[str, Any]") -> None:
        take = _Taker(data)
        if data.get("protocol") != PROTOCOL:
            raise SpecError(f"protocol {data.get('protocol')!r} is not {PROTOCOL}")
        self.job: str = take("job", str)
        self.attempt: int = take("attempt", int)
        self.folder: str = take.path("folder")
        """The attempt's folder."""
        self.lock: str = take.path("lock")
        self.socket: str = take("socket", str, "")
        """Empty: no socket, the files say everything."""
        self.argv: list[str] = take.strings("argv")
        self.cwd: str = take.path("cwd")
        self.env: dict[str, str] = take("env", dict)
        self.secrets: list[str] = [one for one in take.strings("secrets", []) if len(one) >= MIN_SECRET]
        self.sigint_grace = float(take("sigint_grace", (int, float), 10.0))
        """Seconds from SIGINT to SIGTERM."""
        self.sigterm_grace = float(take("sigterm_grace", (int, float), 5.0))
        """Seconds from SIGTERM to SIGKILL."""
        self.timeout = float(take("timeout", (int, float), 0.0))
        """Seconds that the job may run, 0 for no limit."""
        self.nice: int = take("nice", int, 0)
        self.sample_interval = float(take("sample_interval", (int, float), 1.0))
        """Seconds between resource samples, 0 for none."""
        self.max_log_size: int = take("max_log_size", int, 0)
        """Bytes of the log to keep at most, 0 for all."""
        self.phase: str = take("phase", str, "Running query")
        if not self.job or "/" in self.job or not _is_text(self.job):
            raise SpecError(f"job: {self.job!r} cannot be part of a file name")
        if not self.argv:
            raise SpecError("argv is empty")
        if self.max_log_size and self.max_log_size < LEAST_LIMIT:
            raise SpecError(
                f"max_log_size: {self.max_log_size} is neither 0 (no limit) nor at least {LEAST_LIMIT} bytes"
            )
        for name, value in self.env.items():
            if not name or "=" in name or not isinstance(value, str) or not _is_text(name + value):
                raise SpecError(f"env: {name!r} cannot be an environment variable")
        # Sweeps find the job's processes by it, so it is never left out.
        self.env.setdefault(MARKER, f"{self.job}.{self.attempt}")


def _is_text(value: str) -> bool:
    """Whether the system takes it: no NUL, and no surrogate except those that stand for a byte."""
    try:
        return b"\0" not in value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False


class _Taker:
    """Takes typed fields out of the document."""

    def __init__(self, data: "dict[str, Any]") -> None:
        self._data = data

    def __call__(self, name: str, kind: "type | tuple[type, ...]", default: object = None) -> "Any":
        value = self._data.get(name, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise SpecError(f"{name}: {value!r} has the wrong type")
        return value

    def strings(self, name: str, default: list[str] | None = None) -> list[str]:
        value = self(name, list, default)
        if not all(isinstance(one, str) and _is_text(one) for one in value):
            raise SpecError(f"{name}: not a list of texts")
        return value

    def path(self, name: str) -> str:
        value = self(name, str)
        if not os.path.isabs(value) or not _is_text(value):
            raise SpecError(f"{name}: {value!r} is not an absolute path")
        return value


def parse(data: bytes) -> Spec:
    """The spec in one JSON document.

    Raises:
        SpecError: it is not JSON, of another protocol, or a field is missing or wrong.
    """
    try:
        value = loads(data)
    except ValueError as error:
        raise SpecError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise SpecError("not a JSON object")
    return Spec(value)

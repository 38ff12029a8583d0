"""The server itself."""

from __future__ import annotations

from typing import Any

from .base import Body


class Problem(Body):
    """The body of every refusal. `code` is stable; `hint` says what to do."""

    code: str
    message: str
    hint: str
    details: dict[str, Any] | None = None


class Notice(Body):
    """Something that users should know of this server, though it works."""

    code: str
    message: str
    hint: str


class Status(Body):
    version: str
    protocol: int
    server_id: str
    max_workers: int
    busy_workers: int
    queued: int
    running: int
    datachain_version: str | None
    notices: list[Notice]


class Template(Body):
    name: str
    text: str

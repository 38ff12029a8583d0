"""A running Jupyter server, over REST and its websocket."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from jupyter_datachain_jobs.domain import Category, InvalidRequest, JobsError

from .backend import Happening, JobBody, LogPiece
from .discover import Server

#: Seconds for one answer. POSTs answer at once; a slow disk is the longest that is worth waiting for.
REQUEST_S = 60.0
CONNECT_S = 10.0

LOG_READ = 4 * 1024 * 1024

_CATEGORIES = {
    400: Category.INVALID,
    403: Category.FORBIDDEN,
    404: Category.NOT_FOUND,
    409: Category.CONFLICT,
    413: Category.TOO_LARGE,
}


class Unreachable(JobsError):
    """Nobody answers at that address: worth another try later."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(
            "server_unreachable",
            f"The server at {url} does not answer: {why}.",
            "Check that it runs and that the address is right, or use --local.",
            category=Category.UNAVAILABLE,
        )


class NotAllowed(JobsError):
    def __init__(self, url: str) -> None:
        super().__init__(
            "not_authenticated",
            f"The server at {url} refused: the token is missing or wrong, or its user may not do this.",
            "Give the right token with --token or DATACHAIN_JOBS_TOKEN; `jupyter server list` shows it.",
            category=Category.FORBIDDEN,
        )


class NoExtension(JobsError):
    def __init__(self, url: str) -> None:
        super().__init__(
            "extension_missing",
            f"The server at {url} has no jupyter-datachain-jobs.",
            "Check the address, and `jupyter server extension list` where it runs.",
            category=Category.UNAVAILABLE,
        )


class RemoteBackend:
    """See `Backend`.

    relocate: finds the server again after a restart, since it may then have another port and token.
    """

    def __init__(self, server: Server, relocate: Callable[[], Awaitable[Server | None]] | None = None) -> None:
        self.server = server
        self._relocate = relocate
        # A client of our own: the shared one allows 10 connections and keeps its settings for everybody.
        self._client = SimpleAsyncHTTPClient(force_instance=True, max_body_size=256 * 1024 * 1024)

    @property
    def name(self) -> str:
        return f"the server at {self.server.url}"

    async def ask(
        self,
        verb: str,
        route: str,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        answer = await self.fetch(verb, route, path, query=query, body=body)
        try:
            return json.loads(answer.body)
        except ValueError:
            raise NoExtension(self.server.url) from None

    async def read_log(self, job_id: str, offset: int, attempt: int | None = None) -> LogPiece:
        query = {"offset": offset, "limit": LOG_READ, "attempt": attempt}
        answer = await self.fetch("GET", "jobs/{job}/log", {"job": job_id}, query=query)
        headers = answer.headers
        return LogPiece(
            int(headers["X-Log-Offset"]),
            answer.body,
            int(headers["X-Log-Size"]),
            headers["X-Log-Complete"] == "true",
        )

    async def fetch(
        self,
        verb: str,
        route: str,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        seconds: float = REQUEST_S,
    ) -> HTTPResponse:
        """One request; `seconds`: for the answer. Raises JobsError with the server's own words."""
        filled = route.format_map({key: quote(value, safe="") for key, value in (path or {}).items()})
        url = f"{self.server.url}datachain-jobs/api/{filled}"
        if query:
            url += "?" + urlencode({key: value for key, value in query.items() if value not in ("", None)})
        request = HTTPRequest(
            url,
            verb,
            headers=self.headers(),
            body=json.dumps(body if body is not None else {}).encode() if verb == "POST" else None,
            connect_timeout=min(CONNECT_S, seconds),
            request_timeout=seconds,
            # A redirect leads to a login page, which is no answer.
            follow_redirects=False,
        )
        try:
            answer = await self._client.fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise Unreachable(self.server.url, str(error)) from error
        if answer.code == 599 or answer.code >= 400 or answer.code in (301, 302, 303, 307, 308):
            raise refusal(self.server.url, answer)
        return answer

    def headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json, application/octet-stream"}
        if self.server.token:
            headers["Authorization"] = f"token {self.server.token}"
        return headers

    def script_name(self, script: str) -> str:
        root = self.server.root
        if root is None:
            # Another machine: what is known of its folders is what the user says.
            if Path(script).is_absolute():
                raise InvalidRequest(
                    "script_path_invalid",
                    f"{self.name} runs elsewhere, so that {script} says nothing to it.",
                    "Give the script's path as its file browser shows it, or run it here with --local.",
                )
            return Path(script).as_posix()
        # The folder's links are followed, the script's own is not: it runs where it is seen.
        seen = Path(os.path.abspath(script))
        seen = seen.parent.resolve() / seen.name
        if not seen.is_relative_to(root):
            raise InvalidRequest(
                "script_outside_root",
                f"{seen} is outside {root}, the folder that {self.name} shows.",
                "Move it there, or run it in this process with --local.",
                category=Category.FORBIDDEN,
            )
        return seen.relative_to(root).as_posix()

    async def find_again(self) -> None:
        """After a broken connection: take the server's new address, if it has one."""
        if self._relocate is not None and (found := await self._relocate()):
            self.server = found

    def follow(self, job: JobBody) -> AsyncGenerator[Happening]:
        from .following import Following

        return Following(self, job).happenings()


def refusal(url: str, answer: HTTPResponse) -> JobsError:
    """The error that an answer means."""
    try:
        problem = json.loads(answer.body)
        code, message, hint = problem["code"], problem["message"], problem["hint"]
        details = problem.get("details")
    except (ValueError, KeyError, TypeError):
        if answer.code in (401, 403) or 300 <= answer.code < 400:
            return NotAllowed(url)
        if answer.code == 404:
            return NoExtension(url)
        return Unreachable(url, f"it answers {answer.code} {answer.reason}")
    if code in ("not_authenticated", "forbidden"):
        return NotAllowed(url)
    category = Category.UNAVAILABLE if answer.code >= 500 else _CATEGORIES.get(answer.code, Category.INVALID)
    return JobsError(code, message, hint, category=category, details=details)

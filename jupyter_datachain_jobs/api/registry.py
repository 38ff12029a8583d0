"""Tornado handlers, made from the table of routes."""

from __future__ import annotations

import contextlib
import getpass
import json
import re
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from jupyter_server.auth.identity import User
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from pydantic import BaseModel
from tornado import web
from tornado.iostream import StreamClosedError

from jupyter_datachain_jobs.domain import Category, JobsError

from .doors import Doors
from .refusals import problem_for
from .request import Download, Raw, Request, parse_body, parse_query
from .resource import RESOURCE
from .routes import ROUTES, Route
from .websocket import JobsSocket

#: One path segment; ids are parsed afterwards, so that a wrong one gets a sentence and not tornado's bare 404.
_SEGMENT = r"([^/]+)"


def handlers(doors: Doors) -> list[tuple[str, type[web.RequestHandler], dict[str, Any]]]:
    """(path pattern without base_url, handler class, arguments) for every door."""
    by_path: dict[str, list[Route]] = {}
    for route in ROUTES:
        by_path.setdefault(route.path, []).append(route)
    found: list[tuple[str, type[web.RequestHandler], dict[str, Any]]] = [
        (r"/datachain-jobs/api/ws", JobsSocket, {"doors": doors})
    ]
    for path, routes in by_path.items():
        pattern = re.sub(r"\\{\w+\\}", lambda _: _SEGMENT, re.escape(path))
        found.append((rf"/datachain-jobs/api/{pattern}", _handler(path, routes), {"doors": doors}))
    found.append((r"/datachain-jobs/api(?:/.*)?", UnknownDoor, {"doors": doors}))
    return found


class Door(APIHandler):
    """What all doors share: errors as ``{code, message, hint, details}`` and the owner's name."""

    def initialize(self, doors: Doors) -> None:
        self._doors = doors

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every refusal has a body of one shape, also those that tornado and jupyter_server raise."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        status, problem = problem_for(status_code, error)
        self.set_status(status)
        self.finish(problem.model_dump_json())

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        # A refusal is an answer, not an accident of the server.
        if not isinstance(value, JobsError):
            super().log_exception(typ, value, tb)

    def arguments_of_path(self, route: Route, parts: tuple[str, ...]) -> dict[str, str]:
        return dict(zip(re.findall(r"\{(\w+)\}", route.path), parts, strict=True))


class UnknownDoor(Door):
    """Anything else under our prefix: a clear 404 in place of JupyterLab's page."""

    @web.authenticated
    @authorized("read", resource=RESOURCE)
    async def get(self) -> None:
        raise JobsError(
            "no_such_route",
            "There is nothing at this address.",
            "See api/openapi.json for what there is.",
            category=Category.NOT_FOUND,
        )

    post = put = patch = delete = get


def owner_name(handler: JupyterHandler) -> str:
    """Who a job belongs to.

    Without a hub, a request with the server's token gets a new anonymous identity each time: then it is the person
    whose account runs the server.
    """
    user = cast("User", handler.current_user)
    name = getattr(user, "username", None) or str(user)
    if getattr(user, "name", "").startswith("Anonymous "):
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # a container's numeric user without an account
            return "me"
    return name


def _handler(path: str, routes: list[Route]) -> type[Door]:
    methods = {route.verb.lower(): _method(route) for route in routes}
    for verb in {"get", "post", "put", "patch", "delete"} - methods.keys():
        methods[verb] = _refusal(", ".join(sorted(route.verb for route in routes)))
    return type("Door_" + re.sub(r"\W+", "_", path), (Door,), dict(methods))


def _method(route: Route) -> Callable[..., Any]:
    async def answer(self: Door, *parts: str) -> None:
        request = Request(
            self._doors.open(),
            owner_name(self),
            self.arguments_of_path(route, parts),
            parse_query(route.query, self.request.query_arguments) if route.query else None,
            parse_body(route.body, self.request.body) if route.body else None,
        )
        result = await route.answer(request)
        self.set_status(route.status)
        if isinstance(result, Download):
            await _send(self, result)
        elif isinstance(result, Raw):
            for name, value in result.headers.items():
                self.set_header(name, value)
            # A log is somebody's text: a browser must never take it for a page.
            self.set_header("X-Content-Type-Options", "nosniff")
            self.finish(result.content, set_content_type="application/octet-stream")
        else:
            self.finish(result.model_dump_json(by_alias=True) if isinstance(result, BaseModel) else json.dumps(result))

    # Reading is what open pages do by themselves: it must not keep an idle server alive.
    return web.authenticated(
        authorized(route.action, resource=RESOURCE)(_untracked(answer) if route.verb == "GET" else answer)
    )


async def _send(door: Door, download: Download) -> None:
    door.set_header("Content-Type", "application/octet-stream")
    door.set_header("X-Content-Type-Options", "nosniff")
    door.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(download.name, safe='')}")
    # Whoever leaves in the middle of it has had enough.
    with contextlib.suppress(StreamClosedError):
        async for piece in download.pieces:
            door.write(piece)
            await door.flush()
        await door.finish()


def _untracked(answer: Callable[..., Any]) -> Callable[..., Any]:
    async def quiet(self: Door, *parts: str) -> None:
        self._track_activity = False
        await answer(self, *parts)

    return quiet


def _refusal(allowed: str) -> Callable[..., Any]:
    async def refuse(self: Door, *_: str) -> None:
        self.set_header("Allow", allowed)
        raise web.HTTPError(405)

    return web.authenticated(authorized("read", resource=RESOURCE)(refuse))

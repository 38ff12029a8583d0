"""Every door: who gets in, and what a refusal looks like."""

from __future__ import annotations

import http.cookiejar
import json
import re
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.server import Answer, LiveServer

from jupyter_datachain_jobs.api.openapi import document
from jupyter_datachain_jobs.api.routes import ROUTES, Route

SOME_ID = str(uuid.uuid4())


def address(route: Route) -> str:
    return re.sub(r"\{\w+\}", SOME_ID, route.path)


def is_problem(answer: Answer) -> bool:
    return (
        isinstance(answer.body, dict)
        and set(answer.body) == {"code", "message", "hint", "details"}
        and all(answer.body[key] for key in ("code", "message", "hint"))
    )


every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


@every_route
def test_without_a_login_nothing_is_told(server: LiveServer, route: Route) -> None:
    answer = server.request(route.verb, address(route), {} if route.body else None, token=None)
    assert answer.status in (401, 403)
    assert is_problem(answer)
    answer = server.request(route.verb, address(route), {} if route.body else None, token="wrong")
    assert answer.status in (401, 403)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.verb != "GET"], ids=lambda route: route.name)
def test_a_cookie_without_the_xsrf_token_is_refused(server: LiveServer, route: Route) -> None:
    """A page of another site can make a browser send the cookie, but cannot read the token beside it."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(f"{server.url}login?token={server.token}", timeout=30).close()
    xsrf = next(cookie.value for cookie in jar if cookie.name == "_xsrf")

    def send(headers: dict[str, str]) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"{server.url}datachain-jobs/api/{address(route)}",
            b'{"script": {"path": "none.py"}}' if route.body else None,
            headers,
            method=route.verb,
        )
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    for headers in ({}, {"X-XSRFToken": "wrong"}):
        status, body = send(headers)
        assert status == 403
        assert body["code"] == "forbidden"
    status, body = send({"X-XSRFToken": str(xsrf)})
    assert body.get("code") != "forbidden", "with the token the request itself is judged"
    assert status in (400, 404)


@every_route
def test_methods_that_a_door_does_not_take(server: LiveServer, route: Route) -> None:
    answer = server.request("PUT", address(route), {})
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")


#: For routes whose body cannot be empty.
BODIES = {"setJobPriority": {"priority": 5}}


@pytest.mark.parametrize("route", [route for route in ROUTES if "{job}" in route.path], ids=lambda route: route.name)
def test_unknown_jobs(server: LiveServer, route: Route) -> None:
    for job in (SOME_ID, "not-an-id", "..%2f..%2fetc", "%00"):
        path = route.path.replace("{job}", job)
        answer = server.request(route.verb, path, BODIES.get(route.name, {}) if route.body else None)
        assert (answer.status, answer.body["code"]) == (404, "job_not_found"), (job, answer)
        assert is_problem(answer)


@pytest.mark.parametrize("route", [route for route in ROUTES if "{uuid}" in route.path], ids=lambda route: route.name)
def test_unknown_datasets(server: LiveServer, route: Route) -> None:
    for uid in (SOME_ID, "not-an-id"):
        answer = server.request(route.verb, route.path.replace("{uuid}", uid))
        assert (answer.status, answer.body["code"]) == (404, "dataset_not_found")


BAD_BODIES: list[tuple[bytes, int, str]] = [
    (b"", 400, "invalid_body"),
    (b"not json", 400, "invalid_body"),
    (b"[]", 400, "invalid_body"),
    (b"null", 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "colour": 1}', 400, "invalid_body"),
    (b'{"script": "a.py"}', 400, "invalid_body"),
    (b'{"script": {"path": ""}}', 400, "invalid_body"),
    (b'{"script": {"path": 7}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py", "text": 7}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"workers": 0}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"workers": "many"}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"colour": 1}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"parameters": {"a": 1}}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"priority": 0}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"priority": 11}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"priority": 5.5}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"priority": true}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"priority": "5"}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"timeout": "5"}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"timeout": 0}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"timeout": NaN}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"timeout": 1e300}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"retries": 3}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"retries": {"count": -1}}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"retries": {"backoff": Infinity}}}', 400, "invalid_body"),
    (b'{"script": {"path": "a.py"}, "settings": {"retries": {"on": ["tuesday"]}}}', 400, "invalid_body"),
    (b'{"script": {"path": "\\ud800.py"}}', 400, "invalid_body"),
    (b"\xff\xfe", 400, "invalid_body"),
    (b"[" * 100_000, 400, "invalid_body"),
    (b'{"script": {"path": "a.py", "text": "' + b"x" * 10_000_000 + b'"}}', 413, "body_too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD_BODIES, ids=[str(i) for i in range(len(BAD_BODIES))])
def test_bad_bodies(server: LiveServer, body: bytes, status: int, code: str) -> None:
    before = server.request("GET", "jobs").body["seq"]
    answer = server.request("POST", "jobs", data=body)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert is_problem(answer)
    assert server.request("GET", "jobs").body["seq"] == before, "nothing was recorded"


def test_a_wrong_field_is_named(server: LiveServer) -> None:
    answer = server.request("POST", "jobs", {"script": {"path": "a.py"}, "settings": {"workers": -3}})
    assert "settings.workers" in answer.body["message"]
    assert answer.body["details"]["fields"][0]["at"] == ["settings", "workers"]


@pytest.mark.parametrize(
    "query",
    ["jobs?limit=0", "jobs?limit=x", "jobs?limit=100000", "jobs?cursor=x", "jobs?state=SLEEPING", "jobs?q=" + "x" * 300,
     "jobs?q=%00", "jobs?cursor=99999999999999999999", "datasets"],
)  # fmt: skip
def test_bad_queries(server: LiveServer, query: str) -> None:
    answer = server.request("GET", query)
    assert (answer.status, answer.body["code"]) == (400, "invalid_query")
    assert is_problem(answer)


def test_jupyterlabs_time_stamp_against_caches_is_let_through(server: LiveServer) -> None:
    assert server.request("GET", "jobs?1764100000000").status == 200


def test_an_unknown_address_is_said_in_json(server: LiveServer) -> None:
    for verb in ("GET", "POST"):
        answer = server.request(verb, "no/such/door", {} if verb == "POST" else None)
        assert (answer.status, answer.body["code"]) == (404, "no_such_route")


def test_the_openapi_document_lists_every_route(server: LiveServer) -> None:
    served = server.request("GET", "openapi.json").body
    assert served == json.loads(json.dumps(document()))
    listed = {(verb.upper(), path) for path, verbs in served["paths"].items() for verb in verbs}
    assert listed == {(route.verb, f"/{route.path}") for route in ROUTES}


def test_a_role_that_only_reads(new_server: Callable[..., LiveServer], tmp_path: Path) -> None:
    """An Authorizer decides per action; each route asks for the one in the table."""
    (tmp_path / "readers.py").write_text(
        "from jupyter_server.auth import Authorizer\n"
        "class Readers(Authorizer):\n"
        "    def is_authorized(self, handler, user, action, resource):\n"
        "        return resource != 'datachain-jobs' or action == 'read'\n"
    )
    server = new_server(
        config={"ServerApp": {"authorizer_class": "readers.Readers"}}, env={"PYTHONPATH": str(tmp_path)}
    )
    server.start()
    for route in ROUTES:
        answer = server.request(route.verb, address(route), {} if route.body else None)
        if route.action == "read":
            assert answer.status != 403, route
        else:
            assert answer.status == 403, route
            assert answer.body["code"] == "forbidden"

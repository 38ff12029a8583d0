"""The OpenAPI 3.1 document, made from the table of routes. ``python -m jupyter_datachain_jobs.api.openapi`` prints it."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from jupyter_datachain_jobs import __version__

from . import schemas
from .request import Download, Raw
from .resource import RESOURCE
from .routes import ROUTES, Route

#: Everything that the websocket says and hears, so that the front end's types have this one source too.
FROM_SERVER: tuple[type[BaseModel], ...] = (
    schemas.Hello, schemas.SubscribedJobs, schemas.SubscribedLog, schemas.JobChanged, schemas.JobDeleted,
    schemas.StatusChanged, schemas.LogSkip, schemas.LogEnd, schemas.SocketProblem, schemas.Pong,
)  # fmt: skip
FROM_CLIENT: tuple[type[BaseModel], ...] = (
    schemas.Subscribe, schemas.Unsubscribe, schemas.Acknowledge, schemas.Ping,
)  # fmt: skip

_REF = "#/components/schemas/{model}"


@functools.cache
def document() -> dict[str, Any]:
    """The whole document as JSON values."""
    pairs: list[tuple[type[BaseModel], Any]] = [(schemas.Problem, "serialization")]
    pairs += [(model, "serialization") for model in FROM_SERVER]
    pairs += [(model, "validation") for model in FROM_CLIENT]
    for route in ROUTES:
        if route.body:
            pairs.append((route.body, "validation"))
        if issubclass(route.response, BaseModel):
            pairs.append((route.response, "serialization"))
    keys, definitions = models_json_schema(list(dict.fromkeys(pairs)), ref_template=_REF)
    components = definitions["$defs"]
    components["ServerMessage"] = {"oneOf": [keys[model, "serialization"] for model in FROM_SERVER]}
    components["ClientMessage"] = {"oneOf": [keys[model, "validation"] for model in FROM_CLIENT]}
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(f"/{route.path}", {})[route.verb.lower()] = _operation(route, keys)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter-datachain-jobs",
            "version": __version__,
            "description": "Everything below {base_url}datachain-jobs/api/. Refusals have the body Problem.",
        },
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(route: Route, keys: Any) -> dict[str, Any]:
    if route.response in (Raw, Download):
        content: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    elif issubclass(route.response, BaseModel):
        content = {"application/json": {"schema": keys[route.response, "serialization"]}}
    else:
        content = {"application/json": {"schema": {"type": "object"}}}
    operation: dict[str, Any] = {
        "operationId": route.name,
        "description": f"Needs the right to {route.action} on {RESOURCE!r}.",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
            for name in re.findall(r"\{(\w+)\}", route.path)
        ]
        + _query_parameters(route),
        "responses": {
            str(route.status): {"description": "As asked.", "content": content},
            "default": {
                "description": "Refused.",
                "content": {"application/json": {"schema": keys[schemas.Problem, "serialization"]}},
            },
        },
    }
    if route.body:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": keys[route.body, "validation"]}},
        }
    return operation


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema(mode="validation")
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": described}
        for name, described in schema["properties"].items()
    ]


if __name__ == "__main__":
    print(json.dumps(document(), indent=2, sort_keys=True))

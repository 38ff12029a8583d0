"""The doors without HTTP, for a caller in the same process: same checks, same bodies, same refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from .doors import Rooms
from .request import Request, parse_body, parse_query
from .routes import ROUTES, Route

#: By verb and path.
_TABLE: dict[tuple[str, str], Route] = {(entry.verb, entry.path): entry for entry in ROUTES}


async def ask(
    rooms: Rooms,
    owner: str,
    verb: str,
    route: str,
    path: Mapping[str, str] | None = None,
    *,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
) -> Any:
    """What the door `verb` `route` (as in the table of routes) answers to `owner`: JSON values, or `Raw` bytes.

    Raises JobsError as the door would refuse, KeyError for a door that is not in the table.
    """
    found = _TABLE[verb, route]
    arguments = {key: [str(value).encode()] for key, value in (query or {}).items() if value not in ("", None)}
    request = Request(
        rooms,
        owner,
        dict(path or {}),
        parse_query(found.query, arguments) if found.query else None,
        parse_body(found.body, json.dumps(body or {}).encode()) if found.body else None,
    )
    result = await found.answer(request)
    return result.model_dump(mode="json", by_alias=True) if isinstance(result, BaseModel) else result

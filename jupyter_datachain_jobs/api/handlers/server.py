"""About the server itself."""

from __future__ import annotations

from typing import Any

from jupyter_datachain_jobs.domain import State
from jupyter_datachain_jobs.submit import template

from .. import schemas
from ..doors import Rooms
from ..request import Request

#: Version of the REST and websocket shapes; a page with another one is told to reload.
PROTOCOL = 1


async def status(request: Request) -> schemas.Status:
    return await status_of(request.rooms)


async def status_of(rooms: Rooms) -> schemas.Status:
    from jupyter_datachain_jobs import __version__

    counts, busy = await rooms.store.counts()
    return schemas.Status(
        version=__version__,
        protocol=PROTOCOL,
        server_id=rooms.server_id,
        max_workers=rooms.max_workers,
        busy_workers=busy,
        queued=counts.get(State.QUEUED, 0),
        running=sum(counts.get(state, 0) for state in (State.INIT, State.RUNNING, State.CANCELING)),
        datachain_version=rooms.worker.known_version,
        notices=[schemas.Notice.model_validate(notice) for notice in rooms.notices],
    )


async def script_template(request: Request) -> schemas.Template:
    name, text = template()
    return schemas.Template(name=name, text=text)


async def openapi_document(request: Request) -> dict[str, Any]:
    from ..openapi import document

    return document()

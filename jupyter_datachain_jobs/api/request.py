"""A checked request, as the functions in `handlers/` get it, and the parsing that makes one."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from jupyter_datachain_jobs.domain import Category, DatasetNotFound, InvalidRequest, JobNotFound

from .doors import Rooms

#: A script of 5 MiB as JSON text, and some room; anything larger is no request of ours.
MAX_BODY_BYTES = 8 * 1024 * 1024

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Raw:
    """An answer of plain bytes."""

    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Download:
    """An answer of bytes for a file called `name`, sent piece by piece as the other end takes them."""

    name: str
    pieces: AsyncIterator[bytes]


@dataclass(frozen=True)
class Request:
    rooms: Rooms
    owner: str
    path: dict[str, str]
    query: Any
    body: Any

    @property
    def job_id(self) -> str:
        """The job id in the path, in its one canonical spelling. Raises JobNotFound for what cannot be one."""
        text = self.path["job"]
        try:
            return str(uuid.UUID(text))
        except ValueError:
            raise JobNotFound(text) from None

    @property
    def dataset_uuid(self) -> str:
        text = self.path["uuid"]
        try:
            return str(uuid.UUID(text))
        except ValueError:
            raise DatasetNotFound(text) from None


def parse_body(model: type[Model], content: bytes) -> Model:
    """Raises InvalidRequest: ``body_too_large``, ``invalid_body`` (naming each wrong field)."""
    if len(content) > MAX_BODY_BYTES:
        raise InvalidRequest(
            "body_too_large",
            f"The request is {len(content)} bytes long; at most {MAX_BODY_BYTES} are read.",
            "Send less. Data belongs in files that the script reads.",
            category=Category.TOO_LARGE,
        )
    try:
        return model.model_validate_json(content or b"{}", strict=True)
    except ValidationError as error:
        raise _invalid("invalid_body", "The request's body", error) from error


def parse_query(model: type[Model], arguments: dict[str, list[bytes]]) -> Model:
    """Raises InvalidRequest ``invalid_query``. Of a repeated parameter the last one counts."""
    try:
        return model.model_validate({key: values[-1].decode() for key, values in arguments.items() if values})
    except UnicodeDecodeError as error:
        raise InvalidRequest("invalid_query", "The address is not UTF-8.", "Encode it as UTF-8.") from error
    except ValidationError as error:
        raise _invalid("invalid_query", "The address", error) from error


def _invalid(code: str, what: str, error: ValidationError) -> InvalidRequest:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    shown = "; ".join(
        f"{'.'.join(str(part)[:64] for part in item['loc']) or 'the whole'}: {item['msg']}" for item in found[:5]
    )
    more = f"; and {len(found) - 5} more" if len(found) > 5 else ""
    return InvalidRequest(
        code,
        f"{what} is not as expected: {shown}{more}.",
        "See openapi.json for what this request takes.",
        details={
            "fields": [{"at": [str(part)[:64] for part in item["loc"]], "why": item["msg"]} for item in found[:20]]
        },
    )

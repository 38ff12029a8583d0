"""What all bodies share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel as _BaseModel
from pydantic import ConfigDict, PlainSerializer, WithJsonSchema


def iso(at: datetime) -> str:
    """UTC with microseconds and Z, always of one length, so that text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Time = Annotated[
    datetime,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Body(_BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_serialization_defaults_required=True, from_attributes=True
    )


class Query(_BaseModel):
    """Query parameters; unknown ones are let through, since JupyterLab adds a time stamp against caches."""

    model_config = ConfigDict(extra="ignore", frozen=True)

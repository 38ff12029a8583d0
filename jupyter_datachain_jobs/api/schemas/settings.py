"""What runs, and how."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from jupyter_datachain_jobs.domain import (
    DEFAULT_PRIORITY,
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    MOST_BACKOFF_S,
    MOST_TIMEOUT_S,
    Retryable,
)

from .base import Body


class ScriptText(Body):
    """Which script to run. `text` is what the editor shows; without it the file is read."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    text: str | None = None


ParameterName = Annotated[str, StringConstraints(min_length=1, max_length=256)]
ParameterValue = Annotated[str, StringConstraints(max_length=65536)]


Priority = Annotated[int, Field(ge=LOWEST_PRIORITY, le=HIGHEST_PRIORITY, description="Higher ones start sooner.")]


class Retries(Body):
    """Whether a failed attempt is followed by another one."""

    count: Annotated[int, Field(ge=0, le=100, description="Attempts after the first.")] = 0
    backoff: Annotated[
        float,
        Field(
            ge=0,
            le=MOST_BACKOFF_S,
            allow_inf_nan=False,
            description="Seconds before the first retry; each further one waits twice as long.",
        ),
    ] = 10.0
    on: Annotated[
        list[Retryable],
        Field(max_length=len(Retryable), description="Error codes that are tried again; empty for all that can be."),
    ] = []  # noqa: RUF012 - pydantic copies defaults


class Settings(Body):
    """How a job runs."""

    workers: Annotated[int, Field(ge=1, le=100_000, description="Worker slots that the job occupies.")] = 1
    priority: Priority = DEFAULT_PRIORITY
    timeout: Annotated[
        float | None,
        Field(
            gt=0,
            le=MOST_TIMEOUT_S,
            allow_inf_nan=False,
            description="Seconds that an attempt's code may run; null for no limit.",
        ),
    ] = None
    retries: Retries = Retries()
    parameters: Annotated[
        dict[ParameterName, ParameterValue],
        Field(max_length=1000, description="Reach the script as datachain.query.params.param(name)."),
    ] = {}  # noqa: RUF012 - pydantic copies defaults

"""Jobs to table rows and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from jupyter_datachain_jobs.domain import (
    Attempt,
    Job,
    JobError,
    Progress,
    Retries,
    RunSettings,
    Script,
    State,
    UserFrame,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_TIMES = ("created_at", "queued_at", "started_at", "finished_at", "cancel_requested_at", "not_before")


def now() -> datetime:
    return datetime.now(UTC)


def to_micros(at: datetime | None) -> int | None:
    # Integer arithmetic: a float of seconds since 1970 has no room for microseconds.
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + micros * _MICROSECOND


def to_row(job: Job) -> dict[str, Any]:
    """A job's columns, without `number`, which the database gives."""
    row = changes_to_row({f.name: getattr(job, f.name) for f in dataclasses.fields(job)})
    script = job.script
    del row["script"]
    row |= {
        "script_path": script.path,
        "script_location": script.location,
        "script_sha256": script.sha256,
        "script_size": script.size,
    }
    return row


def settings_to_row(settings: RunSettings) -> dict[str, Any]:
    return {
        "workers": settings.workers,
        "priority": settings.priority,
        "settings": {
            "workers": settings.workers,
            "priority": settings.priority,
            "timeout": settings.timeout,
            "retries": dataclasses.asdict(settings.retries),
            "parameters": dict(settings.parameters),
        },
    }


def _settings(found: Mapping[str, Any]) -> RunSettings:
    """What an older version wrote lacks what it did not know."""
    retries = found.get("retries", {})
    return RunSettings(
        **{key: found[key] for key in ("workers", "priority", "timeout", "parameters") if key in found},
        retries=Retries(**(retries | {"on": tuple(retries.get("on", ()))})),
    )


def changes_to_row(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Job fields (by their names) as column values."""
    row: dict[str, Any] = {}
    for key, value in changes.items():
        if key in _TIMES:
            row[key] = to_micros(value)
        elif key in ("error", "progress") and value is not None:
            row[key] = dataclasses.asdict(value)
        elif key == "report" and value is not None:
            row[key] = dict(value)
        elif key == "state":
            row[key] = value.value
        elif key == "settings":
            row |= settings_to_row(value)
        else:
            row[key] = value
    return row


def from_row(row: RowMapping) -> Job:
    return Job(
        id=row["id"],
        name=row["name"],
        state=State(row["state"]),
        owner=row["owner"],
        script=Script(row["script_path"], row["script_location"], row["script_sha256"], row["script_size"]),
        settings=_settings(row["settings"]),
        created_at=_EPOCH + row["created_at"] * _MICROSECOND,
        kind=row["kind"],
        cluster=row["cluster"],
        revision=row["revision"],
        seq=row["seq"],
        attempt=row["attempt"],
        queued_at=from_micros(row["queued_at"]),
        started_at=from_micros(row["started_at"]),
        finished_at=from_micros(row["finished_at"]),
        cancel_requested_at=from_micros(row["cancel_requested_at"]),
        not_before=from_micros(row["not_before"]),
        exit_code=row["exit_code"],
        log_size=row["log_size"],
        error=_error(row["error"]),
        progress=Progress(**row["progress"]) if row["progress"] else None,
        claim=row["claim"],
        settled=row["settled"],
        resumed_from=row["resumed_from"],
        report=row["report"],
    )


def attempt_from_row(row: RowMapping) -> Attempt:
    return Attempt(
        attempt=row["attempt"],
        queued_at=from_micros(row["queued_at"]),
        claimed_at=_EPOCH + row["claimed_at"] * _MICROSECOND,
        started_at=from_micros(row["started_at"]),
        finished_at=from_micros(row["ended_at"]),
        exit_code=row["exit_code"],
        reason=row["reason"],
        error=_error(row["error"]),
        log_size=row["log_size"],
        report=row["report"],
    )


def _error(value: dict[str, Any] | None) -> JobError | None:
    if not value:
        return None
    frame = value.get("frame")
    if frame:
        context = tuple((int(line), str(text)) for line, text in frame.get("context", ()))
        value = value | {"frame": UserFrame(**(frame | {"context": context}))}
    return JobError(**value)

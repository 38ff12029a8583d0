"""Jobs to table rows and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from jupyter_datachain_jobs.domain import Job, JobError, Progress, RunSettings, Script, State, UserFrame

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_TIMES = ("created_at", "queued_at", "started_at", "finished_at", "cancel_requested_at")


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
    script, settings = job.script, job.settings
    del row["script"]
    row |= {
        "script_path": script.path,
        "script_location": script.location,
        "script_sha256": script.sha256,
        "script_size": script.size,
        "workers": settings.workers,
        "settings": {"workers": settings.workers, "parameters": dict(settings.parameters)},
    }
    return row


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
        settings=RunSettings(workers=row["settings"]["workers"], parameters=row["settings"].get("parameters", {})),
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
        exit_code=row["exit_code"],
        log_size=row["log_size"],
        error=_error(row["error"]),
        progress=Progress(**row["progress"]) if row["progress"] else None,
        claim=row["claim"],
        settled=row["settled"],
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

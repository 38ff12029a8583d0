"""Domain objects as bodies."""

from __future__ import annotations

import dataclasses

from jupyter_datachain_jobs import domain

from . import schemas

#: What a job without progress of its own is doing.
_PHASES = {
    domain.State.QUEUED: "Waiting in queue",
    domain.State.INIT: "Initializing job",
    domain.State.RUNNING: "Running query",
    domain.State.CANCELING: "Stopping",
}


def job_body(job: domain.Job) -> schemas.Job:
    return schemas.Job(
        id=job.id,
        name=job.name,
        kind=job.kind,
        state=job.state,
        revision=job.revision,
        seq=job.seq,
        owner=job.owner,
        cluster=job.cluster,
        script=schemas.Script(path=job.script.path, sha256=job.script.sha256, size=job.script.size),
        settings=schemas.Settings.model_validate(job.settings),
        progress=_progress(job),
        exit_code=job.exit_code,
        attempt=job.attempt,
        error=_error(job.error),
        log_size=job.log_size,
        created_at=job.created_at,
        queued_at=job.queued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        cancel_requested_at=job.cancel_requested_at,
        resumed_from=job.resumed_from,
        not_before=job.not_before,
    )


def _progress(job: domain.Job) -> schemas.Progress | None:
    if job.final:
        return None
    if job.progress is not None:
        return schemas.Progress(**dataclasses.asdict(job.progress))
    phase = _PHASES.get(job.state)
    return schemas.Progress(phase=phase, label=None, done=None, total=None, rate=None) if phase else None


def _error(error: domain.JobError | None) -> schemas.JobError | None:
    if error is None:
        return None
    return schemas.JobError(
        code=error.code,
        message=error.message,
        hint=error.hint,
        exception=error.exception,
        traceback=error.traceback,
        frame=_frame(error.frame),
    )


def _frame(frame: domain.UserFrame | None) -> schemas.UserFrame | None:
    if frame is None:
        return None
    return schemas.UserFrame(
        path=frame.path,
        line=frame.line,
        function=frame.function,
        text=frame.text,
        context=[schemas.ContextLine(line=line, text=text) for line, text in frame.context],
    )


def settings(body: schemas.Settings) -> domain.RunSettings:
    return domain.RunSettings(
        workers=body.workers,
        priority=body.priority,
        timeout=body.timeout,
        retries=domain.Retries(body.retries.count, body.retries.backoff, tuple(body.retries.on)),
        parameters=dict(body.parameters),
    )


def attempt_body(attempt: domain.Attempt) -> schemas.Attempt:
    report = (attempt.report or {}).get("cancel")
    return schemas.Attempt(
        attempt=attempt.attempt,
        queued_at=attempt.queued_at,
        claimed_at=attempt.claimed_at,
        started_at=attempt.started_at,
        finished_at=attempt.finished_at,
        exit_code=attempt.exit_code,
        reason=attempt.reason,
        error=_error(attempt.error),
        log_size=attempt.log_size,
        cancel=schemas.CancelReport.model_validate(report) if report else None,
    )

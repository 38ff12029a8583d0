"""Errors of all kinds as a status and a `Problem`."""

from __future__ import annotations

import http
from typing import Any

from tornado import web

from jupyter_datachain_jobs.domain import Category, JobsError

from .schemas import Problem

STATUS: dict[Category, int] = {
    Category.INVALID: 400,
    Category.FORBIDDEN: 403,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.TOO_LARGE: 413,
    Category.UNAVAILABLE: 503,
}

_BY_STATUS: dict[int, tuple[str, str, str]] = {
    401: ("not_authenticated", "This request carries no login.", "Log in, or send the server's token."),
    403: (
        "forbidden",
        "This request was refused: no login, no right to do this, or a missing XSRF token.",
        "Log in, or send the server's token. If you are logged in, reload the page.",
    ),
    404: ("not_found", "There is nothing at this address.", "See api/openapi.json for what there is."),
    405: ("method_not_allowed", "This address does not take this method.", "See api/openapi.json for what it takes."),
    413: ("body_too_large", "The request is too large.", "Send less."),
}


def problem_for(status: int, error: Any) -> tuple[int, Problem]:
    """The status and body for `error`; `status` is what tornado made of it."""
    if isinstance(error, JobsError):
        return STATUS[error.category], Problem(
            code=error.code, message=error.message, hint=error.hint, details=error.details
        )
    if status in _BY_STATUS:
        code, message, hint = _BY_STATUS[status]
    elif status < 500:
        code, message, hint = "bad_request", http.HTTPStatus(status).phrase + ".", "Check the request."
    else:
        code = "internal_error"
        message = "The server could not answer because of an error of its own."
        hint = "The server's log has the details. Please report it."
    why = getattr(error, "log_message", None) if isinstance(error, web.HTTPError) and status < 500 else None
    return status, Problem(code=code, message=message, hint=hint, details={"why": str(why)[:300]} if why else None)

"""What the database says when it cannot, in our words."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from jupyter_datachain_jobs.domain import Category, JobsError


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turns a failure of the database into a JobsError: ``database_busy``, ``database_full``, ``database_unusable``."""
    try:
        yield
    except PoolTimeout as error:
        raise _busy() from error
    except (DBAPIError, sqlite3.Error) as error:
        why = error.orig if isinstance(error, DBAPIError) else error
        text = str(why).lower()
        if "locked" in text or "busy" in text:
            raise _busy() from error
        if "full" in text:
            raise JobsError(
                "database_full",
                "The disk that holds the jobs database is full.",
                "Make room on it, then try again. A job that fills it can be stopped all the same.",
                category=Category.UNAVAILABLE,
            ) from error
        raise JobsError(
            "database_unusable",
            f"The jobs database cannot be used: {why}.",
            "Check its folder's disk and permissions. If the file is damaged, move it away: a new one is made.",
            category=Category.UNAVAILABLE,
        ) from error


def _busy() -> JobsError:
    return JobsError(
        "database_busy",
        "The jobs database is locked by another process.",
        "Try again in a moment; a backup or another program may be holding it.",
        category=Category.UNAVAILABLE,
    )

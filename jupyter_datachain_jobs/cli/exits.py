"""What a command's exit code says."""

from __future__ import annotations

from enum import IntEnum

from jupyter_datachain_jobs.domain import Category, JobsError


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    CANCELED = 2
    NOT_SUBMITTED = 3
    LOST = 4
    #: sysexits.h's EX_USAGE.
    USAGE = 64
    INTERRUPTED = 130


#: Commands that start a job and follow it: their exit codes tell of the job.
STARTING = ("run", "rerun")

REFUSED = Exit.FAILED
NOBODY_THERE = Exit.NOT_SUBMITTED

OF_STATE = {"COMPLETE": Exit.DONE, "FAILED": Exit.FAILED, "CANCELED": Exit.CANCELED}


class ContactLost(JobsError):
    """The server did not come back; the job may well run on."""

    def __init__(self, where: str, seconds: float) -> None:
        super().__init__(
            "contact_lost",
            f"{where} has not answered for {seconds:.0f} s.",
            "The job runs on without it. Follow it with `jupyter datachain-jobs logs ID --follow` when it is back.",
            category=Category.UNAVAILABLE,
        )


def of_error(error: JobsError) -> Exit:
    """For commands other than ``run``."""
    if isinstance(error, ContactLost):
        return Exit.LOST
    if error.category is Category.UNAVAILABLE or error.code == "not_authenticated":
        return NOBODY_THERE
    return REFUSED

"""Tells what happens to a job that is followed: to a person, or as JSON lines."""

from __future__ import annotations

from typing import Protocol

from jupyter_datachain_jobs.logs import gap_line

from . import events
from .backend import Away, Back, Changed, Happening, JobBody, LogBytes, LogGap
from .output import Printer, clean, clock, duration, frame_lines, parsed

SHORT_ID = 8


class Teller(Protocol):
    def tell(self, happening: Happening) -> None: ...

    def close(self) -> None:
        """The log is over, or nobody follows it any more."""


class PlainTeller:
    """States on standard error, the log as it is on standard output."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._told: tuple[str, int] | None = None
        self._ran = False
        self._deaf = False
        self._at_line_start = True

    def tell(self, happening: Happening) -> None:
        match happening:
            case LogBytes(content=content):
                self._log(content)
            case LogGap(_, start, end):
                self._log(gap_line(end - start, fresh=self._at_line_start))
            case Changed(job):
                self._state(job)
            case Away(why):
                self._printer.say(f"{clock(None)}  connection lost ({clean(why)}); the job runs on, trying again")
            case Back():
                self._printer.say(f"{clock(None)}  connected again")

    def close(self) -> None:
        pass

    def _log(self, content: bytes) -> None:
        if self._deaf or not content:
            return
        self._at_line_start = content.endswith(b"\n")
        try:
            self._printer.raw(content)
        except OSError:
            # `run ... | head`, or a full disk behind stdout: the job goes on, and its exit code is still wanted.
            self._deaf = True
            self._printer.nobody_reads()

    def _state(self, job: JobBody) -> None:
        told = (job["state"], job["attempt"])
        if told == self._told:
            return
        self._told = told
        final = job["finished_at"] is not None
        if job["state"] == "RUNNING":
            self._ran = True
        elif final and job["started_at"] and not self._ran:
            # It was over before anybody was told that it ran.
            self._printer.state({**job, "state": "RUNNING"})
        self._printer.state(job, self._text(job, final))
        if error := job["error"]:
            for line in (*frame_lines(error), clean(error["hint"])):
                self._printer.say(line)

    def _text(self, job: JobBody, final: bool) -> str:
        if job["state"] == "QUEUED":
            if job["attempt"]:
                due = parsed(job["not_before"])
                return f"attempt {job['attempt']} failed, the next one is due at {clock(due)}"
            return f"{clean(job['name'])} ({job['id'][:SHORT_ID]})"
        if not final or not job["started_at"]:
            return clean(job["error"]["message"]) if job["error"] else ""
        after = f"after {duration(job, exact=True)}"
        return f"{after}: {clean(job['error']['message'])}" if job["error"] else after


class JsonTeller:
    """JSON lines on standard output; see `events`."""

    def __init__(self, printer: Printer, job: JobBody) -> None:
        self._printer = printer
        self._log = events.LogText(job["id"])

    def tell(self, happening: Happening) -> None:
        match happening:
            case LogBytes(attempt, offset, content):
                for event in self._log.take(attempt, offset, content):
                    self._printer.json(event)
            case LogGap(attempt, start, end):
                for event in self._log.skip(attempt, start, end):
                    self._printer.json(event)
            case Changed(job):
                if job["finished_at"] is not None:
                    self.close()
                self._printer.json(events.changed(job))
            case Away(why):
                self._printer.json(events.connection(False, why))
            case Back():
                self._printer.json(events.connection(True))

    def close(self) -> None:
        for event in self._log.rest():
            self._printer.json(event)

"""The one websocket: job changes as JSON, log bytes as binary frames."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from typing import Annotated, Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from pydantic import Field, TypeAdapter, ValidationError
from tornado import web
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_datachain_jobs import __version__
from jupyter_datachain_jobs.domain import JobDeleted, JobEvent, JobNotFound, JobsError

from . import schemas
from .convert import job_body
from .doors import Doors, Rooms
from .handlers.server import PROTOCOL, status_of
from .logstream import LogStream
from .resource import RESOURCE

log = logging.getLogger("jupyter_datachain_jobs")

#: Longest message that a client may send, in bytes.
MAX_MESSAGE = 64 * 1024

#: Logs that one page may follow at once.
MAX_LOGS = 64

#: How often to ask again whether this user may still read, in seconds: roles change while a page stays open.
AUTHORIZE_S = 60.0

_MESSAGE: TypeAdapter[Any] = TypeAdapter(
    Annotated[schemas.Subscribe | schemas.Unsubscribe | schemas.Acknowledge | schemas.Ping, Field(discriminator="op")]
)


class JobsSocket(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One connection of one page. The order of the bases is jupyter_server's own for kernels."""

    _track_activity = False

    def initialize(self, doors: Doors) -> None:
        self._doors = doors
        self._tasks: set[asyncio.Task[None]] = set()
        self._logs: dict[str, tuple[LogStream, asyncio.Task[None]]] = {}
        self._jobs: asyncio.Task[None] | None = None

    def set_default_headers(self) -> None:
        """Content headers mean nothing to a websocket."""

    def get_compression_options(self) -> None:
        """None: compressing log bytes costs more than the network that it saves on one machine."""

    @property
    def max_message_size(self) -> int:
        # Larger than what is taken, so that a client that sends a little too much is told, and not just cut off.
        return 16 * MAX_MESSAGE

    @ws_authenticated
    async def get(self, *args: Any, **kwargs: Any) -> None:
        await self._authorize()
        self._doors.open()  # 503 while the rooms are not ready
        await super().get(*args, **kwargs)

    async def _authorize(self) -> None:
        # ws_authenticated asks who it is, not what they may do.
        allowed = await ensure_async(self.authorizer.is_authorized(self, self.current_user, "read", RESOURCE))
        if not allowed:
            raise web.HTTPError(403)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        # A page that comes back while the server starts, again and again, is no accident of the server.
        if not isinstance(value, JobsError):
            super().log_exception(typ, value, tb)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        from .refusals import problem_for

        status, problem = problem_for(status_code, kwargs.get("exc_info", (None, None, None))[1])
        self.set_status(status)
        self.finish(problem.model_dump_json())

    def open(self, *args: Any, **kwargs: Any) -> None:
        super().open(*args, **kwargs)
        self._rooms: Rooms = self._doors.open()
        self._doors.connected(self)
        self._say(schemas.Hello(protocol=PROTOCOL, version=__version__, server_id=self._rooms.server_id))
        self._own(self._stay_authorized(), "authorize")

    def on_close(self) -> None:
        self._doors.disconnected(self)
        for task in tuple(self._tasks):
            task.cancel()
        super().on_close()

    def _own(self, work: Any, name: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work, name=f"websocket {name}")
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, WebSocketClosedError):
            log.error("action=websocket task=%s", task.get_name(), exc_info=error)
            self.close(1011, "internal error")

    async def _stay_authorized(self) -> None:
        while True:
            await asyncio.sleep(AUTHORIZE_S)
            try:
                await self._authorize()
            except web.HTTPError:
                self.close(1008, "no longer authorized")
                return

    def _say(self, body: schemas.Body) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self.write_message(body.model_dump_json(by_alias=True))

    async def _send(self, content: bytes) -> None:
        await self.write_message(content, binary=True)

    async def on_message(self, message: str | bytes) -> None:
        try:
            wish = self._parse(message)
            match wish:
                case schemas.Ping():
                    self._say(schemas.Pong())
                case schemas.Acknowledge():
                    if entry := self._logs.get(_canonical(wish.job)):
                        entry[0].acknowledge(wish.offset)
                case schemas.Unsubscribe():
                    self._unsubscribe(wish)
                case schemas.Subscribe(channel="jobs"):
                    self._follow_jobs(wish)
                case schemas.Subscribe():
                    self._follow_log(wish)
        except JobsError as error:
            self._refuse(error, op=None)

    def _parse(self, message: str | bytes) -> Any:
        if len(message) > MAX_MESSAGE:
            raise JobsError(
                "message_too_large", f"A message is longer than {MAX_MESSAGE} bytes.", "Send shorter messages."
            )
        try:
            return _MESSAGE.validate_json(message)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"][1:])
            raise JobsError(
                "invalid_message",
                f"A message is not understood{f' at {where[:64]}' if where else ''}: {first['msg']}.",
                "See ClientMessage in api/openapi.json. If this page is older than the server, reload it.",
            ) from None

    def _refuse(self, error: JobsError, *, op: str | None, channel: str | None = None, job: str | None = None) -> None:
        self._say(
            schemas.SocketProblem(
                code=error.code, message=error.message, hint=error.hint, op=op, channel=channel, job=job
            )
        )

    # Channels

    def _unsubscribe(self, wish: schemas.Unsubscribe) -> None:
        if wish.channel == "jobs" and self._jobs is not None:
            self._jobs.cancel()
            self._jobs = None
        elif entry := self._logs.pop(_canonical(wish.job), None):
            entry[1].cancel()

    def _follow_jobs(self, wish: schemas.Subscribe) -> None:
        if self._jobs is not None:
            self._jobs.cancel()
        self._jobs = self._own(self._send_jobs(wish.seq), "jobs")

    async def _send_jobs(self, since: int | None) -> None:
        """Everything newer than `since`, then live; exact, since both come from one counter."""
        queue: asyncio.Queue[JobEvent] = asyncio.Queue()
        unsubscribe = self._rooms.feed.subscribe(queue.put_nowait)
        try:
            last = await self._rooms.store.seq() if since is None else since
            changes, until = await self._rooms.store.changes_since(last)
            # Smaller than the client's where the database was replaced: what the client holds then means nothing.
            last = min(last, until)
            self._say(schemas.SubscribedJobs(seq=last))
            for change in changes:
                self._say(_change(change))
            last = max(last, until)
            self._say(schemas.StatusChanged(status=await status_of(self._rooms)))
            while True:
                event = await queue.get()
                if event.seq > last:
                    last = event.seq
                    self._say(_change(event if isinstance(event, JobDeleted) else event.job))
                if queue.empty():
                    self._say(schemas.StatusChanged(status=await status_of(self._rooms)))
        finally:
            unsubscribe()

    def _follow_log(self, wish: schemas.Subscribe) -> None:
        job_id = _canonical(wish.job)
        if not job_id:
            self._refuse(JobNotFound(wish.job or ""), op="subscribe", channel="log", job=wish.job)
            return
        if job_id in self._logs:
            self._logs.pop(job_id)[1].cancel()
        if len(self._logs) >= MAX_LOGS:
            error = JobsError(
                "too_many_logs", f"This page already follows {MAX_LOGS} logs.", "Close some of them.",
            )  # fmt: skip
            self._refuse(error, op="subscribe", channel="log", job=job_id)
            return
        stream = LogStream(self._rooms, job_id, wish, say=self._say, send=self._send)
        self._logs[job_id] = (stream, self._own(self._run_log(stream, job_id), f"log {job_id}"))

    async def _run_log(self, stream: LogStream, job_id: str) -> None:
        try:
            await stream.run()
        except JobsError as error:
            self._refuse(error, op="subscribe", channel="log", job=job_id)
        finally:
            if (entry := self._logs.get(job_id)) and entry[0] is stream:
                del self._logs[job_id]


def _canonical(job: str | None) -> str:
    """A job id in its one spelling; empty for what cannot be one."""
    try:
        return str(uuid.UUID(job or ""))
    except ValueError:
        return ""


def _change(change: Any) -> schemas.Body:
    if isinstance(change, JobDeleted):
        return schemas.JobDeleted(seq=change.seq, id=change.id)
    return schemas.JobChanged(seq=change.seq, job=job_body(change))

"""The Unix socket: events out, cancels in, JSON lines both ways.

No client is ever waited for. One that does not read what it is sent is dropped: it can attach again from the last
number that it saw, and the files say the same.
"""

import _socket as socket
import os
import select
import sys

from .codec import dumps, loads
from .names import PROTOCOL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_MOST_UNSENT = 1 << 20
_MOST_UNREAD = 1 << 16
# A replay's next page is read when a client has taken most of the one before.
_LOW = 1 << 16
_SO_PEERCRED = getattr(socket, "SO_PEERCRED", None)


class Client:
    """One connection."""

    def __init__(self, connection: "socket.socket") -> None:
        self.socket = connection
        self.fd = connection.fileno()
        self.unread = b""
        self.unsent = bytearray()
        self.attached = False
        """It wants events."""
        self.live = False
        """It has all events so far, and gets each new one."""
        self.after = 0
        self.offset: int | None = None
        """Where its replay goes on; None while a page is being read."""
        self.arms: list[int] = []
        """Log sizes that it waits for."""


class Door:
    """The listening socket and its clients."""

    def __init__(self, path: str, poll: "select.poll", replay: "Callable[[Client, int, int | None], None]") -> None:
        """Opens the door. If that fails, there is none: the files say everything, and cancel works by file.

        Args:
            path: the socket's path; what is there is left over from an attempt that is dead. Empty: no door.
            poll: where descriptors are registered.
            replay: asks for a page of events: `(client, after, offset)`.
        """
        self.clients: dict[int, Client] = {}
        """By descriptor."""
        self.problem = ""
        """Why there is no door."""
        self._poll = poll
        self._replay = replay
        self._path = path
        self._listener = self._listen(path) if path else None
        if self._listener:
            poll.register(self._listener.fileno(), select.POLLIN)

    def _listen(self, path: str) -> "socket.socket | None":
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            if os.path.exists(path):
                os.unlink(path)
            listener.bind(path)
            listener.listen(64)
        except OSError as error:
            self.problem = f"{path}: {error}"
            listener.close()
            return None
        finally:
            os.umask(before)
        listener.setblocking(False)
        return listener

    def handle(self, fd: int, hello: "Callable[[], dict[str, Any]]") -> "Iterator[tuple[Client, dict[str, Any]]]":
        """Does what a ready descriptor asks for.

        Args:
            fd: the listener's or a client's.
            hello: what a new client is told first.

        Yields:
            Each message that a client sent.
        """
        if self._listener and fd == self._listener.fileno():
            self._accept(hello)
            return
        client = self.clients.get(fd)
        if client is None:
            return
        self._flush(client)
        try:
            data = client.socket.recv(_MOST_UNREAD)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.drop(client)
            return
        *lines, client.unread = (client.unread + data).split(b"\n")
        if len(client.unread) > _MOST_UNREAD:
            self.drop(client)
        for line in lines:
            message = _parsed(line)
            if message is None:
                self.send(client, {"type": "error", "message": "not a JSON object"})
            else:
                yield client, message

    def _accept(self, hello: "Callable[[], dict[str, Any]]") -> None:
        assert self._listener is not None
        try:
            fd, _ = self._listener._accept()  # type: ignore[attr-defined]
        except OSError:
            return
        connection = socket.socket(fileno=fd)
        connection.setblocking(False)
        client = Client(connection)
        if not _is_ours(connection):
            connection.close()
            return
        self.clients[client.fd] = client
        self._poll.register(client.fd, select.POLLIN)
        self.send(client, {"type": "hello", "protocol": PROTOCOL, **hello()})

    def attach(self, client: Client, after: int) -> None:
        """Begins a replay of the events after a number; then the client is live."""
        client.attached, client.live, client.after, client.offset = True, False, after, None
        self._replay(client, after, None)

    def page(self, client: Client, lines: bytes, offset: int, done: bool) -> None:
        """Passes on a page of a replay."""
        if self.clients.get(client.fd) is not client:
            return
        client.live = done
        client.offset = None if done else offset
        self._push(client, lines)

    def broadcast(self, line: bytes) -> None:
        """Sends an event to all live clients."""
        for client in list(self.clients.values()):
            if client.live:
                self._push(client, line)

    def tell_size(self, size: int, lines: int) -> int | None:
        """Answers the arms that the log has passed. Returns the smallest size that is still waited for."""
        waiting = []
        for client in list(self.clients.values()):
            if any(size > armed for armed in client.arms):
                client.arms = [armed for armed in client.arms if size <= armed]
                self.send(client, {"type": "log", "size": size, "lines": lines})
            waiting += client.arms
        return min(waiting, default=None)

    def send(self, client: Client, message: "dict[str, Any]") -> None:
        """Sends one message."""
        self._push(client, dumps(message) + b"\n")

    def _push(self, client: Client, data: bytes) -> None:
        client.unsent += data
        self._flush(client)
        if len(client.unsent) > _MOST_UNSENT:
            self.drop(client)

    def _flush(self, client: Client) -> None:
        try:
            while client.unsent:
                del client.unsent[: client.socket.send(client.unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self.drop(client)
        if client.fd not in self.clients:
            return
        self._poll.modify(client.fd, select.POLLIN | (select.POLLOUT if client.unsent else 0))
        if client.offset is not None and len(client.unsent) < _LOW:
            offset, client.offset = client.offset, None
            self._replay(client, client.after, offset)

    def drop(self, client: Client) -> None:
        """Ends a connection."""
        if self.clients.pop(client.fd, None):
            self._poll.unregister(client.fd)
            client.socket.close()

    @property
    def idle(self) -> bool:
        """Nothing is left to be sent."""
        return not any(each.unsent or each.live != each.attached for each in self.clients.values())

    def close(self) -> None:
        """Closes the door and removes the socket."""
        for client in list(self.clients.values()):
            self.drop(client)
        if self._listener:
            self._listener.close()
            remove(self._path)


def remove(path: str) -> None:
    """Removes a socket that nobody listens on any more."""
    try:
        os.unlink(path)
    except OSError:
        pass


def _is_ours(connection: "socket.socket") -> bool:
    """Whether the other end is the same user, or root."""
    if _SO_PEERCRED is None:
        return True
    peer = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERCRED, 12)
    return int.from_bytes(peer[4:8], sys.byteorder) in (os.getuid(), 0)


def _parsed(line: bytes) -> "dict[str, Any] | None":
    try:
        value = loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None

"""Finds the Jupyter servers that run here, as ``jupyter server list`` does.

Their files are read directly: importing jupyter_server for its `list_running_servers` takes longer than any command.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from jupyter_datachain_jobs.domain import InvalidRequest


@dataclass(frozen=True)
class Server:
    """A Jupyter server that may have the extension.

    url: with its base_url, ending in a slash.
    root: what its file browser shows; None when it is not known (another machine).
    found: by looking, so that it can be looked for again after a restart; False where the user named it.
    """

    url: str
    token: str
    root: Path | None = None
    found: bool = False

    def holds(self, path: Path) -> bool:
        return self.root is not None and path.is_relative_to(self.root)


def running(near: Path, runtime_dir: Path | None = None) -> list[Server]:
    """Servers whose process lives: first those whose root holds `near`, the innermost first, then the youngest."""
    found = []
    for file in _info_files(runtime_dir or _runtime_dir()):
        try:
            info = json.loads(file.read_bytes())
            # A server on a Unix socket has no address that a client here could use.
            if info.get("sock") or not _alive(int(info["pid"])):
                continue
            root = Path(info.get("root_dir") or info["notebook_dir"]).resolve()
            found.append(Server(str(info["url"]).rstrip("/") + "/", str(info.get("token") or ""), root, found=True))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # half written, or from something that is no Jupyter server
    near = near.resolve()
    return sorted(
        found, key=lambda server: len(server.root.parts) if server.holds(near) and server.root else 0, reverse=True
    )


def named(url: str, token: str | None, runtime_dir: Path | None = None) -> Server:
    """The server at `url`, also when that is copied from a browser, with its page and token.

    Without a token, that of the running server with this address is taken. Raises InvalidRequest ``invalid_url``.
    """
    refusal = InvalidRequest(
        "invalid_url", f"{url!r} is not the address of a server.", "Give one as http://host:port/."
    )
    try:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        raise refusal from None
    if not valid:
        raise refusal
    base = re.sub(r"/(lab|tree|doc|notebooks|edit|datachain-jobs)(/.*)?$", "/", parts.path).rstrip("/") + "/"
    given = token or parse_qs(parts.query).get("token", [""])[0]
    server = Server(f"{parts.scheme}://{parts.netloc}{base}", given)
    for other in running(Path.cwd(), runtime_dir):
        if _same_address(other.url, server.url):
            # The address as the user wrote it: a proxy may stand between.
            return Server(server.url, given or other.token, other.root)
    return server


def _same_address(one: str, other: str) -> bool:
    def normal(url: str) -> tuple[str, int | None, str]:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return ("localhost" if host in ("127.0.0.1", "::1") else host), parts.port, parts.path

    return normal(one) == normal(other)


def _runtime_dir() -> Path:
    from jupyter_core.paths import jupyter_runtime_dir

    return Path(jupyter_runtime_dir())


def _info_files(folder: Path) -> list[Path]:
    try:
        files = [(file.stat().st_mtime, file) for file in folder.glob("jpserver-*.json")]
    except OSError:
        return []
    return [file for _, file in sorted(files, reverse=True)]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

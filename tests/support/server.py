"""A real Jupyter server with the extension, in a process and in folders of its own."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

#: Seconds until a server must answer; about 2 on an idle machine.
START_S = 60.0
STOP_S = 30.0
FINAL = ("COMPLETE", "FAILED", "CANCELED")


class Answer(NamedTuple):
    """`body` is the parsed JSON where the server says that it is JSON, else bytes. Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: Any


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LiveServer:
    """``start()``, talk to it, ``stop()`` or ``kill()``; start it again and it has the same address, token and data.

    home: an empty folder; keep its path short (`tempfile.mkdtemp`, not pytest's `tmp_path`), since a supervisor's
        socket lives below it.
    config: traits, as ``{"JobsApp": {"max_workers": 2}}``.
    env: additions to the server's environment.
    root_dir: what the file browser shows; a folder in `home` by default.
    enabled: whether it has the extension.
    command: what starts it.
    """

    def __init__(
        self,
        home: Path,
        *,
        config: Mapping[str, Mapping[str, Any]] | None = None,
        env: Mapping[str, str] | None = None,
        root_dir: Path | None = None,
        base_url: str = "/",
        enabled: bool = True,
        command: Sequence[str | Path] = (sys.executable, "-m", "jupyter_server"),
    ) -> None:
        self.home = home
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self.base_url = base_url
        self.enabled = enabled
        self.command = command
        self.root_dir = root_dir or home / "work"
        self.data_dir = home / "jobs"
        self.datachain_root = home / "datachain"
        self.log_path = home / "server.log"
        self.env = self._environment(env or {})
        self.process: subprocess.Popen[bytes] | None = None
        self._write_config(config or {})

    @property
    def url(self) -> str:
        """Of the Jupyter server, with a slash at its end."""
        return f"http://127.0.0.1:{self.port}{self.base_url}"

    # Life

    def start(self, until: Callable[[Answer], bool] = lambda status: status.status == 200) -> None:
        """Return when the rooms behind the doors are open, or else when the status door's answer is as expected."""
        assert self.process is None, "it runs already"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.root_dir,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.until(until)

    def until(self, wanted: Callable[[Answer], bool]) -> None:
        """Return when the status door's answer is as wanted; fail, and end the server, when it never is."""
        assert self.process is not None
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                if wanted(self.request("GET", "status", timeout=5)):
                    return
            time.sleep(0.05)
        self.kill()
        raise AssertionError(f"the server does not answer as wanted:\n{self.log()[-6000:]}")

    def stop(self) -> None:
        """As Ctrl-C twice, or a service manager, would. Jobs run on."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As the kernel would when memory runs out. Jobs run on."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop it and every job that it left running."""
        if self.process is not None:
            self.stop()
        self.end_jobs()

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop:\n{self.log()[-6000:]}") from None
        finally:
            self.process = None

    def end_jobs(self, timeout: float = 30.0) -> None:
        """Have every supervisor that still runs end its job at once, without a server."""
        waiting = []
        for run in self.data_dir.glob("jobs/*/attempts/*/run.json"):
            folder = run.parent
            if not (folder / "exit.json").exists() and not json.loads(run.read_bytes()).get("tombstone"):
                draft = folder / ".cancel.test.tmp"
                draft.write_text('{"force": true}')
                draft.replace(folder / "cancel.json")
                waiting.append(folder / "exit.json")
        deadline = time.monotonic() + timeout
        while waiting and time.monotonic() < deadline:
            waiting = [path for path in waiting if not path.exists()]
            time.sleep(0.05)
        assert not waiting, f"jobs still run: {waiting}"

    def log(self) -> str:
        """What the server printed so far, over all its starts."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # Talking to it

    def request(
        self,
        method: str,
        path: str,
        json_body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = "",
        data: bytes | None = None,
        timeout: float = 30.0,
    ) -> Answer:
        """Ask a door. Refusals are answers too; only a server that cannot be reached raises OSError.

        path: below ``datachain-jobs/api/``; from the server's root when it begins with a slash.
        token: None sends none; "" the right one.
        data: a body that is not JSON, in place of `json_body`.
        """
        url = f"http://127.0.0.1:{self.port}{path}" if path.startswith("/") else f"{self.url}datachain-jobs/api/{path}"
        sent = {"Content-Type": "application/json"} if json_body is not None else {}
        if token is not None:
            sent["Authorization"] = f"token {token or self.token}"
        if json_body is not None:
            data = json.dumps(json_body).encode()
        request = urllib.request.Request(url, data, {**sent, **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return _answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.headers, error.read())

    async def socket(self, *, token: str | None = "") -> WebSocketClientConnection:
        """The websocket, before its hello. Raises `tornado.httpclient.HTTPError` when it is refused."""
        headers = {} if token is None else {"Authorization": f"token {token or self.token}"}
        url = f"ws{self.url.removeprefix('http')}datachain-jobs/api/ws"
        return await websocket_connect(HTTPRequest(url, headers=headers), max_message_size=64 * 1024 * 1024)

    def script(self, name: str, text: str) -> Path:
        """Write a script below the root; returns where it is."""
        path = self.root_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def submit(self, text: str, name: str = "script.py", **settings: Any) -> dict[str, Any]:
        """Queue `text` as the script `name`, which need not exist as a file. Returns the job."""
        answer = self.request("POST", "jobs", {"script": {"path": name, "text": text}, "settings": settings})
        assert answer.status == 201, answer
        return dict(answer.body)

    def job(self, job_id: str) -> dict[str, Any]:
        answer = self.request("GET", f"jobs/{job_id}")
        assert answer.status == 200, answer
        return dict(answer.body)

    def wait(self, job_id: str, *states: str, timeout: float = 60.0) -> dict[str, Any]:
        """The job once it is in one of `states`, or final by default. Fails when it ended in another one."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            job = self.job(job_id)
            if job["state"] in (states or FINAL):
                return job
            assert job["state"] not in FINAL, job
            time.sleep(0.02)
        raise AssertionError(f"still {job['state']} after {timeout} s: {job}\n{self.log()[-4000:]}")

    def read_log(self, job_id: str) -> bytes:
        """Everything that a job has printed so far."""
        found = b""
        while True:
            answer = self.request("GET", f"jobs/{job_id}/log?offset={len(found)}&limit={4 * 1024 * 1024}")
            assert answer.status == 200, answer
            if not answer.body:
                return found
            found += answer.body

    # Its folders

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "DATACHAIN", "IPYTHON", "XDG_"))
        }
        for name, folder in {
            "HOME": "home",
            "XDG_RUNTIME_DIR": "run",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
            "DATACHAIN_ROOT_DIR": "datachain",
        }.items():
            path = self.home / folder
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            env[name] = str(path)
        env["DATACHAIN_NO_ANALYTICS"] = "1"
        env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
        return env | dict(extra)

    def _write_config(self, config: Mapping[str, Mapping[str, Any]]) -> None:
        self.root_dir.mkdir(parents=True, exist_ok=True)
        traits: dict[str, dict[str, Any]] = {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": self.port,
                "port_retries": 0,
                "base_url": self.base_url,
                "root_dir": str(self.root_dir),
                "open_browser": False,
                "allow_root": True,
                "jpserver_extensions": {"jupyter_datachain_jobs": self.enabled},
            },
            "IdentityProvider": {"token": self.token},
            "JobsApp": {"data_dir": str(self.data_dir)},
        }
        for section, values in config.items():
            traits.setdefault(section, {}).update(values)
        (self.home / "config" / "jupyter_server_config.json").write_text(json.dumps(traits, indent=2))


def _answer(status: int, headers: Any, content: bytes) -> Answer:
    found = {name.lower(): value for name, value in headers.items()}
    is_json = found.get("content-type", "").startswith("application/json")
    return Answer(status, found, json.loads(content) if is_json and content else content)

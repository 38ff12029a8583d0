"""``make demo``: JupyterLab with examples/ open, an example run in it as a job, and what the job printed and made.

    python scripts/demo.py [--once]

Uses the commands that a user has. Jupyter, jobs and datasets live in a temporary folder, and end with the demo.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
EXAMPLE = "quickstart.py"
DATASET = "reviews"

#: Seconds until JupyterLab must answer; 3 on an idle machine.
START_S = 120.0
#: Seconds that jobs get to end when the demo ends.
STOP_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Lab:
    """A JupyterLab in folders of its own."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.token = secrets.token_hex(16)
        self.log = home / "jupyterlab.log"
        self.env = self._environment(home)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--allow-root"),
                    *(f"--port={self.port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}"),
                    *(f"--ServerApp.root_dir={EXAMPLES}", f"--LabApp.default_url=/lab/tree/{EXAMPLE}"),
                ],
                cwd=EXAMPLES,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for us: we stop the jobs first, then the server.
                start_new_session=True,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/lab/tree/{EXAMPLE}?token={self.token}"

    def ask(self, verb: str, path: str) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/datachain-jobs/api/{path}",
            b'{"force": true}' if verb == "POST" else None,
            {"Authorization": f"token {self.token}", "Content-Type": "application/json"},
            method=verb,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.ask("GET", "status")
                return
            time.sleep(0.1)
        sys.exit(f"JupyterLab did not start:\n{self.log.read_text(errors='replace')[-4000:]}")

    def command(self, *words: str) -> int:
        """Run ``jupyter datachain-jobs`` as in a terminal in examples/."""
        print(f"\n$ jupyter datachain-jobs {shlex.join(words)}", flush=True)
        return subprocess.run(
            [sys.executable, "-m", "jupyter_datachain_jobs", *words], cwd=EXAMPLES, env=self.env, check=False
        ).returncode

    def stop_jobs(self) -> None:
        """Jobs outlive their server by design; those of a demo must not."""
        deadline = time.monotonic() + STOP_S
        with contextlib.suppress(OSError):
            while active := self.ask("GET", "jobs?state=QUEUED,INIT,RUNNING,CANCELING")["items"]:
                if time.monotonic() > deadline:
                    print(f"{len(active)} jobs have not ended yet.")
                    return
                for job in active:
                    with contextlib.suppress(OSError):
                        self.ask("POST", f"jobs/{job['id']}/cancel")
                time.sleep(0.1)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.stop_jobs()
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_S)
        # Kernels and terminals that were opened in it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _environment(self, home: Path) -> dict[str, str]:
        names = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "DATACHAIN_ROOT_DIR": "datachain",
        }
        for folder in names.values():
            (home / folder).mkdir()
        own = {name: str(home / folder) for name, folder in names.items()}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        # Without bytecode and with unbuffered output, as some machines set it, everything would look slower than it is.
        slow = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
        inherited = {name: value for name, value in os.environ.items() if name not in slow}
        return inherited | own | {"PATH": path, "DATACHAIN_NO_ANALYTICS": "1"}


@contextlib.contextmanager
def lab() -> Iterator[Lab]:
    home = Path(tempfile.mkdtemp(prefix="datachain-jobs-demo-"))
    running = Lab(home)
    try:
        running.wait_until_up()
        yield running
    finally:
        # A second Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        running.stop()
        shutil.rmtree(home, ignore_errors=True)


def main(once: bool) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print("Starting JupyterLab ...", flush=True)
    with lab() as running:
        print(f"JupyterLab is at {running.url}")
        code = running.command("run", EXAMPLE)
        if code == 0:
            code = running.command("rows", DATASET, "--limit", "5")
        print(f"\nOpen {running.url}", flush=True)
        if once:
            return code
        print("Ctrl-C ends JupyterLab and its jobs.", flush=True)
        running.process.wait()
        print(f"JupyterLab ended:\n{running.log.read_text(errors='replace')[-4000:]}")
        return 1


if __name__ == "__main__":
    try:
        sys.exit(main("--once" in sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nEnded.")

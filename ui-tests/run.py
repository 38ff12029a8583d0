"""Starts a JupyterLab of its own for the browser tests, runs Playwright against it, and ends it.

    python ui-tests/run.py [arguments for `playwright test`]
    python ui-tests/run.py --serve          (only the server, until Ctrl-C)

Nothing of the user's is read or written: every Jupyter, DataChain and workspace folder is a temporary one.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The news pop-up would ask the internet and cover what the screenshots are to show.
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    env = dict(os.environ)
    for name, folder in {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "DATACHAIN_ROOT_DIR": "datachain",
    }.items():
        (home / folder).mkdir()
        env[name] = str(home / folder)
    env["DATACHAIN_NO_ANALYTICS"] = "1"
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    # Users' settings win over the shipped ones without a change to the installed JupyterLab.
    for plugin, values in OVERRIDES.items():
        package, _, name = plugin.partition(":")
        target = home / "settings" / package / f"{name}.jupyterlab-settings"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(values))
    return env


def start(home: Path, env: dict[str, str], port: int, token: str) -> subprocess.Popen[bytes]:
    root = home / "work"
    root.mkdir()
    log = (home / "server.log").open("wb")
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={root}",
            f"--IdentityProvider.token={token}",
            "--LabApp.expose_app_in_browser=True",
        ],
        env=env,
        cwd=root,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def wait_until_up(url: str, server: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"JupyterLab did not start:\n{(home / 'server.log').read_text(errors='replace')[-4000:]}")


def main(arguments: list[str]) -> int:
    home = Path(tempfile.mkdtemp(prefix="datachain-jobs-ui-"))
    env, port, token = environment(home), free_port(), secrets.token_hex(16)
    server = start(home, env, port, token)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        base = f"http://127.0.0.1:{port}"
        wait_until_up(f"{base}/api", server, home)
        if arguments[:1] == ["--serve"]:
            print(f"{base}/lab?token={token}\nlog: {home / 'server.log'}\nroot: {home / 'work'}", flush=True)
            return server.wait()
        env |= {"JUPYTERLAB_URL": base, "JUPYTERLAB_TOKEN": token, "JUPYTERLAB_ROOT": str(home / "work")}
        return subprocess.run(
            ["node", str(HERE.parent / "node_modules/@playwright/test/cli.js"), "test", *arguments],
            cwd=HERE,
            env=env,
            check=False,
        ).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
        shutil.copy(home / "server.log", HERE / "results-server.log")
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

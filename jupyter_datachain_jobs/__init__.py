"""Run DataChain scripts as managed jobs inside JupyterLab and JupyterHub.

A job's way is the layout of the package: submit → queue → environment → executor → logs → results. `app.py` is the
only module that knows all rooms.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-datachain-jobs"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # Imported here: tools that ask only for the front-end paths must not pay for the server side.
    from .app import JobsApp

    return [{"module": "jupyter_datachain_jobs", "app": JobsApp}]

"""DataChain roots for tests: run scripts in them, and change their databases."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from jupyter_datachain_jobs.results import DatasetVersion

SCRIPTS = Path(__file__).with_name("scripts")


def clean_environment(root: Path, **more: str) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DATACHAIN_")}
    return {**environ, "DATACHAIN_ROOT_DIR": str(root), "DATACHAIN_NO_ANALYTICS": "1", **more}


def run_script(script: Path, root: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=root,
        env=clean_environment(root, **environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def database(root: Path) -> Path:
    return root / ".datachain" / "db"


def table_of(version: DatasetVersion) -> str:
    return f'"ds_local_local_{version.name}_{version.version.replace(".", "_")}"'


def change(root: Path, *statements: str) -> None:
    """Change DataChain's database behind everybody's back."""
    connection = sqlite3.connect(database(root), isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()

"""The script that the Launcher starts from."""

from __future__ import annotations

from importlib.resources import files

NAME = "datachain_script.py"


def template() -> tuple[str, str]:
    """(file name, text) of a script that runs as it is."""
    return NAME, files(__package__).joinpath("template.py.txt").read_text(encoding="utf-8")

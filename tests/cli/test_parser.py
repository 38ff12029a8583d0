"""What can be typed, and how fast it is understood."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jupyter_datachain_jobs.cli import main


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["no-such-command"],
        ["run"],
        ["run", "a.py", "b.py"],
        ["run", "a.py", "--workers", "0"],
        ["run", "a.py", "--workers", "many"],
        ["run", "a.py", "--param", "no-equals-sign"],
        ["run", "a.py", "--param", "=value"],
        ["run", "a.py", "--no-such-option"],
        ["ls", "--limit", "0"],
        ["rows"],
        ["rows", "x", "--offset", "-1"],
        ["cancel"],
    ],
)
def test_wrong_usage_is_64_and_never_looks_like_canceled(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage:" in captured.err


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["rows", "-h"]])
def test_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out


def test_every_command_is_told_where_to_look_and_takes_json(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("run", "ls", "show", "logs", "cancel", "rm", "disk", "rows"):
        main([command, "--help"])
        told = capsys.readouterr().out
        assert all(option in told for option in ("--json", "--url", "--token", "--local")), command


def test_help_loads_nothing_that_it_does_not_need() -> None:
    """A count, since a clock would tell more about the machine: this is what makes --help fast."""
    heavy = "tornado", "asyncio", "sqlalchemy", "pydantic", "jupyter_server", "datachain", "urllib.request", "ssl"
    program = (
        "import sys; from jupyter_datachain_jobs.cli import main; main(['--help']); "
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"


def test_asking_a_server_loads_no_rooms() -> None:
    heavy = "sqlalchemy", "pydantic", "jupyter_server", "datachain", "jupyter_datachain_jobs.store"
    program = (
        "import sys; from jupyter_datachain_jobs.cli import main; "
        "main(['ls', '--url', 'http://127.0.0.1:9/']); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"

"""The file that waits for the end: it is there while an attempt runs, and goes with one that does not begin."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from supervisor.harness import Attempt, python

from jupyter_datachain_jobs.supervisor import entry
from jupyter_datachain_jobs.supervisor.exitfile import ExitFile, document
from jupyter_datachain_jobs.supervisor.spec import parse


def test_a_disk_without_room_for_it_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="full"):
        ExitFile(str(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("answer", [False, OSError(errno.ENOSPC, "full")])
def test_an_attempt_that_does_not_begin_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bool | OSError
) -> None:
    attempt = Attempt(tmp_path, python("pass"))

    def link_once(*_: object) -> bool:
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr(entry, "link_once", link_once)
    with pytest.raises((entry.Refused, OSError)):
        entry._claim(parse(json.dumps(attempt.spec).encode()))
    assert "exit.json.new" not in os.listdir(attempt.folder)
    attempt.close()


def test_it_is_renamed_when_the_end_is_written(tmp_path: Path) -> None:
    ExitFile(str(tmp_path)).write(document("job", 1))
    assert os.listdir(tmp_path) == ["exit.json"]

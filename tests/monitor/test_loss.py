"""Guard and supervisor both killed: one server, and one only, writes down what is left to say."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jupyter_datachain_jobs.domain import Job, RunSettings, Script, State, new_job_id
from jupyter_datachain_jobs.monitor import watcher
from jupyter_datachain_jobs.monitor.watcher import Place, Watcher
from jupyter_datachain_jobs.store import now
from jupyter_datachain_jobs.supervisor.claim import link_once, take_lock


def test_two_servers_that_find_a_loss_at_once_write_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "sweep", lambda _: [])
    for number in range(20):
        attempt = tmp_path / str(number)
        attempt.mkdir()
        link_once(str(attempt), "run.json", {"job": "j", "attempt": 1})
        (attempt / "output.log").write_bytes(b"half a li")
        (attempt / "exit.json.new").touch()
        place = Place(attempt, tmp_path / f"{number}.lock", tmp_path / f"{number}.socket")
        place.socket.touch()
        held = take_lock(str(place.lock))
        assert held is not None

        job = Job(
            new_job_id(), "a.py", State.RUNNING, "ada", Script("a", "/a", "0", 1), RunSettings(), now(), attempt=1
        )

        async def abandoned(_: Job) -> None:
            raise AssertionError

        watchers = [Watcher(None, job, place, root=None, abandoned=abandoned) for _ in range(4)]  # type: ignore[arg-type]
        assert watchers[0]._record_loss(job, None) is None, "somebody lives who holds it"
        os.close(held)
        with ThreadPoolExecutor(4) as pool:
            found: list[dict[str, Any] | None] = list(pool.map(Watcher._record_loss, watchers, [job] * 4, [None] * 4))
        log = (attempt / "output.log").read_bytes()
        assert log.count(b"The supervisor was killed") == 1
        end = json.loads((attempt / "exit.json").read_text())
        assert end["log_size"] == len(log)
        assert any(found)
        assert all(record in (None, end) for record in found), "whoever records an end records this one"
        assert {path.name for path in attempt.iterdir()} == {"run.json", "output.log", "output.idx", "exit.json"}
        assert not place.socket.exists()

"""The pump alone: what it must not lose, and what must not hold it up."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from supervisor.harness import PATIENCE_S

from jupyter_datachain_jobs.supervisor import reserve
from jupyter_datachain_jobs.supervisor.logfile import LogFile
from jupyter_datachain_jobs.supervisor.masking import Masker
from jupyter_datachain_jobs.supervisor.pump import Pump

DATA = b"0123456789abcdef" * 4000


class Bench:
    """A pump between a pipe and a log."""

    def __init__(self, folder: Path, secrets: list[str] | None = None) -> None:
        self.source, self.sink = os.pipe()
        self.log = LogFile(str(folder))
        self.path = folder / "output.log"
        self.rung = Event()
        self.pump = Pump(self.source, self.log, Masker(secrets or []), self.rung.set)

    def done(self) -> bytes:
        assert self.rung.wait(PATIENCE_S)
        assert self.pump.done
        return self.path.read_bytes()


def test_end_does_not_overtake_output(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    os.write(bench.sink, DATA)
    os.close(bench.sink)
    bench.pump.stop(PATIENCE_S)
    bench.pump.start()

    assert bench.done() == DATA


def test_pipe_that_stays_open_is_emptied_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    os.write(bench.sink, DATA)
    bench.pump.stop(0)
    bench.pump.start()

    assert bench.done() == DATA
    os.close(bench.sink)


def test_what_is_held_back_comes_at_the_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ["secret-word"])
    os.write(bench.sink, b"secret-wor")
    bench.pump.stop(0)
    bench.pump.start()

    assert bench.done() == b"secret-wor"
    os.close(bench.sink)


def test_own_words_come_after_what_was_written_before_them(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    os.write(bench.sink, b"first\n")
    os.close(bench.sink)
    bench.pump.say("then \x1b[31mthis\n")
    bench.pump.stop(PATIENCE_S)
    bench.pump.start()

    assert bench.done() == "first\n\x1b[2m── then ?[31mthis?\x1b[0m\n".encode()


def test_writes_that_come_short_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    monkeypatch.setattr(reserve.os, "pwrite", lambda fd, data, at: write(fd, data[:999], at))
    bench = Bench(tmp_path)
    os.write(bench.sink, DATA)
    os.close(bench.sink)
    bench.pump.stop(PATIENCE_S)
    bench.pump.start()

    assert bench.done() == DATA


def test_disk_that_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only or broken disk counts as a full one."""
    write, broken = os.pwrite, [True]

    def fail(fd: int, data: Any, at: int) -> int:
        if broken[0]:
            raise OSError(5, "Input/output error")
        return write(fd, data, at)

    monkeypatch.setattr(reserve.os, "pwrite", fail)
    monkeypatch.setattr("jupyter_datachain_jobs.supervisor.logfile._RETRY_S", 0.0)
    log = LogFile(str(tmp_path))
    log.write(b"lost")
    log.write(b"lost too")
    broken[0] = False
    log.write(b"kept\n")
    log.close()

    assert log.dropped == 12
    text = (tmp_path / "output.log").read_text()
    assert text == "\x1b[2m── 12 bytes of output are missing here (Input/output error)\x1b[0m\nkept\n"
    assert (log.position, (tmp_path / "output.idx").stat().st_size) == ((len(text.encode()), 2), 24)

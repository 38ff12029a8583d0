"""A log with a limit: its beginning and its newest part, each byte at the offset that it was written at."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from supervisor.harness import Attempt, python, until

from jupyter_datachain_jobs.supervisor import logfile
from jupyter_datachain_jobs.supervisor.logfile import RECORD, LogFile
from jupyter_datachain_jobs.supervisor.segments import LEAST_LIMIT, begins_at, log_size, name_of, segments

Run = Callable[..., Attempt]

# 10 bytes a line, so that line N begins at byte 10 N.
NUMBERED = """
import os, sys
for first in range(0, int(sys.argv[1]), 5000):
    data = b"".join(b"%09d\\n" % number for number in range(first, first + 5000))
    while data: data = data[os.write(1, data):]
"""


def numbered(start: int, length: int) -> bytes:
    """What `NUMBERED` wrote at these bytes."""
    first = start // 10
    return b"".join(b"%09d\n" % line for line in range(first, (start + length) // 10 + 1))[start - first * 10 :][
        :length
    ]


def check(folder: Path, written: bytes, limit: int) -> None:
    """Of all that was written, the beginning and the end are there, in no more bytes than the limit."""
    parts = segments(str(folder))
    assert parts[0].start == 0
    assert sum(part.size for part in parts) <= limit
    assert parts[-1].end == len(written)
    for part in parts:
        assert Path(part.path).read_bytes() == written[part.start : part.end]
        assert part.lines == written.count(b"\n", 0, part.start)
        assert begins_at(os.path.basename(part.path)) == (part.start, part.lines)
        records = list(RECORD.iter_unpack(Path(part.index).read_bytes()))
        assert records[0][1:] == (part.start, part.lines)
        assert all(lines == written.count(b"\n", 0, offset) for _, offset, lines in records)
        assert all(part.start <= offset < part.end for _, offset, _ in records)
    # One gap at most, after the first.
    assert [a.end == b.start for a, b in pairwise(parts)][1:] == [True] * max(0, len(parts) - 2)
    if parts[0].end != len(written) and len(parts) > 1 and parts[1].start != parts[0].end:
        assert sum(part.size for part in parts) >= limit * 5 // 8
    files = {name for name in os.listdir(folder) if name.startswith("output.")}
    assert files == {os.path.basename(path) for part in parts for path in (part.path, part.index)}


def test_beginning_and_newest_part_are_kept(run: Run) -> None:
    job = run(python(NUMBERED, "2000000"), max_log_size=LEAST_LIMIT)
    end = job.finished()

    assert (end["log_size"], end["log_lines"], end["dropped_bytes"]) == (20_000_000, 2_000_000, 0)
    check(job.folder, numbered(0, 20_000_000), LEAST_LIMIT)
    assert log_size(str(job.folder)) == 20_000_000
    assert all(data.endswith(b"\n") for _, data in job.pieces())
    assert job.own_lines() == []


def test_disk_use_is_bounded_while_it_runs(run: Run) -> None:
    job = run(python(NUMBERED, "4000000"), max_log_size=LEAST_LIMIT)
    most = 0
    while not (job.folder / "exit.json").exists():
        used = 0
        for segment in segments(str(job.folder)):
            try:
                used += os.stat(segment.path).st_blocks * 512
            except FileNotFoundError:
                continue
        most = max(most, used)
    job.finished()

    # What is reserved ahead counts too, and each file takes whole blocks.
    assert 0 < most <= LEAST_LIMIT + LEAST_LIMIT // 8


@pytest.mark.parametrize("limit", [0, LEAST_LIMIT, 1 << 30])
def test_small_log_is_one_file(run: Run, limit: int) -> None:
    job = run(python(NUMBERED, "5000"), max_log_size=limit)
    job.finished()

    assert [name for name in sorted(os.listdir(job.folder)) if "output" in name] == ["output.idx", "output.log"]
    assert job.log == numbered(0, 50_000)


@pytest.mark.parametrize("limit", [1, LEAST_LIMIT - 1, -1, True, "1 GiB", 1.5])
def test_wrong_limit_is_refused(attempt: Run, limit: Any) -> None:
    job = attempt(["/bin/true"], max_log_size=limit).start()

    assert (job.claim["claimed"], job.claim["why"]) == (False, "bad_spec")
    assert "max_log_size" in job.claim["message"]


chunks = st.lists(
    st.binary(max_size=400)
    | st.integers(0, 900).map(lambda n: b"x" * n)
    | st.text("ab\n é", max_size=90).map(str.encode),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(chunks=chunks, limit=st.integers(512, 4000), reopen=st.sets(st.integers(0, 40)))
def test_whatever_is_written_how_it_is_cut_and_who_goes_on(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes], limit: int, reopen: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("log")
    log = LogFile(str(folder), limit)
    written = b""
    for number, chunk in enumerate(chunks):
        if number in reopen:
            # Not closed: its writer was killed.
            log = LogFile(str(folder), limit)
        log.write(chunk)
        written += chunk
        assert log.position == (len(written), written.count(b"\n"))
    log.sync()
    log.close()
    if written:
        check(folder, written, limit)


def test_long_line_is_cut_between_characters(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path), 1 << 16)
    log.write("é".encode() * 100_000)
    log.write("ab日本語".encode() * 10_000)
    log.close()

    for segment in segments(str(tmp_path)):
        Path(segment.path).read_bytes().decode()


def test_supervisor_killed_while_segments_roll(run: Run) -> None:
    endless = NUMBERED.replace("range(0, int(sys.argv[1]), 5000)", "range(0, 1 << 60, 5000)")
    job = run(python(endless), max_log_size=LEAST_LIMIT)
    supervisor = job.started()["supervisor"]
    until(lambda: (log_size(str(job.folder)) or 0) > 3 * LEAST_LIMIT, "segments to be dropped")
    os.kill(supervisor, signal.SIGKILL)
    end = job.finished()

    parts = segments(str(job.folder))
    assert end["reason"] == "supervisor_lost"
    assert end["log_size"] == parts[-1].end > 3 * LEAST_LIMIT
    assert sum(part.size for part in parts) <= LEAST_LIMIT
    lost, killed = job.own_lines()
    assert lost.startswith("The supervisor was killed by signal 9")
    assert killed.startswith("1 processes killed")
    assert job.log.endswith(f"{killed}\x1b[0m\n".encode())
    # Up to there nothing is missing or doubled. The last line may be cut, and was then ended for the words after it.
    kept = b"".join(data for _, data in job.pieces()[1:]).partition(b"\x1b[2m")[0].removesuffix(b"\n")
    assert kept == numbered(parts[1].start, len(kept))
    assert end["log_lines"] == parts[-1].lines + job.pieces()[-1][1].count(b"\n")


def test_limit_below_the_disk_never_fills_it(attempt: Run, small_disk: Path) -> None:
    job = attempt(python(NUMBERED, "2000000"), max_log_size=2 << 20)
    job.on(small_disk).start()
    end = job.finished()

    assert (end["dropped_bytes"], end["log_size"]) == (0, 20_000_000)
    check(job.folder, numbered(0, 20_000_000), 2 << 20)


def test_full_disk_stops_a_log_of_segments_with_a_word(attempt: Run, small_disk: Path) -> None:
    job = attempt(python(NUMBERED, "1000000"), max_log_size=16 << 20)
    job.on(small_disk).start()
    end = job.finished()

    words = job.own_lines()
    assert words[0] == "The log cannot be written (No space left on device): output is lost until it can"
    assert words[-1].endswith("bytes of output are missing here (No space left on device)")
    kept = job.log.partition(b"\x1b[2m")[0].rstrip(b"\n")
    assert kept == numbered(0, len(kept))
    assert len(kept) > 3_000_000
    own = sum(len(f"\x1b[2m── {word}\x1b[0m\n".encode()) for word in words)
    assert end["log_size"] - own + end["dropped_bytes"] - 10_000_000 in (0, 1)


def test_log_goes_on_in_a_new_segment_once_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills exactly where a segment ends: the word that says so still has its margin in the old one."""
    monkeypatch.setattr(logfile, "_RETRY_S", 0.0)
    opened, full = os.open, [False]

    def no_new_file(path: Any, *rest: Any, **more: Any) -> int:
        if full[0] and isinstance(path, str) and path.startswith(str(tmp_path)) and not os.path.exists(path):
            raise OSError(28, "No space left on device")
        return opened(path, *rest, **more)

    monkeypatch.setattr(os, "open", no_new_file)
    log = LogFile(str(tmp_path), 1 << 14)
    log.write(b"x" * 2047 + b"\n")
    full[0] = True
    log.write(b"lost\n")
    log.write(b"lost\n")
    full[0] = False
    log.write(b"kept\n")
    log.close()

    first, second = segments(str(tmp_path))
    text = Path(first.path).read_text()
    assert text.endswith("── The log cannot be written (No space left on device): output is lost until it can\x1b[0m\n")
    assert Path(second.path).read_text() == (
        "\x1b[2m── 10 bytes of output are missing here (No space left on device)\x1b[0m\nkept\n"
    )
    assert (log.dropped, log.position[0]) == (10, second.end)


def test_folder_that_is_gone_does_not_end_the_writer(tmp_path: Path) -> None:
    folder = tmp_path / "attempt"
    folder.mkdir()
    log = LogFile(str(folder), 1 << 14)
    log.write(b"first\n")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    for _ in range(9):
        log.write(b"y" * 2000 + b"\n")

    assert log.dropped > 0


@pytest.mark.parametrize(
    "name", ["output.log.1", "output.12.log", "output.-1.2.log", "output.1.2.idx", "xoutput.1.2.log", "output..2.log"]
)
def test_other_files_are_no_segments(name: str) -> None:
    assert begins_at(name) is None


def test_names_say_where_they_begin() -> None:
    assert [begins_at(name_of(*place)) for place in ((0, 0), (33, 4))] == [(0, 0), (33, 4)]


def test_word_of_a_server_that_found_a_loss_lands_at_the_end(tmp_path: Path) -> None:
    """A server knows no limit: it adds its word to the newest segment."""
    log = LogFile(str(tmp_path), 1 << 13)
    log.write(numbered(0, 50_000))
    before = [part.start for part in segments(str(tmp_path))]
    again = LogFile(str(tmp_path))
    again.say("lost")
    again.sync()
    again.close()

    parts = segments(str(tmp_path))
    assert [part.start for part in parts] == before
    word = "\x1b[2m── lost\x1b[0m\n".encode()
    assert Path(parts[-1].path).read_bytes().endswith(b"000004999\n" + word)
    assert again.position == (50_000 + len(word), 5001) == (log_size(str(tmp_path)), 5001)

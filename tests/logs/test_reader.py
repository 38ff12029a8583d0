"""What a line number and an offset mean, on real files, with an index that is whole, short, broken or missing."""

import os
import struct
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_datachain_jobs.logs import LogReader

RECORD = struct.Struct("<QQQ")


def write_attempt(folder: Path, chunks: list[bytes], records: int | None = None, tail: bytes = b"") -> LogReader:
    """A log as a supervisor leaves it; `records` shortens the index, `tail` is put behind it."""
    folder.mkdir(parents=True, exist_ok=True)
    offset = lines = 0
    index = [RECORD.pack(1_700_000_000_000_000, 0, 0)]
    with open(folder / "output.log", "wb") as log:
        for number, chunk in enumerate(chunks):
            if number:
                index.append(RECORD.pack(1_700_000_000_000_000 + number, offset, lines))
            log.write(chunk)
            offset += len(chunk)
            lines += chunk.count(b"\n")
    (folder / "output.idx").write_bytes(b"".join(index[:records]) + tail)
    return LogReader(folder)


def line_starts(text: bytes) -> list[int]:
    """By the definition, the slow way."""
    starts = [0] + [at + 1 for at, byte in enumerate(text) if byte == 10]
    return starts[:-1] if text.endswith(b"\n") or not text else starts


chunks = st.lists(st.binary(min_size=1, max_size=40) | st.text("ab\n\r", min_size=1).map(str.encode), max_size=12)
indexes = st.tuples(
    st.none() | st.integers(0, 12),
    st.sampled_from([b"", b"\0" * 24, b"\0" * 100, b"\7" * 11, RECORD.pack(1, 1 << 40, 3), RECORD.pack(9, 0, 0)]),
)


@settings(max_examples=300, deadline=None)
@given(chunks=chunks, index=indexes)
def test_lines_and_offsets_agree_whatever_the_index_is_like(tmp_path_factory, chunks, index):
    text = b"".join(chunks)
    reader = write_attempt(tmp_path_factory.mktemp("log"), chunks, *index)
    starts = line_starts(text)
    assert reader.size() == len(text)
    assert reader.total_lines() == len(starts)
    for line, start in enumerate(starts):
        assert reader.line_start(line) == start
        assert reader.line_at(start) == line
    for offset in range(len(text) + 1):
        assert reader.line_at(offset) == text.count(b"\n", 0, offset)
    assert reader.line_start(len(starts) + 5) == len(text)


@settings(max_examples=100, deadline=None)
@given(chunks=chunks, index=indexes, nbytes=st.integers(0, 300))
def test_a_tail_begins_at_a_line(tmp_path_factory, chunks, index, nbytes):
    text = b"".join(chunks)
    reader = write_attempt(tmp_path_factory.mktemp("log"), chunks, *index)
    offset, line = reader.tail_start(nbytes)
    assert len(text) - offset <= nbytes
    assert line == text.count(b"\n", 0, offset)
    inside = [start for start in [*line_starts(text), len(text)] if start >= len(text) - nbytes]
    assert offset in (inside[0], len(text) - nbytes)
    if text.endswith(b"\n") or inside[0] < len(text):
        assert offset == inside[0]


def test_a_log_that_is_not_there_is_empty(tmp_path):
    reader = LogReader(tmp_path / "attempts" / "1")
    assert reader.size() == 0
    assert reader.total_lines() == 0
    assert reader.read(0, 100)[:3] == (0, b"", 0)
    assert reader.read(-5, 100)[:3] == (0, b"", 0)
    assert reader.line_start(3) == 0
    assert reader.line_at(3) == 0
    assert reader.page(0, 10)[:3] == (0, 0, 0)
    assert reader.tail_start(100) == (0, 0)


def test_reads_are_clamped_to_the_log(tmp_path):
    reader = write_attempt(tmp_path, [b"one\ntwo\nthree"])
    assert reader.read(4, 3)[:3] == (4, b"two", 13)
    assert reader.read(-5, 100)[:3] == (8, b"three", 13)
    assert reader.read(-500, 3)[:3] == (0, b"one", 13)
    assert reader.read(500, 3)[:3] == (13, b"", 13)
    assert reader.read(0, -1)[:3] == (0, b"", 13)


def test_pages_count_from_either_end(tmp_path):
    reader = write_attempt(tmp_path, [b"a\nbb\n", b"ccc\ndddd"])
    assert reader.page(1, 2)[:3] == (2, 9, 1)
    assert reader.page(-1, 5)[:3] == (9, 13, 3)
    assert reader.page(-50, 1)[:3] == (0, 2, 0)
    assert reader.page(99, 5)[:3] == (13, 13, 4)
    assert reader.page(0, 0)[:3] == (0, 0, 0)


def test_one_long_line_does_not_make_a_tail_longer(tmp_path):
    reader = write_attempt(tmp_path, [b"x" * 5_000_000])
    assert reader.tail_start(1000) == (4_999_000, 0)
    reader = write_attempt(tmp_path, [b"head\n" + b"x" * 5_000_000 + b"\nlast"])
    assert reader.tail_start(1000) == (5_000_006, 2)


def test_reads_while_the_supervisor_writes(tmp_path):
    """Every answer must be true of some moment: line N of a growing log never moves."""
    log, index = tmp_path / "output.log", tmp_path / "output.idx"
    log.touch()
    lines = [b"%06d %s\n" % (number, b"x" * (number % 90)) for number in range(40_000)]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    done = threading.Event()

    def write():
        with open(log, "ab", buffering=0) as out, open(index, "ab", buffering=0) as idx:
            for first in range(0, len(lines), 400):
                record = RECORD.pack(first + 1, starts[first], first)
                idx.write(record[:11])
                out.write(b"".join(lines[first : first + 400]))
                idx.write(record[11:])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    reader = LogReader(tmp_path)
    asked = 0
    while not done.is_set() or asked == 0:
        size = reader.size()
        line = reader.line_at(size)
        assert reader.line_start(line) == starts[line] <= size
        assert reader.line_at(starts[line // 2]) == line // 2
        asked += 1
    writer.join()
    assert reader.total_lines() == len(lines)


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> tuple[Path, int]:
    """100 MB in chunks of 64 KiB and their index, as a supervisor writes at full speed."""
    folder = tmp_path_factory.mktemp("large")
    block = b"".join(b"INFO worker %03d row=%07d\n" % (number % 7, number) for number in range(2100))[: 64 * 1024]
    count = 100 * 1024 * 1024 // len(block)
    write_attempt(folder, [block] * count)
    return folder, block.count(b"\n") * count


def test_any_place_of_100_mb_is_one_chunk_away(large, monkeypatch):
    folder, newlines = large
    reader = LogReader(folder)
    read = 0
    pread = os.pread

    def counted(fd, length, offset):
        nonlocal read
        data = pread(fd, length, offset)
        read += len(data)
        return data

    monkeypatch.setattr(os, "pread", counted)
    began = time.perf_counter()
    for part in range(20):
        line = newlines * part // 20
        start = reader.line_start(line)
        assert reader.line_at(start) == line
    elapsed = time.perf_counter() - began
    assert read / 40 < 1_200_000, "a lookup reads one block at most and a few records"
    assert elapsed < 10


def test_100_mb_without_an_index_are_counted_once(large, tmp_path):
    folder, newlines = large
    os.link(folder / "output.log", tmp_path / "output.log")
    reader = LogReader(tmp_path)
    assert reader.total_lines() in (newlines, newlines + 1)
    began = time.perf_counter()
    for _ in range(50):
        reader.total_lines()
    assert time.perf_counter() - began < 5

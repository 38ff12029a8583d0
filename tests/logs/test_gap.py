"""Reading a log of which a part was removed, and is being removed while it is read."""

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_datachain_jobs.logs import Gap, LogReader, gap_line
from jupyter_datachain_jobs.supervisor.logfile import LogFile
from jupyter_datachain_jobs.supervisor.segments import segments

LIMIT = 1 << 12


def numbered(first: int, last: int) -> bytes:
    """Lines of 10 bytes: line N begins at byte 10 N."""
    return b"".join(b"%09d\n" % line for line in range(first, last))


def write(folder: Path, chunks: list[bytes], limit: int = LIMIT) -> LogReader:
    log = LogFile(str(folder), limit)
    for chunk in chunks:
        log.write(chunk)
    log.close()
    return LogReader(folder)


def hole(folder: Path) -> tuple[int, int]:
    head, after = segments(str(folder))[:2]
    return head.end, after.start


@pytest.fixture
def cut(tmp_path: Path) -> tuple[LogReader, int, int]:
    """A log of 2000 numbered lines, and the lines between which some were removed."""
    reader = write(tmp_path, [numbered(n, n + 10) for n in range(0, 2000, 10)])
    start, end = hole(tmp_path)
    assert 0 < start < end < 20_000
    assert start % 10 == end % 10 == 0
    return reader, start // 10, end // 10


def test_bytes(cut):
    reader, first, line = cut
    gap = Gap(first * 10, line * 10, first, line)
    assert reader.size() == 20_000
    assert reader.gap() == gap
    assert gap.lines == line - first
    assert reader.read(0, 1 << 20) == (0, numbered(0, first), 20_000, None)
    for inside in (gap.start, gap.start + 7, gap.end - 1):
        assert reader.read(inside, 25) == (gap.end, numbered(line, 2000)[:25], 20_000, gap)
    assert reader.read(gap.end, 1 << 20) == (gap.end, numbered(line, 2000), 20_000, None)
    assert reader.read(-20_000, 10) == (0, numbered(0, 1), 20_000, None)
    assert reader.read(gap.start - 20_000, 10) == (gap.end, numbered(line, line + 1), 20_000, gap)


def test_lines(cut):
    reader, first, line = cut
    gap = reader.gap()
    assert reader.total_lines() == 2000
    for kept in (*range(first), *range(line, 2000)):
        assert reader.line_start(kept) == kept * 10
        assert reader.line_at(kept * 10 + 3) == kept
    assert reader.line_start(first) == reader.line_start(line - 1) == gap.end
    assert reader.line_at(gap.start + 5) == reader.line_at(gap.end - 1) == first

    assert reader.page(0, 5) == (0, 50, 0, None)
    assert reader.page(first - 5, 4) == (gap.start - 50, gap.start - 10, first - 5, None)
    assert reader.page(first - 5, 5) == (gap.start - 50, gap.start, first - 5, gap)
    assert reader.page(0, 1999) == (0, gap.start, 0, gap)
    for dropped in (first, line - 1):
        assert reader.page(dropped, 3) == (gap.end, gap.end + 30, line, gap)
    assert reader.page(line, 3) == (gap.end, gap.end + 30, line, None)
    assert reader.page(1998, 50) == (19_980, 20_000, 1998, None)
    assert reader.page(5000, 50) == (20_000, 20_000, 2000, None)


def test_tails(cut):
    reader, _, line = cut
    gap = reader.gap()
    assert reader.tail_start(105) == (19_900, 1990)
    assert reader.tail_start(20_000 - gap.end) == (gap.end, line)
    assert reader.tail_start(20_000 - gap.start) == (gap.end, line)
    assert reader.tail_start(19_995) == (10, 1)
    assert reader.tail_start(20_000) == (0, 0)


def test_no_index_is_slower_and_no_less_true(cut, tmp_path):
    reader, first, line = cut
    for path in tmp_path.glob("*.idx"):
        path.unlink()
    gap = reader.gap()
    assert reader.total_lines() == 2000
    assert [reader.line_start(at) for at in (0, first - 1, line, 1999)] == [0, gap.start - 10, gap.end, 19_990]


def test_line_that_is_cut_on_both_sides(tmp_path):
    reader = write(tmp_path, [b"one\n" + b"x" * 50_000 + b"\nlast\n"])
    start, end = hole(tmp_path)
    gap = Gap(start, end, 2, 1)
    assert (reader.gap(), gap.lines) == (gap, 0)
    assert reader.read(start, 3) == (end, b"xxx", 50_010, gap)
    assert reader.page(1, 1) == (4, start, 1, gap)
    assert reader.page(2, 1) == (50_005, 50_010, 2, None)
    assert reader.total_lines() == 3


def starts_of(text: bytes) -> list[int]:
    starts = [0] + [at + 1 for at, byte in enumerate(text) if byte == 10]
    return starts[:-1] if text.endswith(b"\n") or not text else starts


@settings(max_examples=150, deadline=None)
@given(
    chunks=st.lists(st.text("ab\n", min_size=1, max_size=300).map(str.encode) | st.just(b"y" * 900), max_size=30),
    limit=st.integers(600, 3000),
)
def test_agrees_with_what_was_written(tmp_path_factory, chunks, limit):
    folder = tmp_path_factory.mktemp("log")
    reader = write(folder, chunks, limit)
    text = b"".join(chunks)
    gap = reader.gap()
    kept = [at for at in range(len(text)) if not gap or not gap.start <= at < gap.end]
    assert (reader.size(), reader.total_lines()) == (len(text), len(starts_of(text)))
    for at in kept[:: max(1, len(kept) // 60)]:
        found = reader.read(at, 40)
        assert (found.offset, found.gap) == (at, None)
        assert found.data == text[at : min(at + 40, gap.start if gap and at < gap.start else len(text))]
        assert reader.line_at(at) == text.count(b"\n", 0, at)
    kept = set(kept)
    for line, start in enumerate(starts_of(text)):
        page = reader.page(line, 3)
        if start in kept:
            assert (page.offset, page.line) == (start, line)
        else:
            # What is left of the log after the gap.
            assert page.line == (max(line, gap.line))
            assert page.offset == gap.end
        end = starts_of(text)[page.line + 3 :][:1] or [len(text)]
        assert page.next_offset == (min(end[0], gap.start) if gap and page.offset < gap.start else end[0])


def test_readers_race_with_a_writer_that_removes(tmp_path):
    """Whatever is removed under a reader: each byte that it gets is the one of that offset, and each line that line."""
    total = 20_000
    done = threading.Event()

    def work() -> None:
        log = LogFile(str(tmp_path), LIMIT)
        for first in range(0, total, 25):
            log.write(numbered(first, first + 25))
        log.close()
        done.set()

    def true(offset: int, data: bytes) -> bool:
        line = offset // 10
        return numbered(line, line + len(data) // 10 + 2)[offset - line * 10 :].startswith(data)

    reader, follower, gaps = LogReader(tmp_path), 0, 0
    writer = threading.Thread(target=work)
    writer.start()
    over = False
    while True:
        over = over or done.is_set()
        found = reader.read(follower, 3000)
        assert found.offset >= follower
        assert (found.offset > follower) == (found.gap is not None)
        assert true(found.offset, found.data)
        gaps += found.gap is not None
        follower = found.offset + len(found.data)
        if over and not found.data:
            break
        size = reader.size()
        for place in (0, size // 2, max(size - 3500, 0), size):
            page = reader.page(place // 10, 20)
            assert page.offset == page.line * 10
            assert page.next_offset >= page.offset
            if page.gap:
                assert (page.gap.start, page.gap.end) == (page.gap.first * 10, page.gap.line * 10)
        offset, line = reader.tail_start(3900)
        assert offset == line * 10
    writer.join()
    assert follower == reader.size() == total * 10
    assert gaps > 0
    assert reader.total_lines() == total


def test_log_that_is_gone_is_empty(tmp_path):
    reader = write(tmp_path, [numbered(0, 2000)])
    assert reader.size() == 20_000
    for path in tmp_path.iterdir():
        path.unlink()
    assert reader.read(500, 10) == (0, b"", 0, None)
    assert reader.page(3, 5) == (0, 0, 0, None)
    assert reader.gap() is None


def test_marker():
    words = (
        "1.2 GiB of output was dropped here: a long log keeps its beginning and its newest part (JobsApp.max_log_size)"
    )
    assert gap_line(1288490189).decode() == f"\x1b[2m── {words}\x1b[0m\n"
    assert gap_line(900, fresh=False).startswith("\n\x1b[2m── 900 B of output".encode())

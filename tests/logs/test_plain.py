"""Terminal output as a reader without a terminal should see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_datachain_jobs.logs import PlainLines, plain_lines


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b"", []),
        (b"one\ntwo", ["one", "two"]),
        (b"one\n\ntwo\n", ["one", "", "two"]),
        (b"windows\r\nlines\r\n", ["windows", "lines"]),
        (b"\x1b[1;31mred\x1b[0m and \x1b[38;5;200mpink\x1b[m", ["red and pink"]),
        (b"10%\r20%\r30%\ndone\n", ["30%", "done"]),
        (b"\r10%\r\x1b[K20%\r\x1b[2K30%\r\n", ["30%"]),
        (b"longer text\rok\n", ["ok"]),
        (b"old\x1b[2K\x1b[1Gnew\n", ["new"]),
        (b"spin |\b/\b-\n", ["spin -"]),
        (b"a\tb\n", ["a\tb"]),
        (b"\x1b]0;title\x07text\x1b]8;;https://x.y\x1b\\link\x1b]8;;\x1b\\\n", ["textlink"]),
        (b"\x1b]0;never ended\nnext\n", ["", "next"]),
        (b"\x1b[12", []),
        (b"bell\x07 nul\x00 del\x7f\n", ["bell nul del"]),
        (b"\xc2\x9b31mred\xc2\x9b0m\n", ["red"]),
        (b"bad \xff\xfe utf-8\n", ["bad �� utf-8"]),
        ("köttbullar 🍝\n".encode(), ["köttbullar 🍝"]),
        (b"\x1b[2m\xe2\x94\x80\xe2\x94\x80 phase\x1b[0m\n", ["── phase"]),
    ],
)
def test_what_is_left(raw, lines):
    assert plain_lines(raw) == lines


def nested_bars(outer: int, inner: int) -> bytes:
    """What two nested tqdm bars write."""
    out = [b"\router 0"]
    for row in range(1, outer + 1):
        out += [b"\n\rinner %d\x1b[A" % step for step in range(inner + 1)]
        out.append(b"\router %d" % row)
    return b"".join(out) + b"\n\n"


def test_nested_bars_end_as_two_lines():
    assert plain_lines(nested_bars(20, 10)) == ["outer 20", "inner 10"]


def test_nested_bars_in_a_stream_are_held_once_they_are_known():
    stream = PlainLines()
    assert stream.feed(b"start\n") == ["start"], "a line comes at once while nothing moves"
    lines = stream.feed(nested_bars(20, 10) + b"end\n") + stream.close()
    assert lines == ["outer 0", "outer 20", "inner 10", "end"]


@given(
    st.lists(
        st.sampled_from([b"text", b"\n", b"\r", b"\x1b[A", b"\x1b[31m", b"\x1b]8;;x\x07", b"\xe2\x94\x80", b"\b"])
    ),
    st.data(),
)
def test_where_a_stream_is_cut_does_not_matter(parts, data):
    raw = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    stream, lines = PlainLines(), []
    for begin, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
        lines += stream.feed(raw[begin:end])
    lines += stream.close()
    whole = PlainLines()
    assert lines == whole.feed(raw) + whole.close()


def test_an_endless_bar_is_not_kept():
    stream = PlainLines()
    for step in range(2000):
        assert stream.feed(b"\r%d " % step * 50) == []
    assert stream.close() == ["1999 "]


def test_an_endless_sequence_is_not_kept():
    stream = PlainLines()
    for _ in range(100):
        stream.feed(b"\x1b]0;" + b"x" * 10_000)
    assert stream.feed(b"\nok\n") == ["", "ok"]


def test_backspaces_reach_over_a_cut():
    stream = PlainLines()
    assert stream.feed(b"tex") + stream.feed(b"t\b\b") + stream.close() == ["te"]

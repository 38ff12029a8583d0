"""What a person, and what a program, is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_datachain_jobs.cli.events import LogText
from jupyter_datachain_jobs.cli.output import clean, duration, one_line, size, table


@given(st.text())
def test_nothing_cleaned_can_steer_a_terminal(text: str) -> None:
    assert not set(clean(text)) & {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))}


def test_clean_text_stays_as_it_is() -> None:
    assert clean("Málaga 猫 😀\n\tx") == "Málaga 猫 😀\n\tx"


def test_long_cells_are_cut_to_their_width() -> None:
    assert one_line("a\nb") == "a\\nb"
    assert one_line("x" * 100, 10) == "xxxxxxx..."


def test_tables_are_aligned() -> None:
    assert table(["name", "n"], [["a", "1"], ["long name", "100"]], right=[1]) == [
        "name         n",
        "a            1",
        "long name  100",
    ]


@pytest.mark.parametrize(
    ("count", "text"), [(None, "-"), (0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 * 1024**4, "5.0 TiB")]
)
def test_sizes(count: int | None, text: str) -> None:
    assert size(count) == text


def test_durations() -> None:
    job = {"started_at": "2026-01-31T12:00:00.000000Z", "finished_at": "2026-02-01T13:01:05.250000Z"}
    assert duration(job) == "25:01:05"
    job["finished_at"] = "2026-01-31T12:00:01.500000Z"
    assert duration(job) == "00:00:01"
    assert duration(job, exact=True) == "1.50 s"
    assert duration({"started_at": None, "finished_at": None}) == "-"


@given(st.text(), st.lists(st.integers(min_value=1, max_value=7)))
def test_log_events_hold_whole_characters_at_their_offsets(text: str, cuts: list[int]) -> None:
    content = text.encode()
    log, found, offset = LogText("id"), [], 0
    for cut in [*cuts, len(content) + 1]:
        piece = content[offset : offset + cut]
        found += list(log.take(1, offset, piece))
        offset += len(piece)
    found += list(log.rest())
    assert "".join(event["text"] for event in found) == text
    at = 0
    for event in found:
        assert event["offset"] == at
        at += len(event["text"].encode())


def test_log_events_of_bytes_that_are_no_text() -> None:
    log = LogText("id")
    found = [*log.take(1, 0, b"a\xff"), *log.take(1, 2, b"\xe7\x8c"), *log.take(2, 0, b"b")]
    assert [(event["attempt"], event["offset"], event["text"]) for event in found] == [
        (1, 0, "a\ufffd"),
        (1, 2, "\ufffd"),
        (2, 0, "b"),
    ]

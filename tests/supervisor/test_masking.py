"""Masking does not depend on where a chunk ends, and leaves nothing of a secret."""

from __future__ import annotations

import base64
import itertools
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_datachain_jobs.supervisor.masking import Masker, forms


def masked(secrets: list[str], data: bytes, cuts: list[int] | None = None) -> bytes:
    masker = Masker(secrets)
    edges = [0, *sorted(cuts or []), len(data)]
    parts = [masker.feed(data[start:end]) for start, end in itertools.pairwise(edges)]
    return b"".join([*parts, masker.flush()])


def test_each_way_of_writing_it() -> None:
    secret = 'pa ss"wörd/+\n€😀'
    for text in (
        secret,
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    ):
        assert masked([secret], f"<{text}>".encode()) == b"<***>", text


@pytest.mark.parametrize("before", ["", "u", "us", "use"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_at_each_alignment(before: str, encode: type) -> None:
    secret = "hunter2>>>???hunter2"
    text = encode(f"{before}{secret}after".encode())
    out = masked([secret], text)

    assert b"***" in out
    # A character at either end may carry some of its bits.
    assert len(out) - 3 <= len(text) - len(secret) * 8 // 6 + 2


def test_without_secrets_nothing_is_touched() -> None:
    masker = Masker([])
    data = b"x" * 100

    assert masker.feed(data) is data


def test_longer_secret_wins_over_its_beginning() -> None:
    for cut in range(12):
        assert masked(["abcdef", "abcdefghijkl"], b"-abcdefghijkl-", [cut]) == b"-***-", cut


def test_overlapping_secrets_leave_no_rest() -> None:
    for cut in range(11):
        assert masked(["zzzabc", "abcdef"], b"-zzzabcdef-", [cut]) == b"-***-", cut


def test_repetition_without_end_is_bounded() -> None:
    masker = Masker(["aaaaaa"])
    for _ in range(100):
        masker.feed(b"a" * 1000)
        assert len(masker._held) <= 2 * masker.longest
    assert b"a" not in masker.feed(b"\n").replace(b"***", b"")


@given(
    secrets=st.lists(st.text("ab/\n", min_size=6, max_size=9), min_size=1, max_size=3),
    text=st.text("ab/\n", max_size=60),
    data=st.data(),
)
def test_chunks_do_not_matter(secrets: list[str], text: str, data: st.DataObject) -> None:
    raw = text.encode()
    cuts = data.draw(st.lists(st.integers(0, len(raw)), max_size=6))
    out = masked(secrets, raw, cuts)

    for form in {form for secret in secrets for form in forms(secret)}:
        assert form not in out
    # What is not part of a match is there, in its order.
    if not any(form in raw for secret in secrets for form in forms(secret)):
        assert out == raw


@given(text=st.binary(max_size=200), data=st.data())
def test_text_without_secrets_passes(text: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6))

    assert masked(["correct horse battery"], text, cuts) == text

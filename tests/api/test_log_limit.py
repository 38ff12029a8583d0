"""A log over its limit, through every door: raw bytes, lines, the websocket, the command line."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api.test_websocket import Client
from support.server import LiveServer

LIMIT = 1 << 20
LINES = 500_000

#: 10 bytes a line: line N begins at byte 10 N.
NUMBERED = """\
import os, sys
for first in range(0, {lines}, 5000):
    data = b"".join(b"%09d\\n" % number for number in range(first, first + 5000))
    while data: data = data[os.write(1, data):]
"""


def true(offset: int, data: bytes) -> bool:
    first = offset // 10
    lines = b"".join(b"%09d\n" % line for line in range(first, first + len(data) // 10 + 2))
    return lines[offset - first * 10 :].startswith(data)


@pytest.fixture(scope="module")
def limited() -> Iterator[LiveServer]:
    home = Path(tempfile.mkdtemp(prefix="dcj-"))
    server = LiveServer(home, config={"JobsApp": {"max_workers": 4, "max_log_size": LIMIT}})
    server.start()
    yield server
    server.close()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def done(limited: LiveServer) -> dict[str, Any]:
    job = limited.submit(NUMBERED.format(lines=LINES), "numbered.py")
    return limited.wait(job["id"])


def raw(server: LiveServer, job: str, query: str) -> tuple[bytes, dict[str, str]]:
    answer = server.request("GET", f"jobs/{job}/log?{query}")
    assert answer.status == 200
    return answer.body, answer.headers


def test_raw_bytes(limited: LiveServer, done: dict[str, Any]) -> None:
    assert done["log_size"] == LINES * 10
    head, headers = raw(limited, done["id"], "offset=0&limit=4194304")
    assert headers.get("x-log-gap") is None
    assert true(0, head)
    rest, headers = raw(limited, done["id"], f"offset={len(head) + 5}&limit=4194304")
    start = int(headers["x-log-offset"])
    assert headers["x-log-gap"] == f"{len(head)}-{start}"
    assert true(start, rest)
    assert start + len(rest) == int(headers["x-log-size"]) == LINES * 10
    assert LIMIT // 2 < len(head) + len(rest) <= LIMIT


def test_lines(limited: LiveServer, done: dict[str, Any]) -> None:
    path = f"jobs/{done['id']}/log/lines"
    head, _ = raw(limited, done["id"], "offset=0&limit=4194304")
    page = limited.request("GET", f"{path}?line=250000&count=10").body
    gap = page["gap"]
    assert gap == {
        "from": len(head),
        "to": page["offset"],
        "line": page["line"],
        "lines": page["line"] - len(head) // 10,
    }
    assert page["offset"] == page["line"] * 10
    assert (page["next_offset"], page["total_lines"]) == (page["offset"] + 100, LINES)
    assert limited.request("GET", f"{path}?line={LINES - 5}").body["gap"] is None
    assert limited.request("GET", f"{path}?offset={len(head) + 1}").body["offset"] == page["offset"]
    assert limited.request("GET", f"{path}?line={len(head) // 10 - 1}").body["next_offset"] == gap["from"]


async def follow(client: Client, job: str, at: int) -> tuple[int, list[tuple[int, int]]]:
    """To the end: where that is, and the gaps. Each frame must follow on the one before, or on a gap that was told."""
    gaps = []
    while True:
        frame = await client.read()
        if isinstance(frame, tuple):
            assert frame[2] == at, "no byte is lost without a word"
            assert true(at, frame[3])
            at += len(frame[3])
            client.say(op="ack", job=job, offset=at)
        elif frame["type"] == "log_gap":
            assert frame["from"] == at
            assert frame["line"] * 10 == frame["to"] > at
            gaps.append((frame["from"], frame["to"]))
            at = frame["to"]
        elif frame["type"] == "log_end":
            assert frame["size"] == at
            return at, gaps


async def test_a_subscriber_jumps_over_the_gap(limited: LiveServer, done: dict[str, Any]) -> None:
    head, _ = raw(limited, done["id"], "offset=0&limit=4194304")
    client = await Client.open(limited)
    client.say(op="subscribe", channel="log", job=done["id"], offset=0)
    gap = (await client.of_type("subscribed"))["gap"]
    end, gaps = await follow(client, done["id"], 0)
    assert (end, gaps) == (LINES * 10, [(gap["from"], gap["to"])])
    assert gap["from"] == len(head)
    # One that comes back with an offset in the gap.
    client.say(op="subscribe", channel="log", job=done["id"], offset=len(head) + 1000)
    told = await client.of_type("subscribed")
    assert (told["offset"], told["line"]) == (len(head) + 1000, len(head) // 10)
    end, gaps = await follow(client, done["id"], told["offset"])
    assert (end, gaps) == (LINES * 10, [(len(head) + 1000, gap["to"])])
    client.connection.close()


async def test_a_slow_subscriber_while_segments_are_dropped(limited: LiveServer) -> None:
    lines = 3_000_000
    job = await asyncio.to_thread(limited.submit, NUMBERED.format(lines=lines), "fast.py")
    client = await Client.open(limited)
    client.say(op="subscribe", channel="log", job=job["id"], offset=0)
    at, gaps = 0, []
    while True:
        frame = await client.read()
        if isinstance(frame, tuple):
            assert frame[2] == at
            assert true(at, frame[3])
            at += len(frame[3])
            client.say(op="ack", job=job["id"], offset=at)
        elif frame["type"] == "log_gap":
            assert (frame["from"], frame["line"] * 10) == (at, frame["to"])
            at = frame["to"]
            gaps.append(frame)
        elif frame["type"] == "log_end":
            break
    assert at == frame["size"] == lines * 10
    client.connection.close()


async def test_the_window_counts_what_was_sent_and_not_what_is_gone(limited: LiveServer, done: dict[str, Any]) -> None:
    """A page that acknowledges nothing gets all that fits a window, over a gap that is larger than one."""
    client = await Client.open(limited)
    client.say(op="subscribe", channel="log", job=done["id"], offset=0)
    found = 0
    while True:
        frame = await client.read()
        if isinstance(frame, tuple):
            found += len(frame[3])
        elif frame["type"] == "log_end":
            break
    assert LIMIT // 2 < found <= LIMIT
    client.connection.close()


def command(server: LiveServer, *arguments: str) -> bytes:
    """The output of the command, started by the user who runs the server."""
    run = [sys.executable, "-m", "jupyter_datachain_jobs", *arguments]
    return subprocess.run(run, capture_output=True, check=True, timeout=120, env=server.env, cwd=server.root_dir).stdout


@pytest.mark.parametrize("how", [[], ["--follow"], ["--local"], ["--local", "--follow"]])
def test_command_line(limited: LiveServer, done: dict[str, Any], how: list[str]) -> None:
    head, _ = raw(limited, done["id"], "offset=0&limit=4194304")
    out = command(limited, "logs", done["id"], *how)
    before, marker, after = out.partition("\x1b[2m── ".encode())
    told, _, after = after.partition(b"\x1b[0m\n")
    assert (before, bool(marker)) == (head, True)
    assert told.endswith(b"a long log keeps its beginning and its newest part (JobsApp.max_log_size)")
    assert true(LINES * 10 - len(after), after)
    assert b"\x1b" not in after


def test_command_line_in_json(limited: LiveServer, done: dict[str, Any]) -> None:
    events = [json.loads(line) for line in command(limited, "logs", done["id"], "--json").splitlines()]
    (gap,) = [event for event in events if event["type"] == "log_gap"]
    texts = [event for event in events if event["type"] == "log"]
    after = next(event for event in texts if event["offset"] > gap["from"])
    assert after["offset"] == gap["to"]
    assert all(true(event["offset"], event["text"].encode()) for event in texts)


def test_deleting_counts_what_is_on_disk(limited: LiveServer) -> None:
    job = limited.wait(limited.submit(NUMBERED.format(lines=LINES), "numbered.py")["id"])
    gone = limited.request("DELETE", f"jobs/{job['id']}").body
    assert LIMIT // 2 < gone["removed"]["log_bytes"] <= LIMIT


def test_a_wrong_limit_is_refused_at_the_start() -> None:
    from traitlets import TraitError

    from jupyter_datachain_jobs.app import JobsApp

    with pytest.raises(TraitError, match="at least 1048576 bytes"):
        JobsApp(max_log_size=1000)
    assert JobsApp(max_log_size=0).max_log_size == 0
    assert JobsApp().max_log_size == 1 << 30

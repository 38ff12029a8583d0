"""``disk`` and ``rm --datasets``, against a server and without one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from support.server import LiveServer

from .conftest import Cli, cli_for


def test_disk_against_a_server(cli: Cli, live_server: LiveServer) -> None:
    job = live_server.wait(live_server.submit("print('x' * 300_000)", "prints-much.py")["id"])
    found = cli("disk", "--json", "--top", "100")
    assert found.code == 0, found
    # The server is shared: other tests may have made larger ones.
    assert job["id"] in [each["id"] for each in found.json["biggest"]]
    assert found.err == ""
    shown = cli("disk", "--top", "100")
    assert shown.code == 0, shown
    text = shown.out.decode()
    assert str(live_server.data_dir) in text
    assert job["id"][:8] in text
    assert "prints-much.py" in text
    assert "kept until they are deleted" in text
    for word in ("logs", "database", "caches", "free on its disk"):
        assert word in text
    assert "environments" not in text
    assert cli("disk", "--dry-run").code == 64


def test_prune(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(config={"JobsApp": {"prewarm": False, "keep_jobs": 1}})
    server.start()
    cli = cli_for(server)
    try:
        jobs = [server.wait(server.submit(f"print({i})", f"{i}.py")["id"]) for i in range(3)]
        nothing = cli("disk", "--prune")
        assert nothing.code == 0, nothing
        assert "Nothing is over the limits" in nothing.err, "they have just ended"
        database = sqlite3.connect(server.data_dir / "jobs.sqlite", timeout=30)
        database.execute("update jobs set finished_at = finished_at - 2 * 3600 * 1000000")
        database.commit()
        database.close()
        looked = cli("disk", "--prune", "--dry-run")
        assert looked.code == 0, looked
        assert "2 jobs would be removed" in looked.err
        assert b"too many jobs" in looked.out
        pruned = cli("disk", "--prune", "--json")
        assert [job["id"] for job in pruned.json["removed"]["items"]] == [job["id"] for job in jobs[:2]]
        assert [job["id"] for job in cli("ls", "--json").json] == [jobs[2]["id"]]
    finally:
        cli.close()


def test_without_a_server_and_datasets(alone: Cli) -> None:
    (alone.cwd / "saves.py").write_text("import datachain as dc\ndc.read_values(n=[1, 2]).save('gone')\n")
    (alone.cwd / "plain.py").write_text("print(1)\n")
    assert alone("run", "saves.py").code == 0
    assert alone("run", "plain.py").code == 0
    disk = alone("disk", "--json").json
    assert disk["recorded"] == 2
    plain, saves = alone("ls", "--json").json
    kept = alone("rm", plain["id"])
    assert b"its datasets stay" in kept.out, kept
    ran = alone("rm", saves["id"], "--datasets")
    assert ran.code == 0, ran
    assert b"dataset removed: local.local.gone@1.0.0" in ran.out
    assert alone("rows", "gone").code == 1

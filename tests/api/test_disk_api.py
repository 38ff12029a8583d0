"""What the disk holds, what leaves it, and deleting a job with what it made."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from support.server import LiveServer

SAVES = """
import datachain as dc
dc.read_values(n=[1, 2, 3]).save("{name}")
dc.read_values(n=[4]).save("{name}_more")
print("saved")
"""


def test_the_disk_is_described(server: LiveServer) -> None:
    job = server.wait(server.submit("print('x' * 400_000)", "large.py")["id"])
    answer = server.request("GET", "disk?top=100")
    assert answer.status == 200, answer
    disk = answer.body
    sizes = [each["bytes"] for each in disk["biggest"]]
    assert sizes == sorted(sizes, reverse=True)
    # The server is shared: other tests may have made larger ones.
    [biggest] = [each for each in disk["biggest"] if each["id"] == job["id"]]
    assert (biggest["name"], biggest["state"]) == ("large.py", "COMPLETE")
    assert biggest["log_bytes"] == job["log_size"]
    assert disk["data_dir"] == str(server.data_dir)
    assert disk["recorded"] == disk["folders"] >= 1
    assert disk["total"] == sum(disk[part] for part in ("jobs", "database", "caches", "rest"))
    assert disk["environments"] is None
    assert disk["complete"]
    assert disk["retention"] == {
        "keep_days": 0.0, "keep_jobs": 0, "keep_bytes": 0, "leaving": {"count": 0, "bytes": 0, "items": []},
    }  # fmt: skip
    assert server.request("GET", "disk?top=1000").status == 400
    pruned = server.request("POST", "disk/prune", {}).body
    assert pruned == {"dry_run": False, "left": 0, "removed": {"count": 0, "bytes": 0, "items": []}}
    assert server.request("GET", "status").body["notices"] == []


def test_what_is_over_the_limits_leaves_when_it_is_asked_for(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(config={"JobsApp": {"prewarm": False, "keep_days": 30, "max_workers": 4}})
    server.start()
    old, young = (server.wait(server.submit(f"print({i})", f"{i}.py")["id"]) for i in range(2))
    running = server.submit("import time; time.sleep(600)", "runs.py")
    server.wait(running["id"], "RUNNING")
    database = sqlite3.connect(server.data_dir / "jobs.sqlite", timeout=30)
    database.execute("update jobs set finished_at = finished_at - 40 * 86400 * 1000000 where id = ?", (old["id"],))
    database.commit()
    database.close()
    leaving = server.request("GET", "disk").body["retention"]["leaving"]
    assert [(job["id"], job["reason"]) for job in leaving["items"]] == [(old["id"], "age")]
    looked = server.request("POST", "disk/prune", {"dry_run": True}).body
    assert (looked["dry_run"], looked["removed"]["count"]) == (True, 1)
    assert server.request("GET", f"jobs/{old['id']}").status == 200
    pruned = server.request("POST", "disk/prune", {}).body
    assert [job["id"] for job in pruned["removed"]["items"]] == [old["id"]]
    assert server.request("GET", f"jobs/{old['id']}").status == 404
    assert not (server.data_dir / "jobs" / old["id"]).exists()
    assert {job["id"] for job in server.request("GET", "jobs").body["items"]} == {young["id"], running["id"]}
    assert f"action=retention job={old['id']} reason=age" in server.log()


def saved(server: LiveServer, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    job = server.wait(server.submit(SAVES.format(name=name), f"{name}.py")["id"], timeout=120)
    assert job["state"] == "COMPLETE", server.read_log(job["id"])
    return job, server.request("GET", f"jobs/{job['id']}/datasets").body["items"]


def test_datasets_stay_unless_they_are_asked_for(server: LiveServer) -> None:
    job, made = saved(server, "stays")
    gone = server.request("DELETE", f"jobs/{job['id']}").body
    assert gone["removed"]["datasets"] == gone["kept_datasets"] == []
    assert gone["removed"]["snapshot_bytes"] > len(SAVES)
    assert gone["removed"]["bytes"] >= gone["removed"]["log_bytes"] == job["log_size"]
    for version in made:
        assert server.request("GET", f"datasets/{version['uuid']}").status == 200


def test_datasets_go_when_they_are_asked_for(server: LiveServer) -> None:
    other, kept = saved(server, "goes")
    job, made = saved(server, "goes")
    assert [version["version"] for version in made] == ["1.0.1", "1.0.1"]
    # A version that the job only reused is not its own to delete.
    database = sqlite3.connect(server.datachain_root / ".datachain" / "db", timeout=30)
    database.execute(
        "insert into dataset_version_jobs (dataset_version_id, job_id, is_creator, created_at) "
        "select id, ?, 0, '2026-01-01' from datasets_versions where uuid = ?",
        (job["id"], kept[0]["uuid"]),
    )
    database.commit()
    database.close()
    assert len(server.request("GET", f"jobs/{job['id']}/datasets").body["items"]) == 3
    answer = server.request("DELETE", f"jobs/{job['id']}?datasets=true")
    assert answer.status == 200, answer
    assert sorted(version["uuid"] for version in answer.body["removed"]["datasets"]) == sorted(
        version["uuid"] for version in made
    )
    assert answer.body["kept_datasets"] == []
    for version in made:
        assert server.request("GET", f"datasets/{version['uuid']}").status == 404
    for version in kept:
        assert server.request("GET", f"datasets/{version['uuid']}/rows").status == 200
    assert server.request("GET", f"jobs/{other['id']}/datasets").body["items"] == kept


def test_a_running_job_keeps_its_datasets_too(server: LiveServer) -> None:
    job = server.submit("import time; time.sleep(600)", "runs.py")
    server.wait(job["id"], "RUNNING")
    refused = server.request("DELETE", f"jobs/{job['id']}?datasets=true")
    assert (refused.status, refused.body["code"]) == (409, "job_not_final")
    server.request("POST", f"jobs/{job['id']}/cancel", {"force": True})
    server.wait(job["id"])


def test_where_datachain_cannot_be_asked_nothing_is_deleted(new_server: Callable[..., LiveServer]) -> None:
    server = new_server(config={"JobsApp": {"prewarm": False}})
    server.start()
    job, made = saved(server, "locked")
    lock = sqlite3.connect(server.datachain_root / ".datachain" / "db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    refused = server.request("DELETE", f"jobs/{job['id']}?datasets=true", timeout=90)
    assert (refused.status, refused.body["code"]) == (503, "datachain_busy"), refused
    lock.execute("ROLLBACK")
    lock.close()
    assert server.job(job["id"])["state"] == "COMPLETE"
    again = server.request("DELETE", f"jobs/{job['id']}?datasets=true")
    assert again.status == 200, json.dumps(again.body)
    assert len(again.body["removed"]["datasets"]) == len(made)

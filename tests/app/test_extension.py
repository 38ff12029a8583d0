"""The extension inside a real Jupyter server."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

from jupyter_client import BlockingKernelClient
from support.server import LiveServer

NewServer = Callable[..., LiveServer]


def test_jobs_notebooks_and_terminals_share_one_datachain_root(new_server: NewServer) -> None:
    """DataChain's own default is each process's current folder: the server says one place to all that it starts."""
    server = new_server()
    del server.env["DATACHAIN_ROOT_DIR"]
    server.start()
    (server.root_dir / "deep" / "folder").mkdir(parents=True)
    job = server.wait(
        server.submit("import datachain as dc\ndc.read_values(n=[1, 2]).save('shared')\n", "deep/folder/a.py")["id"]
    )
    assert job["state"] == "COMPLETE", server.read_log(job["id"]).decode()
    assert server.request("GET", f"jobs/{job['id']}/datasets").body["items"][0]["name"] == "shared"
    assert (server.root_dir / ".datachain" / "db").exists()
    assert in_a_kernel(server, "import os; print(os.environ['DATACHAIN_ROOT_DIR'])") == f"{server.root_dir}\n"


def test_kernels_are_left_alone_where_the_trait_says_so(new_server: NewServer) -> None:
    server = new_server(config={"JobsApp": {"share_datachain_root": False}})
    del server.env["DATACHAIN_ROOT_DIR"]
    server.start()
    assert in_a_kernel(server, "import os; print(os.environ.get('DATACHAIN_ROOT_DIR'))") == "None\n"


def in_a_kernel(server: LiveServer, code: str) -> str:
    kernel = server.request("POST", "/api/kernels", {"name": "python3"}).body["id"]
    client = BlockingKernelClient()
    client.load_connection_file(server.home / "runtime" / f"kernel-{kernel}.json")
    client.start_channels()
    printed: list[str] = []
    try:
        client.wait_for_ready(60)
        client.execute_interactive(
            code, timeout=60, output_hook=lambda message: printed.append(message["content"].get("text", ""))
        )
    finally:
        client.stop_channels()
        server.request("DELETE", f"/api/kernels/{kernel}")
    return "".join(printed)


def test_a_database_of_a_newer_version_is_said_at_every_door(new_server: NewServer) -> None:
    server = new_server()
    server.start()
    server.stop()
    connection = sqlite3.connect(server.data_dir / "jobs.sqlite")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    server.start(until=lambda status: status.status == 503 and status.body["code"] != "starting")
    for verb, path in (("GET", "status"), ("GET", "jobs"), ("POST", "jobs")):
        answer = server.request(verb, path, {"script": {"path": "a.py"}} if verb == "POST" else None)
        assert (answer.status, answer.body["code"]) == (503, "database_too_new")
        assert answer.body["hint"]


def test_a_server_whose_datasets_are_elsewhere_runs_jobs_all_the_same(new_server: NewServer, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text(
        "from datachain.data_storage.sqlite import SQLiteWarehouse\nclass Warehouse(SQLiteWarehouse): pass\n"
    )
    server = new_server(env={"DATACHAIN_WAREHOUSE": "elsewhere.Warehouse", "PYTHONPATH": str(tmp_path)})
    server.start()
    job = server.wait(server.submit("import os\nprint('ran')\n")["id"])
    assert job["state"] == "COMPLETE", job
    answer = server.request("GET", f"jobs/{job['id']}/datasets")
    assert (answer.status, answer.body["code"]) == (409, "warehouse_unsupported")


def test_a_broken_datachain_is_said_when_a_job_starts(new_server: NewServer) -> None:
    server = new_server(env={"DATACHAIN_WAREHOUSE": "nowhere.Warehouse"})
    server.start()
    job = server.wait(server.submit("print('ran')\n")["id"])
    assert (job["state"], job["error"]["code"]) == ("FAILED", "datachain_broken")
    assert "nowhere" in job["error"]["message"]


def test_running_jobs_are_activity_and_reading_is_not(new_server: NewServer) -> None:
    server = new_server()
    server.start()
    before = server.request("GET", "/api/status").body["last_activity"]
    for _ in range(3):
        server.request("GET", "jobs")
        server.request("GET", "status")
    assert server.request("GET", "/api/status").body["last_activity"] == before
    job = server.submit("import time; time.sleep(600)\n")
    server.wait(job["id"], "RUNNING")
    assert server.request("GET", "/api/status").body["last_activity"] > before
    server.request("POST", f"jobs/{job['id']}/cancel", {"force": True})
    server.wait(job["id"])


def test_under_a_base_url_as_a_hub_gives_it(new_server: NewServer) -> None:
    server = new_server(base_url="/user/ada@example.org/")
    server.start()
    job = server.wait(server.submit("print('here')\n")["id"])
    assert server.read_log(job["id"]) == b"here\n"
    assert server.request("GET", "/datachain-jobs/api/jobs").status == 404


def test_the_extension_is_found_and_enabled() -> None:
    import jupyter_datachain_jobs as package

    (point,) = package._jupyter_server_extension_points()
    assert point["app"].name == "datachain-jobs"
    root = Path(__file__).parents[2]
    config = json.loads((root / "jupyter-config/server-config/jupyter_datachain_jobs.json").read_text())
    assert config["ServerApp"]["jpserver_extensions"] == {"jupyter_datachain_jobs": True}


def test_every_trait_is_explained() -> None:
    from jupyter_datachain_jobs.app import JobsApp

    own = [trait for name, trait in JobsApp.class_own_traits(config=True).items()]
    assert own
    assert all(len(trait.help) > 30 for trait in own)

"""The command and the environment of a job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jupyter_datachain_jobs.executors import ScriptExecutor, for_jobs

if TYPE_CHECKING:
    from executors.conftest import Folder

SERVER = {
    "PATH": "/usr/bin",
    "HOME": "/home/me",
    "AWS_SECRET_ACCESS_KEY": "mine",
    "JUPYTER_TOKEN": "secret",
    "JUPYTERHUB_API_TOKEN": "secret",
    "JPY_API_TOKEN": "secret",
    "JPY_PARENT_PID": "1",
    "CONFIGPROXY_AUTH_TOKEN": "secret",
    "JUPYTERHUB_USER": "me",
    "JUPYTERHUB_SERVICE_PREFIX": "/user/me/",
    "JUPYTER_DATA_DIR": "/data",
    "NOTIFY_SOCKET": "/run/systemd/notify",
    "DATACHAIN_JOB_ID": "an outer job",
    "DATACHAIN_JOBS_ATTEMPT": "an outer job.1",
    "DATACHAIN_QUERY_PARAMS": "{}",
    "DATACHAIN_ROOT_DIR": "/dc",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


def test_keys_to_the_server_stay_with_the_server() -> None:
    kept = for_jobs(SERVER)

    assert "secret" not in kept.values()
    assert set(kept) == {
        "PATH",
        "HOME",
        "AWS_SECRET_ACCESS_KEY",
        "JUPYTERHUB_USER",
        "JUPYTERHUB_SERVICE_PREFIX",
        "JUPYTER_DATA_DIR",
        "DATACHAIN_ROOT_DIR",
    }


def test_backend_that_the_user_chose_stays() -> None:
    assert for_jobs({"MPLBACKEND": "agg"}) == {"MPLBACKEND": "agg"}


def test_environment(folder: Folder) -> None:
    request = folder.request(parameters={"limit": "5", "名": "ü"}, workers=3, extra_env={"MINE": "1", "LINES": "9"})
    env = ScriptExecutor(SERVER).prepare(request).env

    assert env["DATACHAIN_JOB_ID"] == request.job_id
    assert env["DATACHAIN_JOBS_ATTEMPT"] == f"{request.job_id}.1"
    assert json.loads(env["DATACHAIN_QUERY_PARAMS"]) == {"limit": "5", "名": "ü"}
    assert (env["DATACHAIN_SETTINGS_PARALLEL"], env["DATACHAIN_IGNORE_CHECKPOINTS"]) == ("3", "1")
    assert (env["DATACHAIN_NO_ANALYTICS"], env["PYTHONUNBUFFERED"]) == ("1", "1")
    assert (env["MINE"], env["LINES"], env["PATH"]) == ("1", "9", "/usr/bin")
    assert env["PWD"] == str(folder.script.parent)


def test_one_worker_leaves_the_script_its_own_choice(folder: Folder) -> None:
    assert "DATACHAIN_SETTINGS_PARALLEL" not in ScriptExecutor(SERVER).prepare(folder.request()).env


def test_marker_is_nobodys_to_change(folder: Folder) -> None:
    request = folder.request(extra_env={"DATACHAIN_JOBS_ATTEMPT": "other"})

    assert ScriptExecutor(SERVER).prepare(request).env["DATACHAIN_JOBS_ATTEMPT"] == f"{request.job_id}.1"


def test_analytics_as_the_user_set_them(folder: Folder) -> None:
    env = ScriptExecutor({"DATACHAIN_NO_ANALYTICS": ""}).prepare(folder.request()).env

    assert env["DATACHAIN_NO_ANALYTICS"] == ""


def test_command(folder: Folder) -> None:
    execution = ScriptExecutor(SERVER).prepare(folder.request(interpreter="/opt/python"))

    assert execution.argv[0] == "/opt/python"
    assert execution.argv[2:] == (str(folder.snapshot), str(folder.script), str(folder.attempt))
    assert execution.cwd == str(folder.script.parent)


def test_present_environment_is_the_default(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    executor = ScriptExecutor()
    monkeypatch.setenv("SET_LATER", "yes")

    assert executor.prepare(folder.request()).env["SET_LATER"] == "yes"

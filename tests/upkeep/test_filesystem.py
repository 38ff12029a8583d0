"""Network file systems: found by their mount, believed by what works on them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_datachain_jobs.domain import JobsError
from jupyter_datachain_jobs.upkeep import place, settle
from jupyter_datachain_jobs.upkeep.filesystem import MOUNTINFO, mount_of, trouble

MOUNTS = r"""
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:50 / /home rw,relatime shared:7 - nfs4 server:/home rw,vers=4.2,local_lock=none
31 30 0:51 / /home/ada/scratch rw - tmpfs tmpfs rw
32 22 0:52 / /old\040homes rw,relatime - nfs server:/old rw,vers=3,nolock,local_lock=all
33 22 0:53 / /var/tmp rw - ext4 /dev/vdb rw
34 22 0:54 / /twice rw - ext4 /dev/vdc rw
35 34 0:55 / /twice rw - fuse.sshfs ada@host: rw
36 22 0:56 / /homework rw - cifs //host/share rw
garbage
37 22 0:57 / /bad - lustre
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/", "ext4"),
        ("/etc", "ext4"),
        ("/home", "nfs4"),
        ("/home/ada/.local/share", "nfs4"),
        ("/home/ada/scratch/x", "tmpfs"),
        ("/homework/x", "cifs"),
        ("/homes", "ext4"),
        ("/old homes/ada", "nfs"),
        ("/twice/x", "fuse.sshfs"),
    ],
)
def test_the_mount_that_holds_a_folder(folder: str, kind: str) -> None:
    mount = mount_of(Path(folder), MOUNTS)
    assert mount is not None
    assert mount.kind == kind
    assert mount.local == (kind in ("ext4", "tmpfs"))
    assert mount.locks_stay_here == (kind == "nfs")


@pytest.mark.skipif(not MOUNTINFO.exists(), reason="Linux's")
def test_this_machines_own_mounts_can_be_read(tmp_path: Path) -> None:
    assert mount_of(tmp_path) is not None


def test_all_works_on_a_local_disk(tmp_path: Path) -> None:
    assert trouble(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    assert "files cannot be made" in (trouble(tmp_path / "missing") or "")


#: Has the kernel itself refuse some system calls (seccomp), as a file system without them does, then asks.
WITHOUT = """
import ctypes, errno, struct, sys
numbers = [int(word) for word in sys.argv[2].split(",")]
def op(code, jt, jf, k): return struct.pack("HBBI", code, jt, jf, k)
program = op(0x20, 0, 0, 0)
for number in numbers:
    program += op(0x15, 0, 1, number) + op(0x06, 0, 0, 0x00050000 | errno.ENOTSUP)
program += op(0x06, 0, 0, 0x7FFF0000)
buffer = ctypes.create_string_buffer(program)
filter_ = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.c_char_p(filter_), 0, 0):
    sys.exit(77)
from pathlib import Path
from jupyter_datachain_jobs.upkeep.filesystem import trouble
print(trouble(Path(sys.argv[1])))
"""


@pytest.mark.skipif(os.uname().machine != "x86_64" or sys.platform != "linux", reason="numbers of system calls")
@pytest.mark.parametrize(("calls", "said"), [("73", "flock does not work"), ("86,265", "hard links do not work")])
def test_what_the_kernel_refuses_is_named(tmp_path: Path, calls: str, said: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(tmp_path), calls], capture_output=True, text=True, timeout=60, check=False
    )
    if ran.returncode == 77:
        pytest.skip("seccomp is not allowed here")
    assert ran.returncode == 0, ran.stderr
    assert said in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(60)")
    monkeypatch.setattr("jupyter_datachain_jobs.upkeep.filesystem._PROBE", slow)
    assert "did not answer" in (trouble(tmp_path, timeout=0.5) or "")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def network(folder: Path, options: str = "rw,local_lock=none") -> str:
    point = str(folder).replace(" ", r"\040")
    return f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {point} rw - nfs4 server:/ {options}\n"


def test_a_local_folder_is_taken_as_it_is(home: Path) -> None:
    storage = settle(home / "data", "auto", network(home / "elsewhere"))
    assert (storage.data_dir, storage.wal, storage.network, storage.notices) == (home / "data", True, None, ())
    assert (home / "data").is_dir()


@pytest.mark.parametrize("policy", ["auto", "stay"])
def test_a_network_folder_that_works_is_used_without_a_write_ahead_log(home: Path, policy: place.Policy) -> None:
    storage = settle(home / "net" / "data", policy, network(home / "net"))
    assert (storage.data_dir, storage.wal, storage.network) == (home / "net" / "data", False, "nfs4")
    assert storage.notices == ()


def test_one_whose_locks_do_not_reach_other_machines_is_left(home: Path) -> None:
    (home / "net" / "data").mkdir(parents=True)
    (home / "net" / "data" / "jobs.sqlite").touch()
    storage = settle(home / "net" / "data", "auto", network(home / "net", "rw,nolock"))
    assert storage.data_dir.parent == home / "state"
    assert storage.wal
    assert storage.data_dir.stat().st_mode & 0o777 == 0o700
    [notice] = storage.notices
    assert notice.code == "state_moved"
    assert "nfs4" in notice.message
    assert "not shown" in notice.message, "jobs that were recorded there are missed otherwise"
    assert settle(home / "net" / "data", "auto", network(home / "net", "rw,nolock")).data_dir == storage.data_dir


def test_the_user_may_ask_for_a_local_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = settle(home / "net" / "data", "local", network(home / "net"))
    assert storage.data_dir.parent == home / "state"
    assert not (home / "net").exists(), "nothing is left on the network"
    monkeypatch.delenv("XDG_STATE_HOME")
    (folder,) = place.candidates(home / "net" / "data")
    assert str(folder).startswith(f"/var/tmp/datachain-jobs-{os.getuid()}-")


def test_a_state_folder_on_the_network_too_is_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "candidates", lambda _: [home / "net" / "state", home / "local"])
    assert settle(home / "net" / "data", "local", network(home / "net")).data_dir == home / "local"


def test_where_nothing_works_it_refuses(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(JobsError) as caught:
        settle(home / "net" / "data", "stay", network(home / "net", "rw,nolock"))
    assert caught.value.code == "network_storage_unusable"
    others = home / "others"
    others.mkdir(mode=0o777)
    others.chmod(0o777)
    link = home / "link"
    link.symlink_to(others)
    monkeypatch.setattr(place, "candidates", lambda _: [others, link, home / "net" / "state"])
    with pytest.raises(JobsError) as caught:
        settle(home / "net" / "data", "auto", network(home / "net", "rw,nolock"))
    assert caught.value.code == "network_storage_unusable"
    assert "others can enter it" in caught.value.message
    assert "is on nfs4" in caught.value.message

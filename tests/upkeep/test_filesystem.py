"""Network file systems: found by their mount, believed by what works on them."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_datachain_jobs.domain import JobsError
from jupyter_datachain_jobs.upkeep import place, probe, settle
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
    with pytest.raises(FileNotFoundError):
        trouble(tmp_path / "missing")


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


def test_what_mount_says_elsewhere() -> None:
    printed = (
        "/dev/disk3s1 on / (apfs, sealed, local, read-only, journaled)\n"
        "server:/export on /Users/ada (x) (nfs, nodev)\n"
        "map auto_home on /home (autofs, automounted)\n"
    )
    found = mount_of(Path("/Users/ada (x)/jobs"), printed)
    assert found is not None
    assert (found.point, found.kind, found.local) == ("/Users/ada (x)", "nfs", False)
    root = mount_of(Path("/Users/adam"), printed)
    assert root is not None
    assert root.local


def refuse(number: int) -> Callable[..., None]:
    def call(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize(
    ("name", "replacement", "said"),
    [
        ("fcntl.flock", refuse(errno.ENOLCK), "flock does not work (No locks available)"),
        ("fcntl.flock", lambda *_: None, "flock keeps nobody out"),
        ("fcntl.lockf", refuse(errno.ENOLCK), "an fcntl lock does not work (No locks available)"),
        ("fcntl.lockf", lambda *_: None, "an fcntl lock keeps nobody out"),
        ("os.link", refuse(errno.EPERM), "hard links do not work (Operation not permitted)"),
        ("os.link", lambda one, other: Path(other).write_bytes(Path(one).read_bytes()), "is not refused"),
    ],
)
def test_what_does_not_work_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, replacement: object, said: str
) -> None:
    module, _, function = name.rpartition(".")
    monkeypatch.setattr(getattr(probe, module), function, replacement)
    assert said in probe.main(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", ["fcntl.flock", "os.link"])
def test_a_full_disk_has_working_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Moving the state because of it would part everybody from their jobs."""
    module, _, function = call.rpartition(".")
    monkeypatch.setattr(getattr(probe, module), function, refuse(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left"):
        probe.main(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_both_kinds_of_lock_are_never_on_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As over NFS, where flock is an fcntl lock of another owner."""
    flocked: set[int] = set()
    flock, lockf = fcntl.flock, fcntl.lockf

    def remember(descriptor: int, operation: int) -> None:
        flock(descriptor, operation)
        flocked.add(os.fstat(descriptor).st_ino)

    def exclude(descriptor: int, operation: int) -> None:
        if os.fstat(descriptor).st_ino in flocked:
            raise BlockingIOError(errno.EAGAIN, "held by the flock of the same process")
        lockf(descriptor, operation)

    monkeypatch.setattr(probe.fcntl, "flock", remember)
    monkeypatch.setattr(probe.fcntl, "lockf", exclude)
    assert probe.main(str(tmp_path)) == "ok"


def test_what_was_moved_stays_moved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock service that works again one day must not part the servers from their jobs."""
    mounts = network(home / "net")
    data = home / "net" / "data"
    monkeypatch.setattr(place, "trouble", lambda folder: "flock does not work" if folder == data else None)
    moved = settle(data, "auto", mounts)
    monkeypatch.setattr(place, "trouble", lambda _: None)
    assert settle(data, "auto", mounts).data_dir == data, "nothing was kept there yet"
    (moved.data_dir / "jobs.sqlite").touch()
    again = settle(data, "auto", mounts)
    assert again.data_dir == moved.data_dir
    assert [notice.code for notice in again.notices] == ["state_moved"]
    assert settle(data, "stay", mounts).data_dir == data, "the way back"


def test_a_command_without_the_servers_environment_finds_it_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = network(home / "net", "rw,nolock")
    first, second = home / "one", home / "two"
    second.mkdir(mode=0o700)
    (second / "jobs.sqlite").touch()
    monkeypatch.setattr(place, "candidates", lambda _: [first, second])
    assert settle(home / "net" / "data", "auto", mounts).data_dir == second


def test_two_names_of_one_folder_lead_to_one_place(home: Path) -> None:
    mounts = network(home / "net")
    moved = settle(home / "net" / "data", "local", mounts).data_dir
    (home / "net").mkdir()
    (home / "net" / "link").symlink_to("data")
    assert settle(home / "net" / "link", "local", mounts).data_dir == moved
    assert settle(home / "net" / "other", "local", mounts).data_dir != moved

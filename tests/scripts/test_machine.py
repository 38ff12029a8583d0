"""What the scripts ask of the machine: the real ones, on a PATH where ``apt-get``, ``sudo`` and ``id`` are recorders."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
INSTALL = "apt-get install -y --no-install-recommends"

# Talks on standard output as apt does, and would wait for an answer if it were given a place to wait at.
APT = """#!/bin/sh
echo "apt-get $* (${DEBIAN_FRONTEND-interactive})" >> "$MACHINE/calls"
echo "Reading package lists..."
read -r answer && echo "apt-get was answered" >> "$MACHINE/calls"
[ "$1" != "${FAILING-}" ] || { echo "E: Unable to locate package" >&2; exit 100; }
[ "$1" != install ] || . "$MACHINE/install"
"""
# A Python as Debian ships it: complete once its other package is there.
DEBIAN_PYTHON = f"""#!/bin/sh
[ -e "$MACHINE/ensurepip" ] || export PYTHONPATH="$MACHINE/lacks"
exec {sys.executable} "$@"
"""


class Machine:
    """A PATH with the few tools that the scripts use, and no browser."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.bin = home / "bin"
        self.bin.mkdir()
        for name in ("dirname", "env", "id"):
            found = shutil.which(name)
            assert found
            (self.bin / name).symlink_to(found)
        self.env = {"PATH": str(self.bin), "MACHINE": str(home), "HOME": str(home)}
        self.tool("id", "#!/bin/sh\necho 0\n")

    def tool(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def apt(self, installs: str) -> None:
        self.tool("apt-get", APT)
        (self.home / "install").write_text(installs)

    def user(self) -> None:
        self.tool("id", "#!/bin/sh\necho 1000\n")

    def run(self, script: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SCRIPTS / script), *arguments],
            env=self.env | env,
            input="y\n",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        path = self.home / "calls"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def browserless(machine: Machine) -> Machine:
    machine.apt('echo > "$MACHINE/bin/chromium"\n/bin/chmod +x "$MACHINE/bin/chromium"\n')
    return machine


def test_a_browser_that_is_there_is_named_and_nothing_installed(browserless: Machine) -> None:
    mine = browserless.tool("google-chrome", "")
    done = browserless.run("chromium.sh")
    assert (done.returncode, done.stdout) == (0, f"{mine}\n")
    other = browserless.tool("my-browser", "")
    assert browserless.run("chromium.sh", CHROMIUM=str(other)).stdout == f"{other}\n"
    assert browserless.calls == []


def test_a_missing_browser_is_installed_without_a_question(browserless: Machine) -> None:
    done = browserless.run("chromium.sh")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{browserless.bin / 'chromium'}\n"
    assert "Reading package lists..." in done.stderr
    assert browserless.calls == [
        "apt-get update (noninteractive)",
        f"{INSTALL} chromium fonts-dejavu-core (noninteractive)",
    ]


def test_a_user_installs_through_sudo_which_clears_the_environment(browserless: Machine) -> None:
    browserless.user()
    browserless.tool(
        "sudo", '#!/bin/sh\necho "sudo $*" >> "$MACHINE/calls"\nexec env -i PATH="$PATH" MACHINE="$MACHINE" "$@"\n'
    )
    done = browserless.run("chromium.sh")
    assert (done.returncode, done.stdout) == (0, f"{browserless.bin / 'chromium'}\n")
    assert browserless.calls == [
        "sudo env DEBIAN_FRONTEND=noninteractive apt-get update",
        "apt-get update (noninteractive)",
        f"sudo env DEBIAN_FRONTEND=noninteractive {INSTALL} chromium fonts-dejavu-core",
        f"{INSTALL} chromium fonts-dejavu-core (noninteractive)",
    ]


def test_a_failed_update_still_tries_the_lists_that_are_there(browserless: Machine) -> None:
    done = browserless.run("chromium.sh", FAILING="update")
    assert (done.returncode, done.stdout) == (0, f"{browserless.bin / 'chromium'}\n")
    assert "apt-get update failed" in done.stderr


def refused(done: subprocess.CompletedProcess[str], reason: str, packages: str) -> None:
    assert done.returncode != 0
    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert reason in last
    assert f"by hand (on Debian: {packages})" in last


def test_an_installation_that_fails_says_what_to_install_by_hand(browserless: Machine) -> None:
    done = browserless.run("chromium.sh", FAILING="install")
    refused(done, "apt-get could not install", "chromium fonts-dejavu-core")
    assert "E: Unable to locate package" in done.stderr


def test_a_machine_without_apt_says_what_to_install_by_hand(machine: Machine) -> None:
    refused(machine.run("chromium.sh"), "has no apt-get", "chromium fonts-dejavu-core")


def test_a_user_without_sudo_is_told_what_to_install_by_hand(browserless: Machine) -> None:
    browserless.user()
    refused(browserless.run("chromium.sh"), "there is no sudo", "chromium fonts-dejavu-core")
    assert browserless.calls == []


def test_an_installation_that_brings_no_browser_is_told(machine: Machine) -> None:
    machine.apt("")
    done = machine.run("chromium.sh")
    assert (done.returncode, done.stdout) == (1, "")
    assert "CHROMIUM=PATH" in done.stderr.splitlines()[-1]


@pytest.fixture
def debian(machine: Machine) -> Machine:
    """A Python without ensurepip, and a stand-in for uv, so that nothing is downloaded."""
    machine.apt('echo > "$MACHINE/ensurepip"\n')
    machine.tool("python3", DEBIAN_PYTHON)
    lacks = machine.home / "lacks"
    lacks.mkdir()
    (lacks / "ensurepip.py").write_text("raise ModuleNotFoundError('ensurepip')\n")
    links = machine.home / "links"
    links.mkdir()
    with zipfile.ZipFile(links / "uv-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("uv/__init__.py", "")
        wheel.writestr("uv/__main__.py", "print('uv 1.0')\n")
        wheel.writestr("uv-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: uv\nVersion: 1.0\n")
        wheel.writestr("uv-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("uv-1.0.dist-info/RECORD", "")
    machine.env |= {"PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(links)}
    return machine


def test_a_python_that_can_make_no_environment_is_completed(debian: Machine) -> None:
    venv = debian.home / "venv"
    done = debian.run("venv.sh", str(venv), "python3")
    assert done.returncode == 0, done.stderr
    assert debian.calls == [
        "apt-get update (noninteractive)",
        f"{INSTALL} python{VERSION}-venv (noninteractive)",
    ]
    uv = subprocess.run([venv / "bin/python", "-m", "uv"], capture_output=True, text=True, check=True)
    assert uv.stdout == "uv 1.0\n"
    # What works is kept, with what has been installed into it.
    (venv / "mine").touch()
    assert debian.run("venv.sh", str(venv), "python3").returncode == 0
    assert (venv / "mine").exists()
    assert len(debian.calls) == 2


def test_a_python_that_cannot_be_completed_says_what_to_install_by_hand(debian: Machine) -> None:
    done = debian.run("venv.sh", str(debian.home / "venv"), "python3", FAILING="install")
    refused(done, "apt-get could not install", f"python{VERSION}-venv")
    debian.apt("")
    done = debian.run("venv.sh", str(debian.home / "venv"), "python3")
    assert done.returncode == 1
    assert "PYTHON=PATH" in done.stderr.splitlines()[-1]

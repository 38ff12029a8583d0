#!/bin/sh
# Makes the virtual environment with uv in it: venv.sh FOLDER PYTHON
set -eu
venv=$1
python=$2
apt() {
  if [ "$(id -u)" = 0 ]; then apt-get "$@"; else sudo apt-get "$@"; fi
}
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  # Debian and Ubuntu ship Python without what a virtual environment needs.
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    apt update
    apt install -y "python$version-venv"
  fi
  "$python" -m venv --clear "$venv"
fi
"$venv/bin/python" -m uv --version >/dev/null 2>&1 || "$venv/bin/python" -m pip install --quiet uv

#!/bin/sh
# Makes the virtual environment with uv in it: venv.sh FOLDER PYTHON
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=$1
python=$2
can_make() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null
}
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  # Debian and Ubuntu ship Python without what a virtual environment needs.
  if ! can_make; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$here/apt.sh" "virtual environments of $python" "python$version-venv"
    can_make || {
      echo "$python has no ensurepip, though apt-get ended well. PYTHON=PATH names another Python." >&2
      exit 1
    }
  fi
  "$python" -m venv --clear "$venv"
fi
"$venv/bin/python" -m uv --version >/dev/null 2>&1 || "$venv/bin/python" -m pip install --quiet uv

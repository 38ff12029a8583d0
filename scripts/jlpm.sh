#!/bin/sh
# JupyterLab's yarn, told which registry npm uses: yarn does not read npm's configuration.
set -eu
if [ -z "${YARN_NPM_REGISTRY_SERVER:-}" ] && registry=$(npm config get registry 2>/dev/null) && [ -n "$registry" ]; then
  export YARN_NPM_REGISTRY_SERVER="${registry%/}"
fi
exec jlpm "$@"

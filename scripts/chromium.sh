#!/bin/sh
# Prints the browser that the browser tests drive, after installing Debian's where there is none.
set -eu
find_browser() {
  for name in "${CHROMIUM:-chromium}" chromium chromium-browser google-chrome; do
    command -v "$name" && return 0
  done
  return 1
}
find_browser && exit 0
run() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
{
  run apt-get update
  run env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-dejavu-core
} >&2
find_browser

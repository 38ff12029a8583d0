#!/bin/sh
# Prints the browser that the browser tests drive, after installing Debian's where there is none.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
find_browser() {
  for name in "${CHROMIUM:-chromium}" chromium chromium-browser google-chrome; do
    command -v "$name" && return 0
  done
  return 1
}
find_browser && exit 0
"$here/apt.sh" "the browser tests" chromium fonts-dejavu-core
find_browser || {
  echo "No chromium is on the PATH, though apt-get ended well. CHROMIUM=PATH names another browser." >&2
  exit 1
}

#!/bin/sh
# Installs Debian packages without a question, or says what to install by hand: apt.sh WHAT-FOR PACKAGE...
set -eu
purpose=$1
shift
give_up() {
  echo "$1 Install what is needed for $purpose by hand (on Debian: $packages), then run this again." >&2
  exit 1
}
packages=$*
command -v apt-get >/dev/null || give_up "This machine has no apt-get."
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || give_up "Installing needs root, and there is no sudo."
# The caller's output is its result, so that all of this goes to the other one. sudo loses the caller's environment.
apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" </dev/null >&2
}
# Without a network the lists that are there may still do.
apt update || echo "apt-get update failed; trying with the package lists that are here." >&2
apt install -y --no-install-recommends "$@" || give_up "apt-get could not install $packages."

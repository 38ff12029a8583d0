#!/bin/sh
# Prints the first Python that can run this package. A name on the PATH proves nothing: it may be too old, or a
# version manager's shim for a version that is not installed.
for name in python3.11 python3.12 python3.13 python3 python; do
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    command -v "$name"
    exit 0
  fi
done
echo "Python 3.11 or newer is needed, and none was found." >&2
exit 1

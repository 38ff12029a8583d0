"""Folders in places that others can write."""

from __future__ import annotations

import os
from pathlib import Path


def private(folder: Path) -> bool:
    """Make `folder` where it is missing, with mode 0700; False when it is somebody else's, or others can enter it.

    Raises OSError when it cannot be made.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()  # not followed: in /tmp anybody can leave a link of that name
    return found.st_uid == os.getuid() and not found.st_mode & 0o077 and not folder.is_symlink()

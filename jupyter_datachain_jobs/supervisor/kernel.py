"""System calls that Python does not offer, through `_ctypes` (the `ctypes` package costs 4 ms of start-up).

Each answers False or an empty list where the system has no such call.
"""

import errno
import sys

try:
    import _ctypes

    class _Int(_ctypes._SimpleCData):
        _type_ = "i"

    class _Long(_ctypes._SimpleCData):
        _type_ = "q"

    class _Function(_ctypes.CFuncPtr):
        _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
        _restype_ = _Int

    # An empty name: what this process is linked with.
    _libc: int | None = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]
except (ImportError, AttributeError, OSError):
    _libc = None

_PR_SET_CHILD_SUBREAPER = 36
_FALLOC_FL_KEEP_SIZE = 1
_PROC_PGRP_ONLY = 2


def _function(name: str) -> "_Function | None":
    if _libc is None:
        return None
    try:
        return _Function(_ctypes.dlsym(_libc, name))
    except OSError:
        return None


def become_subreaper() -> bool:
    """From now on orphans below this process become its children, and not those of pid 1."""
    if sys.platform != "linux" or (prctl := _function("prctl")) is None:
        return False
    return prctl(_Int(_PR_SET_CHILD_SUBREAPER), _Long(1), _Long(0), _Long(0), _Long(0)) == 0


def reserve(fd: int, offset: int, length: int) -> bool:
    """Reserves disk space for `length` bytes from `offset` on, without changing the file's size.

    Returns:
        False if the file system cannot do that.

    Raises:
        OSError: the disk is full, or the file system failed.
    """
    if sys.platform != "linux" or (fallocate := _function("fallocate")) is None:
        return False
    if fallocate(_Int(fd), _Int(_FALLOC_FL_KEEP_SIZE), _Long(offset), _Long(length)) == 0:
        return True
    code = _ctypes.get_errno()
    if code in (errno.EOPNOTSUPP, errno.ENOSYS, errno.EPERM, errno.EINTR):
        return False
    raise OSError(code, "no space could be reserved")


def group_members(group: int) -> list[int]:
    """The pids of a process group on macOS, which has no /proc. (From its documentation; not yet run there.)"""
    proc_listpids = None if sys.platform == "linux" else _function("proc_listpids")
    if proc_listpids is None:
        return []
    buffer = (_Int * 4096)()
    used = proc_listpids(_Int(_PROC_PGRP_ONLY), _Int(group), buffer, _Int(_ctypes.sizeof(buffer)))
    return [pid for pid in buffer[: max(used, 0) // 4] if pid]

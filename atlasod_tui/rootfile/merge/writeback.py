"""Telling the disk to begin, while there is still something to copy."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

_WRITE = 2  # SYNC_FILE_RANGE_WRITE: start writing what is dirty, do not wait for it


@cache
def _sync_file_range() -> Callable[[int, int, int, int], int] | None:
    """Return Linux's function of this name, or None where there is none."""
    function = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if function is None:
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]
    function.restype = ctypes.c_int
    wrapped: Callable[[int, int, int, int], int] = function
    return wrapped


def begin(fd: int, position: int, size: int) -> None:
    """Have bytes that were written go to the disk from now on: the fsync at the end then has little left to do.

    Without it the kernel lets gigabytes gather in memory, then makes the writer wait. A file system
    that cannot do it does nothing, and an error of the disk comes up in that fsync.
    """
    function = _sync_file_range()
    if function is not None:
        function(fd, position, size, _WRITE)

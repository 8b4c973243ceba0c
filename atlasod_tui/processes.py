"""What a process of this program is started with, and how it shows that it lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from atlasod_tui import paths


def environment() -> dict[str, str]:
    """Return an environment in which this program can be imported, also where it is not installed."""
    own = dict(os.environ)
    if (checkout := paths.checkout()) is not None:
        own["PYTHONPATH"] = os.pathsep.join(filter(None, (str(checkout), own.get("PYTHONPATH"))))
    return own


def held(lock: Path) -> bool:
    """Return whether a process, on any host, holds the lock of a file, which it does as long as it lives."""
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        # Shared, so that nobody who looks at the same time is taken for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False

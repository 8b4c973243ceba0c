"""The program as the foreground of a terminal, and as a plain command."""

from __future__ import annotations

import fcntl
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO

CLI = [sys.executable, "-m", "atlasod_tui"]


@contextmanager
def terminal(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], FileIO]]:
    """Run the program as the foreground of a terminal of its own; gives the process and the terminal's other end."""
    descriptor, slave = pty.openpty()
    master = os.fdopen(descriptor, "r+b", buffering=0)
    process = subprocess.Popen(
        [*CLI, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
        env=os.environ | {"TERM": "xterm"},
    )
    os.close(slave)
    try:
        yield process, master
    finally:
        process.kill()
        process.wait()
        master.close()

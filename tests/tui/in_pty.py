"""A program in a pseudo terminal of its own, for tests that look at the bytes it writes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

PROGRAM = [sys.executable, "-m", "atlasod_tui"]
DRESSED = [sys.executable, "-m", "tests.tui.dressed_app"]
DEADLINE = 60.0
_SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-9;:?<>=!$]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[()][0-9A-Z]|[=>78cM])"
)
_TERMINALS = ("TERM", "COLORTERM", "COLORFGBG", "NO_COLOR", "LANG", "LC_ALL", "LC_CTYPE", "COLUMNS", "LINES")


class Pty:
    """A program as the foreground of a terminal; a context manager, which ends it.

    Args:
        command: What to run.
        environment: Variables beyond those of this process; those that tell of a terminal are taken from here only.
        size: Columns and lines.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = (80, 24)
    ) -> None:
        self._master, slave = pty.openpty()
        self.resize(size)
        kept = {name: value for name, value in os.environ.items() if name not in _TERMINALS}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
            env={**kept, "LANG": "C.UTF-8", "TERM": "xterm-256color", **environment},
        )
        os.close(slave)
        self.written = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def resize(self, size: tuple[int, int]) -> None:
        """Give the terminal another size; its foreground hears of it."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def press(self, keys: bytes) -> None:
        """Send what keys send."""
        os.write(self._master, keys)

    def until(self, wanted: str | Callable[[bytes], object]) -> bytes:
        """Return what was written since the last look as soon as it shows a text, or is what a function wants."""
        end = time.monotonic() + DEADLINE
        new = b""
        while not (wanted.encode() in text(new) if isinstance(wanted, str) else wanted(new)):
            assert time.monotonic() < end, f"not in time: {wanted}\n{text(new)!r}"
            ready, _, _ = select.select([self._master], [], [], 0.1)
            if ready:
                chunk = self._read()
                assert chunk, f"ended before: {wanted}\n{text(new)!r}"
                new += chunk
        self.written += new
        return new

    def ended(self) -> int:
        """Return the exit code, when the program has ended and all it wrote has been read."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            ready, _, _ = select.select([self._master], [], [], 0.1)
            if ready:
                chunk = self._read()
                self.written += chunk
                if not chunk:
                    break
        return self.process.wait(max(0.1, end - time.monotonic()))

    def _read(self) -> bytes:
        try:
            return os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return b""


def colours(written: bytes) -> list[bytes]:
    """Return the sequences that choose a colour; those of the default colours too, but not resets and styles."""
    found = []
    for match in _SGR.finditer(written):
        codes = [int(code or 0) for code in re.split(rb"[;:]", match[1])]
        if any(30 <= code <= 49 or 90 <= code <= 107 for code in codes):
            found.append(match[0])
    return found


def text(written: bytes) -> bytes:
    """Return what is written without escape sequences."""
    return _ESCAPES.sub(b"", written)

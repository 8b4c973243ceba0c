"""A program in a real pseudo terminal: keys go in, and what it paints is timed and counted."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import NamedTuple, Self

import psutil

KEYS = {"down": b"\x1b[B", "up": b"\x1b[A", "pagedown": b"\x1b[6~", "pageup": b"\x1b[5~", "end": b"\x1b[F"}
_SYNC_ASKED, _SYNC_KNOWN = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_PATIENCE = 60.0
_QUIET = 0.06
"""Seconds without a byte after which a paint is over."""


class Paint(NamedTuple):
    """What came of one key: seconds until something was painted, and all bytes until it was quiet again."""

    seconds: float
    bytes: int


class Terminal:
    """A program as the foreground of a pseudo terminal; ended on leaving.

    Args:
        command: What to run.
        environment: All of it but ``TERM``.
        size: Columns and lines.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = (80, 24)
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )
        os.close(slave)
        self.seen = bytearray()
        self.process = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._master)

    def until(self, true: Callable[[bytearray], bool], what: str, patience: float = _PATIENCE) -> float:
        """Read until something is so of all bytes, and return how many seconds that is after the start."""
        end = time.perf_counter() + patience
        while not true(self.seen):
            if not self._read(max(end - time.perf_counter(), 0)):
                raise TimeoutError(f"no {what} within {patience:g} s; the end of what there was: {self.seen[-2000:]!r}")
        return time.perf_counter() - self.started

    def until_text(self, text: str, patience: float = _PATIENCE) -> float:
        """Read until a text was painted."""
        start = len(self.seen)
        return self.until(lambda seen: text.encode() in seen[max(start - len(text), 0) :], f"{text!r}", patience)

    def calm(self, quiet: float = _QUIET, patience: float = _PATIENCE) -> int:
        """Read until nothing came for so long, and return how many bytes did."""
        end, count = time.perf_counter() + patience, 0
        while (got := self._read(quiet)) and time.perf_counter() < end:
            count += got
        return count

    def read_for(self, seconds: float) -> int:
        """Read for so long, and return how many bytes came."""
        end, count = time.perf_counter() + seconds, 0
        while (left := end - time.perf_counter()) > 0:
            count += self._read(left)
        return count

    def type(self, key: str) -> None:
        """Send a key, or characters."""
        os.write(self._master, KEYS.get(key, key.encode()))

    def press(self, key: str, patience: float = 5.0) -> Paint:
        """Send a key and wait for what is painted."""
        start = time.perf_counter()
        self.type(key)
        count = self._read(patience)
        seconds = time.perf_counter() - start
        if not count:
            raise TimeoutError(f"nothing was painted after {key!r}")
        return Paint(seconds, count + self.calm())

    def until_child(self, word: str, patience: float = _PATIENCE) -> list[psutil.Process]:
        """Wait until the program has children that were started with a word, and return them."""
        end = time.perf_counter() + patience
        while time.perf_counter() < end:
            children = self.process.children(recursive=True)
            if found := [child for child in children if any(word in each for each in child.cmdline())]:
                return found
            self.read_for(0.05)
        raise TimeoutError(f"no child {word} within {patience:g} s")

    def until_gone(self, children: Sequence[psutil.Process], patience: float = _PATIENCE) -> float:
        """Read until these have ended, and return how many seconds they lived."""
        began = min(child.create_time() for child in children)
        end = time.perf_counter() + patience
        while any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children):
            if time.perf_counter() > end:
                raise TimeoutError(f"{children} still live")
            self.read_for(0.05)
        return time.time() - float(began)

    def cpu(self) -> float:
        """Return the seconds of CPU that the program (not its children) has spent."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def megabytes(self) -> float:
        """Return the memory it holds now."""
        return float(self.process.memory_info().rss) / 1e6

    def _read(self, patience: float) -> int:
        if not select.select([self._master], [], [], patience)[0]:
            return 0
        data = b""
        with suppress(OSError):  # its end, on Linux
            data = os.read(self._master, 1 << 16)
        if not data:
            raise EOFError(f"the program ended: {self.seen[-3000:].decode(errors='replace')}")
        if _SYNC_ASKED in data:
            os.write(self._master, _SYNC_KNOWN)
        self.seen += data
        return len(data)

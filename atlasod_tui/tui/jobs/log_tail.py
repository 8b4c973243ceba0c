"""The log of a job as it grows: its end is kept, however long it is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from atlasod_tui.errors import JobError

MOST = 2_000_000
"""Bytes at the end of a log that are shown."""


class LogTail:
    """Reads what was appended to a file; for a thread, one call at a time.

    Args:
        path: The log.
        most: Bytes of its end that are kept.
    """

    def __init__(self, path: Path, most: int = MOST) -> None:
        self.path = path
        self._most = most
        self._position = 0
        self._rest = b""
        self.lines: list[str] = []
        """What is kept; texts from outside. Lists are replaced, not changed."""
        self.left_out = 0
        """Bytes at the beginning that are not kept."""

    def read(self) -> bool:
        """Read on, and return whether there was anything; a file that became shorter is read anew.

        Raises:
            JobError: If it cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                if size < self._position:
                    self._position, self._rest, self.lines, self.left_out = 0, b"", [], 0
                begin = max(self._position, size - self._most)
                file.seek(begin)
                data = file.read(size - begin)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise JobError(f"{self.path} cannot be read: {error.strerror}") from error
        if not data:
            return False
        skipped, self._position = begin > self._position, begin + len(data)
        if skipped:  # so much came at once that not even all of that is kept
            self.lines, self._rest = [], b""
            data = data.partition(b"\n")[2] or data
            self.left_out = self._position - len(data)
        self._append(data)
        return True

    def _append(self, data: bytes) -> None:
        if self._rest and self.lines:  # the line that was not whole yet is shown already
            self.lines = self.lines[:-1]
        whole, _, self._rest = (self._rest + data).rpartition(b"\n")
        added = whole.split(b"\n") if whole else []
        if self._rest:
            added.append(self._rest)
        self.lines = [*self.lines, *(line.decode("utf-8", "replace").rstrip("\r") for line in added)]
        self._forget()

    def _forget(self) -> None:
        """Let go of the oldest half where too much is kept."""
        kept = sum(map(len, self.lines)) + len(self.lines)
        if kept <= self._most:
            return
        while kept > self._most // 2 and len(self.lines) > 1:
            half = max(1, len(self.lines) // 2)
            gone = sum(len(line.encode("utf-8", "replace")) + 1 for line in self.lines[:half])
            self.lines, kept = self.lines[half:], kept - gone
            self.left_out += gone


def export(log: Path, folder: Path, name: str) -> Path:
    """Copy a log into a folder under a name that is free there, and return where it is.

    Raises:
        JobError: If it cannot be read, or nothing be written there.
    """
    for number in range(1, 1000):
        target = folder / (f"{name}.log" if number == 1 else f"{name}.{number}.log")
        try:
            with log.open("rb") as source, target.open("xb") as file:
                shutil.copyfileobj(source, file)
        except FileExistsError:
            continue
        except OSError as error:
            raise JobError(f"the log cannot be written to {target}: {error.strerror}") from error
        return target
    raise JobError(f"{folder} has a thousand logs of this job already")

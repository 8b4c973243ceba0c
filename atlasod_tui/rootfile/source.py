"""Where the bytes of a file come from: a file of this machine, or one that is read where it is."""

from __future__ import annotations

import os
import stat
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from atlasod_tui.errors import BadFileError

if TYPE_CHECKING:
    from atlasod_tui.rootfile.inflate import Bytes


class Source(Protocol):
    """A file that is read where it is; several threads may use it at a time.

    All methods but ``close`` raise BadFileError where the file cannot be had, was changed meanwhile, or ends too
    early, and what ends the work where that was asked for.
    """

    path: Path
    """What it is called in sentences: an address without user, password and query; its ``name`` is the file's."""
    size: int
    """Bytes of the file."""
    version: int
    """A number that is another one when the file has other content; 0 where nothing tells."""

    def read(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from byte ``start``, which the file has."""

    def read_many(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Return the bytes of ranges that the file has, each a start and a size, in few requests."""

    def close(self) -> None:
        """Let go of the connection."""


class LocalFile:
    """A file of this machine, read through ``os.pread``.

    A memory map would end the process with SIGBUS where a file is cut short, or a network file system fails, while it
    is read.

    Args:
        path: The file.

    Raises:
        BadFileError: If it cannot be opened or is no ordinary file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe would wait for a writer
        except OSError as error:
            raise BadFileError(f"{path.name} cannot be opened: {error.strerror}") from error
        try:
            self.size = self._ordinary_size()
        except BaseException:
            os.close(self._fd)
            raise
        self._finalizer = weakref.finalize(self, os.close, self._fd)

    def read(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from byte ``start``; a file that became shorter meanwhile raises BadFileError."""
        parts = []
        while size:
            try:
                part = os.pread(self._fd, size, start)
            except OSError as error:
                raise BadFileError(f"{self.path.name} cannot be read: {error.strerror}") from error
            if not part:
                raise BadFileError(f"{self.path.name} ended at byte {start} while it was read")
            parts.append(part)
            start, size = start + len(part), size - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, start: int, target: Bytes) -> bool:
        """Fill ``target`` with the bytes from byte ``start``; return whether that was done in one go."""
        try:
            return os.preadv(self._fd, [target.data], start) == target.size
        except OSError as error:
            raise BadFileError(f"{self.path.name} cannot be read: {error.strerror}") from error

    def close(self) -> None:
        """Close the file now; reading from it afterwards raises."""
        self._finalizer()

    def status(self) -> os.stat_result:
        """Return what the file system says of the open file now."""
        return os.fstat(self._fd)

    def _ordinary_size(self) -> int:
        status = self.status()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
            raise BadFileError(f"{self.path.name} is {kind}")
        return status.st_size

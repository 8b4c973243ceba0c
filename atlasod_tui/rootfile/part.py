"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Self

from atlasod_tui.errors import AtlasodError


class PartFile:
    """A file that is written as ``<name>.part`` and takes its name when it is complete; an older one is replaced.

    Used with ``with``: what was not committed when the block ends is removed, and an ``OSError`` becomes a sentence.
    What a killed program left behind is overwritten. Of two writers of one file at a time, only the later succeeds.

    Args:
        path: The file; its folder exists.

    Attributes:
        fd: The descriptor, for reading and writing; open within the block.

    Raises:
        AtlasodError: The file cannot be written: no space, no permission, no such folder, another writer.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = -1
        self._part = part_path(path)
        self._identity = (0, 0)

    def __enter__(self) -> Self:
        try:
            # A dead run's part may be a link to somewhere, or be open still: begin with a file of our own.
            self._part.unlink(missing_ok=True)
            self.fd = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            status = os.fstat(self.fd)
            self._identity = (status.st_dev, status.st_ino)
        except OSError as error:
            raise _failure(self.path, error) from error
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self.fd >= 0:
            self._remove()
            self._close()
        if isinstance(error, OSError):
            raise _failure(self.path, error) from error

    def write(self, data: bytes | bytearray | memoryview, position: int) -> None:
        """Write all of ``data`` at a position."""
        rest = memoryview(data).cast("B")
        while rest:
            done = os.pwrite(self.fd, rest, position)
            rest, position = rest[done:], position + done

    def commit(self) -> None:
        """Put the file in place, when the disk has it."""
        os.fsync(self.fd)
        if not self._is_ours():
            raise AtlasodError(f"{str(self.path)!r} was not written: another program began to write it meanwhile.")
        self._close()
        try:
            self._part.replace(self.path)
        except BaseException:
            self._remove()
            raise
        with suppress(OSError):  # not every file system lets a folder be synced
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _is_ours(self) -> bool:
        """Return whether the part is the file that was opened, not that of another program which began later."""
        try:
            status = self._part.lstat()
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._identity

    def _remove(self) -> None:
        if self._is_ours():
            with suppress(OSError):
                self._part.unlink()

    def _close(self) -> None:
        fd, self.fd = self.fd, -1
        os.close(fd)


def part_path(path: Path) -> Path:
    """Return where a file is while it is written."""
    return path.with_name(path.name + ".part")


def _failure(path: Path, error: OSError) -> AtlasodError:
    return AtlasodError(
        f"{str(path)!r} could not be written: {error.strerror or error}.",
        "Check the free space and the permissions of its folder.",
    )

"""Rucio's storage protocol for file://, with progress, an end that can be asked for, and bytes that are on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from rucio.common.exception import DestinationNotAccessible, SourceNotFound
from rucio.rse.protocols import posix

from atlasod_tui.rootfile.adler import adler32

_BLOCK = 1 << 20


class Default(posix.Default):  # type: ignore[misc]  # rucio has no types
    """A folder of this host as a storage element; what the system refuses comes as ``OSError``."""

    progress: Callable[[int], None] = staticmethod(lambda _: None)
    """Called with the bytes written so far."""
    check: Callable[[], None] = staticmethod(lambda: None)
    """Called with each block; ends the work by raising."""

    def connect(self) -> None:
        """Make sure that the folder is on this host: the lake may mean another one's."""
        prefix = Path(self.attributes["prefix"])
        if not prefix.is_dir():
            raise DestinationNotAccessible(f"{prefix} is no folder of this machine")

    def exists(self, pfn: str) -> bool:
        """Return whether there is such a file."""
        return self._path(pfn).exists()

    def put(
        self,
        source: str,
        target: str,
        source_dir: str | None = None,
        transfer_timeout: float | None = None,  # noqa: ARG002 - Rucio's signature
    ) -> None:
        """Copy a file, and wait until it is on the disk."""
        path = self._path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        with Path(source_dir or "", source).open("rb") as reader, path.open("wb") as writer:
            done = 0
            while block := reader.read(_BLOCK):
                self.check()
                writer.write(block)
                done += len(block)
                self.progress(done)
            writer.flush()
            os.fsync(writer.fileno())

    def stat(self, pfn: str) -> dict[str, int | str]:
        """Return ``filesize`` and ``adler32``, by reading the file."""
        sum_, size = 1, 0
        try:
            with self._path(pfn).open("rb") as reader:
                while block := reader.read(_BLOCK):
                    self.check()
                    sum_ = adler32(block, sum_)
                    size += len(block)
        except FileNotFoundError as error:
            raise SourceNotFound(pfn) from error
        return {"filesize": size, "adler32": f"{sum_:08x}"}

    def rename(self, pfn: str, new_pfn: str) -> None:
        """Give a file its name."""
        self._path(pfn).replace(self._path(new_pfn))

    def delete(self, pfn: str) -> None:
        """Remove a file; one that is not there is no error."""
        self._path(pfn).unlink(missing_ok=True)

    def _path(self, pfn: str) -> Path:
        return Path(self.pfn2path(pfn))

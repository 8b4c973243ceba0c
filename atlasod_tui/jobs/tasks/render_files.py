"""The pictures a render job has finished, on record in its folder: what a resumed job does not draw again."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs.tasks.output_folder import refuse_existing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from atlasod_tui.jobs.context import JobContext


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that was begun; finished if it has a time of change."""

    name: str
    size: int = 0
    mtime_ns: int = 0


class RenderedFiles:
    """Writes files whole, and keeps a line on each in ``parts/`` of the job: before it has its name, and after.

    Args:
        context: The job.
        folder: Where the files are.
        force: Whether files that exist may be replaced.
    """

    def __init__(self, context: JobContext, folder: Path, *, force: bool) -> None:
        self._context, self._folder, self._force = context, folder, force
        self._record = context.parts / "files.jsonl"
        self._lock = threading.Lock()
        lines = list(self._read())
        self._begun = {line.name for line in lines}
        self._finished = {line.name for line in lines if line.mtime_ns and self._is_there(line)}

    def _read(self) -> Iterator[_Line]:
        with suppress(OSError):
            for line in self._record.read_bytes().splitlines():
                with suppress(msgspec.MsgspecError, UnicodeDecodeError):  # a line cut short by a crash
                    yield msgspec.json.decode(line, type=_Line)

    def _is_there(self, line: _Line) -> bool:
        try:
            status = os.stat(self._folder / line.name)  # noqa: PTH116 - one call
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (line.size, line.mtime_ns)

    def has(self, name: str) -> bool:
        """Return whether a file was finished and is still there as it was."""
        return name in self._finished

    def refuse(self, name: str) -> None:
        """Do nothing, unless a file exists that is not of this job and may not be replaced.

        Raises:
            UsageError: If so.
        """
        if name not in self._begun:
            refuse_existing(self._folder / name, force=self._force)

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all.

        Raises:
            UsageError: If it exists and may not be replaced.
            AtlasodError: If it cannot be written.
        """
        self.refuse(name)  # another job may have made it meanwhile
        target = self._folder / name
        part = target.with_name(f"{target.name}.{self._context.folder.id}.part")  # two jobs may write to one folder
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._context.making(part):
                part.write_bytes(content)
                self._add(_Line(name))
                part.replace(target)
            status = target.stat()
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise AtlasodError(
                f"{str(target)!r} cannot be written: {error.strerror}", "Choose another --to."
            ) from error
        self._add(_Line(name, status.st_size, status.st_mtime_ns))

    def _add(self, line: _Line) -> None:
        with self._lock, self._record.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")

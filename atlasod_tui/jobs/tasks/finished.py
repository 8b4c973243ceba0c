"""The files that a job has finished, on record in its folder: what a resumed job does not make again."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from atlasod_tui.jobs.folder import write_atomic
from atlasod_tui.samples import folder_manifest
from atlasod_tui.samples.about import About
from atlasod_tui.samples.folder_manifest import Entry

if TYPE_CHECKING:
    from pathlib import Path

    from atlasod_tui.jobs.context import JobContext


_T = TypeVar("_T")


class Finished(msgspec.Struct, frozen=True):
    """A file as it was when it was finished; ``entries`` are those of its trees."""

    size: int
    mtime_ns: int
    adler32: int
    entries: dict[str, int]
    about: About

    @classmethod
    def of(cls, path: Path, adler32: int, entries: dict[str, int], about: About) -> Self:
        """Return the record of a file that was just finished."""
        status = path.stat()
        return cls(status.st_size, status.st_mtime_ns, adler32, entries, about)


class FinishedFiles:
    """Keeps the records in ``parts/`` of a job, and the manifest of the folder of the files up to date.

    Before a file is begun, that is on record too: a runner that dies when the file has its name already, but is not
    recorded as finished, must not make the resumed job take it for somebody else's.

    Args:
        context: The job.
        folder: Where the files are.
    """

    def __init__(self, context: JobContext, folder: Path) -> None:
        self._parts, self._job, self._folder = context.parts, context.folder.id, folder
        self._parts.mkdir(exist_ok=True)
        self._lock = threading.Lock()
        self._begun = _read(self._parts / "begun.json", dict[str, int], {})
        self._finished: dict[str, Finished] = {}
        for path in self._parts.glob("*.done.json"):
            known = _read(path, dict[str, Finished], {})
            self._finished.update({name: made for name, made in known.items() if self._is_there(name, made)})
        self._earlier = dict(self._finished)
        self._number = len(list(self._parts.glob("*.done.json")))

    def _is_there(self, name: str, made: Finished) -> bool:
        try:
            status = os.stat(self._folder / name)  # noqa: PTH116 - one call
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (made.size, made.mtime_ns)

    def has(self, name: str) -> bool:
        """Return whether a file was finished and is still there as it was."""
        return name in self._finished

    def get(self, name: str) -> Finished | None:
        """Return the record of a file that was finished and is still there as it was."""
        return self._finished.get(name)

    def was_begun(self, name: str, size: int = 0) -> bool:
        """Return whether an earlier run of the job began a file, and it has the size (if known) that it was to have."""
        with suppress(OSError):
            return name in self._begun and (not size or (self._folder / name).stat().st_size == size)
        return False

    def begin(self, name: str, size: int = 0) -> None:
        """Record that a file is going to be made, of a size that is known or not."""
        with self._lock:
            self._begun[name] = size
            write_atomic(self._parts / "begun.json", msgspec.json.encode(self._begun))

    def add(self, name: str, made: Finished) -> None:
        """Record that a file is finished.

        Raises:
            AtlasodError: If the manifest of the folder cannot be written.
        """
        with self._lock:
            self._finished[name] = made
            self._number += 1
            write_atomic(self._parts / f"{self._number}.done.json", msgspec.json.encode({name: made}))
            folder_manifest.record(self._folder, {name: self._entry(made)})

    def write_manifest(self) -> None:
        """Write the files of earlier runs into the manifest of the folder: one may have died just before.

        Raises:
            AtlasodError: If it cannot be written.
        """
        if self._earlier:
            folder_manifest.record(self._folder, {name: self._entry(made) for name, made in self._earlier.items()})

    def _entry(self, made: Finished) -> Entry:
        return Entry(
            size=made.size, adler32=f"{made.adler32:08x}", entries=made.entries, about=made.about, job=self._job
        )


def _read(path: Path, kind: type[_T], absent: _T) -> _T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return absent

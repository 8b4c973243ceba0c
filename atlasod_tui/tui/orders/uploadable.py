"""What can be uploaded of a folder or a file: the bundles of a result first, and why some files cannot be."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from atlasod_tui.errors import AtlasodError

MOST = 1000
"""Files of a folder that are listed."""


class Candidate(msgspec.Struct, frozen=True):
    """A file that may be uploaded."""

    path: str
    name: str
    """Its path below the folder that was named."""
    bytes: int | None = None
    bundle: bool = False
    """Whether it is what stands for the whole result."""
    why_not: str = ""
    """Why it cannot be, as a clause."""


class Found(msgspec.Struct, frozen=True):
    """What there is to upload under a name; a thread is to look for it."""

    given: str
    files: tuple[Candidate, ...] = ()
    more: bool = False
    """Whether there are files beyond those."""
    problem: str = ""
    """Why there is nothing, as a sentence."""

    @property
    def bundles(self) -> tuple[Candidate, ...]:
        """The bundles that can be uploaded."""
        return tuple(file for file in self.files if file.bundle and not file.why_not)


def look(given: str) -> Found:
    """Return what there is to upload in a folder, or that file."""
    try:
        if not os.path.isdir(given):  # noqa: PTH112 - no errors
            file = _candidate(given, Path(given).name, bundle=False)
            return Found(given, (file,), problem=f"The file {file.why_not}." if file.why_not else "")
        bundles = _bundles(given)
        names, more = _names(given)
    except OSError as error:
        return Found(given, problem=f"It cannot be read: {error.strerror}.")
    files = [_candidate(path, os.path.relpath(path, given), bundle=path in bundles) for path in names]
    files.sort(key=lambda file: (not file.bundle, bool(file.why_not), file.name))
    return Found(given, tuple(files), more, "" if files else "There are no files in this folder.")


def _bundles(folder: str) -> set[str]:
    from atlasod_tui.jobs.tasks.put_spec import plan  # noqa: PLC0415 - not at start-up

    try:
        return {file.path for file in plan([folder])}
    except AtlasodError:  # no result of an analysis: a folder like others
        return set()


def _candidate(path: str, name: str, *, bundle: bool) -> Candidate:
    from atlasod_tui.jobs.tasks.put_spec import plan  # noqa: PLC0415

    try:
        size = Path(path).stat().st_size
    except (OSError, ValueError) as error:
        return Candidate(path, name, None, bundle, f"cannot be read: {getattr(error, 'strerror', None) or error}")
    try:
        plan([path])
    except AtlasodError as error:
        return Candidate(path, name, size, bundle, error.message.removeprefix(f"{path!r} "))
    return Candidate(path, name, size, bundle)


def _names(folder: str) -> tuple[list[str], bool]:
    """Return the files below a folder, and whether there are more; hidden ones are left out."""
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith(".") or name.endswith(".part"):
                continue
            if len(found) == MOST:
                return found, True
            found.append(os.path.join(place, name))  # noqa: PTH118 - texts
    return found, False

"""The ROOT files below a folder, links followed once, nothing raised for a part that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Listing(msgspec.Struct, frozen=True):
    """What a folder holds."""

    files: dict[Path, str]
    """ROOT files and their paths as text: relative to the folder that was listed, as given where several were."""
    dead: dict[Path, str]
    """Names of ROOT files that are no files: links to nothing, pipes; with their paths as text."""
    unreadable: tuple[Path, ...]
    """Folders that could not be listed."""


def list_files(where: Path | Iterable[Path]) -> Listing:
    """List the ROOT files (``*.root``, not hidden) below a folder, or of given files and folders.

    Raises:
        UsageError: If something given does not exist, or a folder given cannot be read.
    """
    files: dict[Path, str] = {}
    dead: dict[Path, str] = {}
    unreadable: list[Path] = []
    for given in [where] if isinstance(where, Path) else list(where):
        if _is(given.is_dir):
            found: list[Path] = []
            no_files: list[Path] = []
            _walk(given, found, no_files, unreadable)
            for texts, paths in ((files, found), (dead, no_files)):
                texts.update((path, (path.relative_to(given) if given is where else path).as_posix()) for path in paths)
        elif _is(given.is_file):
            files[given] = given.as_posix()
        else:
            raise _missing(given)
        if given in unreadable:
            raise UsageError(f"the folder {str(given)!r} cannot be read", "Ask its owner for permission.")
    return Listing(files, dead, tuple(sorted(unreadable)))


def _walk(top: Path, files: list[Path], dead: list[Path], unreadable: list[Path]) -> None:
    # Links wait until every real folder is done, so that a folder reached both ways goes by its own name.
    folders, links = [str(top)], list[str]()
    visited: set[tuple[int, int]] = set()
    while folders or links:
        here = folders.pop() if folders else links.pop(0)
        try:
            status = os.stat(here)  # noqa: PTH116 - strings are several times faster than paths here
            if (status.st_dev, status.st_ino) in visited:
                continue
            visited.add((status.st_dev, status.st_ino))
            with os.scandir(here) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            unreadable.append(Path(here))
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is(entry.is_dir):
                (links if entry.is_symlink() else folders).append(entry.path)
            elif entry.name.endswith(".root"):
                (files if _is(entry.is_file) else dead).append(Path(entry.path))


def _is(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:  # a loop of links, or a folder above that may not be entered
        return False


def _missing(given: Path) -> UsageError:
    import difflib  # noqa: PLC0415 - only for the message

    if _is(given.exists):
        return UsageError(f"{str(given)!r} is neither a file nor a folder", "Pipes and devices cannot be read.")
    try:
        near = difflib.get_close_matches(given.name, [entry.name for entry in given.parent.iterdir()], n=3)
    except OSError:
        near = []
    hint = (
        f"Did you mean {' or '.join(repr(str(given.parent / name)) for name in near)}?" if near else "Check the path."
    )
    return UsageError(f"there is no file or folder {str(given)!r}", hint)

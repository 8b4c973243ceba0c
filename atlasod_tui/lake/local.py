"""A folder of ROOT files as a lake: each folder with such files in it is a dataset, called by its relative path."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.conditions import conditions, matcher, metadata_of_name
from atlasod_tui.lake.face import ReadOnlyLake, Where
from atlasod_tui.lake.model import DID, Dataset, Details, DIDType, FileEntry, Replica, Scope

SCOPE = "local"
TOP = "."
"""What the folder itself is called as a dataset or container."""

UNREADABLE = "not readable"
OUTSIDE = "links that lead out of the folder"
DEAD = "links to nothing, and what is no file"


class _Contents(msgspec.Struct, frozen=True):
    files: dict[str, Path]
    """Relative path, as text, to the file."""
    folders: dict[str, list[str]]
    """Relative path of a folder to the files right in it; empty for those that have folders only."""
    left_out: dict[str, list[str]]
    """Why something is not shown, to relative paths."""


class LocalLake(ReadOnlyLake):
    """The lake ``local``: what is below one folder; the folder is read each time anew.

    A folder that has ROOT files right in it is a dataset of these; one that has only such folders is a container. Links
    are followed where they stay within the folder. Nothing outside it is read, and hidden or unfinished files are not
    shown.

    Args:
        folder: The folder.
        name: Of the lake.
    """

    _has = "no storage elements, accounts or rules: it is a folder"

    def __init__(self, folder: Path, name: str = "local") -> None:
        self.name = name
        self.folder = folder.absolute()

    def scopes(self) -> Iterator[Scope]:
        """Yield the one scope."""
        yield Scope(SCOPE)

    def datasets(self, scope: str, pattern: str = "*", where: Where | None = None) -> Iterator[Dataset]:
        """Yield the datasets and containers whose names match, by name."""
        self._check_scope(scope)
        matches, meets = matcher(pattern), conditions(where)
        contents = self._contents()
        for name in sorted(contents.folders):
            if not matches(name):
                continue
            dataset = _dataset(contents, name)
            if where is None or meets({"name": name, "length": dataset.files, "bytes": dataset.bytes}):
                yield dataset

    def find_files(self, scope: str, pattern: str = "*", where: Where | None = None) -> Iterator[FileEntry]:
        """Yield the files of which the relative path or the name matches, by path."""
        self._check_scope(scope)
        matches, meets = matcher(pattern), conditions(where)
        for name, path in sorted(self._contents().files.items()):
            if not (matches(name) or matches(path.name)):
                continue
            entry = _entry(name, path)
            if where is None or meets(_metadata(entry, path)):
                yield entry

    def files(self, did: DID) -> Iterator[FileEntry]:
        """Yield the files of a dataset or container; of a file, itself."""
        for name, path in self._find(did, self._contents()):
            yield _entry(name, path)

    def show(self, did: DID) -> Details:
        """Return all there is to show; of a folder, also what below it is not shown and why."""
        contents = self._contents()
        found = self._find(did, contents)
        if did.name not in contents.folders:
            ((name, path),) = found
            entry = _entry(name, path)
            replica = self._replica(name, path)
            return Details(did, DIDType.FILE, 1, entry.bytes, metadata=_metadata(entry, path), replicas=(replica,))
        dataset = _dataset(contents, did.name)
        inside = "" if did.name == TOP else f"{did.name}/"
        left_out: dict[str, Any] = {
            why: below
            for why, names in contents.left_out.items()
            if (below := [name for name in names if name.startswith(inside)])
        }
        return Details(did, dataset.type, dataset.files, dataset.bytes, metadata=left_out)

    def replicas(self, files: Iterable[DID]) -> Iterator[Replica]:
        """Yield the one replica of each file; a dataset stands for its files."""
        contents = self._contents()
        for did in files:
            for name, path in self._find(did, contents):
                yield self._replica(name, path)

    def _contents(self) -> _Contents:
        if not os.path.isdir(self.folder):  # noqa: PTH112 - is_dir() raises for some folders
            raise LakeError(
                f"there is no folder {str(self.folder)!r}", "A lake of this kind is a folder of ROOT files."
            )
        contents = _Contents({}, {}, {})
        _walk(self.folder, contents)
        if TOP in contents.left_out.get(UNREADABLE, ()):
            raise LakeError(f"the folder {str(self.folder)!r} cannot be read", "Ask its owner for permission.")
        for text in contents.files:
            parent = Path(text).parent
            contents.folders.setdefault(parent.as_posix(), []).append(text)
            for above in parent.parents:
                contents.folders.setdefault(above.as_posix(), [])
        contents.folders.setdefault(TOP, [])
        return contents

    def _find(self, did: DID, contents: _Contents) -> list[tuple[str, Path]]:
        self._check_scope(did.scope)
        if did.name in contents.files:
            return [(did.name, contents.files[did.name])]
        if did.name not in contents.folders:
            self._unknown(did, contents)
        return [(name, contents.files[name]) for name in _held(contents, did.name)]

    def _replica(self, name: str, path: Path) -> Replica:
        return Replica(_entry(name, path), str(self.folder), (path.as_uri(),))

    def _check_scope(self, scope: str) -> None:
        if scope != SCOPE:
            raise LakeError(f"the lake {self.name} has no scope {scope!r}", f"Its scope is {SCOPE}.")

    def _unknown(self, did: DID, contents: _Contents) -> NoReturn:
        import difflib  # noqa: PLC0415 - only for the message

        near = difflib.get_close_matches(did.name, [*contents.folders, *contents.files], n=3)
        raise LakeError(
            f"there is no dataset or file {did.name!r} in the folder {str(self.folder)!r}",
            f"Did you mean {' or '.join(map(repr, near))}?" if near else "",
        )


def _walk(top: Path, contents: _Contents) -> None:
    """Fill in the files below a folder, and what is not shown; a folder that is reached twice counts once."""
    # Links wait until every real folder is done, so that a folder reached both ways goes by its own name.
    real = top.resolve()
    folders, links = [top], list[Path]()
    visited: set[Path] = set()
    while folders or links:
        here = folders.pop() if folders else links.pop(0)
        resolved = here.resolve()
        if resolved in visited:
            continue
        visited.add(resolved)
        try:
            with os.scandir(here) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError:
            contents.left_out.setdefault(UNREADABLE, []).append(here.relative_to(top).as_posix())
            continue
        for entry in entries:
            path = Path(entry.path)
            kind = _kind(entry, real)
            if kind == "folder":
                (links if entry.is_symlink() else folders).append(path)
            elif kind == "file":
                contents.files[path.relative_to(top).as_posix()] = path
            elif kind:
                contents.left_out.setdefault(kind, []).append(path.relative_to(top).as_posix())


def _kind(entry: os.DirEntry[str], top: Path) -> str:
    """Return ``folder``, ``file``, or why this is not shown; empty if there is nothing to say."""
    if entry.name.startswith("."):
        return ""
    is_root = entry.name.endswith(".root")
    try:
        if entry.is_symlink() and not Path(entry.path).resolve(strict=True).is_relative_to(top):
            return OUTSIDE if is_root or entry.is_dir() else ""
        if entry.is_dir():
            return "folder"
        return "file" if is_root and entry.is_file() else DEAD if is_root else ""
    except (OSError, RuntimeError):  # a link to nothing, a loop of links, a folder above that may not be entered
        return DEAD if is_root else ""


def _held(contents: _Contents, folder: str) -> list[str]:
    """Return the files of a dataset; of a container, those of all below it."""
    inside = "" if folder == TOP else f"{folder}/"
    return sorted(contents.folders[folder] or [name for name in contents.files if name.startswith(inside)])


def _dataset(contents: _Contents, folder: str) -> Dataset:
    held = _held(contents, folder)
    kind = DIDType.DATASET if contents.folders[folder] or not held else DIDType.CONTAINER
    return Dataset(DID(SCOPE, folder), kind, len(held), sum(_size(contents.files[name]) or 0 for name in held))


def _entry(name: str, path: Path) -> FileEntry:
    return FileEntry(DID(SCOPE, name), _size(path))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:  # removed since it was listed
        return None


def _metadata(entry: FileEntry, path: Path) -> dict[str, Any]:
    return metadata_of_name(path.name) | {"name": entry.did.name, "bytes": entry.bytes}

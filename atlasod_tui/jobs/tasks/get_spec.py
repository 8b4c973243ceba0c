"""What a get job is asked to do: which files of a lake go where."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui.errors import LakeError, UsageError
from atlasod_tui.jobs.tasks.output_folder import refuse_full_disk, refuse_too_much, refuse_unwritable
from atlasod_tui.lake.fetching.copies import RemoteFile, reference
from atlasod_tui.lake.fetching.named import named_files
from atlasod_tui.lake.fetching.wanted import NotFetchedError, target_below
from atlasod_tui.lake.local import TOP, LocalLake
from atlasod_tui.lake.model import DID
from atlasod_tui.rootfile.part import part_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlasod_tui.lake.face import Lake
    from atlasod_tui.lake.model import FileEntry

_LESS = "set of files"


class GetFile(msgspec.Struct, frozen=True):
    """A file to fetch, and where it goes, relative to the folder."""

    file: RemoteFile
    path: str


class GetSpec(msgspec.Struct, frozen=True):
    """All that is needed to do a get job again."""

    lake: str
    """What opens the lake, from any folder."""
    to: str
    """Folder of the files, absolute."""
    files: list[GetFile]
    left_out: dict[str, str] = {}
    """DIDs of files that cannot be had under their names, with the reason."""
    at_once: int = 3
    force: bool = False
    skip: list[str] = []
    """DIDs to leave out: those on which an earlier run of the job died."""
    given: list[str] = []
    """DIDs that were named."""

    def target(self, file: GetFile) -> Path:
        """Return where a file goes."""
        return Path(self.to) / file.path

    def is_there(self, file: GetFile) -> bool:
        """Return whether a file of that name and size is there."""
        with suppress(OSError):
            return self.target(file).stat().st_size == file.file.bytes
        return False


def plan(  # noqa: PLR0913 - one for each option of the command
    lake: Lake, dids: Sequence[DID], to: Path, *, at_once: int = 3, force: bool = False, dry_run: bool = False
) -> GetSpec:
    """Ask the lake for the files and say where a job would put them.

    The files of a dataset or container go into a folder of its name; a file that is named itself goes right into the
    folder. Slashes in names make folders.

    Args:
        lake: Is asked for the files of each DID.
        dids: Files, datasets and containers.
        to: Folder of the files, absolute.
        at_once: Files to be fetched at the same time.
        force: Whether other files that are there may be replaced.
        dry_run: Whether nothing is to be run, so that the folder need not be writable.

    Raises:
        UsageError: If two files would go by one name, others are there already, a name is a pattern, or the folder
            cannot be written.
        LakeError: If the lake does not know a DID, none of the files can be called as it is, or the lake is away.
        AtlasodError: If that would be too many bytes, or too many for the disk.
    """
    places: dict[str, FileEntry] = {}
    left_out: dict[str, str] = {}
    known = named_files(lake, dids)
    for did in dids:
        for entry, place in _places(lake, did, known, left_out):
            other = places.setdefault(place, entry).did
            if other != entry.did:
                raise UsageError(
                    f"{str(other)!r} and {str(entry.did)!r} would both be called {place!r}",
                    "Get them one after the other, with another --to.",
                )
    if not places:
        raise LakeError(next(iter(left_out.values()), "there are no files to get"))
    _refuse_folders_that_are_files(places)
    files = [GetFile(RemoteFile.of(lake, entry), place) for place, entry in places.items()]
    spec = GetSpec(reference(lake), str(to), files, left_out, at_once, force, given=list(map(str, dids)))
    for file in files:
        _refuse_other(spec, file)
    if not dry_run:
        refuse_unwritable(to, "--to")
    sizes = {spec.target(file): _missing(spec, file) for file in files}
    refuse_too_much(sizes.values(), _LESS)
    refuse_full_disk(sizes, _LESS)
    return spec


def _places(lake: Lake, did: DID, known: dict[DID, FileEntry], left_out: dict[str, str]) -> list[tuple[FileEntry, str]]:
    """Return the files of a DID, each with the path it is to have; fill in what cannot be called so."""
    if {"*", "?"} & set(did.name):
        raise UsageError(f"{str(did)!r} is a pattern", "`ls` tells what matches it; get takes whole names.")
    entries = {entry.did: entry for entry in ([known[did]] if did in known else lake.files(did))}
    if not entries:
        raise LakeError(f"{str(did)!r} holds no files")
    is_file = list(entries) == [did]
    top = Path() if is_file or (isinstance(lake, LocalLake) and did.name == TOP) else target_below(Path(), did.name)
    found = []
    for entry in entries.values():
        name = entry.did.name if is_file else entry.did.name.removeprefix(f"{did.name}/")
        try:
            found.append((entry, str(target_below(top, name))))
        except NotFetchedError as error:
            # JSON can hold half a character, but a job cannot record it.
            left_out[str(entry.did).encode("utf-8", "backslashreplace").decode()] = error.message
    return found


def _refuse_folders_that_are_files(places: dict[str, FileEntry]) -> None:
    for place in places:
        for above in Path(place).parents:
            if (other := places.get(str(above))) is not None:
                raise UsageError(
                    f"{str(other.did)!r} would be a file and a folder: {place!r} goes into it",
                    "Get them one after the other, with another --to.",
                )


def _refuse_other(spec: GetSpec, file: GetFile) -> None:
    target = spec.target(file)
    if os.path.isdir(target):  # noqa: PTH112 - no errors
        raise UsageError(f"{str(target)!r} is a folder", "Choose another --to.")
    if file.file.bytes is not None and os.path.lexists(target) and not (spec.force or spec.is_there(file)):
        raise UsageError(
            f"{str(target)!r} exists already, and is not {str(file.file.did)!r}",
            "Choose another --to, or replace it with --force.",
        )


def _missing(spec: GetSpec, file: GetFile) -> int:
    """Return how many bytes are still to come, as far as sizes tell."""
    size = file.file.bytes or 0
    if spec.is_there(file):
        return 0
    with suppress(OSError):
        return max(0, size - part_path(spec.target(file)).stat().st_size)
    return size

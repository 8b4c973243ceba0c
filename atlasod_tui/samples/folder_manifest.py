"""``manifest.json`` of a folder of generated or multiplied files: size, checksum, entries and origin of each."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui.errors import AtlasodError, UsageError
from atlasod_tui.samples.about import About

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NAME = "manifest.json"
_KIND = "samples"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the folder."""

    size: int
    """Bytes."""
    adler32: str
    """Adler-32 checksum of the whole file, eight hexadecimal digits, as Rucio wants it."""
    entries: dict[str, int]
    """Path of each tree in it, and how many entries that has."""
    about: About
    """What the file says about itself."""
    job: str = ""
    """Id of the job that made it."""


class FolderManifest(msgspec.Struct, kw_only=True):
    """The content of the file; ``files`` has the paths relative to the folder, with slashes."""

    kind: str = ""
    synthetic: bool = False
    """Whether any of the files is."""
    files: dict[str, Entry] = {}


def read(folder: Path) -> FolderManifest | None:
    """Return the manifest of a folder, None if it has none.

    Raises:
        UsageError: If the folder has a ``manifest.json`` that is something else, or cannot be read.
    """
    path = folder / NAME
    try:
        found = msgspec.json.decode(path.read_bytes(), type=FolderManifest)
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise UsageError(f"{str(folder)!r} is not a folder", "Choose another --to.") from error
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}", "Choose another --to.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        found = FolderManifest()
    if found.kind != _KIND:
        raise UsageError(
            f"{str(folder)!r} has a {NAME} that is not one of samples, for instance of the result of an analysis",
            "Choose another --to.",
        )
    return found


def record(folder: Path, entries: Mapping[str, Entry]) -> None:
    """Add files to the manifest of a folder, or replace what it says of them; files that are gone are forgotten.

    Several processes may do so at once. A reader sees the manifest as it was or as it will be.

    Raises:
        UsageError: If the folder has a ``manifest.json`` that is something else.
        AtlasodError: If it cannot be written.
    """
    try:
        with _locked(folder) as locked:
            found = read(folder) or FolderManifest()
            kept = {name: entry for name, entry in found.files.items() if (folder / name).is_file()}
            files = dict(sorted((kept | dict(entries)).items()))
            synthetic = any(entry.about.synthetic for entry in files.values())
            data = msgspec.json.encode(FolderManifest(kind=_KIND, synthetic=synthetic, files=files))
            part = f"{NAME}.part" if locked else f".{NAME}.{os.getpid()}.{os.urandom(4).hex()}"
            _replace(folder / NAME, folder / part, msgspec.json.format(data))
    except OSError as error:
        raise AtlasodError(
            f"{str(folder / NAME)!r} could not be written: {error.strerror}",
            "Check the free space and the permissions of its folder.",
        ) from error


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Lock the folder itself, which leaves no file behind; False where its file system has no locks."""
    import fcntl  # noqa: PLC0415 - for the --help of verbs that use the names

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    locked = True
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            locked = False
        yield locked
    finally:
        os.close(descriptor)


def _replace(path: Path, part: Path, data: bytes) -> None:
    try:
        part.write_bytes(data)  # the disk is not waited for: all but the checksums is in the files themselves
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise

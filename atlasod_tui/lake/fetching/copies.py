"""Copies of a lake's files that this machine has already: in the cache, in the user's folders, in a local lake."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec

from atlasod_tui import config, paths
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.fetching.wanted import NotFetchedError, target, target_below
from atlasod_tui.lake.local import LocalLake
from atlasod_tui.lake.model import DID, FileEntry
from atlasod_tui.lake.rucio.connection import Connection
from atlasod_tui.lake.transport.partial import checksum


class RemoteFile(msgspec.Struct, frozen=True):
    """A file of a lake as the spec of a job names it."""

    lake: str
    """What opens the lake again, as with ``--lake NAME``: see `reference`; empty for the default."""
    did: DID
    bytes: int | None = None
    adler32: str | None = None
    """Eight lower-case hexadecimal digits."""

    @classmethod
    def of(cls, lake: Lake, file: FileEntry) -> RemoteFile:
        """Return a file of the lake's catalogue."""
        return cls(reference(lake), file.did, file.bytes, file.adler32)

    @property
    def entry(self) -> FileEntry:
        """The file as the catalogue knew it."""
        return FileEntry(self.did, self.bytes, self.adler32)


class _Checked(msgspec.Struct, frozen=True):
    """A file as it was when its Adler-32 was computed."""

    inode: int
    size: int
    mtime_ns: int
    adler32: str


def reference(lake: Lake) -> str:
    """Return what opens the lake again from anywhere: its profile's name, or the path of its folder."""
    return str(lake.folder) if isinstance(lake, LocalLake) else lake.name


def identity(lake: Lake) -> str:
    """Return what tells the files of a lake from those of any other, as the name of a folder."""
    if not isinstance(lake, Connection):
        return lake.name
    server = lake.settings.host.partition("://")[2] or lake.settings.host
    return re.sub(r"[^A-Za-z0-9.-]+", "_", server).strip("_.")


def cached_path(lake_identity: str, did: DID) -> Path:
    """Return where the cache keeps a file of a lake.

    Raises:
        NotFetchedError: No file can be called so.
    """
    scope = target(paths.cache_dir() / "files" / target(Path(), lake_identity).name, did.scope)
    return target_below(scope, did.name)


def local_copy(lake: Lake, file: RemoteFile, check: Callable[[], None] = lambda: None) -> Path | None:
    """Return a copy that is on this machine, with the size and the Adler-32 that are expected.

    The Adler-32 of a file is computed once, and again when it changed since.

    Args:
        lake: Is not asked anything, unless it is a folder.
        file: Of this lake; without a size or an Adler-32 there is nothing to know a copy by.
        check: Called while a file is read; ends the work by raising.

    Returns:
        Its path, or None if there is none.
    """
    if isinstance(lake, LocalLake):
        path = lake.folder / file.did.name
        return path if _is_below(path, lake.folder) and is_copy(path, file, check) else None
    return next((path for path in _places(lake, file) if is_copy(path, file, check)), None)


def missing(lake: Lake, file: RemoteFile) -> int:
    """Return about how many bytes of a file the cache does not have yet; copies are not looked into.

    Raises:
        NotFetchedError: No file can be called so.
    """
    if any(_size(path) == file.bytes for path in _places(lake, file)):
        return 0
    path = cached_path(identity(lake), file.did)
    return max(0, (file.bytes or 0) - (_size(path.with_name(f"{path.name}.part")) or 0))


def is_copy(path: Path, file: RemoteFile, check: Callable[[], None] = lambda: None) -> bool:
    """Return whether a path is a file with the size and the Adler-32 expected; False if neither is known."""
    try:
        status = path.stat()
        if not path.is_file() or file.bytes not in {None, status.st_size}:
            return False
        if file.adler32 is None:
            return file.bytes is not None
        return _adler32(path, status, check) == file.adler32.lower().rjust(8, "0")
    except (OSError, ValueError):
        return False


def remember(path: Path, adler32: str) -> None:
    """Keep the Adler-32 of a file that was just computed."""
    try:
        record = _record(path)
        status = path.stat()
        checked = _Checked(status.st_ino, status.st_size, status.st_mtime_ns, adler32)
        record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = record.with_name(f".{record.name}.{os.getpid()}.{os.urandom(4).hex()}")
        part.write_bytes(msgspec.json.encode(checked))
        part.replace(record)
    except OSError:  # it is computed once more then
        return


def _adler32(path: Path, status: os.stat_result, check: Callable[[], None]) -> str:
    try:
        known = msgspec.json.decode(_record(path).read_bytes(), type=_Checked)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        known = None
    if known is not None and (known.inode, known.size, known.mtime_ns) == (
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
    ):
        return known.adler32
    found = checksum(path, check)
    remember(path, found)
    return found


def _record(path: Path) -> Path:
    key = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()
    return paths.cache_dir() / "checked" / key[:2] / f"{key}.json"


def _places(lake: Lake, file: RemoteFile) -> Iterator[Path]:
    with suppress(NotFetchedError):
        yield cached_path(identity(lake), file.did)
    for folder in config.load().local_folders:
        yield from _named(folder, file.did.name)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _is_below(path: Path, folder: Path) -> bool:
    return ".." not in path.parts and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _named(folder: str, name: str) -> Iterator[Path]:
    """Yield the files of a folder, and of those below it, that are called so."""
    yield from _index(os.path.expanduser(folder)).get(name.rpartition("/")[2], ())  # noqa: PTH111 - a text


@cache
def _index(folder: str) -> dict[str, list[Path]]:
    """Return the paths of the files below a folder by their names, as they are now; a job looks once."""
    found: dict[str, list[Path]] = {}
    for top, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            found.setdefault(name, []).append(Path(top, name))
    return found

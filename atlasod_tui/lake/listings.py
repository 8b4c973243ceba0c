"""What a Rucio answered before, kept so that it can be shown, with its age, while that lake is away.

A listing is one file, ``<cache>/listings/<lake and account>/<question>.gz``: a line that says what was asked and when,
then a record in each line, as JSON. It is written while the answer streams by, and kept if that came to its end.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar, cast

import msgspec

from atlasod_tui import paths
from atlasod_tui.errors import LakeAwayError
from atlasod_tui.lake.face import Lake
from atlasod_tui.lake.model import DID, Dataset, Details, FileEntry, Scope, StorageElement

MAX_BYTES = 100_000_000
MAX_FILES = 1000
"""What is kept of all lakes together; the oldest go first."""

_VERSION = 1
"""Of the files; to be raised when a record changes its shape."""
_BUFFER = 65536
_GZIP = 16 + zlib.MAX_WBITS
_LEFT_BEHIND = 86400
"""Age in seconds at which an unfinished file is nobody's any more."""
_DAMAGED = (OSError, EOFError, zlib.error, msgspec.MsgspecError, UnicodeDecodeError)
"""What reading a file that was cut or damaged raises."""

_Record = TypeVar("_Record")
_numbers = itertools.count()


class Remembered(NamedTuple):
    """An answer is an old one."""

    since: datetime
    """When the lake gave it."""
    why: LakeAwayError
    """Why the lake does not answer now."""


class _Head(msgspec.Struct, frozen=True):
    """The first line of a file."""

    call: str
    arguments: Any
    since: datetime


def remembering(lake: Lake, told: Callable[[Remembered], None], *, ask: bool = True) -> Lake:
    """Return a lake that answers what it lists from memory where it is away; lakes that cannot be away as they are.

    Scopes, datasets, files, storage elements and what ``show`` tells are remembered; rules and quotas never.

    Args:
        lake: The lake.
        told: Is called before the first record of an old answer.
        ask: Whether to ask the lake at all; without, whatever is not remembered raises LakeAwayError.
    """
    settings = getattr(lake, "settings", None)
    if settings is None:
        return lake
    listings = Listings(paths.cache_dir() / "listings" / settings.identity)
    return cast("Lake", RememberingLake(lake, listings, told, ask=ask))


class RememberingLake:
    """A lake and its listings; whatever is not defined here is the lake's own."""

    def __init__(self, lake: Lake, listings: Listings, told: Callable[[Remembered], None], *, ask: bool = True) -> None:
        self._lake, self._listings, self._told, self._ask = lake, listings, told, ask

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lake, name)

    def scopes(self) -> Iterator[Scope]:
        """Yield the scopes, by name."""
        return self._each(("scopes",), Scope, self._lake.scopes)

    def datasets(self, scope: str, pattern: str = "*", where: Mapping[str, str] | None = None) -> Iterator[Dataset]:
        """Yield the datasets and containers whose names match."""
        question = ("datasets", scope, pattern, dict(where or {}))
        return self._each(question, Dataset, lambda: self._lake.datasets(scope, pattern, where))

    def find_files(self, scope: str, pattern: str = "*", where: Mapping[str, str] | None = None) -> Iterator[FileEntry]:
        """Yield the files of a scope whose names match."""
        question = ("find_files", scope, pattern, dict(where or {}))
        return self._each(question, FileEntry, lambda: self._lake.find_files(scope, pattern, where))

    def files(self, did: DID) -> Iterator[FileEntry]:
        """Yield the files of a dataset or container."""
        return self._each(("files", did.scope, did.name), FileEntry, lambda: self._lake.files(did))

    def storage_elements(self) -> Iterator[StorageElement]:
        """Yield the storage elements, by name."""
        return self._each(("storage_elements",), StorageElement, self._lake.storage_elements)

    def show(self, did: DID) -> Details:
        """Return all there is to show of a DID; where it is an old answer, its rules are old ones, too."""
        (details,) = self._each(("show", did.scope, did.name), Details, lambda: iter([self._lake.show(did)]))
        return details

    def _each(
        self, question: tuple[Any, ...], kind: type[_Record], answer: Callable[[], Iterator[_Record]]
    ) -> Iterator[_Record]:
        """Yield what the lake answers; if it is away before the first record, what it answered before."""
        begun = False
        try:
            for record in self._listings.keep(question, answer()) if self._ask else self._not_asked():
                begun = True
                yield record
        except LakeAwayError as error:
            found = None if begun else self._listings.recall(question, kind)
            if found is None and not self._ask:
                raise LakeAwayError(f"{error.message}, and of this nothing is remembered") from None
            if found is None:
                raise
            since, records = found
            self._told(Remembered(since, error))
            try:
                yield from records
            except _DAMAGED:
                raise error from None

    def _not_asked(self) -> NoReturn:
        raise LakeAwayError(f"the lake {self._lake.name} was not asked")


class Listings:
    """The listings of one lake as one account sees it; a question is a call's name and what it is about.

    Args:
        folder: Where they are; made when the first is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, question: tuple[Any, ...], answer: Iterator[_Record]) -> Iterator[_Record]:
        """Yield an answer, and keep it if it comes to its end; trouble with writing harms nothing else."""
        keeper = _Keeper(self._path(question))
        keeper.add(_Head(question[0], question[1:], datetime.now(UTC)))
        try:
            for record in answer:
                keeper.add(record)
                yield record
            if keeper.finish():
                prune(self._folder.parent)
        finally:
            keeper.discard()

    def recall(self, question: tuple[Any, ...], kind: type[_Record]) -> tuple[datetime, Iterator[_Record]] | None:
        """Return when a question was answered, and the answer; None if that is not known.

        The iterator raises what reading a damaged file raises.
        """
        try:
            lines = gzip.open(self._path(question), "rb")  # noqa: SIM115 - closed with the iterator
        except OSError:
            return None
        try:
            head = msgspec.json.decode(lines.readline(), type=_Head)
        except _DAMAGED:
            lines.close()
            return None
        return head.since, _records(lines, kind)

    def _path(self, question: tuple[Any, ...]) -> Path:
        digest = hashlib.sha256(repr((_VERSION, question)).encode()).hexdigest()[:32]
        return self._folder / f"{question[0]}-{digest}.gz"


def prune(folder: Path, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> None:
    """Remove the oldest listings of all lakes until the rest is small enough, and what was left behind unfinished."""
    kept: list[tuple[float, int, Path]] = []
    gone: list[Path] = []
    for path in folder.glob("*/*.gz*"):
        with suppress(OSError):
            info = path.stat()
            if not path.name.startswith("."):
                kept.append((info.st_mtime, info.st_size, path))
            elif info.st_mtime < time.time() - _LEFT_BEHIND:
                gone.append(path)
    room, number = max_bytes, max_files
    for _, size, path in sorted(kept, reverse=True):
        room, number = room - size, number - 1
        if room < 0 or number < 0:
            gone.append(path)
    for path in gone:
        with suppress(OSError):
            path.unlink()
            path.parent.rmdir()  # unless there are others


def _records(lines: gzip.GzipFile, kind: type[_Record]) -> Iterator[_Record]:
    decoder = msgspec.json.Decoder(kind)
    with lines:
        for line in lines:
            yield decoder.decode(line)


class _Keeper:
    """Writes a listing beside its place; from the first trouble on it does nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.{next(_numbers)}")
        self._encoder = msgspec.json.Encoder()
        self._deflate = zlib.compressobj(1, wbits=_GZIP)
        self._lines = bytearray()
        self._file = None
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "wb")

    def add(self, record: object) -> None:
        if self._file is None:
            return
        try:
            self._encoder.encode_into(record, self._lines, -1)
            self._lines += b"\n"
            if len(self._lines) > _BUFFER:
                self._file.write(self._deflate.compress(self._lines))
                self._lines.clear()
        except (OSError, TypeError, UnicodeEncodeError, msgspec.MsgspecError):
            self.discard()

    def finish(self) -> bool:
        """Put the listing in its place; return whether it is there."""
        if self._file is None:
            return False
        with suppress(OSError):
            self._file.write(self._deflate.compress(self._lines) + self._deflate.flush())
            self._file.close()
            self._part.replace(self._path)
            self._file = None
        return self._file is None

    def discard(self) -> None:
        """Leave nothing of a listing that was not finished."""
        if self._file is None:
            return
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._part.unlink()
        self._file = None

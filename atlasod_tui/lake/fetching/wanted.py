"""A file to fetch, where it may be had, and how that went."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.model import FileEntry, Replica, ReplicaState

_TO_BE_HAD = (ReplicaState.AVAILABLE, ReplicaState.UNKNOWN)
_LONGEST_NAME = 240
_LONGEST_SHOWN = 300


class Source(msgspec.Struct, frozen=True):
    """An address that a file may be had from."""

    url: str
    storage_element: str = ""
    """Name of the RSE; empty if it is not known."""

    @property
    def host(self) -> str:
        """Host and port; of what is no address, all of it."""
        try:
            return urlsplit(self.url).netloc.rpartition("@")[2] or self.url
        except ValueError:
            return self.url

    def __str__(self) -> str:
        return f"{self.storage_element}, {self.shown}" if self.storage_element else self.host

    @property
    def shown(self) -> str:
        """The address without what may be secret in it: a password, or a token in a query."""
        scheme, colon, rest = self.url.partition("://")
        if scheme.lower() != "file":
            place, slash, path = rest.partition("/")
            rest = place.rpartition("@")[2] + slash + path.partition("?")[0]
        text = scheme + colon + rest
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


class Wanted(msgspec.Struct, frozen=True):
    """A file to fetch."""

    name: str
    """What it is to be called: a name, not a path."""
    sources: tuple[Source, ...]
    """Where it is, best first; addresses of protocols that nothing here speaks are passed over."""
    bytes: int | None = None
    adler32: str | None = None
    withheld: tuple[str, ...] = ()
    """Storage elements that have it but do not give it now, each with the state of its replica, as clauses."""

    @classmethod
    def of(cls, file: FileEntry, replicas: Iterable[Replica], name: str = "") -> Wanted:
        """Return the file, under its own name or another, from those of its replicas that can be had, as ordered."""
        sources: list[Source] = []
        withheld = []
        for replica in replicas:
            if replica.state in _TO_BE_HAD:
                sources += [Source(url, replica.storage_element) for url in replica.urls]
            else:
                withheld.append(f"{replica.storage_element}: {replica.state.value}")
        return cls(name or file.did.name, tuple(sources), file.bytes, file.adler32, tuple(withheld))


class Failing(StrEnum):
    """In what way an address did not give a file."""

    CUT = "cut"
    """Nobody answered, or not to the end, however often it was asked."""
    REFUSED = "refused"
    """It does not have the file, or does not give it."""
    WRONG = "wrong"
    """It has other bytes than promised: the replica is damaged."""


class Failure(msgspec.Struct, frozen=True):
    """An address that did not give a file."""

    source: Source
    reason: str
    """A clause."""
    kind: Failing

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class Fetched(msgspec.Struct, frozen=True):
    """A file that is in its place, with the size and Adler-32 that were expected."""

    path: Path
    bytes: int
    adler32: str
    source: Source | None
    """Where its last bytes came from; None if the file was there already."""
    resumed_at: int = 0
    """Bytes that an earlier run had fetched."""
    failures: tuple[Failure, ...] = ()
    """Addresses that failed before."""


class NotFetchedError(LakeError):
    """One file cannot be had, or not under its name; others of the lake may be.

    Attributes:
        failures: The addresses that were tried.
    """

    def __init__(self, message: str, hint: str = "", failures: tuple[Failure, ...] = ()) -> None:
        super().__init__(message, hint)
        self.failures = failures

    @property
    def unanswered(self) -> bool:
        """Whether nobody answered, so that the same may succeed later."""
        return bool(self.failures) and all(failure.kind is Failing.CUT for failure in self.failures)


def target(folder: Path, name: str) -> Path:
    """Return where a file of this name goes, which is in the folder.

    Raises:
        NotFetchedError: The name would lead elsewhere, or no file can be called so.
    """
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        raise NotFetchedError(f"the name {name[:40]!r}... is too long for a file")
    bad = not name or name in {".", ".."} or any(c == "/" or not c.isprintable() for c in name)
    if bad or name.lower().endswith((".part", ".part.json")):  # which are the names of unfinished files
        raise NotFetchedError(f"no file can be called {name!r} here", "Only the lake's owner can give it another name.")
    return folder / name


def target_below(folder: Path, name: str) -> Path:
    """Return where a file goes whose name may have slashes, which make folders below the folder.

    Raises:
        NotFetchedError: The name would lead elsewhere, or no file can be called so.
    """
    path = folder
    try:
        for part in name.split("/"):
            path = target(path, part)
    except NotFetchedError as error:
        if "/" in name and len(name) <= _LONGEST_NAME:
            raise NotFetchedError(f"no file can be called {name!r} here", error.hint) from error
        raise
    return path

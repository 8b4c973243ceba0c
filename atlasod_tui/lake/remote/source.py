"""A distant file as the ROOT reader wants it: tried again, recognised when it changed, its ends kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from atlasod_tui.errors import BadFileError
from atlasod_tui.lake.fetching.download import Patience
from atlasod_tui.lake.transport.https import CutError, ReplicaError

HEAD = 1 << 14
"""Bytes that are read first: the header, the top directory, and what this program describes classes with."""
TAIL = 1 << 16
"""Bytes that are read with them: the tree's description, the list of keys and the class descriptions are at the end."""
_SMALL = 1 << 18
"""A file up to this size is read as a whole: a request takes longer."""

Range = tuple[int, int]
T = TypeVar("T")


class Stamp(msgspec.Struct, frozen=True):
    """What tells one content of an address from another."""

    size: int
    mtime_ns: int = 0
    """Of the last change; 0 where the server does not say."""
    tag: str = ""
    """The server's name for the content; empty if it gives none."""

    @property
    def version(self) -> int:
        """The time of the last change in ns, or where that is not known a number made from the tag."""
        return self.mtime_ns or int.from_bytes(self.tag.encode()[-7:], "big")


class ChangedError(Exception):
    """The address has other content than when it was opened."""


class Transport(Protocol):
    """A protocol's way to bytes; may be used by several threads; raises CutError and ReplicaError."""

    def open(self) -> Stamp:
        """Connect, anew if need be, and return what is there now."""

    def read(self, ranges: Sequence[Range], stamp: Stamp) -> list[bytes]:
        """Return the bytes of ranges in their order; ChangedError if they are not of this content."""

    def close(self) -> None:
        """Let go of the connections."""


class RemoteSource:
    """A `rootfile.source.Source` over a transport.

    Raises:
        BadFileError: If it cannot be had.
    """

    def __init__(self, url: str, transport: Transport, patience: Patience, check: Callable[[], None]) -> None:
        self.path = _shown(url)
        self._host = urlsplit(url).netloc.rpartition("@")[2]
        self._transport = transport
        self._patience = patience
        self._check = check
        self._kept: list[tuple[int, bytes]] = []
        try:
            self.stamp = self._persist(transport.open)
        except BaseException:
            transport.close()
            raise
        self.size = self.stamp.size
        self.version = self.stamp.version

    def read(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from byte ``start``."""
        return self.read_many([(start, size)])[0]

    def read_many(self, ranges: Sequence[Range]) -> list[bytes]:
        """Return the bytes of several ranges."""
        if not self._kept:
            self._keep()
        found = {each: data for each in ranges if (data := self._here(*each)) is not None}
        missing = [each for each in ranges if each not in found]
        if missing:
            found.update(zip(missing, self._fetch(missing), strict=True))
        return [found[each] for each in ranges]

    def _keep(self) -> None:
        whole = self.size <= max(_SMALL, HEAD + TAIL)
        ends = [(0, self.size)] if whole else [(0, HEAD), (self.size - TAIL, TAIL)]
        found = self._fetch(ends) if self.size else [b""]
        self._kept = [(start, data) for (start, _), data in zip(ends, found, strict=True)]

    def _here(self, start: int, size: int) -> bytes | None:
        for at, data in self._kept:
            if at <= start and start + size <= at + len(data):
                return data[start - at : start - at + size]
        return None

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    def _fetch(self, ranges: Sequence[Range]) -> list[bytes]:
        return self._persist(lambda: self._transport.read(ranges, self.stamp))

    def _persist(self, work: Callable[[], T]) -> T:
        """Do what may be cut, with as many tries as patience allows."""
        row = 0
        while True:
            try:
                return work()
            except CutError as error:
                row += 1
                if row >= self._patience.tries:
                    raise self._bad(f"cannot be read from {self._host}: {error} ({row} tries)") from error
                self._patience.wait(error.pause, row, self._check)
            except ReplicaError as error:
                raise self._bad(f"cannot be read from {self._host}: {error}") from error
            except ChangedError as error:
                raise self._bad(f"was changed on {self._host} while it was read") from error

    def _bad(self, what: str) -> BadFileError:
        return BadFileError(f"{self.path.name} {what}")


def _shown(url: str) -> Path:
    """Return an address without what may be secret in it: a password, or a token in a query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return Path(f"{parts.scheme}://{host}{unquote(parts.path)}")

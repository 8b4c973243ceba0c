"""The outer structure of a ROOT file: header, keys, directory, streamer information."""

from __future__ import annotations

import os
import struct
import weakref
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self, cast

import numpy as np

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.inflate import Bytes, buffer, inflate
from atlasod_tui.rootfile.source import LocalFile, Source
from atlasod_tui.rootfile.streamed import Reader, Streamers, read_streamers

_MAGIC = b"root"
_BIG = 1_000_000  # added to the version of a file with 64-bit addresses
_BIG_KEY = 1000  # likewise for keys and directories
_HEADER_BYTES = 100

# What damaged bytes make of a parser; each is translated into one sentence that names the file, see `because`.
DAMAGE = (
    BadFileError,
    struct.error,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
    MemoryError,
)


@dataclass(frozen=True, slots=True)
class Key:
    """Where an object lies and what it is; sizes and addresses in bytes."""

    name: str
    class_name: str
    title: str
    cycle: int
    address: int
    stored: int
    key_length: int
    object_length: int


class RootFile:
    """A ROOT file opened for reading.

    Args:
        where: The file, or where else its bytes come from, which is closed with it.

    Attributes:
        remote: Where the bytes come from if that is far away: they are better asked for in good time, many at once.

    Raises:
        BadFileError: If it cannot be opened, is not a ROOT file, or is shorter than its header says.
    """

    def __init__(self, where: Path | Source) -> None:
        self._local = LocalFile(where) if isinstance(where, Path) else None
        self.remote = None if isinstance(where, Path) else where
        self._source = source = self._local or cast("Source", where)
        self.path = source.path
        self.size = source.size
        # Threads share the file; it closes with its last user.
        self._finalizer = weakref.finalize(self, source.close)
        try:
            self._directory_at, self._directory_skip, self._streamers_at, self._streamers_size = self._header()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file now; reading from it afterwards raises."""
        self._finalizer()

    def read(self, start: int, size: int) -> bytes:
        """Return ``size`` bytes from byte ``start``.

        Raises:
            BadFileError: If the file does not have them.
        """
        if start < 0 or size < 0 or start + size > self.size:
            raise BadFileError(f"{self.path.name} is damaged: it points at byte {start + size} of {self.size}")
        return self._source.read(start, size)

    def read_into(self, start: int, target: Bytes) -> None:
        """Fill ``target`` with the bytes from byte ``start``.

        Raises:
            BadFileError: If the file does not have them.
        """
        if self._local and 0 <= start <= self.size - target.size and self._local.read_into(start, target):
            return
        target[:] = np.frombuffer(self.read(start, target.size), np.uint8)  # says what is wrong, or reads on

    def status(self) -> os.stat_result:
        """Return what the file system says of the open file now; there must be one."""
        if self._local is None:
            raise BadFileError(f"{self.path.name} is no file of this machine")
        return self._local.status()

    def _header(self) -> tuple[int, int, int, int]:
        name = self.path.name
        head = self.read(0, min(self.size, _HEADER_BYTES))
        if not head:
            raise BadFileError(f"{name} is empty")
        if head[:4] != _MAGIC:
            kind = "a web page" if head.lstrip()[:1] == b"<" else "something else"
            raise BadFileError(f"{name} is not a ROOT file but {kind}", "Download it again.")
        try:
            version, begin = struct.unpack_from(">ii", head, 4)
            big = version >= _BIG
            end, _ = struct.unpack_from(">qq" if big else ">ii", head, 12)
            at = 28 if big else 20
            _, _, name_bytes = struct.unpack_from(">iii", head, at)
            at += 12 + 1 + 4
            streamers_at, streamers_size = struct.unpack_from(">qi" if big else ">ii", head, at)
        except struct.error as error:
            raise BadFileError(f"{name} is cut short: it has {self.size} bytes", "Download it again.") from error
        if end > self.size:
            raise BadFileError(f"{name} is cut short: it has {self.size} of {end} bytes", "Download it again.")
        return begin, name_bytes, streamers_at, streamers_size

    def list_keys(self, folder: Key | None = None) -> list[Key]:
        """Return the keys of a directory: of the top one, or of the one that a key points at.

        Raises:
            BadFileError: If the directory is damaged or was never written.
        """
        keys_at, keys_size = self._directory(folder)
        if keys_at <= 0:
            raise BadFileError(f"{self.path.name} was not closed by the program that wrote it: it lists no objects")
        data = self.read(keys_at, keys_size)
        try:
            position = read_key(data, 0)[1]
            (count,) = struct.unpack_from(">i", data, position)
            position += 4
            found = []
            for _ in range(count):
                key, position = read_key(data, position)
                found.append(key)
        except DAMAGE as error:
            raise BadFileError(f"the list of objects in {self.path.name} is damaged{because(error)}") from error
        return found

    def _directory(self, folder: Key | None) -> tuple[int, int]:
        at = folder.address + folder.key_length if folder else self._directory_at + self._directory_skip
        head = self.read(at, min(_HEADER_BYTES, self.size - at))
        try:
            version, _, _, keys_size, _ = struct.unpack_from(">hIIii", head, 0)
            big = version > _BIG_KEY
            (keys_at,) = struct.unpack_from(">q" if big else ">i", head, 18 + (16 if big else 8))
        except DAMAGE as error:
            raise BadFileError(f"the directory of {self.path.name} is damaged{because(error)}") from error
        return keys_at, keys_size

    def record(self, key: Key) -> bytes:
        """Return the uncompressed bytes of the object a key points at."""
        self.check(key)
        data = self.read(key.address, key.stored)
        try:
            return _inflated(data, key)
        except DAMAGE as error:
            raise BadFileError(f"the object {key.name!r} in {self.path.name} is damaged{because(error)}") from error

    def check(self, key: Key) -> None:
        """Compare a key of the directory with the one that stands before the object itself.

        Raises:
            BadFileError: If they are different.
        """
        data = self.read(key.address, key.key_length)
        try:
            own, _ = read_key(data, 0)
        except DAMAGE as error:
            raise BadFileError(f"the key of {key.name!r} in {self.path.name} is damaged{because(error)}") from error
        if own != key:
            raise BadFileError(f"{self.path.name} is damaged: the directory and the object {key.name!r} disagree")

    def reader(self, key: Key) -> Reader:
        """Return a cursor at the start of the object a key points at."""
        return Reader(self.record(key), key.key_length, self.streamers())

    def streamers(self) -> Streamers:
        """Return the members of each class version that the file describes."""
        data, key_length = self.streamer_record()
        try:
            return _parsed_streamers(data, key_length)
        except DAMAGE as error:
            raise self._bad_streamers(error) from error

    def streamer_record(self) -> tuple[bytes, int]:
        """Return the uncompressed list of streamer infos and the length of its key."""
        data = self.read(self._streamers_at, self._streamers_size)
        try:
            key, _ = read_key(data, 0)
            return _inflated(data, key), key.key_length
        except DAMAGE as error:
            raise self._bad_streamers(error) from error

    def _bad_streamers(self, error: Exception) -> BadFileError:
        return BadFileError(f"the descriptions of classes in {self.path.name} are damaged{because(error)}")


def because(error: Exception) -> str:
    """Return what a sentence about damage ends with: the reason, if it is one for people."""
    return f": {error.message}" if isinstance(error, BadFileError) else ""


def _inflated(data: bytes, key: Key) -> bytes:
    stored = np.frombuffer(data, np.uint8, key.stored - key.key_length, key.key_length)
    return inflate(stored, buffer(key.object_length, stored.size)).tobytes()


@lru_cache(maxsize=8)
def _parsed_streamers(data: bytes, key_length: int) -> Streamers:
    """Files of one ROOT version hold the same bytes here: parse them once."""
    return read_streamers(data, key_length)


def read_key(data: bytes, at: int) -> tuple[Key, int]:
    """Return the key at a position in ``data`` and the position after its strings."""
    stored, version, object_length, _, key_length, cycle = struct.unpack_from(">ihiIhh", data, at)
    position = at + 18
    if version > _BIG_KEY:
        address, _ = struct.unpack_from(">qq", data, position)
        position += 16
    else:
        address, _ = struct.unpack_from(">ii", data, position)
        position += 8
    cursor = Reader(data, 0, {})
    cursor.pos = position
    class_name, name, title = cursor.string(), cursor.string(), cursor.string()
    return Key(name, class_name, title, cycle, address, stored, key_length, object_length), cursor.pos

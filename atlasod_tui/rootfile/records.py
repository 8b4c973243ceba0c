"""The records a ROOT file consists of: header, keys, directories, key lists, the list of free segments.

The layouts are those that ROOT 6.40 writes. Positions take 32 bits up to ``BIG`` and 64 bits beyond; the head of a file
and a directory have room for either, so that they can be written last.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile.emit import counted, encoded, string

BIG = 2_000_000_000  # positions above take 64 bits (TFile::kStartBigFile)
FILE_BEGIN = 100
DIRECTORY_SIZE = 60

_ZLIB_LEVEL_1 = 101
_ROOT_VERSION = 64000
_KEY_VERSION, _DIRECTORY_VERSION, _FREE_VERSION, _UUID_VERSION = 4, 5, 1, 1
_BIG_VERSION = 1000  # added to the versions above where positions take 64 bits
_BIG_FILE = 1_000_000  # likewise to the file's
_GROWTH = 1_000_000_000  # the free segment behind a big file ends at a multiple of this
_MAX_TITLE = 32000
_MAX_KEY = 32767  # a key states its length in two signed bytes
_DATIME = 1 << 22 | 1 << 17  # 1995-01-01 00:00:00, where ROOT's count of years begins: a fixed date in every file

_KEY = struct.Struct(">ihiIhhii")
_BIG_KEY = struct.Struct(">ihiIhhqq")


def key_strings(class_name: str, name: str, title: str) -> bytes:
    """Return the part of a key that does not depend on where its object lies; a long title is cut, as TKey does.

    Raises:
        AtlasodError: Name and title are too long for a key.
    """
    strings = string(class_name) + string(name) + counted(encoded(title)[:_MAX_TITLE])
    if key_length(strings, big=True) > _MAX_KEY:
        raise AtlasodError(f"The name {name[:40]!r}... and its title exceed the 32 kB that a ROOT file has for them.")
    return strings


def key_length(strings: bytes, *, big: bool = False) -> int:
    """Return the length of the key with these strings."""
    return (_BIG_KEY if big else _KEY).size + len(strings)


def key(  # noqa: PLR0913
    strings: bytes,
    *,
    position: int,
    parent: int,
    object_size: int,
    stored_size: int,
    cycle: int = 1,
    big: bool | None = None,
) -> bytes:
    """Return a TKey.

    Args:
        strings: What ``key_strings`` gave.
        position: Where the key is in the file.
        parent: Where the directory is that it belongs to.
        object_size: Bytes of the object before compression.
        stored_size: Bytes of the object in the file.
        cycle: Which of the objects of this name it is.
        big: Whether positions take 64 bits; without it, if one of them does not fit in less.
    """
    big = is_big(position, parent) if big is None else big
    layout = _BIG_KEY if big else _KEY
    version = _KEY_VERSION + big * _BIG_VERSION
    size = key_length(strings, big=big)
    return layout.pack(size + stored_size, version, object_size, _DATIME, size, cycle, position, parent) + strings


def is_big(*positions: int) -> bool:
    """Return whether one of the positions needs 64 bits."""
    return max(positions) > BIG


@dataclass(frozen=True)
class Segment:
    """A record of the file: where it is, and its bytes in all."""

    position: int
    size: int


def directory(  # noqa: PLR0913
    *, strings: bytes, named: int, position: int, parent: int, keys: Segment, uuid: bytes
) -> bytes:
    """Return a TDirectory of ``DIRECTORY_SIZE`` bytes.

    Args:
        strings: Those of the key of its record.
        named: Bytes between that key and this: the file's name and title at the top, nothing elsewhere.
        position: Where its record is in the file.
        parent: Where the record of the directory above is; 0 for the file itself.
        keys: Its key list.
        uuid: 16 bytes.
    """
    big = is_big(position, parent, keys.position)
    name_size = key_length(strings, big=is_big(position, parent)) + named
    layout = ">hIIiiqqqh" if big else ">hIIiiiiih"
    version = _DIRECTORY_VERSION + big * _BIG_VERSION
    numbers = (keys.size, name_size, position, parent, keys.position)
    return (struct.pack(layout, version, _DATIME, _DATIME, *numbers, _UUID_VERSION) + uuid).ljust(DIRECTORY_SIZE, b"\0")


def directory_record(strings: bytes, *, position: int, parent: int, keys: Segment, uuid: bytes) -> bytes:
    """Return the record of a directory below the top, with its key."""
    body = directory(strings=strings, named=0, position=position, parent=parent, keys=keys, uuid=uuid)
    return key(strings, position=position, parent=parent, object_size=len(body), stored_size=len(body)) + body


def directory_strings(name: str, title: str) -> bytes:
    """Return the strings of a directory's key, as ROOT writes them into the directory's own record."""
    return key_strings("TDirectory", name, title)


def key_list(strings: bytes, keys: Sequence[bytes], *, position: int, parent: int) -> bytes:
    """Return the record with the keys of a directory.

    Args:
        strings: Those of the key of the directory's record.
        keys: The keys, in the order in which they are listed.
        position: Where the list is in the file.
        parent: Where the record of its directory is.
    """
    body = struct.pack(">i", len(keys)) + b"".join(keys)
    return key(strings, position=position, parent=parent, object_size=len(body), stored_size=len(body)) + body


class FileHead:
    """The first bytes of a file: header and top directory, of a length that does not depend on what follows.

    Attributes:
        strings: Those of the keys of the file's own records (its key list, its free segments).
        length: Where the first record after the head begins.
    """

    def __init__(self, name: str, title: str = "", compression: int = _ZLIB_LEVEL_1) -> None:
        self.strings = key_strings("TFile", name, "")
        self.length = FILE_BEGIN + key_length(self.strings) + len(string(name) + string(title)) + DIRECTORY_SIZE
        self._names = string(name) + string(title)
        self._compression = compression

    def ending(self, position: int) -> tuple[bytes, int]:
        """Return the record of free segments that is the last of the file, and the size of the file.

        Args:
            position: Where it begins.
        """
        big_key = is_big(position)
        end = position + key_length(self.strings, big=big_key) + struct.calcsize(">hii")
        if is_big(end):
            end += struct.calcsize(">hqq") - struct.calcsize(">hii")
            body = struct.pack(">hqq", _FREE_VERSION + _BIG_VERSION, end, (end // _GROWTH + 1) * _GROWTH)
        else:
            body = struct.pack(">hii", _FREE_VERSION, end, BIG)
        start = key(
            self.strings,
            position=position,
            parent=FILE_BEGIN,
            object_size=len(body),
            stored_size=len(body),
            big=big_key,
        )
        return start + body, end

    def packed(self, *, end: int, free: Segment, keys: Segment, infos: Segment, uuid: bytes) -> bytes:
        """Return the ``length`` bytes of the head.

        Args:
            end: Size of the file.
            free: The record of free segments.
            keys: The list of the keys at the top.
            infos: The record of streamer infos.
            uuid: 16 bytes.
        """
        big = is_big(end)
        name_size = key_length(self.strings) + len(self._names)
        layout = ">4siiqqiiiBiqih" if big else ">4siiiiiiiBiiih"
        version, units = _ROOT_VERSION + big * _BIG_FILE, 8 if big else 4
        places = (version, FILE_BEGIN, end, free.position, free.size, 1, name_size, units, self._compression)
        header = struct.pack(layout, b"root", *places, infos.position, infos.size, _UUID_VERSION) + uuid
        top = directory(
            strings=self.strings, named=len(self._names), position=FILE_BEGIN, parent=0, keys=keys, uuid=uuid
        )
        size = len(self._names) + len(top)
        record = key(self.strings, position=FILE_BEGIN, parent=0, object_size=size, stored_size=size)
        return header.ljust(FILE_BEGIN, b"\0") + record + self._names + top


def uuid(seed: bytes, directory_name: str = "") -> bytes:
    """Return a UUID (version 8: made of a hash) for a directory of the file with this seed."""
    made = bytearray(blake2b(seed + string(directory_name), digest_size=16).digest())
    made[6] = made[6] & 0x0F | 0x80
    made[8] = made[8] & 0x3F | 0x80
    return bytes(made)

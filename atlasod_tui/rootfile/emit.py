"""The bytes of ROOT objects and records: strings, versioned blocks, object references, keys, directories, header.

Everything is big-endian. The layouts are those that ROOT 6.40 writes, for files below 2 GB (32-bit positions).
"""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from atlasod_tui.errors import AtlasodError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    import numpy as np
    from numpy.typing import NDArray

FILE_BEGIN = 100
DIRECTORY_SIZE = 60
MAX_FILE_SIZE = 2_000_000_000  # ROOT turns to 64-bit positions above this size (kStartBigFile)
NULL_REFERENCE = b"\0\0\0\0"

_BYTE_COUNT = 0x40000000
_NEW_CLASS = 0xFFFFFFFF
_KNOWN_CLASS = 0x80000000
_MAP_OFFSET = 2  # position 0 would be the null reference and 1 is the top object itself (TBufferFile::kMapOffset)
_MAX_BLOCK = 0xFFFFFF  # a compressed block states its sizes in three bytes
_MIN_COMPRESSED = 256  # TKey compresses larger objects only
_ZLIB_LEVEL_1 = 101
_ROOT_VERSION = 64000
_KEY_VERSION = 4
_MAX_TITLE = 32000
_MAX_KEY = 32767  # a key states its length in two signed bytes
_DIRECTORY_VERSION = 5
_UUID_VERSION = 1
_DATIME = 1 << 22 | 1 << 17  # 1995-01-01 00:00:00, where ROOT's count of years begins: a fixed date in every file

_KEY = struct.Struct(">ihiIhhii")
_COUNT_AND_VERSION = struct.Struct(">IH")
_U4 = struct.Struct(">I")
_I4 = struct.Struct(">i")


def string(text: str) -> bytes:
    """Return a TString: UTF-8 bytes after their length, which takes one byte, or five from 255 bytes on."""
    return _counted(_encoded(text))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _counted(data: bytes) -> bytes:
    size = len(data)
    return bytes((size,)) + data if size < 255 else b"\xff" + _I4.pack(size) + data  # noqa: PLR2004


def versioned(version: int, *parts: bytes) -> bytes:
    """Return the parts behind a byte count and a class version."""
    body = b"".join(parts)
    return _COUNT_AND_VERSION.pack(_BYTE_COUNT | (len(body) + 2), version) + body


def tobject(bits: int = 0) -> bytes:
    """Return a TObject (version 1, no unique id)."""
    return struct.pack(">HII", 1, 0, bits)


def tnamed(name: str, title: str, bits: int = 0) -> bytes:
    """Return a TNamed (version 1)."""
    return versioned(1, tobject(bits), string(name), string(title))


def tarray(values: NDArray[np.generic]) -> bytes:
    """Return a TArrayF, TArrayD or TArrayI of the type of ``values`` (one dimension)."""
    return _I4.pack(values.size) + values.astype(values.dtype.newbyteorder(">"), copy=False).tobytes()


class ObjectBuffer:
    """Bytes in which objects and class names are written once and referred to by position afterwards."""

    def __init__(self, key_length: int) -> None:
        """Start behind a key of this length, which positions include."""
        self.data = bytearray()
        self._origin = key_length + _MAP_OFFSET
        self._classes: dict[str, int] = {}
        self._objects: dict[Hashable, int] = {}

    def write(self, *parts: bytes) -> None:
        """Append bytes that refer to nothing."""
        for part in parts:
            self.data += part

    @contextmanager
    def versioned(self, version: int) -> Iterator[None]:
        """Put what is written inside behind its byte count and a class version."""
        with self._counted():
            self.data += version.to_bytes(2, "big")
            yield

    @contextmanager
    def object(self, class_name: str, identity: Hashable = None) -> Iterator[None]:
        """Put what is written inside behind its byte count and class; ``identity`` lets others refer to it."""
        if identity is not None:
            self._objects[identity] = self._origin + len(self.data)
        with self._counted():
            known = self._classes.get(class_name)
            if known is None:
                self._classes[class_name] = self._origin + len(self.data)
                self.data += _U4.pack(_NEW_CLASS) + class_name.encode() + b"\0"
            else:
                self.data += _U4.pack(_KNOWN_CLASS | known)
            yield

    def reference(self, identity: Hashable) -> None:
        """Append a reference to an object written before; KeyError if there is none."""
        self.data += _U4.pack(self._objects[identity])

    @contextmanager
    def _counted(self) -> Iterator[None]:
        start = len(self.data)
        self.data += NULL_REFERENCE
        yield
        self.data[start : start + 4] = _U4.pack(_BYTE_COUNT | (len(self.data) - start - 4))


def compressed(body: bytes) -> bytes:
    """Return the body as zlib level 1 blocks, or unchanged where that saves nothing (as TKey does)."""
    if len(body) <= _MIN_COMPRESSED:
        return body
    blocks = []
    for start in range(0, len(body), _MAX_BLOCK):
        raw = body[start : start + _MAX_BLOCK]
        stream = zlib.compress(raw, 1)
        if len(stream) + 9 >= len(raw):
            return body
        sizes = len(stream).to_bytes(3, "little") + len(raw).to_bytes(3, "little")
        blocks.append(b"ZL\x08" + sizes + stream)
    return b"".join(blocks)


def key_strings(class_name: str, name: str, title: str) -> bytes:
    """Return the part of a key that does not depend on where its object lies; a long title is cut, as TKey does.

    Raises:
        AtlasodError: Name and title are too long for a key.
    """
    strings = string(class_name) + string(name) + _counted(_encoded(title)[:_MAX_TITLE])
    if key_length(strings) > _MAX_KEY:
        raise AtlasodError(f"The name {name[:40]!r}... and its title exceed the 32 kB that a ROOT file has for them.")
    return strings


def key_length(strings: bytes) -> int:
    """Return the length of the key with these strings."""
    return _KEY.size + len(strings)


def key(strings: bytes, *, position: int, parent: int, object_size: int, stored_size: int) -> bytes:
    """Return a TKey, cycle 1, with 32-bit positions.

    Args:
        strings: What ``key_strings`` gave.
        position: Where the key is in the file.
        parent: Where the directory is that it belongs to.
        object_size: Bytes of the object before compression.
        stored_size: Bytes of the object in the file.
    """
    size = key_length(strings)
    return _KEY.pack(size + stored_size, _KEY_VERSION, object_size, _DATIME, size, 1, position, parent) + strings


def directory(  # noqa: PLR0913
    *, keys_size: int, name_size: int, position: int, parent: int, keys_position: int, uuid: bytes
) -> bytes:
    """Return a TDirectory of ``DIRECTORY_SIZE`` bytes.

    Args:
        keys_size: Bytes of its key list, with the key of that.
        name_size: Bytes of the record before this.
        position: Where its record is in the file.
        parent: Where the record of the directory above is; 0 for the file itself.
        keys_position: Where its key list is.
        uuid: 16 bytes.
    """
    numbers = (keys_size, name_size, position, parent, keys_position)
    head = struct.pack(">hIIiiiiih", _DIRECTORY_VERSION, _DATIME, _DATIME, *numbers, _UUID_VERSION)
    return (head + uuid).ljust(DIRECTORY_SIZE, b"\0")


def file_header(  # noqa: PLR0913
    *, end: int, free_position: int, free_size: int, name_size: int, info_position: int, info_size: int, uuid: bytes
) -> bytes:
    """Return the first ``FILE_BEGIN`` bytes of a file with one free segment and compression setting 101.

    Args:
        end: Size of the file.
        free_position: Where the list of free segments is.
        free_size: Its bytes, key included.
        name_size: Bytes of the file's own record before its directory.
        info_position: Where the streamer infos are.
        info_size: Their bytes, key included.
        uuid: 16 bytes.
    """
    places = (_ROOT_VERSION, FILE_BEGIN, end, free_position, free_size, 1, name_size)
    head = struct.pack(">4s7iBiiih", b"root", *places, 4, _ZLIB_LEVEL_1, info_position, info_size, _UUID_VERSION)
    return (head + uuid).ljust(FILE_BEGIN, b"\0")


def free_segment(end: int) -> bytes:
    """Return the TFree of everything behind the end of the file."""
    return struct.pack(">hii", 1, end, MAX_FILE_SIZE)

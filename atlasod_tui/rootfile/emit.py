"""The bytes of ROOT objects: strings, versioned blocks, object references, compressed blocks.

Everything is big-endian. The layouts are those that ROOT 6.40 writes.
"""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    import numpy as np
    from numpy.typing import NDArray

NULL_REFERENCE = b"\0\0\0\0"

_BYTE_COUNT = 0x40000000
_NEW_CLASS = 0xFFFFFFFF
_KNOWN_CLASS = 0x80000000
_MAP_OFFSET = 2  # position 0 would be the null reference and 1 is the top object itself (TBufferFile::kMapOffset)
_MAX_BLOCK = 0xFFFFFF  # a compressed block states its sizes in three bytes
_MIN_COMPRESSED = 256  # TKey compresses larger objects only

_COUNT_AND_VERSION = struct.Struct(">IH")
_U4 = struct.Struct(">I")
_I4 = struct.Struct(">i")


def string(text: str) -> bytes:
    """Return a TString: UTF-8 bytes after their length, which takes one byte, or five from 255 bytes on."""
    return counted(encoded(text))


def encoded(text: str) -> bytes:
    """Return the bytes of a text in a ROOT file."""
    return text.encode("utf-8", "surrogateescape")


def counted(data: bytes) -> bytes:
    """Return the bytes of a TString."""
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

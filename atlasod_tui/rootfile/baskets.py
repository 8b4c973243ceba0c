"""Baskets as ROOT writes them, from flat numpy arrays: numbers, ``std::vector`` and counted arrays.

A basket of vectors or arrays is its data and a table of where each entry starts, counted from the basket's key.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from atlasod_tui.rootfile import records
from atlasod_tui.rootfile.schema import BranchSpec, Chunk
from atlasod_tui.rootfile.tree import Integers

DEFAULT_SIZE = 32000  # fBasketSize of a new branch
DEFAULT_TABLE = 1000  # fEntryOffsetLen of a new branch with entries of different lengths

_BYTE_COUNT = 0x40000000
_VECTOR_VERSION = 10  # of TStreamerInfo in ROOT 6.40, which is what ROOT writes before a vector's values
_HEADER = 10  # bytes before a vector's values: u4 byte count, u2 version, u4 length
_COUNTED = 6  # the part of the header that the byte count includes
_HEADER_TYPE = np.dtype([("bytes", ">u4"), ("version", ">u2"), ("length", ">u4")])
_LONG = 16  # from so many values per entry on a mask is faster (and smaller) than a list of places
_BASKET_VERSION = 3
_MAX_BLOCK = 0xFFFFFF  # a compressed block states its sizes in three bytes
_MIN_COMPRESSED = 256

_TAIL = struct.Struct(">hiiiiB")  # version, buffer size, table or entry size, entries, end of the data, flag

Bytes = NDArray[np.uint8]
Compressor = Callable[[Bytes], bytes]


class Stored(NamedTuple):
    """A basket ready to be written.

    Attributes:
        key: Its key, the fields of TBasket included.
        body: What follows in the file; good until the next basket is made.
        raw_size: Bytes of key and uncompressed body.
    """

    key: bytes
    body: bytes | memoryview
    raw_size: int


class _Layout(NamedTuple):
    """What baskets of one collection share that have numbers of one size: all but the numbers themselves.

    Attributes:
        size: Bytes of the data.
        starts: Where each entry starts in them, int32 [entries].
        unit: The type in whose units ``places`` counts: headers of 10 bytes leave larger ones unaligned.
        heads: The data without the numbers; None where there is nothing else.
        places: Where the numbers go, as indices or as a mask; None where there are none.
    """

    size: int
    starts: NDArray[np.int32]
    unit: str
    heads: Bytes | None = None
    places: NDArray[Any] | None = None

    def fill(self, target: Bytes, values: NDArray[Any]) -> None:
        """Write the data."""
        if self.heads is None:
            target[:] = values.view(np.uint8)
            return
        target[:] = self.heads
        if self.places is not None:
            target.view(self.unit)[self.places] = values.view(self.unit)


def _array_layout(offsets: Integers, item: int) -> _Layout:
    return _Layout(item * int(offsets[-1]), (item * offsets[:-1]).astype(np.int32), "u1")


def _vector_layout(offsets: Integers, item: int) -> _Layout:
    entries, values, counts = offsets.size - 1, int(offsets[-1]), np.diff(offsets)
    starts = _HEADER * np.arange(entries) + item * offsets[:-1]
    headers = np.empty(entries, _HEADER_TYPE)
    headers["bytes"] = counts * item + (_BYTE_COUNT | _COUNTED)
    headers["version"] = _VECTOR_VERSION
    headers["length"] = counts
    size, width = _HEADER * entries + item * values, min(item, 2)
    unit = f"u{width}"
    if not values:
        return _Layout(size, starts.astype(np.int32), unit, headers.view(np.uint8))
    per_header, per_value = _HEADER // width, item // width
    heads = np.empty(size, np.uint8)  # what no header fills the numbers will
    header_places = (starts // width)[:, None] + np.arange(per_header)
    heads.view(unit)[header_places] = headers.view(unit).reshape(entries, per_header)
    if values > _LONG * entries:
        places: NDArray[Any] = np.ones(size // width, np.bool_)
        places[header_places] = False
    else:
        places = np.arange(values * per_value)
        places += np.repeat(np.arange(per_header, per_header * (entries + 1), per_header), counts * per_value)
    return _Layout(size, starts.astype(np.int32), unit, heads, places)


class Packer:
    """Makes the baskets of one run of entries, one per branch.

    Args:
        tree: Name of the tree.
        pieces: The entries, in order.
        compressor: Makes a zlib stream of bytes.
    """

    def __init__(self, tree: str, pieces: Sequence[Chunk], compressor: Compressor) -> None:
        self.entries = sum(piece.entries for piece in pieces)
        self._tree = tree
        self._pieces = pieces
        self._compressor = compressor
        self._offsets: dict[tuple[int, ...], Integers] = {}
        self._layouts: dict[tuple[tuple[int, ...], int, bool], _Layout] = {}
        self._room = np.empty(0, np.uint8)

    def values(self, index: int) -> NDArray[Any]:
        """Return the numbers of a branch."""
        parts = [piece.values[index] for piece in self._pieces]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def basket(self, index: int, branch: BranchSpec, position: int, number: int) -> Stored:
        """Return a branch's basket.

        Args:
            index: Which branch it is.
            branch: What it is.
            position: Where the basket will be in the file.
            number: How many baskets the branch has before it.
        """
        values = self.values(index)
        item = values.dtype.itemsize
        swapped = values.astype(values.dtype.newbyteorder(">"), copy=False)
        strings = records.key_strings("TBasket", branch.name, self._tree)
        key_size = records.key_length(strings, big=True) + _TAIL.size
        if branch.shape == "scalar":
            body, border, table = swapped.view(np.uint8), swapped.nbytes, item
        else:
            layout = self._layout(index, item, headers=branch.shape == "vector")
            body, border = self._body(layout, swapped, key_size), layout.size
            table = max(DEFAULT_TABLE, self.entries + 1)
        stored = self._compressed(body)
        size = max(DEFAULT_SIZE, -(-(key_size + body.size) // 512) * 512)
        tail = _TAIL.pack(_BASKET_VERSION, size, table, self.entries, key_size + border, 0)
        key = records.key(
            strings + tail,
            position=position,
            parent=records.FILE_BEGIN,
            object_size=body.size,
            stored_size=len(stored),
            cycle=number & 0x7FFF,
            big=True,
        )
        return Stored(key, stored, key_size + body.size)

    def _layout(self, index: int, item: int, *, headers: bool) -> _Layout:
        groups = tuple(piece.groups[index] for piece in self._pieces)
        key = groups, item, headers
        if key not in self._layouts:
            if groups not in self._offsets:
                self._offsets[groups] = _joined([p.offsets[g] for p, g in zip(self._pieces, groups, strict=True)])
            self._layouts[key] = (_vector_layout if headers else _array_layout)(self._offsets[groups], item)
        return self._layouts[key]

    def _body(self, layout: _Layout, values: NDArray[Any], key_size: int) -> Bytes:
        size = layout.size + 4 * (self.entries + 2)
        if size > self._room.size:
            self._room = np.empty(size, np.uint8)
        body = self._room[:size]
        layout.fill(body[: layout.size], values)
        table: NDArray[Any] = np.ndarray(self.entries + 2, ">i4", body.data, layout.size)
        table[0] = self.entries + 1
        np.add(layout.starts, key_size, out=table[1:-1], casting="unsafe")
        table[-1] = 0
        return body

    def _compressed(self, body: Bytes) -> bytes | memoryview:
        """Return the body as blocks, or as it is where that saves nothing."""
        if body.size <= _MIN_COMPRESSED:
            return body.data
        blocks = []
        for start in range(0, body.size, _MAX_BLOCK):
            raw = body[start : start + _MAX_BLOCK]
            stream = self._compressor(raw)
            if len(stream) + 9 >= raw.size:
                return body.data
            blocks += [b"ZL\x08", len(stream).to_bytes(3, "little"), raw.size.to_bytes(3, "little"), stream]
        return b"".join(blocks)


def _joined(parts: list[Integers]) -> Integers:
    if len(parts) == 1:
        return parts[0]
    ends = np.cumsum([0, *(part[-1] for part in parts)])
    shifted = [part[1:] + end for part, end in zip(parts, ends, strict=False)]
    return np.concatenate([np.zeros(1, np.int64), *shifted])

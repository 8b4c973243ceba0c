"""Baskets that are kept inside their branch, and the records they become.

A tree that is written while a basket is in memory takes it along: `TTree::Write` without a directory, `AutoSave`, old
versions of ROOT. Source of the layouts: `TBasket::Streamer` and `TBasket::WriteBuffer` of ROOT 6.40.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.emit import compressed

BIG_KEY = 1000  # added to the version of a key with 64-bit positions
_KEY = struct.Struct(">ihiIhh")
_HEAD = struct.Struct(">hii")  # version, size of the buffer, size of the table (or of an entry)
_TAIL = struct.Struct(">iiB")  # entries, end of the data, flag
_OLDEST = 2  # version that stores its buffer as it is
_SIZES_INSTEAD = 1  # EIOFeatures::kGenerateOffsetMap: a stored table has lengths, not starts

# The flag: 1 with and 2 without a table of where the entries start, and in addition:
_WITHOUT_TABLE, _WITH_BUFFER, _DISPLACED, _MADE_ON_READING = 2, 10, 40, 80


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedBasket:
    """A basket inside its branch.

    Attributes:
        raw: The bytes as they stand in the branch.
        header: Its key as it stands in a record, without the flag, which is its last byte.
        key_length: What that says of its own length.
        entries: How many there are.
        made_on_reading: Whether there is no table because one follows from the data.
        io_bits: The basket's own features.
        starts: Where the entries begin (int32), counted from the key; None without a table.
        displacements: What references in the entries are displaced by (int32); mostly None.
        data: The entries.
    """

    raw: bytes
    header: bytes
    key_length: int
    entries: int
    made_on_reading: bool
    io_bits: int
    starts: npt.NDArray[Any] | None
    displacements: npt.NDArray[Any] | None
    data: bytes


def read_embedded(data: bytes, start: int) -> tuple[EmbeddedBasket, int]:
    """Return the basket at a position in the bytes of its tree, and the position after it.

    Raises:
        BadFileError: It makes no sense.
    """
    _, key_version, _, _, key_length, _ = _KEY.unpack_from(data, start)
    at = start + _KEY.size + (16 if key_version > BIG_KEY else 8)
    for _ in range(3):
        _, at = read_string(data, at)
    version, _, entry_size = _HEAD.unpack_from(data, at)
    at += _HEAD.size
    io_bits = 0
    if entry_size < 0:
        io_bits = data[at]
        at += 1
    entries, last, flag = _TAIL.unpack_from(data, at)
    at += _TAIL.size
    header = data[start : at - 1]
    made_on_reading = flag >= _MADE_ON_READING
    flag -= _MADE_ON_READING if made_on_reading else 0
    starts = displacements = None
    if flag and flag % 10 != _WITHOUT_TABLE and not made_on_reading:
        if entries:
            starts, at = _table(data, at, entries)
        if flag > _DISPLACED:
            displacements, at = _table(data, at, entries)
    if version < _OLDEST or flag not in (0, 1, 2, 11, 12, 51, 52):
        raise BadFileError(f"a basket has version {version} and flag {flag}")
    body = b""
    if flag == 1 or flag > _WITH_BUFFER:
        if not 0 <= key_length <= last or at + last > len(data) or entries < 0:
            raise BadFileError("a basket is longer than its branch")
        body, at = data[at + key_length : at + last], at + last
    basket = EmbeddedBasket(
        data[start:at], header, key_length, entries, made_on_reading, io_bits, starts, displacements, body
    )
    return basket, at


def read_string(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the bytes of the TString at a position, and the position after it."""
    size, at = data[at], at + 1
    if size == 0xFF:  # noqa: PLR2004 - the escape value of the format
        (size,) = struct.unpack_from(">i", data, at)
        at += 4
    if size < 0:
        raise BadFileError("a string has a negative length")
    return data[at : at + size], at + size


def _table(data: bytes, at: int, entries: int) -> tuple[npt.NDArray[Any], int]:
    (count,) = struct.unpack_from(">i", data, at)
    if count != entries:
        raise BadFileError("a basket's table and its entries disagree")
    return np.frombuffer(data, ">i4", count, at + 4), at + 4 + 4 * count


def record(basket: EmbeddedBasket, *, compress: bool) -> tuple[bytes, int]:
    """Return the basket as it stands in a file, position still to be filled in, and its bytes before compression.

    The tables go behind the data, each with one more element, which is 0. Both counts include the key.

    Args:
        basket: It.
        compress: Whether its branch may hold compressed baskets.

    Raises:
        BadFileError: Its key has another length than it says: the starts of its entries would be wrong.
    """
    if len(basket.header) + 1 != basket.key_length:
        raise BadFileError("an embedded basket and its key disagree")
    tables = []
    if basket.starts is not None:
        starts = np.append(basket.starts.astype(np.int32), np.int32(0))
        if basket.io_bits & _SIZES_INSTEAD:
            starts[1:] = np.diff(starts)
            starts[0] = 0
        tables.append(starts)
        if basket.displacements is not None:
            tables.append(np.append(basket.displacements.astype(np.int32), np.int32(0)))
    body = b"".join([basket.data, *(struct.pack(">i", t.size) + t.astype(">i4").tobytes() for t in tables)])
    stored = compressed(body) if compress else body
    header = bytearray(basket.header)
    _, version, _, date, key_length, cycle = _KEY.unpack_from(header)
    _KEY.pack_into(header, 0, key_length + len(stored), version, len(body), date, key_length, cycle)
    flag = bytes((_MADE_ON_READING if basket.made_on_reading else 0,))
    return bytes(header) + flag + stored, key_length + len(body)

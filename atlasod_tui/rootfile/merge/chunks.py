"""A file's baskets in chunks: read once, checked, and given another place for each copy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.adler import adler32
from atlasod_tui.rootfile.inflate import Bytes
from atlasod_tui.rootfile.merge.branches import Integers
from atlasod_tui.rootfile.merge.embedded import BIG_KEY
from atlasod_tui.rootfile.merge.image import Image
from atlasod_tui.rootfile.merge.source import Source
from atlasod_tui.rootfile.records import FILE_BEGIN

CHUNK = 1 << 20  # fits in a core's cache, from which it is written N times
_SEEK_AT, _SEEK_BYTES = 18, 8  # where a key with 64-bit positions says where it is
_FOLDER_AT = _SEEK_AT + _SEEK_BYTES  # and where its directory is; for a basket always the top one
_CLASS_AT = _FOLDER_AT + 8
_CLASS = b"\x07TBasket"
_HEAD = _CLASS_AT + len(_CLASS)
_ENTRIES_FROM_END = 9  # of the header: entries, end of the data, flag
_BLOCK, _MOST_IN_BLOCK = 9, 0xFFFFFF  # header of a compressed block, and how much one holds
_MODULUS = 65521


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """A part of an image, in a buffer that is used again for the next.

    Attributes:
        begin: Where it is in the image.
        data: The bytes; where baskets say where they are is 0 at first.
        fields: Indices of those bytes in ``data``, [baskets, 8].
        offsets: Where these baskets are in the image.
        adler: Adler-32 of the bytes with zeros there.
    """

    begin: int
    data: Bytes
    fields: Integers
    offsets: Integers
    adler: int

    def place(self, base: int) -> tuple[int, int]:
        """Write into the baskets where they are if the image begins at ``base``.

        Returns:
            What this adds to both halves of the checksum. The low half of Adler-32 is a sum of the bytes, the high half
            one of each byte times how many bytes there are from it to the end (RFC 1950): both are linear, so the chunk
            is summed once and each copy adds only what its few patched bytes contribute.
        """
        values = (self.offsets + base).astype(">i8").view(np.uint8).reshape(self.fields.shape)
        self.data[self.fields] = values
        low = int(values.sum(dtype=np.int64))
        high = int(((self.data.size - self.fields) * values).sum())
        return low % _MODULUS, high % _MODULUS


class Sums:
    """Adler-32 checksums of several copies of an image, built up chunk by chunk."""

    def __init__(self, copies: int) -> None:
        self._low = np.ones(copies, np.int64)
        self._high = np.zeros(copies, np.int64)

    def add(self, chunk: Chunk, lows: Integers, highs: Integers) -> None:
        """Append a chunk, to whose checksum each copy adds what `Chunk.place` returned; see `adler.combine`."""
        low = ((chunk.adler & 0xFFFF) + lows) % _MODULUS
        high = ((chunk.adler >> 16) + highs) % _MODULUS
        self._high = (self._high + high + chunk.data.size * (self._low - 1)) % _MODULUS
        self._low = (self._low + low - 1) % _MODULUS

    def values(self) -> list[int]:
        """Return the checksums."""
        return [int(value) for value in self._high << 16 | self._low]


def chunks(source: Source, fd: int, size: int = CHUNK) -> Iterator[Chunk]:
    """Yield the image of a source; the buffer is good until the next chunk is asked for.

    Args:
        source: The file.
        fd: It, opened for reading.
        size: Most bytes of a chunk. Only a basket that is longer is cut.

    Raises:
        BadFileError: It cannot be read, or a basket and the tree disagree.
    """
    image = source.image
    starts = np.concatenate([image.begins, image.record_begins])
    buffer = np.empty(min(size, image.size), np.uint8)
    begin = 0
    while begin < image.size:
        end = _end(starts, begin, size, image.size)
        data = buffer[: end - begin]
        _fill(source, fd, begin, data)
        first, last = np.searchsorted(starts, [begin, end])
        offsets = starts[first:last]
        heads = offsets - begin
        _check(source, data, int(first), heads[: max(0, image.begins.size - int(first))])
        fields = heads[:, None] + np.arange(_SEEK_AT, _SEEK_AT + _SEEK_BYTES)
        data[fields] = 0
        data[fields + _SEEK_BYTES] = np.frombuffer(FILE_BEGIN.to_bytes(8), np.uint8)
        yield Chunk(begin, data, fields, offsets, adler32(data))
        begin = end


def _end(starts: Integers, begin: int, size: int, image_size: int) -> int:
    """Return where a chunk ends: in front of a basket, so that no key is cut."""
    if begin + size >= image_size:
        return image_size
    border = int(starts[np.searchsorted(starts, begin + size, "right") - 1])
    return border if border > begin else begin + size


def _fill(source: Source, fd: int, begin: int, data: Bytes) -> None:
    image = source.image
    in_file = image.size - len(image.records)
    end = begin + data.size
    if begin < in_file:
        for start, stop, position in _stretches(image, begin, min(end, in_file)):
            read(source, fd, position, data[start - begin : stop - begin])
    if end > in_file:
        start = max(begin, in_file)
        data[start - begin :] = np.frombuffer(image.records, np.uint8, end - start, start - in_file)


def _stretches(image: Image, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the parts of a range of the image that lie together in the file: begin, end, and place in the file."""
    first, last = int(np.searchsorted(image.begins, begin, "right")) - 1, int(np.searchsorted(image.begins, end))
    begins = image.begins[first:last]
    moved = image.seeks[first:last] - begins
    borders = np.flatnonzero(np.diff(moved)) + 1
    for start, stop in zip([0, *borders], [*borders, begins.size], strict=True):
        here = max(begin, int(begins[start]))
        there = int(begins[stop]) if stop < begins.size else end
        yield here, there, here + int(moved[start])


def read(source: Source, fd: int, position: int, data: Bytes) -> None:
    """Fill ``data`` with the bytes from a position.

    Raises:
        BadFileError: They cannot be read, or are not there.
    """
    rest = data.data
    while rest:
        try:
            done = os.preadv(fd, [rest], position)
        except OSError as error:
            raise BadFileError(f"{source.name} cannot be read: {error.strerror or error}.") from error
        if not done:
            raise BadFileError(f"{source.name} ended at byte {position} while it was read.")
        rest, position = rest[done:], position + done


def _check(source: Source, data: Bytes, first: int, heads: Integers) -> None:
    """Compare the headers of the baskets that begin in ``data`` with what the tree says of them.

    Raises:
        BadFileError: One differs: the basket would be read as something else.
    """
    if not heads.size:
        return
    image = source.image
    known = slice(first, first + heads.size)
    sizes = image.sizes[known]
    if int((heads + _HEAD).max()) > data.size:
        raise _damage(source, int(image.seeks[known][-1]))
    keys = data[heads[:, None] + np.arange(_HEAD)]
    lengths = _numbers(keys, 14, ">i2")
    good = (_numbers(keys, 0, ">i4") == sizes) & (_numbers(keys, _SEEK_AT, ">i8") == image.seeks[known])
    good &= (lengths > _HEAD) & (lengths <= sizes) & (lengths <= data.size - heads)
    good &= _numbers(keys, 6, ">i4") >= sizes - lengths
    good &= (keys[:, _CLASS_AT:] == np.frombuffer(_CLASS, np.uint8)).all(axis=1)
    good[good] = _check_blocks(data, (heads + lengths)[good], (sizes - lengths)[good], _numbers(keys, 6, ">i4")[good])
    old = _numbers(keys, 4, ">i2") <= BIG_KEY
    if old.any():
        raise BadFileError(
            f"{source.name} has baskets whose keys have 32-bit positions: its version of ROOT is too old, or it is "
            "damaged.",
            "It can be copied with ROOT's hadd first.",
        )
    entries_at = np.where(good, heads + lengths - _ENTRIES_FROM_END, 0)
    entries = data[entries_at[:, None] + np.arange(4)].view(">i4").ravel()
    good &= entries == image.entries[known]
    if not good.all():
        raise _damage(source, int(image.seeks[known][int(np.argmin(good))]))
    if _numbers(keys, _FOLDER_AT, ">u2").any():
        raise BadFileError(f"{source.name} has baskets with references (TRef), which a copy would lose.")


def _check_blocks(data: Bytes, begins: Integers, stored: Integers, wanted: Integers) -> npt.NDArray[np.bool_]:
    """Return whether the first compressed block of each basket fits its key.

    Two letters, a method, and the sizes before and after inflating in three bytes each, least first; blocks hold
    0xffffff bytes but for the last.
    """
    good: npt.NDArray[np.bool_] = stored == wanted  # not compressed
    packed = np.flatnonzero(~good & (begins + _BLOCK <= data.size) & (stored > _BLOCK))
    heads = data[begins[packed, None] + np.arange(_BLOCK)].astype(np.int64)
    inside, size = (heads[:, at] | heads[:, at + 1] << 8 | heads[:, at + 2] << 16 for at in (3, 6))
    alone = wanted[packed] <= _MOST_IN_BLOCK
    fits = np.where(alone, inside + _BLOCK == stored[packed], inside + _BLOCK < stored[packed])
    good[packed] = fits & (size == np.minimum(wanted[packed], _MOST_IN_BLOCK))
    return good


def _numbers(keys: Bytes, at: int, dtype: str) -> Integers:
    width = np.dtype(dtype).itemsize
    return np.ascontiguousarray(keys[:, at : at + width]).view(dtype).ravel().astype(np.int64)


def _damage(source: Source, position: int) -> BadFileError:
    return BadFileError(f"{source.name} is damaged: the basket at byte {position} and its tree disagree.")

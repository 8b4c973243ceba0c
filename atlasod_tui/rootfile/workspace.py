"""Uncompressed baskets in reused buffers, and entry-offset tables made anew instead of inflated.

A basket of vectors ends with a table of where each entry starts. It follows from the vectors' lengths, which stand
before their values as well, and inflating it takes a quarter of a basket's time. So only the data are inflated, the
table is made from the lengths (those of another column of the collection, once one was read), and the Adler-32
checksum of the stream tells whether the whole is what was stored. If it is not, the basket is inflated as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.rootfile.inflate import Bytes, buffer, inflate, inflate_beginning, matches_checksum

Integers = npt.NDArray[np.int64]

_PATIENCE = 3  # so many tables may be other than expected before all are inflated


class Vectors(NamedTuple):
    """What a basket holds: how many vectors, of how many bytes a value, and the length of its key."""

    entries: int
    item: int
    key_length: int


class Workspace:
    """What the readers of one file share that belong to one thread.

    The buffers are used again for every basket, so that they stay in the processor's cache: a fifth of the time of
    inflating is waiting for memory otherwise.

    Attributes:
        fetched: Baskets that are here already, as they are stored, by their address.
    """

    def __init__(self) -> None:
        self.fetched: Mapping[int, bytes] = {}
        self._stored = np.empty(0, np.uint8)
        self._raw = np.empty(0, np.uint8)
        self._failures = 0

    def stored(self, file: RootFile, address: int, size: int) -> Bytes:
        """Return a basket as it is stored, good until the next one.

        Raises:
            BadFileError: If the file does not have it.
        """
        here = self.fetched.get(address)
        if here is not None and len(here) == size:
            return np.frombuffer(here, np.uint8)
        if size > self._stored.size:
            self._stored = np.empty(size, np.uint8)
        data = self._stored[:size]
        file.read_into(address, data)
        return data

    def inflate(self, data: Bytes, size: int) -> Bytes:
        """Return the ``size`` bytes that a basket holds, good until the next one."""
        return inflate(data, self._room(data, size))

    def inflate_vectors(self, data: Bytes, size: int, border: int, vectors: Vectors, like: Integers | None) -> Bytes:
        """Return the data of a basket of vectors, without inflating its table where that can be avoided.

        Args:
            data: The compressed blocks.
            size: Uncompressed length of the whole.
            border: Where the data end and the table begins.
            vectors: What the basket holds.
            like: Offsets of a column that probably has the same lengths: the table follows from them many times faster.
        """
        from atlasod_tui.rootfile.decode import entry_table, entry_table_like  # noqa: PLC0415 - numba: runners only

        if size == border + 4 * (vectors.entries + 2) and self._failures <= _PATIENCE:
            out = self._room(data, size)
            if inflate_beginning(data, out, border):
                address = out.ctypes.data
                if like is not None:
                    entry_table_like(like, vectors.item, vectors.key_length, address + border)
                    if matches_checksum(data, out):
                        return out[:border]
                entry_table(address, border, vectors.item, vectors.entries, vectors.key_length)
                if matches_checksum(data, out):
                    return out[:border]
                self._failures += 1
        return self.inflate(data, size)[:border]

    def _room(self, data: Bytes, size: int) -> Bytes:
        if size < 0:
            raise BadFileError("its size is negative")
        if size > self._raw.size:
            self._raw = buffer(size, data.size)
        return self._raw[:size]

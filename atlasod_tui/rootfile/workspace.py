"""Uncompressed baskets in reused buffers, and entry-offset tables made anew instead of inflated.

A basket of vectors ends with a table of where each entry starts. It follows from the vectors' lengths, which stand
before their values as well, and inflating it takes a quarter of a basket's time. So only the data are inflated, the
table is made from the lengths (those of a column of the same collection that was read before), and the Adler-32
checksum of the stream tells whether the whole is what was stored. If it is not, the basket is inflated as usual.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.inflate import Bytes, buffer, inflate, inflate_beginning, matches_checksum

_KEPT = 32
_PATIENCE = 3  # so many baskets of a collection may disagree before it is given up

Key = tuple[str, int, int, int]
"""Collection, first entry, end, bytes of a value: what decides the table, but for the key's length."""


class Workspace:
    """What the readers of one file share that belong to one thread.

    The buffers are used again for every basket, so that they stay in the processor's cache: a fifth of the time of
    inflating is waiting for memory otherwise.
    """

    def __init__(self) -> None:
        self._stored = np.empty(0, np.uint8)
        self._raw = np.empty(0, np.uint8)
        self._starts: dict[Key, npt.NDArray[np.int32]] = {}
        self._failures: dict[str, int] = {}

    def stored(self, size: int) -> Bytes:
        """Return a buffer for a basket as it is stored, good until the next one."""
        if size > self._stored.size:
            self._stored = np.empty(size, np.uint8)
        return self._stored[:size]

    def inflate(self, data: Bytes, size: int) -> Bytes:
        """Return the ``size`` bytes that a basket holds, good until the next one."""
        if size > self._raw.size:
            self._raw = buffer(size, data.size)
        if size < 0:
            raise BadFileError("its size is negative")
        return inflate(data, self._raw[:size])

    def inflate_vectors(self, data: Bytes, size: int, border: int, key_length: int, key: Key) -> Bytes:
        """Return the data of a basket of vectors, without inflating its table where that can be avoided.

        Args:
            data: The compressed blocks.
            size: Uncompressed length of the whole.
            border: Where the data end and the table begins.
            key_length: What the table adds to each start.
            key: What the basket holds.
        """
        if size == border + 4 * (key[2] - key[1] + 2) and self._failures.get(key[0], 0) <= _PATIENCE:
            if size > self._raw.size:
                self._raw = buffer(size, data.size)
            out = self._raw[:size]
            if inflate_beginning(data, out, border):
                self._write_table(out, border, key_length, key)
                if matches_checksum(data, out):
                    return out[:border]
                self._failures[key[0]] = self._failures.get(key[0], 0) + 1
        return self.inflate(data, size)[:border]

    def _write_table(self, out: Bytes, border: int, key_length: int, key: Key) -> None:
        from atlasod_tui.rootfile.decode import entry_starts, entry_table  # noqa: PLC0415 - numba is for runners only

        starts = self._starts.get(key)
        if starts is None:
            starts = np.zeros(key[2] - key[1], np.int32)
            entry_starts(out.ctypes.data, border, key[3], starts)
            while len(self._starts) >= _KEPT:
                del self._starts[next(iter(self._starts))]
            self._starts[key] = starts
        entry_table(starts, key_length, out.ctypes.data + border)

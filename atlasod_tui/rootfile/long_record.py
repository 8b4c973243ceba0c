"""Objects whose records are longer than memory should hold: the long arrays in them stay in the file until wanted."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.streamed import Reader

if TYPE_CHECKING:
    import numpy.typing as npt

    from atlasod_tui.rootfile.container import Key, RootFile

_LONG_RECORD = 1 << 20
_LONG_ARRAY = 1 << 12
_WINDOW = 1 << 14  # bytes that are read together; more than any member other than an array has


class FarArray(NamedTuple):
    """An array that was not read: where in the file it is."""

    file: RootFile
    start: int
    dtype: str
    length: int

    def load(self) -> npt.NDArray[Any]:
        """Return its values."""
        return np.frombuffer(self.file.read(self.start, self.length * np.dtype(self.dtype).itemsize), self.dtype)


def reader(file: RootFile, key: Key) -> Reader:
    """Return a cursor at the start of an object; of a long one that is not compressed, long arrays are `FarArray`."""
    if key.object_length < _LONG_RECORD or key.stored - key.key_length != key.object_length:
        return file.reader(key)
    file.check(key)
    return _LongReader(file, key)


class _Room(mmap.mmap):
    """Room for a whole record; what is never written to takes no memory."""

    def index(self, what: bytes, start: int) -> int:
        at = self.find(what, start)
        if at < 0:
            raise BadFileError("a string is longer than its record")
        return at


class _LongReader(Reader):
    """Has the bytes around the cursor in memory when they are asked for."""

    def __init__(self, file: RootFile, key: Key) -> None:
        self._file, self._start = file, key.address + key.key_length
        self._room = _Room(-1, key.object_length)
        self._there: set[int] = set()
        super().__init__(b"", key.key_length, file.streamers())

    @property
    def data(self) -> Any:
        """The record, of which at least a window behind the cursor is there."""
        first = self.pos // _WINDOW
        for number in (first, first + 1):
            start = number * _WINDOW
            if number not in self._there and start < len(self._room):
                size = min(_WINDOW, len(self._room) - start)
                self._room[start : start + size] = self._file.read(self._start + start, size)
                self._there.add(number)
        return self._room

    @data.setter
    def data(self, _: bytes) -> None:
        pass

    def array(self, dtype: str, count: int) -> Any:
        """Read a short array, or return where a long one is."""
        size = count * np.dtype(dtype).itemsize
        if size < _LONG_ARRAY:
            return super().array(dtype, count)
        if self.pos + size > len(self._room):
            raise BadFileError("an array is longer than its record")
        far = FarArray(self._file, self._start + self.pos, dtype, count)
        self.pos += size
        return far

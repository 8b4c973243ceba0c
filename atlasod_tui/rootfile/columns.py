"""Columns of a tree: any run of entries as flat numpy arrays, each basket read and inflated once."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.container import DAMAGE
from atlasod_tui.rootfile.inflate import Bytes
from atlasod_tui.rootfile.tree import MOST_IN_A_BASKET, Basket, Branch, Integers, Tree
from atlasod_tui.rootfile.workspace import Vectors, Workspace

_VECTOR_HEADER = 10  # byte count, version and length before each vector's values
_KEY = struct.Struct(">ihiIhh")  # stored bytes, version, object length, date, key length, cycle
_BASKET_TAIL = struct.Struct(">ii")  # entries, end of the data; the last fields of the basket's key but for a flag
_BASKET_TAIL_FROM_END = 9
_PAIR = 2  # `vectors_like` copies values in pairs: room for one more than there are


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one branch for a run of entries.

    Attributes:
        values: Native byte order, [values].
        offsets: For vectors and arrays, where each entry starts in ``values`` and the end, int64 [entries + 1]; None
            for scalars.
    """

    values: npt.NDArray[Any]
    offsets: Integers | None


class ColumnReader:
    """Reads one branch; keeps a basket that a run ended in. One reader per thread.

    Args:
        tree: The tree, whose file stays open while the reader is used.
        name: The branch.
        workspace: One for all readers of a file that a thread has.

    Raises:
        BadFileError: If there is no such branch or its type is neither a number nor a vector or array of numbers.
    """

    def __init__(self, tree: Tree, name: str, workspace: Workspace) -> None:
        self._tree = tree
        self._workspace = workspace
        self.branch: Branch = tree.branch(name)
        if self.branch.shape is None:
            raise BadFileError(
                f"branch {name!r} in {tree.path.name} is {self.branch.type_name!r}, which cannot be read"
            )
        self._dtype = np.dtype(self.branch.dtype)
        self._starts = [basket.start for basket in self.branch.baskets]
        self._kept: tuple[Basket, Column] | None = None
        self._counts = ColumnReader(tree, self.branch.counter, workspace) if self.branch.counter else None

    def read(self, start: int, stop: int, like: Integers | None = None) -> Column:
        """Return entries ``start`` to ``stop`` of the branch.

        Args:
            like: Offsets of another vector column of the same entries, which this one probably shares: if it does,
                they are returned instead of equal ones.

        Raises:
            BadFileError: If a basket is damaged; the sentence names branch and entry.
        """
        if not 0 <= start <= stop <= self.branch.entries:
            raise ValueError(f"entries {start} to {stop} of {self.branch.entries}")
        if self.branch.shape == "scalar":
            return self._scalars(start, stop)
        if like is not None and like.size == stop - start + 1:
            if self._counts is not None:
                column = self._vectors(start, stop)
                same = column.offsets is not None and np.array_equal(column.offsets, like)
                return Column(column.values, like) if same else column
            values = self._values_like(start, stop, like)
            if values is not None:
                return Column(values, like)
        return self._vectors(start, stop)

    def _pieces(self, start: int, stop: int) -> Iterator[tuple[Basket, int, int]]:
        index = bisect_right(self._starts, start) - 1
        while start < stop:
            basket = self.branch.baskets[index]
            end = min(stop, basket.stop)
            yield basket, start, end
            start, index = end, index + 1

    def _scalars(self, start: int, stop: int) -> Column:
        values = np.empty(stop - start, self._dtype)
        for basket, first, end in self._pieces(start, stop):
            target = values[first - start : end - start]
            if (first, end) == (basket.start, basket.stop):
                target[:] = self._scalar_basket(basket)
            else:
                whole = self._keep(basket)
                target[:] = whole.values[first - basket.start : end - basket.start]
        return Column(values, None)

    def _scalar_basket(self, basket: Basket) -> npt.NDArray[Any]:
        data = self._data(basket)
        if data.size != (basket.stop - basket.start) * self._dtype.itemsize:
            raise self._damage(basket.start, f"it holds {data.size} bytes")
        return data.view(self._dtype.newbyteorder(">"))

    def _vectors(self, start: int, stop: int) -> Column:
        parts = []
        for basket, first, end in self._pieces(start, stop):
            whole = (first, end) == (basket.start, basket.stop)
            column = self._vector_basket(basket) if whole else self._keep(basket)
            parts.append(_cut(column, first - basket.start, end - basket.start))
        return _joined(parts, self._dtype)

    def _keep(self, basket: Basket) -> Column:
        """Return a basket of which only a part is wanted now, the rest probably next."""
        if self._kept is None or self._kept[0] is not basket:
            if self.branch.shape == "scalar":
                column = Column(self._scalar_basket(basket).astype(self._dtype), None)
            else:
                column = self._vector_basket(basket)
            self._kept = (basket, column)
        return self._kept[1]

    def _vector_basket(self, basket: Basket) -> Column:
        if self._counts is not None:
            return self._array_basket(basket, self._counts)
        from atlasod_tui.rootfile.decode import vectors  # noqa: PLC0415 - numba is for runners only

        data, entries = self._data(basket), basket.stop - basket.start
        values = np.empty(self._count(basket, data), self._dtype)
        offsets = np.zeros(entries + 1, np.int64)
        bad = vectors(data.ctypes.data, data.size, self._dtype.itemsize, values.view(np.uint8), offsets[1:])
        if bad >= 0:
            raise self._damage(basket.start + bad, "a vector's length is not what its basket says")
        return Column(values, offsets)

    def _array_basket(self, basket: Basket, counts: ColumnReader) -> Column:
        """Return a basket of arrays, which says nothing of their lengths but where they start."""
        lengths = counts.read(basket.start, basket.stop).values
        if not 0 <= int(lengths.min()) <= int(lengths.max()) < MOST_IN_A_BASKET:
            raise self._damage(
                basket.start, f"{self.branch.counter!r} counts {lengths.min()} to {lengths.max()} values"
            )
        offsets = np.zeros(lengths.size + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        data = self._data(basket, offsets)
        if data.size != int(offsets[-1]) * self._dtype.itemsize:
            raise self._damage(basket.start, f"it does not hold as many values as {self.branch.counter!r} says")
        return Column(data.view(self._dtype.newbyteorder(">")).astype(self._dtype), offsets)

    def _values_like(self, start: int, stop: int, like: Integers) -> npt.NDArray[Any] | None:
        """Return the values if every entry has the length it has in another column, and no basket is cut."""
        from atlasod_tui.rootfile.decode import vectors_like  # noqa: PLC0415 - numba is for runners only

        pieces = list(self._pieces(start, stop))
        if any((first, end) != (basket.start, basket.stop) for basket, first, end in pieces):
            return None
        values = np.empty(int(like[-1]) + _PAIR, self._dtype)
        raw, item = values.view(np.uint8), self._dtype.itemsize
        for basket, first, end in pieces:
            offsets = like[first - start : end - start + 1]
            data = self._data(basket, offsets)
            if not vectors_like(data.ctypes.data, data.size, item, raw[item * int(offsets[0]) :], offsets):
                return None
        return values[:-_PAIR]

    def _count(self, basket: Basket, data: Bytes) -> int:
        size = data.size - _VECTOR_HEADER * (basket.stop - basket.start)
        if size < 0 or size % self._dtype.itemsize:
            raise self._damage(basket.start, "it is too short for its entries")
        return size // self._dtype.itemsize

    def _data(self, basket: Basket, like: Integers | None = None) -> Bytes:
        """Return a basket's data without its entry-offset table; good until the next basket is asked for."""
        try:
            if basket.embedded is not None:
                return np.frombuffer(basket.embedded, np.uint8)
            return self._stored(basket, like)
        except BadFileError as error:
            raise self._damage(basket.start, error.message) from error
        except DAMAGE as error:
            raise self._damage(basket.start, "its header makes no sense") from error

    def _stored(self, basket: Basket, like: Integers | None) -> Bytes:
        data = self._workspace.stored(self._tree.file, basket.address, basket.stored)
        stored, _, object_length, _, key_length, _ = _KEY.unpack_from(data.data)
        entries, last = _BASKET_TAIL.unpack_from(data.data, key_length - _BASKET_TAIL_FROM_END)
        border = last - key_length
        if stored != basket.stored or entries != basket.stop - basket.start:
            raise BadFileError("its header and the tree disagree")
        if not 0 <= border <= object_length or not 0 < key_length <= stored:
            raise BadFileError("its data end outside of it")
        if self.branch.shape == "scalar":
            return self._workspace.inflate(data[key_length:], object_length)[:border]
        if self._counts is not None and like is not None:
            whole = self._workspace.inflate(data[key_length:], object_length)
            self._check_table(whole[border:], like * self._dtype.itemsize + key_length)
            return whole[:border]
        vectors = Vectors(entries, self._dtype.itemsize, key_length)
        return self._workspace.inflate_vectors(data[key_length:], object_length, border, vectors, like)

    def _check_table(self, table: Bytes, starts: Integers) -> None:
        """Compare the table behind the data of a basket with where the entries start if their lengths are right."""
        entries = starts.size - 1
        if not table.size:  # ROOT can be told to leave it out
            return
        if table.size != 4 * (entries + 2):
            raise BadFileError("its table of entries has another length than it should")
        numbers = table.view(">i4")
        if numbers[0] != entries + 1 or not np.array_equal(numbers[1:-1], starts[:-1]):
            raise BadFileError(f"its entries are not as long as {self.branch.counter!r} says")

    def _damage(self, entry: int, what: str) -> BadFileError:
        where = f"branch {self.branch.name!r}, basket or entry at {entry}"
        return BadFileError(f"{self._tree.path.name} is damaged: {where}: {what}")


def _cut(column: Column, start: int, stop: int) -> Column:
    if column.offsets is None or (start, stop) == (0, column.offsets.size - 1):
        return column
    first, last = int(column.offsets[start]), int(column.offsets[stop])
    return Column(column.values[first:last], column.offsets[start : stop + 1] - first)


def _joined(parts: list[Column], dtype: np.dtype[Any]) -> Column:
    if len(parts) == 1:
        return parts[0]
    offsets = [np.zeros(1, np.int64)]
    done = 0
    for part in parts:
        if part.offsets is not None:
            offsets.append(part.offsets[1:] + done)
            done += int(part.offsets[-1])
    return Column(np.concatenate([np.empty(0, dtype), *(part.values for part in parts)]), np.concatenate(offsets))

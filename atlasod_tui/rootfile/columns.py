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
from atlasod_tui.rootfile.inflate import Bytes, inflate
from atlasod_tui.rootfile.tree import Basket, Branch, Integers, Tree

_KEY = struct.Struct(">ihiIhh")  # stored bytes, version, object length, date, key length, cycle
_BASKET_TAIL = struct.Struct(">ii")  # entries, end of the data; the last fields of the basket's key but for a flag
_BASKET_TAIL_FROM_END = 9
_VECTOR_HEADER = 10  # byte count, version and length before each vector's values


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one branch for a run of entries.

    Attributes:
        values: Native byte order, [values].
        offsets: For vectors, where each entry starts in ``values`` and the end, int64 [entries + 1]; else None.
    """

    values: npt.NDArray[Any]
    offsets: Integers | None


@dataclass(frozen=True, slots=True)
class _Opened:
    """An uncompressed basket: its bytes, their address, where the data end, and where each vector entry starts."""

    raw: Bytes
    address: int
    border: int
    starts: Any
    shift: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive vector entries of one basket: where they lie in it, and how many values they hold."""

    opened: _Opened
    first_entry: int
    entries: int
    start: int
    stop: int
    values: int


class ColumnReader:
    """Reads one branch; keeps the last basket, so that runs may end inside one. One reader per thread.

    Args:
        tree: The tree, whose file stays open while the reader is used.
        name: The branch.

    Raises:
        BadFileError: If there is no such branch or its type is neither a number nor a vector of numbers.
    """

    def __init__(self, tree: Tree, name: str) -> None:
        self._tree = tree
        self.branch: Branch = tree.branch(name)
        if self.branch.shape is None:
            raise BadFileError(f"branch {name!r} in {tree.path.name} is {self.branch.type_name}, which cannot be read")
        self._dtype = np.dtype(self.branch.dtype)
        self._starts = [basket.start for basket in self.branch.baskets]
        self._kept: tuple[Basket, _Opened] | None = None

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
        if self.branch.shape == "vector":
            return self._vectors([self._run(*piece) for piece in self._pieces(start, stop)], like)
        return self._scalars(list(self._pieces(start, stop)), stop - start)

    def _pieces(self, start: int, stop: int) -> Iterator[tuple[Basket, int, int]]:
        index = bisect_right(self._starts, start) - 1
        while start < stop:
            basket = self.branch.baskets[index]
            end = min(stop, basket.stop)
            yield basket, start - basket.start, end - basket.start
            start, index = end, index + 1

    def _open(self, basket: Basket) -> _Opened:
        if self._kept is None or self._kept[0] is not basket:
            try:
                opened = self._embedded(basket) if basket.embedded else self._stored(basket)
            except DAMAGE as error:
                raise self._damage(basket.start, "its header makes no sense") from error
            except BadFileError as error:
                raise self._damage(basket.start, error.message) from error
            self._kept = (basket, opened)
        return self._kept[1]

    def _stored(self, basket: Basket) -> _Opened:
        data = self._tree.file.read(basket.address, basket.stored)
        stored, _, object_length, _, key_length, _ = _KEY.unpack_from(data)
        entries, last = _BASKET_TAIL.unpack_from(data, key_length - _BASKET_TAIL_FROM_END)
        if stored != basket.stored or entries != basket.stop - basket.start:
            raise BadFileError("its header and the tree disagree")
        raw = inflate(data, key_length, stored, object_length)
        border = last - key_length
        if not 0 <= border <= raw.size:
            raise BadFileError("its data end outside of it")
        starts = None
        if self.branch.shape == "vector":
            # A length that counts one more than the entries, then where each starts, counted from the key.
            starts = np.frombuffer(raw, ">i4", entries, border + 4)
        return _Opened(raw, raw.ctypes.data, border, starts, key_length)

    def _embedded(self, basket: Basket) -> _Opened:
        inside = basket.embedded
        if inside is None:
            raise BadFileError("it is not embedded")
        raw = np.frombuffer(inside.data, np.uint8)[inside.key_length :]
        if self.branch.shape == "vector" and len(inside.entry_offsets) < basket.stop - basket.start:
            raise BadFileError("it has too few entry offsets")
        return _Opened(raw, raw.ctypes.data, raw.size, inside.entry_offsets, inside.key_length)

    def _scalars(self, pieces: list[tuple[Basket, int, int]], entries: int) -> Column:
        values = np.empty(entries, self._dtype)
        item, done = self._dtype.itemsize, 0
        for basket, start, stop in pieces:
            opened = self._open(basket)
            if opened.border != (basket.stop - basket.start) * item:
                raise self._damage(basket.start, f"it holds {opened.border} bytes")
            source = opened.raw[start * item : stop * item].view(self._dtype.newbyteorder(">"))
            values[done : done + stop - start] = source
            done += stop - start
        return Column(values, None)

    def _run(self, basket: Basket, start: int, stop: int) -> _Run:
        opened = self._open(basket)
        begin = int(opened.starts[start]) - opened.shift
        end = opened.border if stop == basket.stop - basket.start else int(opened.starts[stop]) - opened.shift
        size = end - begin - _VECTOR_HEADER * (stop - start)
        if begin < 0 or size < 0 or end > opened.border or size % self._dtype.itemsize:
            raise self._damage(basket.start, "its entry offsets make no sense")
        return _Run(opened, basket.start + start, stop - start, begin, end, size // self._dtype.itemsize)

    def _vectors(self, runs: list[_Run], like: Integers | None) -> Column:
        from atlasod_tui.rootfile.decode import vectors, vectors_like  # noqa: PLC0415 - numba is for runners only

        item = self._dtype.itemsize
        values = np.empty(sum(run.values for run in runs), self._dtype)
        raw = values.view(np.uint8)
        entries = sum(run.entries for run in runs)
        offsets = np.zeros(entries + 1, np.int64) if like is None or like.size != entries + 1 else like
        done = entry = 0
        for run in runs:
            target = raw[done * item : (done + run.values) * item]
            place = (run.opened.address, run.start, run.stop, item, target)
            if offsets is like:
                if not vectors_like(*place, offsets[entry : entry + run.entries + 1]):
                    return self._vectors(runs, None)
            else:
                bad = vectors(*place, done, offsets[entry + 1 : entry + 1 + run.entries])
                if bad >= 0:
                    raise self._damage(run.first_entry + bad, "a vector's length is not what its basket says")
            done, entry = done + run.values, entry + run.entries
        return Column(values, offsets)

    def _damage(self, entry: int, what: str) -> BadFileError:
        where = f"branch {self.branch.name!r}, basket or entry at {entry}"
        return BadFileError(f"{self._tree.path.name} is damaged: {where}: {what}")

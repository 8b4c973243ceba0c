"""A tree of several copies: the edits of its nodes. Which members change, and how, is what ROOT's TTreeCloner does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile.merge.branches import Clusters, Column, Integers
from atlasod_tui.rootfile.merge.emission import Edits, edit
from atlasod_tui.rootfile.merge.nodes import Block, Collection, Pointed, UnknownLayoutError
from atlasod_tui.rootfile.merge.source import Place, Source
from atlasod_tui.rootfile.merge.structure import branches, leaves
from atlasod_tui.rootfile.streamed import BASIC, NUMPY, POINTER_ARRAY, Element

_LEAST_SLOTS = 10  # of the tables of baskets (TBranch::Streamer)
_CHUNK = 1 << 17  # numbers of a table that are made at once


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A file as often as it comes in a row.

    Attributes:
        bases: Where the image of each copy begins in the output, int64 [copies].
    """

    source: Source
    bases: Integers

    @property
    def count(self) -> int:
        """How many copies."""
        return self.bases.size


class Tiled:
    """A table of numbers that repeat in each copy, with something added; made while it is written.

    Args:
        dtype: Of a number in the file.
        pieces: For each run the numbers of one copy, and what to add for each copy.
        tail: Numbers behind those of the copies.
        room: How many numbers there are in all; zeros fill up.
    """

    def __init__(self, dtype: str, pieces: Sequence[tuple[Integers, Integers]], tail: Sequence[int], room: int) -> None:
        self._dtype = np.dtype(dtype)
        self._pieces = pieces
        self._tail = tail
        self.size = room
        self.nbytes = room * self._dtype.itemsize
        largest = [int(numbers.max()) + int(bases.max()) for numbers, bases in pieces if numbers.size]
        if max([*largest, *tail], default=0) > np.iinfo(self._dtype).max:
            raise AtlasodError(
                "The output would need larger numbers than the old version of TBranch in its source has.",
                "Take fewer copies.",
            )

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, ``nbytes`` in all."""
        written = 0
        for numbers, bases in self._pieces:
            step = max(1, _CHUNK // max(1, numbers.size))
            for start in range(0, bases.size if numbers.size else 0, step):
                block = numbers[None, :] + bases[start : start + step, None]
                yield block.astype(self._dtype).tobytes()
                written += block.size
        end = np.zeros(self.size - written, self._dtype)
        end[: len(self._tail)] = self._tail
        yield end.tobytes()


def merged(tree: Pointed, place: Place, runs: Sequence[Run]) -> tuple[Edits, int]:
    """Return what changes in the tree of the first run when it is that of all, and its entries.

    Raises:
        AtlasodError: There are too many entries or baskets for this version of the tree.
    """
    block = tree.block()
    tables = [run.source.trees[place].tables for run in runs]
    counts = [run.count for run in runs]
    firsts = _firsts([table.entries for table in tables], counts)
    total = sum(table.entries * count for table, count in zip(tables, counts, strict=True))
    edits: Edits = {}
    sums = {"fEntries": total, "fSavedBytes": 0}
    for member, value in (("fTotBytes", "total_bytes"), ("fZipBytes", "zip_bytes"), ("fFlushedBytes", "flushed_bytes")):
        sums[member] = sum(int(getattr(table, value)) * count for table, count in zip(tables, counts, strict=True))
    for member, number in sums.items():
        if block.has(member):
            edit(edits, block, member, number)
    _drop_index(edits, block)
    if sum(counts) > 1:
        _edit_clusters(
            edits, block, [(table.clusters, table.entries, first) for table, first in zip(tables, firsts, strict=True)]
        )
    for address, branch in branches(block):
        columns = [table.columns[address] for table in tables]
        _edit_branch(edits, branch.block(), columns, runs, firsts)
    return edits, total


def _firsts(entries: list[int], counts: list[int]) -> list[Integers]:
    """Return the first entry of each copy in each run."""
    firsts, done = [], 0
    for number, count in zip(entries, counts, strict=True):
        firsts.append(done + number * np.arange(count, dtype=np.int64))
        done += number * count
    return firsts


def _drop_index(edits: Edits, tree: Block) -> None:
    """Drop what finds an entry by run and event number: there are several of each now."""
    edit(edits, tree, "fTreeIndex", None)
    for member in ("fIndexValues", "fIndex"):
        if tree.has(member):
            edit(edits, tree, member, tree[member][:0])


def _edit_clusters(edits: Edits, tree: Block, parts: Sequence[tuple[Clusters, int, Integers]]) -> None:
    if not tree.has("fClusterRangeEnd"):
        return
    ends, sizes, auto_flush = merged_clusters(parts)
    for member, numbers in (("fClusterRangeEnd", ends), ("fClusterSize", sizes)):
        edit(edits, tree, member, numbers.astype(_table_type(tree, member)) if numbers.size else None)
    edit(edits, tree, "fNClusterRange", ends.size)
    edit(edits, tree, "fAutoFlush", auto_flush)


def merged_clusters(parts: Sequence[tuple[Clusters, int, Integers]]) -> tuple[Integers, Integers, int]:
    """Return the last entry and the cluster size of each range, and the size of the clusters behind (fAutoFlush).

    A file contributes its own ranges, then what is behind them in clusters of its fAutoFlush, or as one cluster where
    that is not positive. Ranges that end with a whole cluster are joined with those behind of the same size. How ROOT
    reads the ranges: TTree::TClusterIterator.

    Args:
        parts: For each run the clusters of a copy, its entries, and the first entry of each copy.
    """
    all_ends, all_sizes = [], []
    auto_flush = 0
    for clusters, entries, firsts in parts:
        ends, sizes = clusters.ends, clusters.sizes
        behind = int(ends[-1]) + 1 if ends.size else 0
        if behind < entries:
            size = clusters.auto_flush if clusters.auto_flush > 0 else entries - behind
            ends, sizes = np.append(ends, entries - 1), np.append(sizes, size)
        all_ends.append((firsts[:, None] + ends[None, :]).ravel())
        all_sizes.append(np.tile(sizes, firsts.size))
        auto_flush = clusters.auto_flush
    ends, sizes = np.concatenate(all_ends), np.concatenate(all_sizes)
    lengths = np.diff(ends, prepend=-1)
    kept = np.ones(ends.size, np.bool_)
    whole = lengths[:-1] % np.maximum(sizes[:-1], 1) == 0
    kept[:-1] = (sizes[:-1] != sizes[1:]) | (sizes[:-1] <= 0) | ~whole
    if kept.size and auto_flush > 0 and int(sizes[-1]) == auto_flush:
        kept[-1] = False  # the rest of the tree has clusters of this size anyway
    return ends[kept], sizes[kept], auto_flush


def _edit_branch(
    edits: Edits, branch: Block, columns: Sequence[Column], runs: Sequence[Run], firsts: Sequence[Integers]
) -> None:
    counts = [run.count for run in runs]
    baskets = sum(column.starts.size * count for column, count in zip(columns, counts, strict=True))
    entries = sum(column.entries * count for column, count in zip(columns, counts, strict=True))
    slots = max(_LEAST_SLOTS, baskets + 1)
    nothing = [np.zeros(count, np.int64) for count in counts]
    offsets = [run.source.image.offsets[column] for run, column in zip(runs, columns, strict=True)]
    tables: tuple[tuple[str, list[Integers], Sequence[Integers], list[int]], ...] = (
        ("fBasketBytes", [column.sizes for column in columns], nothing, []),
        ("fBasketEntry", [column.starts for column in columns], firsts, [entries] if baskets else []),
        ("fBasketSeek", offsets, [run.bases for run in runs], []),
    )
    for member, numbers, bases, tail in tables:
        pieces = list(zip(numbers, bases, strict=True))
        edit(edits, branch, member, Tiled(_table_type(branch, member), pieces, tail, slots))
    inside: Collection = branch["fBaskets"]
    empty = Collection(inside.version, inside.tobject, inside.name, inside.lower, [], [])
    values = {
        "fBaskets": empty,
        "fMaxBaskets": slots,
        "fWriteBasket": baskets,
        "fEntries": entries,
        "fEntryNumber": entries,
        "fTotBytes": sum(column.total_bytes * count for column, count in zip(columns, counts, strict=True)),
        "fZipBytes": sum(column.zip_bytes * count for column, count in zip(columns, counts, strict=True)),
        # ROOT chooses its buffer by the level: a branch of level 0 must not hold compressed baskets.
        "fCompress": next((c.compression for c in columns if c.compression % 100 > 0), columns[0].compression),
        **{name: max(column.numbers[name] for column in columns) for name in columns[0].numbers},
    }
    for member, value in values.items():
        edit(edits, branch, member, value)
    for index, leaf in enumerate(leaves(branch)):
        _edit_leaf(edits, leaf, [column.limits[index] for column in columns])


def _edit_leaf(edits: Edits, leaf: Pointed, limits: Sequence[dict[str, float]]) -> None:
    for member, choose in (("fMinimum", min), ("fMaximum", max), ("fLen", max)):
        if member in limits[0]:
            edit(edits, leaf.block(), member, choose(limit[member] for limit in limits))


def _table_type(block: Block, member: str) -> str:
    """Return the numpy type of an array member."""
    owner = block.owner(member)
    for element in owner.layout if owner is not None else ():
        if isinstance(element, Element) and element.name == member and element.kind - POINTER_ARRAY in BASIC:
            return NUMPY[BASIC[element.kind - POINTER_ARRAY]]
    raise UnknownLayoutError(f"{member} of class {block.class_name} is no array of numbers")

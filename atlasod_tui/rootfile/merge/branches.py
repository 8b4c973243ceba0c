"""What a tree of one file says about its branches: the tables of baskets, and the numbers that are added up."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.merge.embedded import EmbeddedBasket, record
from atlasod_tui.rootfile.merge.emission import emit, joined
from atlasod_tui.rootfile.merge.nodes import Block, Pointed, UnknownLayoutError
from atlasod_tui.rootfile.merge.structure import Address, Forms, branches, form, leaves

Integers = npt.NDArray[np.int64]

_CLASSES = frozenset({"TBranch", "TBranchElement", "TBranchObject"})
_OLDEST_BRANCH, _OLDEST_TREE = 10, 5  # older ones have streamers of their own
_MOST_IN_A_BASKET = 1 << 31
_CANNOT = "It can be copied with ROOT's hadd first."
_NUMBERED = ("fMinimum", "fMaximum")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A branch of one file.

    Attributes:
        entries: How many it has: those of the tree, or none where only the branches below have data.
        starts: First entry of each basket.
        sizes: Bytes of each basket's record.
        seeks: Where the record is in the file; 0 for one that is embedded.
        records: The records of the embedded ones, in order; positions are still to be filled in.
        total_bytes, zip_bytes: Of its baskets before and after compression, keys included.
        numbers: Of the members that become the greatest of all files.
        limits: The least and the greatest value of each leaf, and its length.
        compression: ROOT's setting: 100 times the method, plus the level.
    """

    entries: int
    starts: Integers
    sizes: Integers
    seeks: Integers
    records: tuple[bytes, ...]
    total_bytes: int
    zip_bytes: int
    numbers: dict[str, int]
    limits: tuple[dict[str, Any], ...]
    compression: int


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """The runs of entries whose baskets end together.

    Attributes:
        ends: Last entry of each range, counted from the tree's first.
        sizes: Entries of a cluster in that range; 0 where ROOT makes an estimate.
        auto_flush: Those of the clusters behind the ranges; 0 or less: none were made.
    """

    ends: Integers
    sizes: Integers
    auto_flush: int


@dataclass(frozen=True, slots=True, eq=False)
class TreeTables:
    """A tree of one file, without its nodes.

    Attributes:
        entries: How many it has.
        flushed_bytes: fFlushedBytes.
        clusters: Its clusters.
        forms: How its branches store values.
        columns: The branches' baskets and numbers.
        indexed: Whether it has an index.
        total_bytes, zip_bytes: Of its baskets before and after compression, keys included.
        keepsakes: Aliases, user information and weight, which are taken from the first file: a hash.
    """

    entries: int
    flushed_bytes: int
    clusters: Clusters
    forms: Forms
    columns: dict[Address, Column]
    indexed: bool
    total_bytes: int
    zip_bytes: int
    keepsakes: bytes


def read_tables(tree: Block, where: str) -> TreeTables:
    """Return what a tree says of its baskets.

    Args:
        tree: A TTree, or something based on one.
        where: The tree in its file, for sentences.

    Raises:
        BadFileError: It is damaged, or something in it cannot be carried over; the sentence says what.
    """
    owner = tree.owner("fBranches")
    if owner is None or owner.version < _OLDEST_TREE:
        raise BadFileError(f"{where} was written by a version of ROOT that is too old.", _CANNOT)
    _refuse(tree, where)
    entries = int(tree["fEntries"])
    forms: Forms = {}
    columns: dict[Address, Column] = {}
    for address, branch in branches(tree):
        place = f"branch {str(address)!r} of {where}"
        _check_class(branch, place)
        forms[address] = form(branch)
        columns[address] = _column(branch.block(), entries, place)
    records = [
        (column.total_bytes - int(item.block()["fTotBytes"]), column.zip_bytes - int(item.block()["fZipBytes"]))
        for column, (_, item) in zip(columns.values(), branches(tree), strict=True)
    ]
    return TreeTables(
        entries,
        int(tree["fFlushedBytes"]) if tree.has("fFlushedBytes") else 0,
        _clusters(tree),
        forms,
        columns,
        indexed=tree["fTreeIndex"] is not None,
        total_bytes=int(tree["fTotBytes"]) + sum(total for total, _ in records),
        zip_bytes=int(tree["fZipBytes"]) + sum(stored for _, stored in records),
        keepsakes=_keepsakes(tree),
    )


def _keepsakes(tree: Block) -> bytes:
    digest = blake2b(digest_size=16)
    for member in ("fAliases", "fUserInfo"):
        kept = tree[member] if tree.has(member) else None
        digest.update(joined(emit(kept, 0)) if kept is not None else b"\0")
    digest.update(repr(tree["fWeight"]).encode())
    return digest.digest()


def _refuse(tree: Block, where: str) -> None:
    if tree.has("fBranchRef") and tree["fBranchRef"] is not None:
        raise BadFileError(f"{where} refers to objects by TRef, which a copy would lose.", _CANNOT)
    friends = tree["fFriends"] if tree.has("fFriends") else None
    if friends is not None and friends.value.items:
        raise BadFileError(f"{where} has friend trees, which would not be multiplied with it.", _CANNOT)
    if tree["fEntries"] < 0:
        raise BadFileError(f"{where} is damaged: it has {tree['fEntries']} entries")


def _check_class(branch: Pointed, place: str) -> None:
    if branch.class_name not in _CLASSES:
        raise UnknownLayoutError(f"{place} is a {branch.class_name}, which is not understood.", _CANNOT)
    block = branch.block()
    owner = block.owner("fBasketSeek")
    if owner is None or owner.version < _OLDEST_BRANCH:
        raise BadFileError(f"{place} was written by a version of ROOT that is too old.", _CANNOT)
    if block["fFileName"]:
        raise BadFileError(f"{place} is kept in another file.", _CANNOT)
    if block.has("fFirstEntry") and block["fFirstEntry"]:
        raise BadFileError(f"{place} does not begin with the first entry of the tree.", _CANNOT)


def _column(branch: Block, entries: int, place: str) -> Column:
    seeks, sizes, starts, inside = _stored(branch, place)
    has_data = bool(seeks.size) or not branch["fBranches"].items
    if has_data and branch["fEntries"] != entries:
        raise BadFileError(
            f"{place} has {int(branch['fEntries'])} entries where the tree has {entries}.", "The tree is incomplete."
        )
    compression = int(branch["fCompress"])
    records, raw = [], 0
    for index, basket in inside:
        data, size = record(basket, compress=compression % 100 > 0)
        records.append(data)
        sizes[index] = len(data)
        raw += size
    if has_data:
        _check_cover(starts, entries, [(index, basket.entries) for index, basket in inside], place)
    numbers = {
        name: int(branch[name]) for name in ("fEntryOffsetLen", "fBasketSize", "fMaximum") if branch.has(name)
    }  # fMaximum: of the counts of a collection, in a TBranchElement
    return Column(
        entries=int(branch["fEntries"]),
        starts=starts,
        sizes=sizes,
        seeks=seeks,
        records=tuple(records),
        total_bytes=int(branch["fTotBytes"]) + raw,
        zip_bytes=int(branch["fZipBytes"]) + sum(map(len, records)),
        numbers=numbers,
        limits=tuple(_limits(leaf.block()) for leaf in leaves(branch)),
        compression=compression,
    )


def _stored(branch: Block, place: str) -> tuple[Integers, Integers, Integers, list[tuple[int, EmbeddedBasket]]]:
    """Return position, size and first entry of the baskets with entries, and the embedded ones with their index."""
    tables = [branch[name] for name in ("fBasketSeek", "fBasketBytes", "fBasketEntry")]
    count = 0 if any(table is None for table in tables) else int(branch["fWriteBasket"]) + 1
    if count < 0 or any(table is not None and len(table) < count - 1 for table in tables):
        raise BadFileError(f"{place} is damaged: its tables of baskets are too short")
    seeks, sizes, starts = (np.asarray([] if table is None else table[:count], np.int64) for table in tables)
    baskets = branch["fBaskets"].items
    embedded: dict[int, EmbeddedBasket] = {}
    for index, item in enumerate(baskets):
        if item is None:
            continue
        if not isinstance(item.value, EmbeddedBasket):
            raise UnknownLayoutError(f"{place} has a {item.class_name} among its baskets")
        if item.value.entries and index < seeks.size and not seeks[index]:
            embedded[index] = item.value
        elif item.value.entries and not (index < seeks.size and seeks[index]):
            raise BadFileError(f"{place} is damaged: it has a basket too many")
    kept = seeks != 0
    kept[list(embedded)] = True
    numbers = np.cumsum(kept) - 1
    inside = [(int(numbers[index]), basket) for index, basket in sorted(embedded.items())]
    return seeks[kept], sizes[kept], starts[kept], inside


def _check_cover(starts: Integers, entries: int, inside: list[tuple[int, int]], place: str) -> None:
    stops = np.append(starts[1:], entries)
    counts = stops - starts
    good = starts.size > 0 if entries else starts.size == 0
    good = good and (not starts.size or (int(starts[0]) == 0 and int(counts.min()) > 0))
    good = good and (not starts.size or int(counts.max()) < _MOST_IN_A_BASKET)
    if not good or any(int(counts[index]) != count for index, count in inside):
        raise BadFileError(f"{place} is damaged: its baskets do not cover its entries")


def _limits(leaf: Block) -> dict[str, Any]:
    limits = {name: leaf[name] for name in _NUMBERED if leaf.has(name)}
    return limits | {"fLen": leaf["fLen"]}


def _clusters(tree: Block) -> Clusters:
    empty = np.empty(0, np.int64)
    auto_flush = int(tree["fAutoFlush"]) if tree.has("fAutoFlush") else 0
    known = tree.has("fClusterRangeEnd")
    ends, sizes = (tree["fClusterRangeEnd"], tree["fClusterSize"]) if known else (None, None)
    if ends is None or sizes is None:
        return Clusters(empty, empty, auto_flush)
    ends, sizes = ends.astype(np.int64), sizes.astype(np.int64)
    if ends.size and (np.diff(ends, prepend=-1).min() <= 0 or int(ends[-1]) >= int(tree["fEntries"])):
        raise BadFileError("the clusters of the tree make no sense")
    return Clusters(ends, sizes, auto_flush)

"""Whether a file that was multiplied or merged holds its sources' entries: opened afresh, by the code that reads files.

Nothing of the code that merges is used. What is compared, for every branch of every tree:

* number of entries, branch names and types;
* the tables of baskets of all copies: entries, stored sizes, places inside the file that do not overlap (those of a
  virtual file: the same place in every copy);
* the stored bytes of the last basket before and the first behind a seam, and of the first and last of the file, with
  those of the source: equal compressed bytes behind an equal key are equal entries. A basket that the source keeps
  inside its tree is inflated and its data are compared.

All tables are compared, but bytes at a bounded number of seams, spread evenly with the first and the last among them,
so that the cost does not grow with the number of copies.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.container import DAMAGE, Key, RootFile, because
from atlasod_tui.rootfile.inflate import buffer, inflate
from atlasod_tui.rootfile.long_record import FarArray, reader
from atlasod_tui.rootfile.streamed import Members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

Integers = npt.NDArray[np.int64]

MAX_SEAMS = 12
"""Seams at which bytes are compared."""
_FILE_BEGIN = 100
_TREES = frozenset({"TTree", "TNtuple", "TNtupleD"})
_FOLDERS = frozenset({"TDirectory", "TDirectoryFile"})
_KEY = struct.Struct(">ihiIhh")
_SEEKS = slice(18, 34)  # where the key says where it and its directory are, in 64 bits each: the copies differ here
_TAIL = struct.Struct(">ii")  # entries and end of the data, before the last byte of a basket's key
_TAIL_FROM_END = 9


@dataclass(frozen=True, slots=True, eq=False)
class _Branch:
    """A branch's type and its baskets: first entry, place and stored size of each, int64 [baskets]."""

    kind: tuple[Any, ...]
    starts: Integers
    places: Integers
    sizes: Integers  # 0: embedded
    embedded: dict[int, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    entries: int
    branches: dict[str, Members]


class _File:
    """An open file and its trees by path, those of the highest cycle."""

    def __init__(self, path: Path) -> None:
        self.file = RootFile(path)
        self.name = path.name
        try:
            self.trees = {name: self._tree(key) for name, key in _trees(self.file)}
        except BaseException:
            self.file.close()
            raise

    def _tree(self, key: Key) -> _Tree:
        try:
            members = reader(self.file, key).object(key.class_name)
            entries = int(members["fEntries"])
            branches = dict(_branches(members["fBranches"], ""))
        except DAMAGE as error:
            raise BadFileError(f"the tree {key.name!r} in {self.name} is damaged{because(error)}") from error
        return _Tree(entries, branches)


def verify(
    path: Path,
    parts: Sequence[Path],
    factor: int = 1,
    *,
    virtual: bool = False,
    check: Callable[[], None] = lambda: None,
) -> dict[str, int]:
    """Compare a file with the files whose entries it should hold; return the entries of its trees by path.

    Args:
        path: The file.
        parts: Its sources, in order.
        factor: How often the whole sequence of them is repeated.
        virtual: Whether all copies should lie at the same place.
        check: Called now and then; raises to end the work.

    Raises:
        BadFileError: If anything is different, as a sentence that names tree and branch; or if a file cannot be read.
    """
    opened: dict[Path, _File] = {}
    try:
        for source in (path, *parts):
            if source not in opened:
                opened[source] = _File(source)
        made = opened[path]
        names = dict.fromkeys(name for source in parts for name in opened[source].trees)
        if set(names) != set(made.trees):
            raise _different(made.name, f"it has the trees {sorted(made.trees)} instead of {sorted(names)}")
        for name in names:
            check()
            _Comparison(made, [opened[source] for source in parts], name, factor, virtual=virtual).run(check)
    finally:
        for file in opened.values():
            file.file.close()
    return {name: tree.entries for name, tree in made.trees.items()}


class _Comparison:
    """One tree of a file, and the trees of its sources."""

    def __init__(self, made: _File, sources: list[_File], name: str, factor: int, *, virtual: bool) -> None:
        self._made, self._factor, self._virtual, self._name = made, factor, virtual, name
        self._tree = made.trees[name]
        # A source without the tree adds nothing to it.
        self._sources = [(source, source.trees[name]) for source in sources if name in source.trees]

    def run(self, check: Callable[[], None]) -> None:
        once = sum(tree.entries for _, tree in self._sources)
        if self._tree.entries != once * self._factor:
            raise self._wrong(f"it has {self._tree.entries} entries instead of {once * self._factor}")
        for _, tree in self._sources:
            if set(tree.branches) != set(self._tree.branches):
                name = min(set(tree.branches) ^ set(self._tree.branches))
                raise self._wrong(f"only one of it and its source has the branch {name!r}")
        for name, branch in self._tree.branches.items():
            check()
            # One branch at a time: all tables together may be longer than memory should hold.
            self._branch(name, _branch(branch), once)

    def _branch(self, name: str, branch: _Branch, once: int) -> None:
        pattern = [(file, _branch(tree.branches[name])) for file, tree in self._sources]
        for _, source in pattern:
            if source.kind != branch.kind:
                raise self._wrong(f"the branch {name!r} has another type")
        bases = np.cumsum([0, *(tree.entries for _, tree in self._sources)])
        starts = np.concatenate([source.starts + base for (_, source), base in zip(pattern, bases, strict=False)])
        sizes = np.concatenate([source.sizes for _, source in pattern])
        if branch.starts.size != starts.size * self._factor:
            raise self._wrong(f"the branch {name!r} has {branch.starts.size} baskets")
        rows = (self._factor, starts.size)
        copies = once * np.arange(self._factor, dtype=np.int64)
        if not np.array_equal(branch.starts.reshape(rows), starts + copies[:, None]):
            raise self._wrong(f"the baskets of the branch {name!r} begin at other entries")
        made_sizes = branch.sizes.reshape(rows)
        if not np.all((made_sizes == sizes) | ((sizes == 0) & (made_sizes > 0))):
            raise self._wrong(f"the baskets of the branch {name!r} have other sizes")
        self._places(name, branch, rows)
        self._bytes(name, branch, pattern)

    def _places(self, name: str, branch: _Branch, rows: tuple[int, int]) -> None:
        places, sizes = branch.places, branch.sizes
        if self._virtual:
            repeated = places.reshape(rows)
            if not np.array_equal(repeated, np.broadcast_to(repeated[:1], rows)):
                raise self._wrong(f"the copies of the branch {name!r} are not the same baskets")
            places, sizes = places[: rows[1]], sizes[: rows[1]]
        order = np.argsort(places)
        ends = (places + sizes)[order]
        outside = places.size and (places.min() < _FILE_BEGIN or ends[-1] > self._made.file.size)
        if outside or np.any(ends[:-1] > places[order][1:]):
            raise self._wrong(f"baskets of the branch {name!r} overlap, or lie outside of the file")

    def _bytes(self, name: str, branch: _Branch, pattern: list[tuple[_File, _Branch]]) -> None:
        """Compare the baskets at the seams; the start and the end of the file count as such."""
        counts = [source.starts.size for _, source in pattern] * self._factor
        firsts = np.cumsum([0, *counts])
        for number in _spread(len(counts), MAX_SEAMS + 1):
            file, source = pattern[number % len(pattern)]
            for index in sorted({0, counts[number] - 1}) if counts[number] else ():
                if not self._same(branch, int(firsts[number]) + index, file, source, index):
                    raise self._wrong(f"the branch {name!r} has other bytes in part {number + 1} of {len(counts)}")

    def _same(self, branch: _Branch, at: int, file: _File, source: _Branch, index: int) -> bool:
        place = int(branch.places[at])
        made = self._made.file.read(place, int(branch.sizes[at]))
        if index in source.embedded:
            return _data(made) == source.embedded[index]
        original = file.file.read(int(source.places[index]), int(source.sizes[index]))
        return made[: _SEEKS.start] == original[: _SEEKS.start] and made[_SEEKS.stop :] == original[_SEEKS.stop :]

    def _wrong(self, what: str) -> BadFileError:
        return _different(self._made.name, f"tree {self._name!r}: {what}")


def _different(name: str, what: str) -> BadFileError:
    return BadFileError(f"{name} is not what it should be: {what}")


def _data(basket: bytes) -> bytes:
    """Return the data of a basket, without the tables behind them."""
    _, _, object_length, _, key_length, _ = _KEY.unpack_from(basket)
    _, last = _TAIL.unpack_from(basket, key_length - _TAIL_FROM_END)
    stored = np.frombuffer(basket, np.uint8, len(basket) - key_length, key_length)
    return inflate(stored, buffer(object_length, stored.size))[: last - key_length].tobytes()


def _spread(count: int, most: int) -> list[int]:
    """Return up to ``most`` of the numbers below ``count``, evenly spread, the first two and the last among them."""
    if count <= most:
        return list(range(count))
    return [0, *(1 + step * (count - 2) // (most - 2) for step in range(most - 1))]


def _trees(file: RootFile, folder: Key | None = None, above: str = "") -> Iterator[tuple[str, Key]]:
    """Yield the trees of a directory and of those in it, by path."""
    newest: dict[str, Key] = {}
    for key in file.list_keys(folder):
        if key.name not in newest or key.cycle > newest[key.name].cycle:
            newest[key.name] = key
    for name, key in newest.items():
        if key.class_name in _TREES:
            yield f"{above}{name}", key
        elif key.class_name in _FOLDERS:
            yield from _trees(file, key, f"{above}{name}/")


def _branches(items: list[Members], above: str) -> Iterator[tuple[str, Members]]:
    for item in items:
        name = f"{above}{item['fName']}"
        yield name, item
        yield from _branches(item["fBranches"], f"{name}/")


def _branch(item: Members) -> _Branch:
    starts, places, sizes = (_integers(item[name]) for name in ("fBasketEntry", "fBasketSeek", "fBasketBytes"))
    count = min(int(item["fWriteBasket"]) + 1, starts.size)
    places, sizes = places[:count], sizes[:count]
    inside = {
        index: basket["data"]
        for index, basket in enumerate(item["fBaskets"][:count])
        if basket is not None and not places[index] and basket["entries"]
    }
    used = places > 0
    used[list(inside)] = True
    numbers = np.flatnonzero(used).tolist() if inside else []
    return _Branch(
        (item["@class"], item.get("fClassName", ""), *(_leaf(leaf) for leaf in item["fLeaves"])),
        starts[:count][used],
        places[used],
        np.where(places > 0, sizes, 0)[used],
        {number: inside[index] for number, index in enumerate(numbers) if index in inside},
    )


def _integers(values: Any) -> Integers:
    whole = values.load() if isinstance(values, FarArray) else values
    found: Integers = whole.astype(np.int64)
    return found


def _leaf(leaf: Members) -> tuple[Any, ...]:
    counted = leaf.get("fLeafCount")
    length = 0 if leaf["@class"] == "TLeafC" else leaf.get("fLen")  # of texts it is that of the longest one
    # Of a class that the reader does not understand, only the name is known.
    return leaf["@class"], leaf.get("fName"), length, leaf.get("fIsUnsigned"), counted and counted.get("fName")

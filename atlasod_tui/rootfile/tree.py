"""A TTree's branches and where their baskets lie."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.container import DAMAGE, Key, RootFile, because
from atlasod_tui.rootfile.source import Source
from atlasod_tui.rootfile.streamed import Members

Integers = npt.NDArray[np.int64]
Shape = Literal["scalar", "vector", "array"]

MOST_IN_A_BASKET = 1 << 31  # a basket counts its entries with 32 bits

_LEAVES = {
    "TLeafF": "f4", "TLeafD": "f8", "TLeafI": "i4", "TLeafL": "i8", "TLeafG": "i8", "TLeafS": "i2", "TLeafB": "i1",
    "TLeafO": "?",
}  # fmt: skip
_VECTORS = {
    "float": "f4", "double": "f8", "int": "i4", "unsigned int": "u4", "bool": "?", "short": "i2",
    "unsigned short": "u2", "char": "i1", "signed char": "i1", "unsigned char": "u1", "long": "i8",
    "unsigned long": "u8", "Long64_t": "i8", "ULong64_t": "u8", "Float_t": "f4", "Double_t": "f8", "Int_t": "i4",
    "UInt_t": "u4", "Bool_t": "?",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Basket:
    """Entries ``start`` to ``stop`` of a branch, at ``address`` (``stored`` bytes), or ``embedded`` as they are."""

    start: int
    stop: int
    address: int
    stored: int
    embedded: bytes | None = None


@dataclass(frozen=True)
class Branch:
    """One column of a tree.

    Attributes:
        shape: ``scalar`` (one value per entry), ``vector`` (``std::vector``) or ``array`` (as many values as another
            branch says); None where it is nothing of these.
        dtype: The numpy type code of a value in native byte order (``f4``, ``i4``, ``u4``, ``?``, ``f8``, ...).
        type_name: The C++ type, for people.
        baskets: All baskets in the order of their entries; they cover ``0`` to ``entries`` without gaps.
        counter: For an array the scalar branch that has the length of each entry.
    """

    name: str
    shape: Shape | None
    dtype: str
    type_name: str
    entries: int
    baskets: tuple[Basket, ...]
    counter: str = ""

    @property
    def boundaries(self) -> Integers:
        """First entry of every basket and the end, int64 [baskets + 1]."""
        return np.array([basket.start for basket in self.baskets] + [self.entries], np.int64)


class Tree:
    """A TTree in an open file.

    Attributes:
        path: The file.
        entries: Number of entries (events).
        title: The tree's title.
    """

    def __init__(self, file: RootFile, key: Key) -> None:
        self.file = file
        self.path = file.path
        self.name = key.name
        reader = file.reader(key)
        try:
            members = reader.object("TTree")
            self.title = str(members["fTitle"])
            self.entries = int(members["fEntries"])
            self._members: dict[str, Members] = {str(item["fName"]): item for item in members["fBranches"]}
        except DAMAGE as error:
            raise BadFileError(f"the tree {key.name!r} in {file.path.name} is damaged{because(error)}") from error
        self._branches: dict[str, Branch] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def names(self) -> list[str]:
        """Return the names of the branches in file order."""
        return list(self._members)

    def branch(self, name: str) -> Branch:
        """Return one branch.

        Raises:
            BadFileError: If there is none of this name (the nearest names are given) or its description is damaged.
        """
        if name not in self._branches:
            if name not in self._members:
                near = difflib.get_close_matches(name, self._members, 3, 0.6)
                also = f"; nearest: {', '.join(map(repr, near))}" if near else ""
                raise BadFileError(f"{self.path.name} has no branch {name!r}{also}")
            try:
                self._branches[name] = self._branch(name, self._members[name])
            except DAMAGE as error:
                raise BadFileError(f"branch {name!r} in {self.path.name} is damaged{because(error)}") from error
        return self._branches[name]

    def _branch(self, name: str, members: Members) -> Branch:
        if members["fEntries"] != self.entries:
            raise BadFileError(f"it has {members['fEntries']} entries where the tree has {self.entries}")
        shape, dtype, type_name = _type(members)
        baskets = _baskets(members, self.entries)
        counter = self._counter(members) if shape == "array" else ""
        if shape == "array" and not counter:
            shape = None
        return Branch(name, shape, dtype, type_name, self.entries, baskets, counter)

    def _counter(self, members: Members) -> str:
        """Return the name of the integer branch whose leaf counts the values of an array, or nothing."""
        leaf = members["fLeaves"][0]["fLeafCount"]
        for name, other in self._members.items():
            if other["fLeaves"] and other["fLeaves"][0] is leaf:
                shape, dtype, _ = _type(other)
                return name if shape == "scalar" and dtype[0] in "iu" else ""
        return ""


def open_tree(where: Path | Source, name: str = "mini") -> Tree:
    """Open a file and return its tree of that name (the highest cycle); the tree closes the file.

    Raises:
        BadFileError: If the file is damaged or has no such tree (the trees it has are named).
    """
    file = RootFile(where)
    try:
        return Tree(file, _newest(file, name))
    except BaseException:
        file.close()
        raise


def _newest(file: RootFile, name: str) -> Key:
    keys = file.list_keys()
    if len(keys) > 1:  # a damaged entry of the list must not leave an older cycle in its place
        for key in keys:
            file.check(key)
    trees = [key for key in keys if key.class_name == "TTree"]
    cycles = [key for key in trees if key.name == name]
    if not cycles:
        others = ", ".join(sorted({repr(key.name) for key in trees})) or "no tree at all"
        raise BadFileError(f"{file.path.name} has no tree {name!r}; it has {others}")
    return max(cycles, key=lambda key: key.cycle)


def _type(members: Members) -> tuple[Shape | None, str, str]:
    """Return a branch's shape, the type of its values and its type for people."""
    class_name = str(members.get("fClassName", ""))
    leaves = members["fLeaves"]
    if class_name:
        inner = class_name.removeprefix("vector<").removesuffix(">").strip()
        if class_name.startswith("vector<") and inner in _VECTORS:
            return "vector", _VECTORS[inner], class_name
        return None, "", class_name
    if len(leaves) != 1 or members["fBranches"]:
        return None, "", "a structure"
    leaf = leaves[0]
    dtype = _LEAVES.get(leaf["@class"], "")
    if dtype in ("i1", "i2", "i4", "i8") and leaf["fIsUnsigned"]:
        dtype = "u" + dtype[1:]
    if not dtype or leaf["fLen"] != 1:
        return None, "", "an array" if dtype else str(leaf["@class"])
    number = {"f4": "float", "f8": "double", "?": "bool", "i4": "int", "u4": "unsigned int"}.get(dtype, dtype)
    if leaf["fLeafCount"] is not None:
        return "array", dtype, f"{number}[{leaf['fLeafCount']['fName']}]"
    return "scalar", dtype, number


def _baskets(members: Members, entries: int) -> tuple[Basket, ...]:
    inside = members["fBaskets"]
    starts = members["fBasketEntry"].astype(np.int64)
    addresses, sizes = members["fBasketSeek"], members["fBasketBytes"]
    found: list[Basket] = []
    for index in range(min(int(members["fWriteBasket"]) + 1, len(starts))):
        start = int(starts[index])
        embedded = inside[index] if index < len(inside) else None
        if addresses[index]:
            found.append(Basket(start, 0, int(addresses[index]), int(sizes[index])))
        elif embedded is not None and embedded["entries"]:
            found.append(Basket(start, start + embedded["entries"], 0, 0, embedded["data"]))
    stops = [*(basket.start for basket in found[1:]), entries] if found else []
    done = 0
    whole = []
    for basket, stop in zip(found, stops, strict=True):
        if basket.start != done or not 0 < stop - done < MOST_IN_A_BASKET:
            raise BadFileError("its baskets do not cover its entries")
        if basket.embedded is not None and basket.stop != stop:
            raise BadFileError("its baskets do not cover its entries")
        whole.append(Basket(basket.start, stop, basket.address, basket.stored, basket.embedded))
        done = stop
    if done != entries:
        raise BadFileError(f"its baskets cover {done} of {entries} entries")
    return tuple(whole)

"""The branches of a tree to be written, and the arrays that fill them, checked before a byte is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile.tree import Integers, Shape

MAX_ENTRY = 500_000_000  # bytes; ROOT reads no object of more than 1 GB, and a basket is one

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")


class NumberType(NamedTuple):
    """What ROOT calls a type of numbers.

    Attributes:
        leaf: The class of its leaf.
        letter: Its letter in a leaf list.
        vector: The class name of its ``std::vector``.
        checksum: The checksum of that class, read off branches that ROOT 6.40 made.
    """

    leaf: str
    letter: str
    vector: str
    checksum: int


NUMBERS = {
    "f4": NumberType("TLeafF", "F", "vector<float>", 89790107),
    "f8": NumberType("TLeafD", "D", "vector<double>", 269370212),
    "i4": NumberType("TLeafI", "I", "vector<int>", 9976712),
    "u4": NumberType("TLeafI", "i", "vector<unsigned int>", 3106279697),
    "i8": NumberType("TLeafL", "L", "vector<Long64_t>", 2424165566),
    "u8": NumberType("TLeafL", "l", "vector<ULong64_t>", 2977495147),
    "i2": NumberType("TLeafS", "S", "vector<short>", 89793095),
    "u2": NumberType("TLeafS", "s", "vector<unsigned short>", 2186716184),
    "i1": NumberType("TLeafB", "B", "vector<char>", 29929535),
    "u1": NumberType("TLeafB", "b", "vector<unsigned char>", 728903898),
    "?": NumberType("TLeafO", "O", "vector<bool>", 29929751),
}


@dataclass(frozen=True)
class BranchSpec:
    """One branch of a tree to be written.

    Attributes:
        name: Letters, digits and underscores.
        dtype: The type of its numbers: ``f4 f8 i4 u4 i8 u8 i2 u2 i1 u1 ?``.
        shape: One number per entry, a ``std::vector`` of numbers, or an array that another branch counts.
        counter: For an array the scalar integer branch, earlier in the list, with the length of each entry.
    """

    name: str
    dtype: str
    shape: Shape = "scalar"
    counter: str = ""


class Jagged(NamedTuple):
    """Numbers of entries of different lengths.

    Attributes:
        values: All numbers, entry by entry.
        offsets: Where each entry starts in ``values`` and the end, int64 [entries + 1]. Branches of one collection
            should have the same object here: the work that depends on lengths alone is then done once.
    """

    values: NDArray[Any]
    offsets: Integers


def check_branches(branches: Sequence[BranchSpec]) -> None:
    """Refuse branches of which no tree can be made.

    Raises:
        AtlasodError: There is none, or a name, type, shape or counter cannot be used; the branch is named.
    """
    if not branches:
        raise AtlasodError("A tree to be written has no branches.")
    seen: dict[str, BranchSpec] = {}
    for branch in branches:
        reason = _reason(branch, seen)
        if reason:
            raise AtlasodError(f"Branch {branch.name!r} cannot be written: {reason}.")
        seen[branch.name] = branch


def _reason(branch: BranchSpec, earlier: Mapping[str, BranchSpec]) -> str:
    """Return what is wrong with a branch, or nothing."""
    counter = earlier.get(branch.counter)
    countable = counter is not None and counter.shape == "scalar" and counter.dtype in ("i4", "u4")
    reasons = {
        "a name has letters, digits and underscores, at most 200": not _NAME.fullmatch(branch.name),
        "there are two of that name": branch.name in earlier,
        f"{branch.dtype!r} is none of {' '.join(NUMBERS)}": branch.dtype not in NUMBERS,
        f"{branch.shape!r} is no shape": branch.shape not in get_args(Shape),
        "it is no array and has a counter": branch.shape != "array" and branch.counter,
        f"its counter {branch.counter!r} is no scalar branch of type i4 or u4 before it": branch.shape == "array"
        and not countable,
    }
    return next((reason for reason, wrong in reasons.items() if wrong), "")


class Chunk(NamedTuple):
    """A run of entries of all branches.

    Attributes:
        entries: How many.
        values: The numbers of each branch, in its type.
        groups: For each branch which of ``offsets`` it has; -1 for scalars.
        offsets: Different objects, int64 [entries + 1], each from 0.
    """

    entries: int
    values: list[NDArray[Any]]
    groups: list[int]
    offsets: list[Integers]

    def cut(self, start: int, stop: int) -> Chunk:
        """Return entries ``start`` to ``stop``; the values are views."""
        if (start, stop) == (0, self.entries):
            return self
        bounds = [(int(offsets[start]), int(offsets[stop])) for offsets in self.offsets]
        values = [
            values[start:stop] if group < 0 else values[bounds[group][0] : bounds[group][1]]
            for values, group in zip(self.values, self.groups, strict=True)
        ]
        offsets = [offsets[start : stop + 1] - first for offsets, (first, _) in zip(self.offsets, bounds, strict=True)]
        return Chunk(stop - start, values, self.groups, offsets)

    def copy(self) -> Chunk:
        """Return the same with arrays of its own."""
        values, offsets = [each.copy() for each in self.values], [each.copy() for each in self.offsets]
        return Chunk(self.entries, values, self.groups, offsets)


def checked(branches: Sequence[BranchSpec], arrays: Mapping[str, NDArray[Any] | Jagged]) -> Chunk:
    """Return the arrays in the order and the types of the branches.

    Integers may come as any integer type if they fit; floating-point numbers as any floating-point type, and are
    rounded; truth values as such only.

    Raises:
        AtlasodError: Arrays are missing, unknown, of another type or shape, or of lengths that differ; the first
            branch that does not fit is named.
    """
    names = {branch.name for branch in branches}
    unknown = [name for name in arrays if name not in names]
    if unknown:
        raise AtlasodError(f"The tree has no branch {unknown[0]!r} to be filled.")
    entries = -1
    groups: dict[int, int] = {}
    chunk = Chunk(0, [], [], [])
    for branch in branches:
        given = arrays.get(branch.name)
        if given is None:
            raise _refused(branch, "there is no array for it")
        if isinstance(given, Jagged) != (branch.shape != "scalar"):
            raise _refused(branch, f"it is a {branch.shape}, the array is not")
        if isinstance(given, Jagged):
            group = groups.get(id(given.offsets), -1)
            if group < 0:
                groups[id(given.offsets)] = group = len(groups)
                chunk.offsets.append(_checked_offsets(branch, given.offsets))
            values, length = _cast(branch, given.values), chunk.offsets[group].size - 1
        else:
            values, group = _cast(branch, given), -1
            length = values.size
        entries = length if entries < 0 else entries
        if length != entries:
            raise _refused(branch, f"there are {length} entries where the branches before it have {entries}")
        chunk.values.append(values)
        chunk.groups.append(group)
        if group >= 0:
            _check_extent(branch, values, chunk.offsets[group])
    _check_counters(branches, chunk)
    return chunk._replace(entries=entries)


def _refused(branch: BranchSpec, reason: str) -> AtlasodError:
    return AtlasodError(f"Branch {branch.name!r} cannot be filled: {reason}.")


def _checked_offsets(branch: BranchSpec, offsets: Integers) -> Integers:
    if offsets.dtype != np.int64 or offsets.ndim != 1 or not offsets.size:
        raise _refused(branch, "offsets are a row of int64, one more than there are entries")
    if offsets[0] != 0 or (offsets[1:] < offsets[:-1]).any():
        raise _refused(branch, "offsets start at 0 and do not fall")
    return offsets


def _check_extent(branch: BranchSpec, values: NDArray[Any], offsets: Integers) -> None:
    if values.size != offsets[-1]:
        raise _refused(branch, f"offsets end at {offsets[-1]} of {values.size} values")
    if values.nbytes > MAX_ENTRY and int(np.diff(offsets).max()) * values.itemsize > MAX_ENTRY:
        raise _refused(branch, f"an entry has more than {MAX_ENTRY / 1e6:.0f} MB")


def _cast(branch: BranchSpec, values: NDArray[Any]) -> NDArray[Any]:
    if values.ndim != 1:
        raise _refused(branch, "its values are not a row of numbers")
    target = np.dtype(branch.dtype)
    if values.dtype == target and values.dtype.isnative:
        return np.ascontiguousarray(values)
    if {values.dtype.kind, target.kind} <= {"i", "u"}:
        limits = np.iinfo(target)
        if values.size and not limits.min <= int(values.min()) <= int(values.max()) <= limits.max:
            raise _refused(branch, f"values do not fit in {target.name}")
    elif values.dtype.kind != target.kind:
        raise _refused(branch, f"its values are {values.dtype.name} instead of {target.name}")
    with np.errstate(all="ignore"):  # what exceeds float32 becomes infinite
        return values.astype(target)


def _check_counters(branches: Sequence[BranchSpec], chunk: Chunk) -> None:
    indices = {branch.name: index for index, branch in enumerate(branches)}
    equal = set()
    for index, branch in enumerate(branches):
        pair = chunk.groups[index], branch.counter
        if branch.shape != "array" or pair in equal:
            continue
        if not np.array_equal(np.diff(chunk.offsets[pair[0]]), chunk.values[indices[branch.counter]]):
            raise _refused(branch, f"its lengths are not those that {branch.counter!r} says")
        equal.add(pair)

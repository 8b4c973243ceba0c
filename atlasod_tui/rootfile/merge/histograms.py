"""Histograms of several files, or of one several times, added bin by bin as ROOT's `hadd` does.

Source of what is added: TH1::Merge, TProfile::Add and TH1::GetStats of ROOT 6.40. Contents are added one after the
other in the histogram's own type, so that the rounding is ROOT's too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.merge.emission import Edits, edit
from atlasod_tui.rootfile.merge.nodes import ARRAYS, Block, Collection, Pointed

_HISTOGRAM = re.compile(r"TH[123][CSIFDL]|TProfile|TProfile[23]D")
_IS_AVERAGE = 1 << 18  # TH1::kIsAverage
_BITS = slice(6, 10)  # of a TObject
_SUMS = ("fTsumw", "fTsumw2", "fTsumwx", "fTsumwx2", "fTsumwy", "fTsumwy2", "fTsumwxy", "fTsumwz", "fTsumwz2",
         "fTsumwxz", "fTsumwyz", "fTsumwt", "fTsumwt2")  # fmt: skip
_ARRAY_SUMS = ("fSumw2", "fBinEntries", "fBinSumw2")
_SAME_BOOKING = ("fErrorMode", "fYmin", "fYmax", "fZmin", "fZmax", "fTmin", "fTmax", "fNcells")
_SAME_LENGTH = ("fBinEntries", "fBinSumw2")
_AXES = ("fXaxis", "fYaxis", "fZaxis")
_DIFFERENT = "Histograms can only be added if they were booked alike."


def is_histogram(class_name: str) -> bool:
    """Return whether objects of this class are added."""
    return _HISTOGRAM.fullmatch(class_name) is not None


def added(parts: Sequence[tuple[str, Pointed, int]], name: str) -> Edits:
    """Return what changes in the first histogram when all are added.

    Args:
        parts: Of each file its name, the histogram, and how many times it counts in a row.
        name: The histogram, for sentences.

    Raises:
        BadFileError: They have other axes, labels or classes, or cannot be added.
    """
    first_file, first, _ = parts[0]
    block = first.block()
    for file, other, _ in parts:
        _check(name, (first_file, first), (file, other))
    blocks = [(other.block(), count) for _, other, count in parts]
    edits: Edits = {}
    total = sum(count for _, count in blocks)
    edit(edits, block, "fEntries", _in_a_row([(part["fEntries"], count) for part, count in blocks]))
    _add_sums(edits, block, blocks)
    contents = _array_member(block)
    edit(edits, block, contents, _add_arrays([(part[contents], count) for part, count in blocks]))
    for member in _ARRAY_SUMS:
        if block.has(member):
            edit(edits, block, member, _add_arrays(_errors(member, contents, blocks)))
    return edits if total > 1 else {}


def _check(name: str, first: tuple[str, Pointed], other: tuple[str, Pointed]) -> None:
    (here, one), (there, another) = first, other
    block = another.block()
    what = f"the histogram {name!r}"
    if one.class_name != another.class_name:
        raise BadFileError(f"{what} is a {one.class_name} in {here} but a {another.class_name} in {there}.", _DIFFERENT)
    if block.has("fBuffer") and block["fBuffer"] is not None and block["fBuffer"].size and block["fBuffer"][0]:
        raise BadFileError(
            f"{what} in {there} still has entries in its buffer, not in its bins.", "ROOT's hadd may be able to add it."
        )
    if _bits(block) & _IS_AVERAGE:
        raise BadFileError(f"{what} in {there} is an average, which cannot be added.", "ROOT's hadd can do it.")
    if one is another:
        return
    mine = one.block()
    for axis in _AXES:
        if _axis(mine[axis]) != _axis(block[axis]):
            raise BadFileError(f"{what} has another {axis[1]} axis in {there} than in {here}.", _DIFFERENT)
        if _labels(mine[axis]) != _labels(block[axis]):
            raise BadFileError(f"{what} has other labels on its {axis[1]} axis in {there} than in {here}.", _DIFFERENT)
    for member in _SAME_BOOKING + _SAME_LENGTH:
        if mine.has(member) and _booked(mine[member]) != _booked(block[member]):
            raise BadFileError(f"{what} was booked differently in {there} and {here} (its {member}).", _DIFFERENT)


def _booked(member: Any) -> Any:
    return member.size if isinstance(member, np.ndarray) else member


def _bits(block: Block) -> int:
    return int.from_bytes(block["TObject"][_BITS])


def _axis(axis: Block) -> tuple[Any, ...]:
    return axis["fNbins"], axis["fXmin"], axis["fXmax"], axis["fXbins"].tobytes()


def _labels(axis: Block) -> list[tuple[bytes, bytes]]:
    """Return the labels of bins: the text, and the bin, which is the object's unique id."""
    found = axis["fLabels"] if axis.has("fLabels") else None
    if found is None:
        return []
    labels: Collection = found.value
    items = [item.block() for item in labels.items if item is not None]
    return sorted((item["TObject"][2:6], item["fString"]) for item in items)


def _array_member(block: Block) -> str:
    """Return the base class that holds the contents."""
    for name in ARRAYS:
        if block.has(name):
            return name
    raise BadFileError("a histogram has no contents")


def _add_sums(edits: Edits, block: Block, blocks: list[tuple[Block, int]]) -> None:
    """Add the sums of weights; where only some have them, leave them 0: then ROOT makes them from the bins."""
    missing = {part["fTsumw"] == 0 for part, _ in blocks if part["fEntries"]}
    for member in _SUMS:
        if block.has(member):
            mixed = len(missing) > 1
            edit(edits, block, member, 0.0 if mixed else _in_a_row([(part[member], count) for part, count in blocks]))


def _errors(member: str, contents: str, blocks: list[tuple[Block, int]]) -> list[tuple[npt.NDArray[Any], int]]:
    """Return the arrays of one member; where only some keep errors, the others' are those of their contents."""
    arrays = [(part[member], count) for part, count in blocks]
    if member == "fSumw2" and len({array.size for array, _ in arrays}) > 1:
        return [
            (array if array.size else np.abs(part[contents]).astype(">f8"), count)
            for (array, count), (part, _) in zip(arrays, blocks, strict=True)
        ]
    return arrays


def _in_a_row(numbers: list[tuple[float, int]]) -> float:
    total = 0.0
    for number, count in numbers:
        for _ in range(count):
            total += number
    return total


def _add_arrays(arrays: list[tuple[npt.NDArray[Any], int]]) -> npt.NDArray[Any]:
    """Add arrays one after the other; whole numbers stop at the largest, as ROOT's do."""
    first = arrays[0][0]
    if any(array.size != first.size for array, _ in arrays):
        raise BadFileError("its arrays have other lengths in other files")
    native = first.dtype.newbyteorder("=")
    if native.kind == "f":
        total = np.zeros(first.size, native)
        with np.errstate(all="ignore"):
            for array, count in arrays:
                part = array.astype(native)
                for _ in range(count):
                    total += part
        return total.astype(first.dtype)
    limits = np.iinfo(native)
    exact = [
        sum(numbers) for numbers in zip(*([int(n) * count for n in array] for array, count in arrays), strict=True)
    ]
    return np.array([min(max(number, limits.min + 1), limits.max) for number in exact], first.dtype)

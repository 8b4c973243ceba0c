"""What several tests of reading need: the files of ``tests/data``, and columns as uproot reads them."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import uproot

DATA = Path(__file__).resolve().parents[1] / "data"
COMPRESSIONS = ("none", "zlib", "lz4", "zstd", "lzma")

Reference = tuple[npt.NDArray[Any], npt.NDArray[np.int64] | None]
"""Values, and where each entry starts in them (None for scalars)."""


@cache
def references(path: Path) -> dict[str, Reference]:
    """Return all columns of the tree ``mini`` as uproot reads them."""
    with uproot.open(path) as file:
        return {branch.name: _reference(branch) for branch in file["mini"].branches}


def _reference(branch: Any) -> Reference:
    import awkward as ak  # noqa: PLC0415 - slow to import

    array = branch.array(library="ak")
    if array.ndim == 1:
        return array.to_numpy(), None
    return ak.flatten(array).to_numpy(), np.concatenate([[0], np.cumsum(ak.num(array).to_numpy())]).astype(np.int64)


def cut(reference: Reference, start: int, stop: int) -> Reference:
    """Return a run of entries of a column."""
    values, offsets = reference
    if offsets is None:
        return values[start:stop], None
    return values[offsets[start] : offsets[stop]], offsets[start : stop + 1] - offsets[start]


def unpack_far(target: Path) -> Path:
    """Write the file that is nearly all hole and return its path; it takes little room on a disk with sparse files."""
    packed = (DATA / "far.parts").read_bytes()
    (size,) = struct.unpack_from("<q", packed)
    at = 8
    with target.open("wb") as file:
        file.truncate(size)
        while at < len(packed):
            position, length = struct.unpack_from("<qi", packed, at)
            at += 12
            file.seek(position)
            file.write(packed[at : at + length])
            at += length
    return target

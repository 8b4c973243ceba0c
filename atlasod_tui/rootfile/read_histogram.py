"""One-dimensional histograms read from a ROOT file, of ours or of ROOT's own making."""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.container import DAMAGE, Key, RootFile, because
from atlasod_tui.rootfile.histogram import Histogram1D
from atlasod_tui.rootfile.streamed import Fields, Members, Reader, Streamers

_CONTENTS = {
    "TH1C": "TArrayC", "TH1S": "TArrayS", "TH1I": "TArrayI", "TH1L": "TArrayL64", "TH1F": "TArrayF", "TH1D": "TArrayD",
}  # fmt: skip
# A histogram is mostly looks. Of each class nothing is read behind the member named here, which its byte count allows;
# "" is a class of which nothing is needed at all.
_LAST_NEEDED = {"TH1": "fSumw2", "TAxis": "fXbins", "TAttLine": "", "TAttFill": "", "TAttMarker": "", "TAttAxis": ""}


def read_histograms(path: Path, names: Collection[str] | None = None) -> dict[str, Histogram1D]:
    """Return the histograms with equal bins (TH1F, TH1D, TH1I...) in the top directory of a ROOT file, by name.

    Of several with one name the last written counts. Other objects are left out, histograms with unequal bins among
    them. Contents are what the file says, NaN and infinite ones too.

    Args:
        path: The file.
        names: Those to read; None for all. One that the file does not have is left out.

    Raises:
        BadFileError: If the file cannot be read, or one of the histograms is damaged.
    """
    with RootFile(path) as file:
        keys: dict[str, Key] = {}
        for key in file.list_keys():
            wanted = key.class_name in _CONTENTS and (names is None or key.name in names)
            if wanted and (key.name not in keys or key.cycle > keys[key.name].cycle):
                keys[key.name] = key
        streamers = _needed(file.streamers()) if keys else {}
        found = {name: _read(file, key, streamers) for name, key in keys.items()}
    return {name: histogram for name, histogram in found.items() if histogram is not None}


class _HistogramReader(Reader):
    """A cursor that knows the arrays of whole numbers, too."""

    def __init__(self, data: bytes, origin: int, streamers: Streamers) -> None:
        super().__init__(data, origin, streamers)
        self._special |= {
            "TArrayC": lambda: self._tarray("i1"),
            "TArrayS": lambda: self._tarray(">i2"),
            "TArrayL64": lambda: self._tarray(">i8"),
        }


def _needed(streamers: Streamers) -> Streamers:
    """Return the descriptions of classes up to the last member that is needed."""
    return {
        (name, version): _up_to(elements, _LAST_NEEDED[name]) if name in _LAST_NEEDED else elements
        for (name, version), elements in streamers.items()
    }


def _up_to(elements: tuple[Any, ...], last: str) -> tuple[Any, ...]:
    names = [element.names if isinstance(element, Fields) else (element.name,) for element in elements]
    return elements[: next((at + 1 for at, known in enumerate(names) if last in known), 0)]


def _read(file: RootFile, key: Key, streamers: Streamers) -> Histogram1D | None:
    what = f"the histogram {key.name!r} in {file.path.name}"
    reader = _HistogramReader(file.record(key), key.key_length, streamers)
    try:
        members = reader.object(key.class_name)
        return None if members["fXaxis"]["fXbins"].size else _histogram(key, members)
    except DAMAGE as error:
        raise BadFileError(f"{what} is damaged{because(error)}") from error


def _histogram(key: Key, members: Members) -> Histogram1D:
    axis = members["fXaxis"]
    nbins, lo, hi = axis["fNbins"], axis["fXmin"], axis["fXmax"]
    contents, sumw2 = members[_CONTENTS[key.class_name]], members["fSumw2"]
    if nbins < 1 or not -math.inf < lo < hi < math.inf:
        raise BadFileError(f"it has {nbins} bins from {lo:g} to {hi:g}")
    if contents.size != nbins + 2 or sumw2.size not in (0, nbins + 2):
        raise BadFileError(f"it has {contents.size} contents and {sumw2.size} squares for {nbins} bins")
    return Histogram1D(
        key.name,
        members["fTitle"],
        axis["fTitle"],
        members["fYaxis"]["fTitle"],
        nbins,
        lo,
        hi,
        contents.astype(np.float64),
        sumw2.astype(np.float64) if sumw2.size else None,
        members["fEntries"],
    )

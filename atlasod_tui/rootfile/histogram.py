"""One-dimensional histograms, and the bytes of the TH1F they become."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atlasod_tui.rootfile.emit import NULL_REFERENCE, string, tarray, tnamed, tobject, versioned

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MUST_CLEANUP = 1 << 3  # set in a histogram that a directory owns, as is any that ROOT's h.Write() sees
_USE_RW_LOCK = 1 << 16  # set in its list of functions
_NO_ARRAY = struct.pack(">i", 0)
_NO_FUNCTIONS = versioned(5, tobject(_USE_RW_LOCK), string(""), _NO_ARRAY)

# Attributes of a histogram nobody has styled: ROOT's defaults (style Modern).
_LINE = versioned(2, struct.pack(">3h", 602, 1, 1))
_FILL = versioned(2, struct.pack(">2h", 0, 1001))
_MARKER = versioned(3, struct.pack(">2hf", 1, 1, 1.0))


def _axis_look(title_offset: float) -> bytes:
    sizes = (0.005, 0.035, 0.03, title_offset, 0.035)  # label offset and size, tick length, title offset and size
    return versioned(4, struct.pack(">i3h5f2h", 510, 1, 1, 42, *sizes, 1, 42))


_LOOK = _axis_look(1.0)
_Y_LOOK = _axis_look(0.0)  # 0 lets ROOT place the title


def _axis(name: str, title: str, look: bytes, bins: tuple[int, float, float]) -> bytes:
    # range, bits, time display, time format, labels and modified labels: none
    rest = _NO_ARRAY + struct.pack(">iiHBB", 0, 0, 0, 0, 0) + NULL_REFERENCE + NULL_REFERENCE
    return versioned(10, tnamed(name, title), look, struct.pack(">idd", *bins), rest)


_ONE_BIN = (1, 0.0, 1.0)
_Z_AXIS = _axis("zaxis", "", _LOOK, _ONE_BIN)
_BARS = struct.pack(">hh", 0, 1000)  # offset and width
# maximum and minimum for drawing (-1111: unset), normalisation, contours
_LIMITS = struct.pack(">3d", -1111.0, -1111.0, 0.0) + _NO_ARRAY
# no draw option, no functions, no buffer, normal bin errors, overflows counted as the session wants
_END = string("") + _NO_FUNCTIONS + struct.pack(">iBii", 0, 0, 0, 2)


@dataclass(frozen=True, eq=False)
class Histogram1D:
    """A histogram with bins of equal width.

    Attributes:
        name: What it is stored under.
        title: Its title.
        xtitle: Title of the x axis, unit included.
        ytitle: Title of the y axis.
        nbins: Number of bins, flow bins not counted.
        lo: Lower edge of the first bin, in the unit of the x axis.
        hi: Upper edge of the last bin, in the unit of the x axis.
        contents: float64 [nbins + 2], sum of weights; underflow first, overflow last.
        sumw2: float64 [nbins + 2], sum of squared weights, or None where none is kept.
        entries: Number of fills.
    """

    name: str
    title: str
    xtitle: str
    ytitle: str
    nbins: int
    lo: float
    hi: float
    contents: NDArray[np.float64]
    sumw2: NDArray[np.float64] | None
    entries: float

    def __post_init__(self) -> None:
        """Refuse arrays and edges that do not make a histogram.

        Raises:
            ValueError: An array is not [nbins + 2], there is no bin, or ``lo`` is not below ``hi``.
        """
        shape = (self.nbins + 2,)
        if self.nbins < 1 or not self.lo < self.hi:
            raise ValueError(f"histogram {self.name!r}: {self.nbins} bins from {self.lo} to {self.hi}")
        if self.contents.shape != shape or (self.sumw2 is not None and self.sumw2.shape != shape):
            raise ValueError(f"histogram {self.name!r}: contents and sumw2 must have {shape[0]} numbers")


def th1f(histogram: Histogram1D) -> bytes:
    """Return the TH1F (version 3) as ROOT 6.40 writes it: contents rounded to float32 once, Sumw2 kept in float64."""
    h = histogram
    with np.errstate(all="ignore"):  # a content beyond float32 becomes infinite, as in ROOT
        contents = h.contents.astype(np.float32)
        sums = _sums(h, contents)
    base = versioned(
        8,
        tnamed(h.name, h.title, _MUST_CLEANUP),
        _LINE,
        _FILL,
        _MARKER,
        struct.pack(">i", h.nbins + 2),
        _axis("xaxis", h.xtitle, _LOOK, (h.nbins, h.lo, h.hi)),
        _axis("yaxis", h.ytitle, _Y_LOOK, _ONE_BIN),
        _Z_AXIS,
        _BARS,
        struct.pack(">d", h.entries),
        sums,
        _LIMITS,
        _NO_ARRAY if h.sumw2 is None else tarray(h.sumw2.astype(np.float64, copy=False)),
        _END,
    )
    return versioned(3, base, tarray(contents))


def _sums(h: Histogram1D, contents: NDArray[np.float32]) -> bytes:
    """Return fTsumw, fTsumw2, fTsumwx, fTsumwx2 of the bins in range, each entry at its bin centre.

    This is what TH1::GetStats computes where a histogram has no sums of its own, in the same order of operations:
    w, error², w·x, w·x·x added up from the first bin to the last.
    """
    w = contents[1:-1].astype(np.float64)
    width = (h.hi - h.lo) / h.nbins
    x = h.lo + (np.arange(h.nbins) + 0.5) * width
    variance = np.abs(w) if h.sumw2 is None else h.sumw2[1:-1]
    error = np.sqrt(variance)
    terms = np.empty((4, h.nbins))
    terms[0] = w
    np.multiply(error, error, out=terms[1])
    np.multiply(w, x, out=terms[2])
    np.multiply(terms[2], x, out=terms[3])
    # cumsum adds one after the other, as ROOT does; sum would add pairwise
    return terms.cumsum(axis=1)[:, -1].astype(">f8").tobytes()

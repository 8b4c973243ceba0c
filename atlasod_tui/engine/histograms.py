"""Where each histogram's sums lie in one flat array, and ROOT's rule for which bin a value belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from atlasod_tui.engine.author import Histogram

ENTRIES, WEIGHTED = 0, 1  # the two counters of a histogram
FLOW = 2  # underflow first, overflow last
EXTRA_COUNTS = 1  # after the histograms' counters: events whose generator weight is zero where only its sign counts


@dataclass(frozen=True, slots=True)
class Booked:
    """One histogram of the layout.

    Attributes:
        index: Its number; its counters are ``counts[2 * index]``, the entries, and the next: was a weight not 1.
        start: The bin number of its underflow; ``sums[2 * bin]`` is a bin's sum of weights, the next that of squares.
    """

    name: str
    booking: Histogram
    index: int
    start: int


@dataclass(frozen=True)
class Layout:
    """All histograms of an analysis, families spread out."""

    booked: tuple[Booked, ...]

    @classmethod
    def of(cls, histograms: Sequence[Histogram]) -> Layout:
        """Lay out the histograms one after the other."""
        booked: list[Booked] = []
        start = 0
        for booking in histograms:
            for channel in booking.channels or ("",):
                name = f"{booking.name}_{channel}" if channel else booking.name
                booked.append(Booked(name, booking, len(booked), start))
                start += booking.nbins + FLOW
        return cls(tuple(booked))

    @property
    def sums_size(self) -> int:
        """Length of the float64 array of sums."""
        return 2 * sum(item.booking.nbins + FLOW for item in self.booked)

    @property
    def counts_size(self) -> int:
        """Length of the int64 array of counters."""
        return 2 * len(self.booked) + EXTRA_COUNTS

    @cached_property
    def first(self) -> dict[str, Booked]:
        """The histogram, or the first of the family, by the name it was declared with."""
        found: dict[str, Booked] = {}
        for item in self.booked:
            found.setdefault(item.booking.name, item)
        return found

    @cached_property
    def named(self) -> dict[str, Booked]:
        """Every histogram by the name it is written with."""
        return {item.name: item for item in self.booked}


def find_bin(nbins: int, lo: float, hi: float, x: float) -> int:
    """Return the bin of ``x``: 0 underflow, 1 to ``nbins``, ``nbins + 1`` overflow (NaN too).

    The rule of ROOT 6.40's TAxis::FindFixBin: the linear formula, then a correction so that lower edge <= x < upper
    edge, with edges at ``lo + (bin - 1) * ((hi - lo) / nbins)``.
    """
    if x < lo:
        return 0
    if not x < hi:
        return nbins + 1
    number = 1 + int(nbins * (x - lo) / (hi - lo))
    width = (hi - lo) / nbins
    if x < lo + (number - 1) * width:
        return number - 1
    if x >= lo + number * width:
        return number + 1
    return number

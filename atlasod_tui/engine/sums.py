"""What an event loop adds up, and for which kind of sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from atlasod_tui.engine.histograms import ENTRIES, WEIGHTED, Booked, Layout


@dataclass(frozen=True, slots=True)
class SampleKind:
    """What a selection may know of the sample it runs on.

    Attributes:
        name: The sample's name (the framework's option string).
        is_data: Every weight is exactly 1.
        sign_only: Of the generator weight only the sign counts (samples named ``single...``).
    """

    name: str
    is_data: bool
    sign_only: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of weights of all histograms of an analysis.

    Attributes:
        sums: Sum of weights and sum of squared weights per bin, float64 [2 * bins], see `Layout`.
        counts: Counters per histogram, int64 [2 * histograms + 1].
    """

    sums: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]

    @classmethod
    def zero(cls, layout: Layout) -> Self:
        """Return empty sums."""
        return cls(np.zeros(layout.sums_size), np.zeros(layout.counts_size, np.int64))

    def add(self, other: Sums) -> None:
        """Add other sums to these; a histogram is weighted if either is."""
        self.sums.__iadd__(other.sums)
        self.counts.__iadd__(other.counts)

    def contents(self, booked: Booked) -> npt.NDArray[np.float64]:
        """Return the sum of weights per bin, float64 [nbins + 2], flow bins first and last."""
        return self._part(booked)[0::2]

    def squares(self, booked: Booked) -> npt.NDArray[np.float64]:
        """Return the sum of squared weights per bin, float64 [nbins + 2]."""
        return self._part(booked)[1::2]

    def entries(self, booked: Booked) -> int:
        """Return how often the histogram was filled."""
        return int(self.counts[2 * booked.index + ENTRIES])

    def weighted(self, booked: Booked) -> bool:
        """Return whether any weight was not exactly 1: only then ROOT stores the squares."""
        return bool(self.counts[2 * booked.index + WEIGHTED])

    def zero_weights(self) -> int:
        """Return how many events had a generator weight of zero where only its sign counts (they got weight 0)."""
        return int(self.counts[-1])

    def _part(self, booked: Booked) -> npt.NDArray[np.float64]:
        return self.sums[2 * booked.start : 2 * (booked.start + booked.booking.nbins + 2)]

"""Where numbers fall on the cells of a plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

EIGHTHS = 8
_ENOUGH = 0.75


@dataclass(frozen=True)
class XAxis:
    """Bins on columns, by position: edges fall on borders between columns.

    Attributes:
        edges: [n + 1], increasing.
        width: Number of columns.
    """

    edges: list[float]
    width: int

    def position(self, x: float) -> float:
        """Return how many columns lie left of a number."""
        lo, hi = self.edges[0], self.edges[-1]
        return fraction(x, lo, hi) * self.width

    @cached_property
    def borders(self) -> list[int]:
        """How many columns lie left of each edge."""
        return [round(self.position(edge)) for edge in self.edges]

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """First column of each bin and the one after its last; a bin narrower than a column shares one."""
        spans = []
        for start, end in pairwise(self.borders):
            first = min(start, self.width - 1)
            spans.append((first, max(end, first + 1)))
        return spans

    @cached_property
    def centres(self) -> list[int]:
        """The column in the middle of each bin."""
        return [(start + end - 1) // 2 for start, end in self.spans]

    @cached_property
    def sharing(self) -> bool:
        """Whether there are columns with several bins."""
        return any(a[1] > b[0] for a, b in pairwise(self.spans))

    def shown(self, heights: list[float]) -> list[int]:
        """Return the bin that each column shows: of several the highest."""
        owners = [-1] * self.width
        for index, (start, end) in enumerate(self.spans):
            for column in range(start, end):
                if owners[column] < 0 or _higher(heights[index], heights[owners[column]]):
                    owners[column] = index
        return owners


def _higher(one: float, other: float) -> bool:
    """Whether a bin goes before another in their column: what is not a number is never hidden."""
    return math.isfinite(other) and (one > other or not math.isfinite(one))


def columns(bins: int, room: int) -> int:
    """Return how many of the columns to use: equally many per bin where that takes most of them."""
    even = room // bins * bins
    return even if even >= _ENOUGH * room else room


@dataclass(frozen=True)
class YAxis:
    """Numbers on rows, in eighths of a row above the lower end.

    Attributes:
        lo: Lower end, above 0 if logarithmic.
        hi: Upper end.
        rows: Number of rows.
        log: Whether it is logarithmic.
    """

    lo: float
    hi: float
    rows: int
    log: bool = False

    @property
    def top(self) -> int:
        """The upper end in eighths."""
        return self.rows * EIGHTHS

    def fraction(self, y: float) -> float:
        """Return where a number is between the ends, 0 to 1; beyond them it is below 0 or above 1."""
        if not self.log:
            return fraction(y, self.lo, self.hi)
        if y <= 0:
            return -math.inf
        return fraction(math.log10(y), math.log10(self.lo), math.log10(self.hi))

    def eighths(self, y: float) -> int:
        """Return the number of eighths of a row below a number, clipped to the axis."""
        return round(min(max(self.fraction(y), 0.0), 1.0) * self.top)

    def row(self, y: float) -> int:
        """Return the row that a number is in, counted from the lowest, clipped to the axis."""
        return min(int(min(max(self.fraction(y), 0.0), 1.0) * self.rows), self.rows - 1)


def fraction(value: float, lo: float, hi: float) -> float:
    """Return where a finite number is between two others, without overflow."""
    size = max(abs(lo), abs(hi))
    span = hi / size - lo / size
    return (value / size - lo / size) / span

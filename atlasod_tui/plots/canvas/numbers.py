"""The numbers of a plot as lists of one length, whatever came in; and the range of its y axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from atlasod_tui.plots.canvas.axes import EIGHTHS, YAxis
from atlasod_tui.plots.model import FloatArray, Panel, Plot, Points

_HEADROOM = 1.04
_LOG_HEADROOM = 0.06
_MOST_DECADES = 12
_HUGE = 1e300


@dataclass(frozen=True)
class Dots:
    """Points of [n] bins: values (NaN: none) and the ends of their bars."""

    values: list[float]
    lower: list[float]
    upper: list[float]


@dataclass(frozen=True)
class Numbers:
    """What is drawn in [n] bins.

    Attributes:
        edges: [n + 1], increasing.
        numbered: Whether the edges were of no use, so that bins are numbered instead.
        sums: For each layer [n] the sum up to it, from the bottom of the stack; NaN where the whole is not a number.
        totals: [n] height of the stack; NaN where it is not a number.
        low, high: [n] ends of the band of uncertainty; NaN without one.
        data: Points, or None.
        lines: For each overlay [n] its height as it is drawn.
    """

    edges: list[float]
    numbered: bool
    sums: list[list[float]]
    totals: list[float]
    low: list[float]
    high: list[float]
    data: Dots | None
    lines: list[list[float]]

    @property
    def bins(self) -> int:
        """How many bins there are."""
        return len(self.edges) - 1


def numbers(plot: Plot) -> Numbers:
    """Return the numbers of a plot; arrays of another length are cut or filled with NaN."""
    edges = [float(edge) for edge in np.ravel(plot.edges)]
    bins = max(len(edges) - 1, 0)
    numbered = not all(math.isfinite(edge) and abs(edge) < _HUGE for edge in edges) or any(
        not b > a for a, b in pairwise(edges)
    )
    if numbered:
        edges = [float(k) for k in range(bins + 1)]
    values = [listed(layer.values, bins) for layer in plot.layers]
    sums = _sums(values, bins)
    totals = sums[-1] if sums else [0.0] * bins
    spread = listed(plot.uncertainty, bins) if plot.uncertainty is not None else [math.nan] * bins
    return Numbers(
        edges=edges,
        numbered=numbered,
        sums=sums,
        totals=totals,
        low=[total - abs(error) for total, error in zip(totals, spread, strict=True)],
        high=[total + abs(error) for total, error in zip(totals, spread, strict=True)],
        data=dots(plot.data, bins) if plot.data is not None else None,
        lines=[
            [_bounded(value * overlay.factor) for value in listed(overlay.values, bins)] for overlay in plot.overlays
        ],
    )


def dots(points: Points, bins: int) -> Dots:
    """Return points of so many bins; a bar that is not a number has no length."""
    values, below, above = (listed(array, bins) for array in (points.values, points.below, points.above))
    return Dots(
        values,
        [value - _length(error) for value, error in zip(values, below, strict=True)],
        [value + _length(error) for value, error in zip(values, above, strict=True)],
    )


def _length(error: float) -> float:
    return 0.0 if math.isnan(error) else abs(error)


def listed(array: FloatArray, bins: int) -> list[float]:
    """Return [n] numbers of an array; what is too large to calculate with is infinite."""
    values: list[float] = np.ravel(np.asarray(array, dtype=np.float64)).tolist()[:bins]
    return [_bounded(value) for value in values] + [math.nan] * (bins - len(values))


def _bounded(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) >= _HUGE else value


def _sums(values: list[list[float]], bins: int) -> list[list[float]]:
    """Sum up the stack; where the whole is not a number there is nothing to draw."""
    sums: list[list[float]] = []
    running = [0.0] * bins
    for layer in values:
        running = [a + b for a, b in zip(running, layer, strict=True)]
        sums.append(running)
    bad = [index for index, total in enumerate(running) if not math.isfinite(total)]
    for layer in sums:
        for index in bad:
            layer[index] = math.nan
    return sums


def y_axis(plot: Plot, content: Numbers, rows: int) -> YAxis:
    """Return the y axis: as tight as what is drawn allows, from 0, or from the plot's own lower end if logarithmic."""
    drawn = [value for value in _drawn(plot, content) if math.isfinite(value) and value > 0]
    top = max(drawn, default=0.0)
    if top < 1 / _HUGE:
        return YAxis(*((0.1, 10.0) if plot.log else (0.0, 1.0)), rows, plot.log)
    if not plot.log:
        return YAxis(0.0, top * _HEADROOM, rows)
    lo = plot.lo if math.isfinite(plot.lo) and plot.lo > 1 / _HUGE else 0.0
    if not 0 < lo < top / 2:
        least = max(min(drawn), top / 10**_MOST_DECADES)
        lo = 10.0 ** math.floor(math.log10(min(least, top / 2)))
    decades = math.log10(top) - math.log10(lo)
    return YAxis(lo, min(top * 10 ** (decades * _LOG_HEADROOM), 1e6 * _HUGE), rows, log=True)


def _drawn(plot: Plot, content: Numbers) -> Iterator[float]:
    yield from content.totals
    yield from content.high
    if content.data:
        yield from content.data.values
        yield from (
            upper
            for upper, value in zip(content.data.upper, content.data.values, strict=True)
            if value > 0 or not plot.log
        )
    for line in content.lines:
        yield from line
    for curve in plot.curves:
        yield from _finite(np.ravel(curve.y).tolist())


def _finite(values: Iterable[float]) -> Iterator[float]:
    return (float(value) for value in values if abs(value) < _HUGE)


def panel_axis(panel: Panel, rows: int) -> YAxis:
    """Return the y axis of a panel: its own ends, or usual ones if they are of no use; its line amid a row."""
    lo, hi = float(panel.lo), float(panel.hi)
    if not (
        math.isfinite(lo) and math.isfinite(hi) and max(abs(lo), abs(hi)) < _HUGE and lo < hi and hi - lo > 1 / _HUGE
    ):
        lo, hi = (0.0, 2.0) if panel.kind == "ratio" else (-1.0, 1.0)
    return _centred(lo, hi, rows, panel.reference)


def _centred(lo: float, hi: float, rows: int, line: float) -> YAxis:
    """Return an axis from ``lo`` to ``hi``, a row longer where that puts a line between them in the middle of a row.

    A curve, drawn to a third of a row, would run beside the line that it is on.
    """
    above = (line - lo) / (hi - lo) * rows
    if rows == 1 or not lo <= line <= hi or abs(above % 1 - 0.5) < 1 / EIGHTHS:
        return YAxis(lo, hi, rows)
    row = (hi - lo) / (rows - 1)
    lo = line - (math.ceil((line - lo) / row - 0.5) + 0.5) * row
    return YAxis(lo, lo + rows * row, rows)

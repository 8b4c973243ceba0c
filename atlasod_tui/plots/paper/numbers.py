"""Numbers as they can be drawn: what is not a number is left out, and ranges are ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from atlasod_tui.plots.model import FloatArray, Plot

_LARGEST = 1e200  # beyond it, sums of two and margins around them overflow


def edges_of(plot: Plot) -> FloatArray:
    """Return the [n + 1] edges of the bins; 0, 1, 2... where they do not rise, one bin where there is none."""
    edges = np.asarray(plot.edges, dtype=float)
    if len(edges) < 2:  # noqa: PLR2004 - a bin has two
        return np.array([0.0, 1.0])
    rises = np.isfinite(edges).all() and (np.diff(edges) > 0).all() and np.abs(edges).max() < _LARGEST
    return edges if rises else np.arange(len(edges), dtype=float)


def luminosity(per_pb: float) -> tuple[str, str]:
    """Return a luminosity, given in 1/pb, to three digits, and the unit it is one over: ``10.1`` and ``fb``."""
    value, unit = (per_pb / 1000, "fb") if per_pb >= 1000 else (per_pb, "pb")  # noqa: PLR2004 - pb in a fb
    return f"{float(f'{value:.3g}'):g}", unit


def aligned(values: FloatArray, edges: FloatArray) -> FloatArray:
    """Return [n] values, NaN throughout where there is not one for each bin, and for what cannot be drawn."""
    made = np.asarray(values, dtype=float)
    if made.shape != (len(edges) - 1,):
        return np.full(len(edges) - 1, np.nan)
    return np.where(np.abs(made) < _LARGEST, made, np.nan)


def clean(values: FloatArray, edges: FloatArray) -> FloatArray:
    """Return [n] values with 0 for what is not a number."""
    return np.nan_to_num(aligned(values, edges))


def make_room(plot: Plot, edges: FloatArray, left: float, right: float) -> tuple[float, float]:
    """Return the ends of the y axis: those of the plot, but beyond that where words or the legend would hide something.

    Args:
        plot: The plot; ends that cannot be drawn are replaced.
        edges: [n + 1] edges of its bins.
        left: What part of the height is free on the left, below the words.
        right: The like on the right, below the legend.
    """
    lo, hi = _ends(plot, edges)
    tops = _tops(plot, edges)
    half = len(tops) * 3 // 5
    for part, free in ((tops[:half], left), (tops[half:], right)):
        top = float(part.max(initial=0.0))
        if plot.log and top > lo:
            hi = max(hi, lo * (top / lo) ** (1 / free))
        elif not plot.log:
            hi = max(hi, lo + (top - lo) / free)
    return lo, min(hi, _LARGEST)


def _tops(plot: Plot, edges: FloatArray) -> FloatArray:
    """Return [n] the highest that is drawn in each bin."""
    found = [np.zeros(len(edges) - 1)]
    if plot.prediction is not None:
        found.append(clean(plot.prediction, edges))
        if plot.uncertainty is not None:
            found.append(found[-1] + np.abs(clean(plot.uncertainty, edges)))
    if plot.data is not None:
        values = clean(plot.data.values, edges)
        found.append(values + np.where(values > 0, clean(plot.data.above, edges), 0.0))
    found += [clean(overlay.values * overlay.factor, edges) for overlay in plot.overlays]
    highest: FloatArray = np.max(found, axis=0)
    return highest


def _ends(plot: Plot, edges: FloatArray) -> tuple[float, float]:
    """Return the ends of the y axis of a plot, or others if they cannot be drawn."""
    lo, hi = plot.lo, plot.hi
    tops = _tops(plot, edges)
    if plot.log:
        lo = lo if 0 < lo < _LARGEST else float(tops[tops > 0].min(initial=1.0)) / 10
        lo = max(lo, 1 / _LARGEST)
        return lo, hi if lo < hi < _LARGEST else max(100 * lo, 10 * float(tops.max()))
    lo = lo if abs(lo) < _LARGEST else 0.0
    return lo, hi if lo < hi < _LARGEST else lo + max(1.0, 2 * (float(tops.max()) - lo))

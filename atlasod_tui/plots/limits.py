"""How far the y axis of a picture goes."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from atlasod_tui.engine.author import Scale
from atlasod_tui.plots.model import FloatArray

if TYPE_CHECKING:
    from atlasod_tui.engine.author import Analysis


_LEAST = 0.1  # lower end of a logarithmic axis, if none is declared (`Plotting.cxx`)
_DECADES = 8  # not more than so many below what is highest
_FILLED = 0.6  # of the height of a logarithmic axis; the legend has the rest


def scale_of(analysis: Analysis, histogram: str) -> Scale:
    """Return the declared y axis of a histogram: a linear one where none is."""
    matching = (s for s in analysis.scales if any(fnmatchcase(histogram, glob) for glob in s.histograms))
    return next(matching, Scale())


def y_limits(
    scale: Scale, share: float, heights: Iterable[FloatArray], beyond: Iterable[FloatArray]
) -> tuple[float, float]:
    """Return the lower and upper end of the y axis, in events per bin.

    The declared ends go with the luminosity, but cut nothing off. Without them the axis ends at twice what is highest
    (`Plotting.cxx`), or where 60 % of a logarithmic axis are filled.

    Args:
        scale: The declared axis.
        share: The luminosity, divided by that of all data.
        heights: Data and prediction, [n] each.
        beyond: What must be seen as well: upper ends of error bars, lines, [n] each.
    """
    shown = _numbers(heights)
    highest = float(shown.max(initial=0.0))
    top = float(_numbers(beyond).max(initial=highest))
    hi = scale.hi * share if scale.hi is not None else 0.0
    if not scale.log:
        wanted = hi if hi > 0 else 2 * highest
        upper = max(wanted, 1.2 * top if hi > 0 else 1.1 * top)
        lower = 1.1 * float(shown.min(initial=0.0))
        return lower, upper if upper > 0 else max(1.0, -lower)
    lo = scale.lo * share if scale.lo is not None else _LEAST
    lo = lo if lo > 0 else _LEAST
    lowest = float(shown[shown > 0].min(initial=2 * lo))
    lo = max(min(lo, lowest / 2), top * 10.0**-_DECADES)
    room = lo * (top / lo) ** (1 / _FILLED) if top > lo else 0.0
    return lo, max(hi if hi > 2 * top else room, 1000 * lo)


def panel_limits(lo: float, hi: float, share: float, shown: Iterable[FloatArray]) -> tuple[float, float]:
    """Return the ends of a panel's y axis: as declared for all data, times the share of them, but cutting nothing."""
    numbers = _numbers(shown)
    ends = (
        min(lo * share, 1.1 * float(numbers.min(initial=0.0))),
        max(hi * share, 1.1 * float(numbers.max(initial=0.0))),
    )
    return ends if ends[0] < ends[1] else (-1.0, 1.0)


def _numbers(arrays: Iterable[FloatArray]) -> FloatArray:
    found = np.concatenate([np.empty(0), *arrays])
    kept: FloatArray = found[np.isfinite(found)]
    return kept

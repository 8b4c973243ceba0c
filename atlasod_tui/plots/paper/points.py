"""Data: points with bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atlasod_tui.plots.paper.numbers import aligned, clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

    from atlasod_tui.plots.model import FloatArray, Points


def draw_points(
    axes: Axes, points: Points, edges: FloatArray, colour: str, expected: FloatArray | None = None
) -> ErrorbarContainer:
    """Draw data, and return what stands for them in a legend.

    Args:
        axes: Where.
        points: [n] values and bars; without a number there is no point.
        edges: [n + 1] edges of the bins.
        colour: Of points and bars.
        expected: [n] expected events where a value of 0 is a bin without events. That has no point, and a bar only
            where at least one event was expected: elsewhere it says nothing, and would bury what does.
    """
    x = (edges[1:] + edges[:-1]) / 2
    values = aligned(points.values, edges)
    bars = [np.maximum(clean(part, edges), 0) for part in (points.below, points.above)]
    there = np.isfinite(values)
    bare = there & (values == 0) & (expected is not None)
    looks: dict[str, Any] = {"color": colour, "elinewidth": 1.3, "capsize": 0, "zorder": 10}
    if expected is not None and (shown := bare & (expected >= 1)).any():
        axes.errorbar(x[shown], values[shown], [bar[shown] for bar in bars], fmt="none", **looks)
    there &= ~bare
    return axes.errorbar(
        x[there], values[there], [bar[there] for bar in bars], fmt="o", markersize=5, markeredgewidth=0, **looks
    )

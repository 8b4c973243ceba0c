"""The panel below: data over prediction, or data minus fitted background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mplhep
import numpy as np
from matplotlib.ticker import AutoMinorLocator, MaxNLocator

from atlasod_tui.plots.paper import style
from atlasod_tui.plots.paper.axis import text_of
from atlasod_tui.plots.paper.numbers import aligned, clean
from atlasod_tui.plots.paper.points import draw_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from atlasod_tui.plots.model import FloatArray, Panel, Plot
    from atlasod_tui.plots.paper.style import Colours


def draw_panel(axes: Axes, plot: Plot, panel: Panel, edges: FloatArray, colours: Colours) -> None:
    """Draw the panel of a plot; what is beyond its ends is an arrow there."""
    expected = None if panel.kind == "difference" or plot.prediction is None else clean(plot.prediction, edges)
    middle = panel.reference
    lo, hi = panel.lo, panel.hi
    if not (np.isfinite(hi - lo) and lo < hi):
        lo, hi = middle - 1, middle + 1
    axes.set_ylim(lo, hi)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10], prune="upper"))
    axes.yaxis.set_minor_locator(AutoMinorLocator())
    axes.grid(axis="y", color=colours.faint, linewidth=0.7, linestyle=":")
    axes.set_axisbelow(True)
    axes.axhline(middle, color=colours.ink, linewidth=1.2, zorder=3)
    if panel.band is not None:
        half = clean(panel.band, edges)
        draw_band(axes, np.full(len(half), middle), half, edges, colours)
    if panel.curve is not None:
        colour = colours.palette.colour(panel.curve.hue)
        axes.plot(panel.curve.x, panel.curve.y, color=colour, linewidth=2, zorder=4)
    draw_points(axes, panel.points, edges, colours.ink, expected)
    _point_out(axes, panel, edges, (lo, hi), colours.ink)
    axes.set_ylabel(text_of(panel.title), size=style.TEXT, loc="center")


def draw_band(axes: Axes, values: FloatArray, half: FloatArray, edges: FloatArray, colours: Colours) -> None:
    """Draw a hatched band around [n] values, [n] its half heights."""
    mplhep.histplot(
        values,
        edges,
        yerr=np.abs(half),
        histtype="band",
        ax=axes,
        flow="none",
        facecolor="none",
        edgecolor=colours.ink,
        hatch="//////",
        linewidth=0,
        alpha=None,
        zorder=5,
    )


def _point_out(axes: Axes, panel: Panel, edges: FloatArray, ends: tuple[float, float], colour: str) -> None:
    """Mark the points beyond the ends of the axis by arrows at its ends."""
    lo, hi = ends
    x = (edges[1:] + edges[:-1]) / 2
    values = aligned(panel.points.values, edges)
    margin = 0.05 * (hi - lo)
    for beyond, y, marker in ((values > hi, hi - margin, "^"), (values < lo, lo + margin, "v")):
        axes.plot(
            x[beyond], np.full(int(beyond.sum()), y), marker, color=colour, markersize=6, markeredgewidth=0, zorder=11
        )

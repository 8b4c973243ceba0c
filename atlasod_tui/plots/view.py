"""Another view of a plot: some of its bins, a logarithmic axis, no panel; its numbers stay what they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from atlasod_tui.engine.author import Scale
from atlasod_tui.plots.limits import y_limits
from atlasod_tui.plots.model import Curve, FloatArray, Panel, Plot, Points
from atlasod_tui.plots.window import Window


def on_scale(plot: Plot, *, log: bool) -> Plot:
    """Return a plot with a logarithmic or a linear y axis, whose ends fit what is drawn."""
    if log == plot.log:
        return plot
    lo, hi = _limits(plot, log=log)
    return replace(plot, log=log, lo=lo, hi=hi)


def without_panel(plot: Plot) -> Plot:
    """Return a plot without the panel below it."""
    return replace(plot, panel=None)


def of_bins(plot: Plot, window: Window) -> Plot:
    """Return some bins of a plot; its yields stay those of all bins, which a note says."""
    bins = len(plot.edges) - 1
    part = slice(max(window.first, 0), min(window.end, bins))
    if part == slice(0, bins) or not part.start < part.stop:
        return plot
    edges = plot.edges[part.start : part.stop + 1]
    cut = replace(
        plot,
        edges=edges,
        layers=tuple(replace(one, values=one.values[part], variances=one.variances[part]) for one in plot.layers),
        overlays=tuple(replace(one, values=one.values[part], variances=one.variances[part]) for one in plot.overlays),
        curves=tuple(_curve(one, edges) for one in plot.curves),
        prediction=None if plot.prediction is None else plot.prediction[part],
        uncertainty=None if plot.uncertainty is None else plot.uncertainty[part],
        data=None if plot.data is None else _points(plot.data, part),
        panel=None if plot.panel is None else _panel(plot.panel, part, edges),
        notes=(_said(part, bins), *plot.notes),
    )
    lo, hi = _limits(cut, log=plot.log)
    return replace(cut, lo=lo, hi=hi)


def _said(part: slice, bins: int) -> str:
    which = f"bin {part.stop}" if part.stop - part.start == 1 else f"bins {part.start + 1} to {part.stop}"
    return f"{which} of {bins}; yields of all"


def _points(points: Points, part: slice) -> Points:
    return Points(points.values[part], points.below[part], points.above[part])


def _curve(curve: Curve, edges: FloatArray) -> Curve:
    """Return the part of a curve between edges, and a point more at either end."""
    near = np.flatnonzero((curve.x >= edges[0]) & (curve.x <= edges[-1]))
    if not len(near):
        return replace(curve, x=curve.x[:0], y=curve.y[:0])
    part = slice(max(near[0] - 1, 0), near[-1] + 2)
    return replace(curve, x=curve.x[part], y=curve.y[part])


def _panel(panel: Panel, part: slice, edges: FloatArray) -> Panel:
    return replace(
        panel,
        points=_points(panel.points, part),
        band=None if panel.band is None else panel.band[part],
        curve=None if panel.curve is None else _curve(panel.curve, edges),
    )


def _limits(plot: Plot, *, log: bool) -> tuple[float, float]:
    """Return the ends of the y axis for what a plot shows, as they are chosen where none are declared."""
    heights: list[FloatArray] = []
    beyond = [one.values * one.factor for one in plot.overlays] + [one.y for one in plot.curves]
    if plot.data is not None:
        heights.append(plot.data.values)
        beyond.append(plot.data.values + plot.data.above)
    if plot.prediction is not None:
        heights.append(plot.prediction)
        if plot.uncertainty is not None:
            beyond.append(plot.prediction + plot.uncertainty)
    with np.errstate(all="ignore"):
        return y_limits(Scale(log=log), 1.0, heights or beyond, beyond)

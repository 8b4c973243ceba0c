"""The plot: stack, band, data, lines over them, legend and what it is of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mplhep
import numpy as np

from atlasod_tui.plots.paper import style
from atlasod_tui.plots.paper.axis import label_y, scale_y, text_of
from atlasod_tui.plots.paper.lower import draw_band
from atlasod_tui.plots.paper.numbers import clean, luminosity, make_room
from atlasod_tui.plots.paper.points import draw_points

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.container import Container

    from atlasod_tui.plots.model import FloatArray, Overlay, Plot
    from atlasod_tui.plots.paper.style import Colours

_Entry = tuple["Artist | Container", str]
_ONE_COLUMN = 9
_DASHES = ("--", "-", "-.", ":")


def draw_plot(axes: Axes, plot: Plot, edges: FloatArray, colours: Colours) -> None:
    """Draw the upper pad of a plot."""
    axes.autoscale(False)
    label_y(axes, text_of(plot.ytitle))
    entries: list[_Entry] = []
    if plot.data is not None:
        expected = np.zeros(len(edges) - 1) if plot.prediction is None else clean(plot.prediction, edges)
        entries.append((draw_points(axes, plot.data, edges, colours.ink, expected), "Data"))
    if plot.layers:
        entries += _draw_stack(axes, plot, edges, colours)
    if plot.prediction is not None and plot.uncertainty is not None:
        draw_band(axes, clean(plot.prediction, edges), clean(plot.uncertainty, edges), edges, colours)
        entries.append((axes.patches[-1], "Stat. unc."))
    for curve, dashes in zip(plot.curves, _DASHES * len(plot.curves), strict=False):
        (line,) = axes.plot(curve.x, curve.y, dashes, color=colours.palette.colour(curve.hue), linewidth=2.2, zorder=8)
        entries.append((line, text_of(curve.label)))
    entries += [_draw_overlay(axes, overlay, edges, colours) for overlay in plot.overlays]
    lines = _words(plot)
    rows = len(entries) if len(entries) <= _ONE_COLUMN else (len(entries) + 1) // 2
    scale_y(
        axes,
        *make_room(plot, edges, _free(axes, 0.55 + 0.27 * (1 + len(lines))), _free(axes, 0.2 + 0.25 * rows)),
        log=plot.log,
    )
    if entries:
        _draw_legend(axes, entries)
    _draw_words(axes, lines, colours)


def _free(axes: Axes, taken: float) -> float:
    """Return what part of the height of the axes is left below words or a legend of so many inches."""
    inches = axes.get_position().height * axes.figure.get_figheight()  # type: ignore[union-attr]
    return max(0.3, 1 - taken / inches)


def _draw_stack(axes: Axes, plot: Plot, edges: FloatArray, colours: Colours) -> list[_Entry]:
    """Draw the groups, and return their entries in the legend from the top of the stack to its bottom."""
    hatches = [colours.palette.hatch(layer.hue) for layer in plot.layers]
    drawn = mplhep.histplot(
        [clean(layer.values, edges) for layer in plot.layers],
        edges,
        stack=True,
        histtype="fill",
        ax=axes,
        flow="none",
        facecolor=[colours.palette.colour(layer.hue) for layer in plot.layers],
        edgecolor=colours.ink,
        linewidth=0.7,
        hatch=hatches,
        zorder=2,
    )
    # They are drawn, and returned, from the top.
    return [(made.stairs, text_of(layer.label)) for made, layer in zip(drawn, plot.layers[::-1], strict=True)]


def _draw_overlay(axes: Axes, overlay: Overlay, edges: FloatArray, colours: Colours) -> _Entry:
    factor = overlay.factor if math.isfinite(overlay.factor) else 1.0
    (drawn,) = mplhep.histplot(
        clean(overlay.values * factor, edges),
        edges,
        histtype="step",
        ax=axes,
        flow="none",
        color=colours.palette.colour(overlay.hue),
        linestyle="--",
        linewidth=2.2,
        zorder=7,
    )
    by = "" if factor == 1 else rf" ($\times${factor:.3g})"
    return drawn.stairs, text_of(overlay.label) + by


def _draw_legend(axes: Axes, entries: list[_Entry]) -> None:
    artists, labels = zip(*entries, strict=True)
    axes.legend(
        artists,
        labels,
        loc="upper right",
        ncols=1 if len(entries) <= _ONE_COLUMN else 2,
        fontsize=style.LEGEND,
        handlelength=1.6,
        handletextpad=0.6,
        borderpad=0.2,
        borderaxespad=0.9,
    ).set_zorder(20)


def _words(plot: Plot) -> list[str]:
    """Return what the plot is of."""
    process = text_of(plot.process) + (" \N{DAGGER}" if plot.quirks else "")
    number, unit = luminosity(plot.luminosity_pb)
    lines = [rf"$\sqrt{{s}}$ = {plot.energy_tev:g} TeV, {number} {unit}$^{{\mathrm{{-1}}}}$", process]
    if plot.fit is not None:
        lines.append(rf"$\chi^2$ / ndf = {plot.fit.chi2:.1f} / {plot.fit.ndf}")
    return [line for line in lines if line.strip()]


def _draw_words(axes: Axes, lines: list[str], colours: Colours) -> None:
    """Write at the upper left what the plot is of; never ATLAS alone, which would be a result of the collaboration."""
    mplhep.atlas.text(
        "Open Data",
        ax=axes,
        loc=4,
        lumi="for education",
        supp="\n".join(lines),
        fontsize=(style.EXPERIMENT, style.EXPERIMENT, style.TEXT, style.TEXT),
        fontstyle=("italic", "normal", "normal", "normal"),
        color=colours.ink,
    )

"""The figure: banners on top, the plot, the panel below it, notes at the foot."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from atlasod_tui.plots.paper import style
from atlasod_tui.plots.paper.axis import label_x, limit_x
from atlasod_tui.plots.paper.lower import draw_panel
from atlasod_tui.plots.paper.numbers import edges_of, luminosity
from atlasod_tui.plots.paper.upper import draw_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from atlasod_tui.plots.model import Plot
    from atlasod_tui.plots.paper.style import Colours

# Inches; banners and notes add to the height, so that the plot is always of one size.
_WIDTH, _HEIGHT = 7.0, 7.5
_LEFT, _RIGHT, _TOP, _BOTTOM = 1.1, 0.3, 0.35, 0.75
_SPLIT, _GAP = 0.29 * _HEIGHT, 0.1
_BANNER_LINE, _NOTE_LINE = 0.36, 0.15
_BANNER_LETTERS, _NOTE_LETTERS, _NOTE_LINES = 54, 108, 10


def draw(plot: Plot, colours: Colours) -> Figure:
    """Return the picture of a plot, to be drawn within `style.context`; odd numbers are left out, never an error."""
    banners = [line for text in plot.banners for line in textwrap.wrap(text, _BANNER_LETTERS)]
    notes = _notes(plot)
    foot = _NOTE_LINE * len(notes) + (0.1 if notes else 0)
    head = _BANNER_LINE * len(banners) + (0.1 if banners else 0)
    height = head + _HEIGHT + foot
    figure = Figure(figsize=(_WIDTH, height))

    def pad(bottom: float, top: float) -> Axes:
        """Make axes between two heights of the plot, in inches."""
        width = (_WIDTH - _LEFT - _RIGHT) / _WIDTH
        made: Axes = figure.add_axes((_LEFT / _WIDTH, (foot + bottom) / height, width, (top - bottom) / height))
        return made

    edges = edges_of(plot)
    upper = pad(_SPLIT if plot.panel else _BOTTOM, _HEIGHT - _TOP)
    limit_x(upper, edges)
    draw_plot(upper, plot, edges, colours)
    if plot.panel is None:
        label_x(upper, plot)
    else:
        upper.tick_params(labelbottom=False)
        lower = pad(_BOTTOM, _SPLIT - _GAP)
        limit_x(lower, edges)
        draw_panel(lower, plot, plot.panel, edges, colours)
        label_x(lower, plot)
    figure.align_ylabels()
    for i, line in enumerate(banners):
        _banner(figure, line, colours.alarm, height - _BANNER_LINE * i, height)
    for i, line in enumerate(notes):
        y = (_NOTE_LINE * (len(notes) - i) - 0.03) / height
        figure.text(0.02, y, line, size=style.NOTES, va="center", color=colours.ink, parse_math=False)
    return figure


def _banner(figure: Figure, line: str, colour: str, top: float, height: float) -> None:
    box = Rectangle((0, (top - _BANNER_LINE) / height), 1, _BANNER_LINE / height, color=colour, linewidth=0)
    figure.add_artist(box)
    y = (top - _BANNER_LINE / 2) / height
    figure.text(
        0.5, y, line, size=style.BANNER, weight="bold", color="white", ha="center", va="center", parse_math=False
    )


def _notes(plot: Plot) -> list[str]:
    """Return the lines at the foot."""
    found = plot.expected - len(plot.missing)
    scaled = f"scaled to {'/'.join(luminosity(plot.luminosity_pb))}" + (
        f" ({plot.luminosity_of})" if plot.luminosity_of else ""
    )
    samples = f"{found} of {plot.expected} simulated samples"
    first = f"{samples}, {scaled}; variant {plot.variant}" if plot.expected else f"variant {plot.variant}"
    if any(note.startswith(samples) for note in plot.notes):
        first = f"simulation {scaled}; variant {plot.variant}"
    texts = [first, *plot.notes, *(f"\N{DAGGER} {quirk}" for quirk in plot.quirks)]
    lines = [line for text in texts for line in textwrap.wrap(text, _NOTE_LETTERS)]
    if len(lines) > _NOTE_LINES:
        lines[_NOTE_LINES - 1 :] = ["\N{HORIZONTAL ELLIPSIS}"]
    return lines

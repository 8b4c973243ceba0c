"""Walls and floors: the axes with their ticks and labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from atlasod_tui.plots.canvas.axes import XAxis, YAxis
from atlasod_tui.plots.canvas.raster import Raster
from atlasod_tui.plots.canvas.ticks import decades, labels, linear, power
from atlasod_tui.plots.canvas.words import Words
from atlasod_tui.plots.model import Panel

_MOST_GUTTER = 10
_LEAST_GUTTER = 5
_ROWS_PER_TICK = 2.5
_SPACE = 3


@dataclass(frozen=True)
class Gutter:
    """What is left of the plot: labels by row, counted from the lowest.

    Attributes:
        width: Columns of labels and wall.
        base: The label of the lower end of the main plot, on the row below it.
        main: Labels of the main plot.
        lower: Labels of the panel.
    """

    width: int
    base: str
    main: dict[int, str]
    lower: dict[int, str]


def gutter(y: YAxis, lower: YAxis | None, panel: Panel | None, *, ascii_only: bool) -> Gutter:
    """Return the labels of the y axes."""
    most = max(int(y.rows / _ROWS_PER_TICK), 2)
    if y.log:
        values = decades(y.lo, y.hi, most)
        names = [power(value, ascii_only=ascii_only) for value in values]
    else:
        values = linear(y.lo, y.hi, most)
        names = labels(values)
    base, main = "", {}
    for value, name in zip(values, names, strict=True):
        if y.fraction(value) < 1e-6:  # noqa: PLR2004 - the floor
            base = name
        else:
            main[y.row(value)] = name
    below = _panel_labels(lower, panel) if lower and panel else {}
    longest = max(map(len, (base, *main.values(), *below.values())), default=0)
    return Gutter(min(max(longest + 2, _LEAST_GUTTER), _MOST_GUTTER), base, main, below)


def _panel_labels(y: YAxis, panel: Panel) -> dict[int, str]:
    """Label the reference first: a tick that would share its row goes without, or stand beside it if there are two."""
    values = linear(y.lo, y.hi, max((y.rows + 1) // 2, 2))
    order = sorted(zip(values, labels(values), strict=True), key=lambda tick: abs(tick[0] - panel.reference))
    found: dict[int, str] = {}
    for apart in (1, 0):
        for value, name in order:
            row = y.row(value)
            missing = apart or len(found) < 2  # noqa: PLR2004 - one alone does not say how large something is
            if missing and not found.keys() & set(range(row - apart, row + apart + 1)):
                found[row] = name
    return found


def draw_wall(raster: Raster, x: int, y: int, rows: int, named: dict[int, str], said: Words) -> None:  # noqa: PLR0913
    """Draw a y axis: ``rows`` rows down from ``y``, with its labels to the left."""
    look = said.secondary
    for row in range(rows):
        label = named.get(row, "")
        at = y + rows - 1 - row
        raster.put(x, at, said.glyphs.wall_tick if label else said.glyphs.wall, look)
        _label(raster, x, at, label, said)


def _label(raster: Raster, x: int, y: int, label: str, said: Words) -> None:
    if label:
        raster.text(max(x - len(label), 0), y, label[-x:], said.secondary)


def x_labels(x: XAxis, *, numbered: bool) -> list[tuple[int, str]]:
    """Return columns and labels of the ticks of the x axis."""
    lo, hi = x.edges[0], x.edges[-1]
    most = max(x.width // 9, 1)
    while True:
        values = linear(lo, hi, most)
        names = labels(values)
        places = [min(math.floor(x.position(value) + 1e-9), x.width) for value in values]
        close = any(
            b - a < (len(one) + len(other)) / 2 + _SPACE
            for a, b, one, other in zip(places, places[1:], names, names[1:], strict=False)
        )
        if not close or most <= 1 or numbered:
            return list(zip(places, names, strict=True))
        most -= 1


@dataclass(frozen=True)
class Ticks:
    """What is on an x axis: columns with their labels, and columns where bins begin and end."""

    labels: Sequence[tuple[int, str]]
    borders: Sequence[int]


def draw_floor(  # noqa: PLR0913 - where, what, how
    raster: Raster, x: int, y: int, axis: XAxis, ticks: Ticks, said: Words, base: str, corner: str
) -> None:
    """Draw an x axis, with its labels on the row below."""
    look = said.secondary
    raster.put(x, y, corner, look)
    for column in range(axis.width + 1):
        raster.put(x + 1 + column, y, said.glyphs.floor, look)
    for column in ticks.borders:
        raster.put(x + 1 + column, y, said.glyphs.border, look)
    _label(raster, x, y, base, said)
    free = 0
    for column, label in ticks.labels:
        raster.put(x + 1 + column, y, said.glyphs.floor_tick, look)
        start = min(max(x + 1 + column - len(label) // 2, free), raster.width - len(label))
        if start >= free:
            raster.text(start, y + 1, label, look)
            free = start + len(label) + 1

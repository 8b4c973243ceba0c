"""The upper part, the plot itself: stack, band, lines, curves, data, letters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from atlasod_tui.plots.canvas import band, marks
from atlasod_tui.plots.canvas.axes import XAxis, YAxis
from atlasod_tui.plots.canvas.glyphs import contrast
from atlasod_tui.plots.canvas.numbers import Numbers
from atlasod_tui.plots.canvas.raster import BOLD, PLAIN, Look, Raster
from atlasod_tui.plots.canvas.stack import BARE, EMPTY, Cell, Paint, column
from atlasod_tui.plots.canvas.words import Words
from atlasod_tui.plots.model import Curve, Plot
from atlasod_tui.plots.palette import Palette

_ROOMY = 3
_LETTER_EVERY = 40

_Place = tuple[int, int]
"""A column, and a row counted from the lowest."""


@dataclass(frozen=True)
class Paints:
    """How layers, overlays and curves look."""

    palette: Palette
    layers: list[Paint]
    lines: list[Paint]
    curves: list[Paint]


def draw_upper(  # noqa: PLR0913 - what, where, how
    raster: Raster,
    plot: Plot,
    content: Numbers,
    paints: Paints,
    origin: tuple[int, int],
    x: XAxis,
    y: YAxis,
    said: Words,
) -> list[str]:
    """Draw the plot with its upper left corner at ``origin``, and return what has to be said about it."""
    area = _Area(raster, origin, x, y, paints, said)
    area.stack(content)
    for heights, paint in zip(content.lines, paints.lines, strict=True):
        area.line([heights[bin_] for bin_ in x.shown(heights)], paint)
    for curve, paint in zip(plot.curves, paints.curves, strict=True):
        area.line(curve_heights(curve, x), paint)
    beyond = False
    if content.data is not None:
        beyond = marks.draw_points(content.data, x, y, said.glyphs, area.mark)
    area.letters()
    return area.oddities(content, beyond=beyond)


def curve_heights(curve: Curve, x: XAxis) -> list[float]:
    """Return the height of a curve in the middle of each column; NaN where it is not defined."""
    xs, ys = np.ravel(curve.x), np.ravel(curve.y)
    size = min(len(xs), len(ys))
    good = np.isfinite(xs[:size]) & np.isfinite(ys[:size])
    xs, ys = xs[:size][good], ys[:size][good]
    if not len(xs):
        return [math.nan] * x.width
    order = np.argsort(xs, kind="stable")
    lo, hi = x.edges[0], x.edges[-1]
    at = lo + (np.arange(x.width) + 0.5) * ((hi - lo) / x.width)
    with np.errstate(all="ignore"):
        heights: list[float] = np.interp(at, xs[order], ys[order], left=np.nan, right=np.nan).tolist()
    return heights


class _Area:
    """The cells of the plot: columns from the left, rows from the lowest."""

    def __init__(  # noqa: PLR0913
        self, raster: Raster, origin: tuple[int, int], x: XAxis, y: YAxis, paints: Paints, said: Words
    ) -> None:
        self.raster, self.x, self.y, self.paints, self.said = raster, x, y, paints, said
        self.left, self.bottom = origin[0], origin[1] + y.rows - 1
        self.cells: list[list[Cell]] = []
        self.owners: list[int] = []
        self.lines: list[tuple[Paint, dict[_Place, Look]]] = []
        self.taken: set[_Place] = set()

    def put(self, column_: int, row: int, char: str, look: Look) -> None:
        """Put a character with a look."""
        self.raster.put(self.left + column_, self.bottom - row, char, look)

    def mark(self, column_: int, row: int, char: str) -> None:
        """Put a mark that can be read on what is behind, which keeps its paper."""
        self.put(column_, row, char, self.cells[column_][row].inked)
        self.taken.add((column_, row))

    def stack(self, content: Numbers) -> None:
        """Draw the layers, and the statistical error of their sum; without colours the border is left as it is."""
        self.owners = self.x.shown(content.totals)
        coloured = self.paints.palette.coloured
        made: dict[int, list[Cell]] = {}
        hatch: dict[int, list[int]] = {}
        for index in set(self.owners):
            low, high = content.low[index], content.high[index]
            cells = column([layer[index] for layer in content.sums], self.y, self.paints.layers)
            made[index] = band.veiled(cells, low, high, self.y, self.paints.palette) if coloured else cells
            hatch[index] = [] if coloured else band.hatched(low, high, self.y)
        self.cells = [made[index] for index in self.owners]
        for at, cells in enumerate(self.cells):
            for row, cell in enumerate(cells):
                if cell is not EMPTY:
                    self.put(at, row, cell.char, cell.look)
            for row in hatch[self.owners[at]]:
                if cells[row].whole and (at + row) % 2 == 0:  # what is hatched shows between
                    bare = cells[row].layer == BARE
                    self.put(at, row, self.said.glyphs.band, self.said.secondary if bare else cells[row].inked)
                    self.taken.add((at, row))

    def line(self, heights: list[float], paint: Paint) -> None:
        """Draw a line in the colour of its group; where it runs together with an earlier one they take turns."""
        on: dict[_Place, Look] = {}

        def put(at: int, row: int, char: str) -> None:
            if at // 2 % 2 and any((at, row) in earlier for _, earlier in self.lines):
                return
            paper = self.cells[at][row].paper
            ink = contrast(paper) if paper and paper == paint.colour else paint.colour
            on[at, row] = (ink, paper, BOLD)
            self.put(at, row, char, on[at, row])

        marks.draw_line(heights, self.y, self.said.glyphs, put)
        self.lines.append((paint, on))

    def letters(self) -> None:
        """Write the letters of lines, and each layer's where it has most room, if it is not made of letters."""
        for paint, on in self.lines:
            free = [place for place in on if place not in self.taken]
            for at, row in free[len(free) // 2 % _LETTER_EVERY :: _LETTER_EVERY]:
                self.put(at, row, paint.letter, on[at, row])
        if self.said.ascii_only:
            return
        lined = {place for _, on in self.lines for place in on}
        for layer, paint in enumerate(self.paints.layers):
            best = self._room(layer, lined)
            if best is None:
                continue
            at, row, length = best
            ink, paper, flags = self.cells[at][row].inked
            self.put(at, row, paint.letter, (ink, paper, flags | BOLD))
            if not paint.colour and length >= _ROOMY:  # a letter among hatches needs some room
                self.put(at - 1, row, " ", PLAIN)
                self.put(at + 1, row, " ", PLAIN)

    def _room(self, layer: int, lined: set[_Place]) -> tuple[int, int, int] | None:
        """Return the middle of the longest row of free cells of a layer, and its length."""
        taken = self.taken | lined
        best: tuple[int, int, int] | None = None
        for row in range(self.y.rows):
            length = 0
            for at in range(len(self.cells) + 1):
                if at < len(self.cells) and (at, row) not in taken:
                    cell = self.cells[at][row]
                    if cell.layer == layer and cell.whole:
                        length += 1
                        continue
                if length and (best is None or length > best[2]):
                    best = (at - length + (length - 1) // 2, row, length)
                length = 0
        return best

    def oddities(self, content: Numbers, *, beyond: bool) -> list[str]:
        """Mark bins that are not numbers or below what the axis shows, and return what the marks mean."""
        glyphs = self.said.glyphs
        said = []
        unknown = {index for index, total in enumerate(content.totals) if not math.isfinite(total)}
        below = {index for index, total in enumerate(content.totals) if total < 0}
        for at, index in enumerate(self.owners):
            if index in unknown | below and (at, 0) not in self.taken:
                self.put(at, 0, glyphs.unknown if index in unknown else glyphs.negative, (None, None, BOLD))
        infinite = (
            {index for index, value in enumerate(content.data.values) if math.isinf(value)} if content.data else ()
        )
        if odd := unknown.union(infinite):
            said.append(f"{glyphs.unknown} not a number in {_bins(len(odd))}")
        if below:
            said.append(f"{glyphs.negative} prediction below 0 in {_bins(len(below))}")
        if beyond:
            said.append(f"{glyphs.down} data below the axis")
        said += [f"{glyphs.line}{paint.letter}{glyphs.line} too small to draw" for paint, on in self.lines if not on]
        if self.x.sharing:
            said.append("bins share columns: the highest is drawn")
        if any(self.y.eighths(low) < self.y.eighths(high) for low, high in _negative(content)):
            said.append("negative layers taken off those below")
        return said


def _bins(count: int) -> str:
    return "1 bin" if count == 1 else f"{count} bins"


def _negative(content: Numbers) -> list[tuple[float, float]]:
    """Return pairs of sums where the upper one is less than the lower."""
    zeros = [0.0] * content.bins
    return [
        (upper, lower)
        for below, above in zip([zeros, *content.sums], content.sums, strict=False)
        for lower, upper in zip(below, above, strict=True)
        if upper < lower
    ]

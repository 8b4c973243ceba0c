"""The plot itself: stack, band, lines, curves, data, letters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from atlasod_tui.plots.canvas import marks
from atlasod_tui.plots.canvas.axes import XAxis, YAxis
from atlasod_tui.plots.canvas.numbers import Numbers
from atlasod_tui.plots.canvas.raster import BOLD, PLAIN, Look, Raster
from atlasod_tui.plots.canvas.stack import BARE, EMPTY, Cell, Paint, column
from atlasod_tui.plots.canvas.words import Words
from atlasod_tui.plots.model import Curve, Plot

_ROOMY = 3
_VISIBLE = 3  # eighths
_LETTER_EVERY = 40


@dataclass(frozen=True)
class Paints:
    """How layers, overlays and curves look."""

    layers: list[Paint]
    lines: list[Paint]
    curves: list[Paint]


def draw_main(  # noqa: PLR0913 - what, where, how
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
    area.band(content)
    for heights, paint in zip(content.lines, paints.lines, strict=True):
        area.line([heights[bin_] if bin_ >= 0 else math.nan for bin_ in x.shown(heights)], paint)
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
        self.taken: set[tuple[int, int]] = set()
        self.owners: list[int] = []

    def put(self, column_: int, row: int, char: str, look: Look) -> None:
        """Put a character with a look."""
        self.raster.put(self.left + column_, self.bottom - row, char, look)

    def mark(self, column_: int, row: int, char: str) -> None:
        """Put a mark that can be read on what is behind, which keeps its paper."""
        layer = self.cells[column_][row].layer
        self.put(column_, row, char, PLAIN if layer == BARE else self.paints.layers[layer].inked)
        self.taken.add((column_, row))

    def stack(self, content: Numbers) -> None:
        """Draw the layers."""
        self.owners = self.x.shown(content.totals)
        made: dict[int, list[Cell]] = {-1: [EMPTY] * self.y.rows}
        for index in set(self.owners) - {-1}:
            made[index] = column([layer[index] for layer in content.sums], self.y, self.paints.layers)
        self.cells = [made[index] for index in self.owners]
        for at, cells in enumerate(self.cells):
            for row, cell in enumerate(cells):
                if cell is not EMPTY:
                    self.put(at, row, cell.char, cell.look)

    def band(self, content: Numbers) -> None:
        """Hatch what the statistical error of the prediction covers; the border of the stack stays as it is."""
        glyph = self.said.glyphs.band
        rows_of = {
            index: [row for row, start, end in marks.covered(content.low[index], content.high[index], self.y)
                    if end - start >= _VISIBLE]
            for index in set(self.owners) - {-1}
        }  # fmt: skip
        for at, index in enumerate(self.owners):
            for row in rows_of.get(index, ()):
                cell = self.cells[at][row]
                if not cell.whole:
                    continue
                bare: Look = self.said.secondary
                self.put(at, row, glyph, bare if cell.layer == BARE else self.paints.layers[cell.layer].inked)
                self.taken.add((at, row))

    def line(self, heights: list[float], paint: Paint) -> None:
        """Draw a line in the colour of its group, with its letter on it."""
        on: list[tuple[int, int]] = []

        def put(at: int, row: int, char: str) -> None:
            layer = self.cells[at][row].layer
            paper = self.paints.layers[layer].colour if layer != BARE else None
            ink = self.paints.layers[layer].inked[0] if paper == paint.colour and paper else paint.colour
            self.put(at, row, char, (ink, paper, BOLD))
            self.taken.add((at, row))
            on.append((at, row))

        marks.draw_line(heights, self.y, self.said.glyphs, put)
        for k in range(len(on) // 2 % _LETTER_EVERY, len(on), _LETTER_EVERY):
            put(*on[k], paint.letter)

    def letters(self) -> None:
        """Write each layer's letter where it has most room, if it is not made of letters."""
        if self.said.ascii_only:
            return
        for layer, paint in enumerate(self.paints.layers):
            best = self._room(layer)
            if best is None:
                continue
            at, row, length = best
            self.put(at, row, paint.letter, self._bold(paint))
            if not paint.colour and length >= _ROOMY:  # a letter among hatches needs some room
                self.put(at - 1, row, " ", PLAIN)
                self.put(at + 1, row, " ", PLAIN)

    @staticmethod
    def _bold(paint: Paint) -> Look:
        ink, paper, flags = paint.inked
        return ink, paper, flags | BOLD

    def _room(self, layer: int) -> tuple[int, int, int] | None:
        """Return the middle of the longest row of free cells of a layer, and its length."""
        best: tuple[int, int, int] | None = None
        for row in range(self.y.rows):
            length = 0
            for at in range(len(self.cells) + 1):
                free = at < len(self.cells) and self._free(at, row, layer)
                if free:
                    length += 1
                    continue
                if length and (best is None or length > best[2]):
                    best = (at - length + (length - 1) // 2, row, length)
                length = 0
        return best

    def _free(self, at: int, row: int, layer: int) -> bool:
        cell = self.cells[at][row]
        return cell.layer == layer and cell.whole and (at, row) not in self.taken

    def oddities(self, content: Numbers, *, beyond: bool) -> list[str]:
        """Mark bins that are not numbers or below what the axis shows, and return what the marks mean."""
        glyphs = self.said.glyphs
        said = []
        unknown = {index for index, total in enumerate(content.totals) if not math.isfinite(total)}
        below = {index for index, total in enumerate(content.totals) if total < 0}
        for at, index in enumerate(self.owners):
            if index in unknown:
                self.put(at, 0, glyphs.unknown, (None, None, BOLD))
            elif index in below and (at, 0) not in self.taken:
                self.put(at, 0, glyphs.down, (None, None, BOLD))
        if unknown:
            said.append(f"{glyphs.unknown} not a number in {_bins(len(unknown))}")
        if below:
            said.append(f"{glyphs.down} prediction below 0 in {_bins(len(below))}")
        if beyond:
            said.append(f"{glyphs.down} data below the axis")
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

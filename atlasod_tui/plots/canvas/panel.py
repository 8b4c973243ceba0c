"""The panel below the plot: data compared with the prediction."""

from __future__ import annotations

import math

from atlasod_tui.plots.canvas import marks
from atlasod_tui.plots.canvas.axes import EIGHTHS, XAxis, YAxis
from atlasod_tui.plots.canvas.numbers import dots, listed
from atlasod_tui.plots.canvas.raster import BOLD, PLAIN, Look, Raster
from atlasod_tui.plots.canvas.upper import curve_heights
from atlasod_tui.plots.canvas.words import Words
from atlasod_tui.plots.model import Panel
from atlasod_tui.plots.palette import Palette

_HALF = EIGHTHS // 2


def draw_panel(  # noqa: PLR0913 - what, where, how
    raster: Raster, panel: Panel, palette: Palette, origin: tuple[int, int], x: XAxis, y: YAxis, said: Words
) -> None:
    """Draw the panel with its upper left corner at ``origin``."""
    area = _Area(raster, palette, origin, x, y, said)
    bins = len(x.spans)
    if panel.band is not None:
        area.band(listed(panel.band, bins), panel.reference)
    area.reference(panel.reference)
    if panel.curve is not None:
        area.curve(curve_heights(panel.curve, x), palette.colour(panel.curve.hue) if palette.coloured else None)
    marks.draw_points(dots(panel.points, bins), x, y, said.glyphs, area.mark)


class _Area:
    """The cells of the panel: columns from the left, rows from the lowest."""

    def __init__(  # noqa: PLR0913
        self, raster: Raster, palette: Palette, origin: tuple[int, int], x: XAxis, y: YAxis, said: Words
    ) -> None:
        self.raster, self.palette, self.x, self.y, self.said = raster, palette, x, y, said
        self.left, self.bottom = origin[0], origin[1] + y.rows - 1
        self.shaded: set[tuple[int, int]] = set()

    def put(self, at: int, row: int, char: str, look: Look) -> None:
        """Put a character with a look, on the shade of the band where it is."""
        ink, paper, flags = look
        if (at, row) in self.shaded and self.palette.coloured:
            paper = self.palette.shade
        self.raster.put(self.left + at, self.bottom - row, char, (ink, paper, flags))

    def mark(self, at: int, row: int, char: str) -> None:
        """Put a mark."""
        self.put(at, row, char, PLAIN)

    def band(self, half: list[float], reference: float) -> None:
        """Shade what the error of the prediction covers, to half a row."""
        for (start, end), size in zip(self.x.spans, half, strict=True):
            if not math.isfinite(size):
                continue
            for row, low, high in marks.covered(reference - abs(size), reference + abs(size), self.y):
                for at in range(start, end):
                    self._shade(at, row, low, high)

    def _shade(self, at: int, row: int, low: int, high: int) -> None:
        lower, upper = _HALF - low >= 2, high - _HALF >= 2  # noqa: PLR2004 - half of that half
        if lower and upper:
            self.shaded.add((at, row))
            self.put(at, row, " " if self.palette.coloured else self.said.glyphs.shade, PLAIN)
        elif (lower or upper) and self.palette.coloured and high - low >= 2:  # noqa: PLR2004
            self.put(at, row, "▄" if lower else "▀", (self.palette.shade, None, 0))
            if high - low >= _HALF:  # whatever is put there later
                self.shaded.add((at, row))

    def reference(self, value: float) -> None:
        """Draw the line that the points would be on."""
        if not 0 <= self.y.fraction(value) <= 1:
            return
        row = self.y.row(value)
        for at in range(self.x.width):
            self.put(at, row, self.said.glyphs.dotted, PLAIN)

    def curve(self, heights: list[float], colour: str | None) -> None:
        """Draw a curve."""
        marks.draw_line(
            heights, self.y, self.said.glyphs, lambda at, row, char: self.put(at, row, char, (colour, None, BOLD))
        )

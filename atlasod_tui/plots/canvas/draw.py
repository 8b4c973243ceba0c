"""The whole picture: rows divided, axes, stack, marks, legend and words put on one grid of cells."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from rich.segment import Segment

from atlasod_tui.plots.canvas import layout, legend, words
from atlasod_tui.plots.canvas.axes import XAxis, columns
from atlasod_tui.plots.canvas.frame import Gutter, Ticks, draw_floor, draw_wall, gutter, x_labels
from atlasod_tui.plots.canvas.glyphs import ASCII, UNICODE
from atlasod_tui.plots.canvas.numbers import Numbers, numbers, panel_axis, y_axis
from atlasod_tui.plots.canvas.panel import draw_panel
from atlasod_tui.plots.canvas.raster import BOLD, DIM, PLAIN, REVERSE, Look, Raster, fit, width_of
from atlasod_tui.plots.canvas.stack import letters, paints
from atlasod_tui.plots.canvas.upper import Paints, draw_upper
from atlasod_tui.plots.canvas.words import Words
from atlasod_tui.plots.model import Curve, Layer, Plot
from atlasod_tui.plots.palette import Palette

_WIDE_BIN = 4
"""Columns of bins whose borders are marked on the axis."""


def draw(plot: Plot, width: int, height: int, palette: Palette, cursor: int | None = None) -> list[list[Segment]]:
    """Draw a plot as exactly ``height`` lines of ``width`` cells, whatever its numbers are.

    Below 40x12 a sentence says what is needed. ``cursor`` is a bin to be marked on the x axis.
    """
    raster = Raster(max(width, 0), max(height, 0))
    if width < layout.MIN_WIDTH or height < layout.MIN_HEIGHT:
        _write(raster, f"A plot needs {layout.MIN_WIDTH}x{layout.MIN_HEIGHT} characters, here are {width}x{height}.")
    else:
        with np.errstate(all="ignore"):  # what is no number is drawn as such
            _Picture(plot, raster, palette, cursor).draw()
    return raster.lines()


def _write(raster: Raster, sentence: str) -> None:
    for y, line in enumerate(textwrap.wrap(sentence, max(raster.width, 1))[: raster.height]):
        raster.text(0, y, line)


class _Picture:
    """What is being drawn, where, and how."""

    def __init__(self, plot: Plot, raster: Raster, palette: Palette, cursor: int | None) -> None:
        self.plot, self.raster, self.palette, self.cursor = plot, raster, palette, cursor
        self.content: Numbers = numbers(plot)
        glyphs = ASCII if palette.ascii_only else UNICODE
        self.words = Words(glyphs, palette.ascii_only, PLAIN if palette.ascii_only else (None, None, DIM))
        self.paints = _paints(plot, palette, self.words)
        self.remarks: list[str] = []
        self.right = 0
        """The column after the x axis."""

    def draw(self) -> None:
        """Draw everything."""
        raster, plot, said = self.raster, self.plot, self.words
        entries = legend.entries(plot, self.content, self.paints, said)
        side = layout.side(raster.width, legend.column_width(entries))
        self.right = raster.width - side
        flow = legend.flow(entries, raster.width - 1, layout.legend_lines(raster.height)) if not side else None
        banners = self._banners()
        rows = layout.rows(
            raster.height,
            banners=len(banners),
            legend=len(flow.lines) if flow else 0,
            panel=plot.panel.kind if plot.panel else None,
        )
        self._title()
        look: Look = ("#000000", self.palette.alarm, BOLD) if self.palette.coloured else (None, None, BOLD | REVERSE)
        for row, text in enumerate(banners):
            raster.text(0, rows.banner + row, text, look)
        if flow:
            legend.draw_flow(raster, 1, rows.legend, flow, said)
        if self.content.bins:
            self._axes(rows, side)
        else:
            raster.text(1, rows.plot + rows.plot_rows // 2, "There are no bins to draw.")
        self._head(rows, self.right if side else raster.width)
        self._foot(side)
        if side:
            self._side(self.right + 2, rows, entries)

    def _title(self) -> None:
        head, rest = words.title(self.plot, self.raster.width - 1, self.words)
        source = words.SOURCE
        self.raster.text(0, 0, f" {source}", (None, None, BOLD))
        at = self.raster.text(len(source) + 1, 0, head[len(source) :])
        self.raster.text(at + 2, 0, rest)

    def _banners(self) -> list[str]:
        width, most = self.raster.width, layout.banner_lines(self.raster.height)
        stars = "***" if self.palette.ascii_only else " "
        said = [self.words.sentence(banner) for banner in self.plot.banners]
        if len(said) > most:
            said = [*said[: most - 1], self.words.glyphs.between.join(said[most - 1 :])]
        inner = width - 2 * (len(stars) + 1)
        texts = [fit(text, inner, self.words.glyphs.more) for text in said]
        return [_centred(f"{stars} {text} {stars}", width) for text in texts]

    def _axes(self, rows: layout.Rows, side: int) -> None:
        plot, content, raster, said = self.plot, self.content, self.raster, self.words
        y = y_axis(plot, content, rows.plot_rows)
        lower = panel_axis(plot.panel, rows.panel_rows) if plot.panel and rows.panel_rows else None
        left: Gutter = gutter(y, lower, plot.panel, ascii_only=said.ascii_only)
        room = raster.width - left.width - side - 1
        x = XAxis(content.edges, columns(content.bins, room))
        self.right = left.width + x.width + 1
        self.remarks = draw_upper(raster, plot, content, self.paints, (left.width, rows.plot), x, y, said)
        draw_wall(raster, left.width - 1, rows.plot, y.rows, left.main, said)
        ticks = Ticks(x_labels(x, numbered=content.numbered), x.borders if x.width >= _WIDE_BIN * content.bins else [])
        if plot.panel and lower:
            draw_panel(raster, plot.panel, self.palette, (left.width, rows.panel), x, lower, said)
            draw_wall(raster, left.width - 1, rows.panel, lower.rows, left.lower, said)
            draw_floor(
                raster, left.width - 1, rows.panel - 1, x, Ticks([], ticks.borders), said, left.base, said.glyphs.branch
            )
            name = fit(said.label(plot.panel.title), x.width - 4, said.glyphs.more)
            raster.text(left.width + 1, rows.panel - 1, f" {name} ", (None, None, 0))
        draw_floor(raster, left.width - 1, rows.axis, x, ticks, said, "" if lower else left.base, said.glyphs.corner)
        if self.cursor is not None and 0 <= self.cursor < content.bins:
            raster.put(left.width + x.centres[self.cursor], rows.axis, said.glyphs.up, (None, None, BOLD))
        if content.numbered:
            self.remarks.append("bins numbered: their edges are not numbers in order")

    def _head(self, rows: layout.Rows, width: int) -> None:
        if rows.head == rows.plot:
            return
        plot, said, side = self.plot, self.words, width < self.raster.width
        missing = words.samples(plot) if not side else ""
        end = width - width_of(missing) - 1
        self.raster.text(end, rows.head, missing, self._alarming())
        start = (
            self.raster.text(1, rows.head, fit(said.label(plot.ytitle), end - 3, said.glyphs.more), said.secondary) + 2
        )
        name = said.label(plot.title)
        if width_of(name) < end - start - 2:
            centre = (width - width_of(name)) // 2
            self.raster.text(min(max(centre, start), end - 2 - width_of(name)), rows.head, name, (None, None, BOLD))

    def _alarming(self) -> Look:
        return ("#000000", self.palette.alarm, 0) if self.palette.coloured else (None, None, BOLD)

    def _foot(self, side: int) -> None:
        said, width, y = self.words, min(self.right + 1, self.raster.width), self.raster.height - 1
        title = fit(said.label(self.plot.xtitle), width - 2, said.glyphs.more)
        at = width - width_of(title) - 1
        self.raster.text(at, y, title, (None, None, BOLD))
        if side:
            return
        notes = words.remarks(self.plot, self.remarks, said, counted=True)
        if self.raster.height < 16:  # noqa: PLR2004 - no head: this is the only place for it
            notes = [note for note in (words.samples(self.plot), *notes) if note]
        notes += words.fitted(self.plot, said)
        text = fit(said.glyphs.between.join(notes), max(at - 3, 0), said.glyphs.more)
        self.raster.text(1, y, text, said.secondary)

    def _side(self, x: int, rows: layout.Rows, entries: Sequence[legend.Entry]) -> None:
        said, raster = self.words, self.raster
        width, bottom = raster.width - x - 1, raster.height - 1
        y = rows.plot
        if missing := words.samples(self.plot):
            raster.text(x, rows.head, missing, self._alarming())
        y += legend.draw_column(raster, x, y, (width, bottom - y), entries, said) + 1
        source = said.sentence(self.plot.luminosity_of)
        scaled = [f"{words.luminosity(self.plot.luminosity_pb, said)}: {source}"] if source else []
        for note in (
            *scaled,
            *words.fitted(self.plot, said),
            *words.remarks(self.plot, self.remarks, said, counted=False),
        ):
            y = self._note(x, y, width, bottom, note, "")
        for quirk in self.plot.quirks:
            y = self._note(x, y, width, bottom, said.sentence(quirk), f"{said.glyphs.dagger} ")

    def _note(self, x: int, y: int, width: int, bottom: int, note: str, mark: str) -> int:  # noqa: PLR0913
        for line in words.wrapped(mark + note, width):
            if y >= bottom:
                break
            self.raster.text(x, y, line, self.words.secondary, width)
            y += 1
        return y


def _centred(text: str, width: int) -> str:
    space = max(width - width_of(text), 0)
    return " " * (space // 2) + text + " " * (space - space // 2)


def _paints(plot: Plot, palette: Palette, said: Words) -> Paints:
    groups: list[Layer | Curve] = [*reversed(plot.layers), *plot.overlays, *plot.curves]
    reserved = "V" if palette.ascii_only else ""  # a low cell of it would look like an arrow down
    chosen = letters([said.label(group.label) for group in groups], reserved)
    made = paints([group.hue for group in groups], chosen, palette)
    first, second = len(plot.layers), len(plot.layers) + len(plot.overlays)
    return Paints(palette, made[:first][::-1], made[first:second], made[second:])

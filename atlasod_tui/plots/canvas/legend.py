"""The legend: what is drawn how, and how many events it is; in lines above the plot or in a column beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from atlasod_tui.plots.canvas.glyphs import Glyphs
from atlasod_tui.plots.canvas.numbers import Numbers
from atlasod_tui.plots.canvas.raster import BOLD, PLAIN, Look, Raster, fit, width_of
from atlasod_tui.plots.canvas.stack import Paint
from atlasod_tui.plots.canvas.ticks import amount
from atlasod_tui.plots.canvas.upper import Paints
from atlasod_tui.plots.canvas.words import Words
from atlasod_tui.plots.model import Plot

_GAP = 2
_SWATCH = 3
_INDENT = _SWATCH + 1
_SHORT = 12
_SHORTER = 6


@dataclass(frozen=True)
class Entry:
    """An entry: a sample of what is drawn, its look, what it is, how many events."""

    swatch: str
    look: Look
    label: str
    number: str

    def width(self, *, numbered: bool, longest: int) -> int:
        """Return how many cells it takes in a line."""
        label = min(width_of(self.label), longest)
        return width_of(self.swatch) + 1 + label + (1 + len(self.number) if numbered and self.number else 0)


def entries(plot: Plot, content: Numbers, paints: Paints, words: Words) -> list[Entry]:
    """Return data, the stack from top to bottom, its sum, overlays with what they are multiplied with, and curves."""
    found = []
    glyphs = words.glyphs
    counted = {row.name: row.value for row in plot.yields}
    if content.data is not None:
        total = counted.get("data", math.fsum(v for v in content.data.values if math.isfinite(v)))
        whole = math.isfinite(total) and total == round(total) and abs(total) < 1e7  # noqa: PLR2004
        found.append(Entry(glyphs.dot, PLAIN, "Data", f"{total:.0f}" if whole else amount(total)))
    for layer, paint in zip(reversed(plot.layers), reversed(paints.layers), strict=True):
        swatch = f" {paint.letter} " if paint.colour else f"{paint.fill}{paint.letter}{paint.fill}"
        number = amount(counted.get(layer.group, layer.content))
        found.append(Entry(swatch, paint.inked if paint.colour else PLAIN, words.label(layer.label), number))
    if plot.layers:
        total = counted.get("S+B", math.fsum(v for v in content.totals if math.isfinite(v)))
        look = (None, paints.palette.shade, 0) if paints.palette.coloured else words.secondary
        band = "   " if paints.palette.coloured else glyphs.band * 3
        found.append(Entry(band, look, f"Total {words.plus_minus} stat", amount(total)))
    for overlay, paint in zip(plot.overlays, paints.lines, strict=True):
        factor = f" {words.times}{overlay.factor:.3g}" if overlay.factor != 1 else ""
        number = amount(counted.get(overlay.group, overlay.content))
        found.append(
            Entry(_line(paint, glyphs), (paint.colour, None, BOLD), words.label(overlay.label) + factor, number)
        )
    for curve, paint in zip(plot.curves, paints.curves, strict=True):
        found.append(Entry(_line(paint, glyphs), (paint.colour, None, BOLD), words.label(curve.label), ""))
    return found


def _line(paint: Paint, glyphs: Glyphs) -> str:
    return glyphs.line + paint.letter + glyphs.line


@dataclass(frozen=True)
class Flow:
    """Entries in lines, with or without numbers, labels cut to a length."""

    lines: list[list[Entry]]
    numbered: bool
    longest: int
    left: int


def flow(found: Sequence[Entry], width: int, most: int) -> Flow:
    """Arrange entries in as few lines as they need; too many lose their numbers, then the ends of their labels."""
    for numbered, longest in ((True, width), (True, _SHORT), (False, width), (False, _SHORT), (False, _SHORTER)):
        lines = _wrapped(found, width, numbered=numbered, longest=longest)
        if len(lines) <= most:
            return Flow(lines, numbered, longest, 0)
    kept = lines[:most]
    return Flow(kept, numbered=False, longest=_SHORTER, left=sum(map(len, lines[most:])))


def _wrapped(found: Sequence[Entry], width: int, *, numbered: bool, longest: int) -> list[list[Entry]]:
    lines: list[list[Entry]] = []
    used = width + 1
    for entry in found:
        wide = entry.width(numbered=numbered, longest=longest)
        if used + _GAP + wide > width:
            lines.append([])
            used = -_GAP
        lines[-1].append(entry)
        used += _GAP + wide
    return lines


def draw_flow(raster: Raster, x: int, y: int, arranged: Flow, words: Words) -> None:
    """Draw lines of entries."""
    more = words.glyphs.more
    for row, line in enumerate(arranged.lines):
        at = x
        for entry in line:
            at = raster.text(at, y + row, entry.swatch, entry.look)
            at = raster.text(at + 1, y + row, fit(entry.label, arranged.longest, more))
            if arranged.numbered and entry.number:
                at = raster.text(at + 1, y + row, entry.number, words.secondary)
            at += _GAP
    if arranged.left:
        note = f" +{arranged.left}"
        raster.text(raster.width - len(note), y + len(arranged.lines) - 1, note, (None, None, BOLD))


def column_width(found: Sequence[Entry]) -> int:
    """Return how wide a column of entries is, none of them cut."""
    label, number = _longest(found)
    return _INDENT + label + _GAP + number


def _longest(found: Sequence[Entry]) -> tuple[int, int]:
    return max((width_of(entry.label) for entry in found), default=0), max((len(e.number) for e in found), default=0)


def draw_column(  # noqa: PLR0913 - where, what, how
    raster: Raster, x: int, y: int, room: tuple[int, int], found: Sequence[Entry], words: Words
) -> int:
    """Draw entries below each other in (width, height) of room, and return how many lines they took."""
    width, height = min(room[0], column_width(found)), room[1]
    shown = found if len(found) <= height else found[: max(height - 1, 0)]
    for row, entry in enumerate(shown):
        raster.text(x + (_SWATCH - width_of(entry.swatch)) // 2, y + row, entry.swatch, entry.look)
        raster.text(x + _INDENT, y + row, fit(entry.label, width - _INDENT - 1 - len(entry.number), words.glyphs.more))
        raster.text(x + width - len(entry.number), y + row, entry.number)
    if len(shown) < len(found) and height > 0:
        raster.text(x + _INDENT, y + len(shown), f"+{len(found) - len(shown)}", (None, None, BOLD))
    return min(len(found), height)

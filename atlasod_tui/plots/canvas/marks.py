"""What is drawn over a stack: points with bars, lines; and which rows a band covers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from atlasod_tui.plots.canvas.axes import EIGHTHS, XAxis, YAxis
from atlasod_tui.plots.canvas.glyphs import Glyphs
from atlasod_tui.plots.canvas.numbers import Dots

_HALF = EIGHTHS // 2

Put = Callable[[int, int, str], None]
"""Puts a character in a column and a row, counted from the lowest."""


def draw_points(points: Dots, x: XAxis, y: YAxis, glyphs: Glyphs, put: Put) -> bool:
    """Draw points and their bars; return whether one lies beyond the axis, where an arrow points at it."""
    beyond = False
    where = [(x.centres[index], index) for index, value in enumerate(points.values) if value == value]  # noqa: PLR0124
    for column, index in where:
        if y.log and not points.values[index] > y.lo:  # an arrow says so, a bar from nowhere says nothing
            continue
        draw_bar(column, points.lower[index], points.upper[index], y, glyphs, put)
    for column, index in where:
        value = points.values[index]
        if math.isinf(value):
            put(column, y.rows - 1 if value > 0 else 0, glyphs.unknown)
            continue
        place = y.fraction(value)
        outside = place < 0 or place > 1
        beyond |= outside
        char = glyphs.dot if not outside else glyphs.up if place > 1 else glyphs.down
        put(column, y.row(value), char)
    return beyond


def draw_bar(  # noqa: PLR0913 - what, where, how
    column: int, lower: float, upper: float, y: YAxis, glyphs: Glyphs, put: Put
) -> None:
    """Draw a bar between two numbers, its ends to half a row."""
    start = y.eighths(lower) if math.isfinite(lower) else 0
    end = y.eighths(upper) if math.isfinite(upper) else y.top
    if end <= start:
        return
    for row in range(start // EIGHTHS, -(-end // EIGHTHS)):
        from_below = max(start - row * EIGHTHS, 0)
        to = min(end - row * EIGHTHS, EIGHTHS)
        lower_half, upper_half = _HALF - from_below >= 2, to - _HALF >= 2  # noqa: PLR2004 - half of that half
        if to < 2 or from_below > 6:  # noqa: PLR2004 - hardly any
            continue
        if lower_half and upper_half:
            put(column, row, glyphs.bar)
        elif lower_half:
            put(column, row, glyphs.lower_half)
        elif upper_half:
            put(column, row, glyphs.upper_half)


def draw_line(heights: Sequence[float], y: YAxis, glyphs: Glyphs, put: Put) -> None:
    """Draw a line through the heights of the columns, upright where it jumps; what is off the axis is left out."""
    before: int | None = None
    for column, height in enumerate(heights):
        if not math.isfinite(height) or not 0 < y.fraction(height) <= 1:
            before = None
            continue
        eighths = y.eighths(height)
        row = min(eighths // EIGHTHS, y.rows - 1)
        part = eighths - row * EIGHTHS
        if before is not None:
            low, high = sorted((before, row))
            for between in range(low + 1, high):
                put(column, between, glyphs.upright)
        put(column, row, glyphs.levels[0 if part <= 2 else 1 if part <= 5 else 2])  # noqa: PLR2004
        before = row


def covered(low: float, high: float, y: YAxis) -> list[tuple[int, int, int]]:
    """Return the rows between two numbers, with where they begin and end there, in eighths."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return []
    start, end = y.eighths(low), y.eighths(high)
    return [
        (row, max(start - row * EIGHTHS, 0), min(end - row * EIGHTHS, EIGHTHS))
        for row in range(start // EIGHTHS, -(-end // EIGHTHS))
    ]

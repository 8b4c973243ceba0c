"""Lines that were drawn elsewhere, shown with as few bytes as possible: plots, and the words beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar
from unicodedata import bidirectional

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

Lines = Sequence[Sequence[Segment]]

_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})


class PlotCanvas(Widget, can_focus=False):
    """A plot, or anything else in lines; new ones are painted as far as they differ."""

    ALLOW_SELECT: ClassVar[bool] = False

    class Resized(Message):
        """Lines of another size are wanted."""

        def __init__(self, canvas: PlotCanvas) -> None:
            super().__init__()
            self.canvas = canvas

        def can_replace(self, message: Message) -> bool:
            """Whether this makes an earlier message, not yet heard, needless."""
            return isinstance(message, PlotCanvas.Resized) and message.canvas is self.canvas

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._lines: list[list[Segment]] = []

    def show(self, lines: Lines) -> None:
        """Show lines, the first at the top; what is beyond the widget is not seen."""
        before, self._lines = self._lines, [list(line) for line in lines]
        if not self.size:  # what was painted before it was hidden is to be forgotten
            self.refresh()
        rows = range(min(self.size.height, max(len(before), len(self._lines))))
        ends = [changed(_at(before, y), _at(self._lines, y), self.size.width) for y in rows]
        if any(ends):
            self.refresh(*(Region(0, y, end, 1) for y, end in enumerate(ends) if end))

    def on_resize(self) -> None:
        """Say that there is another size."""
        self.post_message(self.Resized(self))

    def render_line(self, y: int) -> Strip:
        """Return a line."""
        width = self.size.width
        segments = [_dressed(segment, self.rich_style) for segment in _at(self._lines, y)]
        return Strip(segments).adjust_cell_length(width, Style(bgcolor=self.rich_style.bgcolor))


def _dressed(segment: Segment, base: Style) -> Segment:
    """Return a segment with the colours of the widget where it has none of its own; blanks need no ink."""
    style = base + segment.style if segment.style else base
    if segment.text.isspace() and not (style.reverse or style.underline):
        style = Style(bgcolor=style.bgcolor)
    return Segment(segment.text, style)


def _at(lines: list[list[Segment]], y: int) -> list[Segment]:
    return lines[y] if y < len(lines) else []


def changed(old: Sequence[Segment], new: Sequence[Segment], width: int) -> int:
    """Return the cell after the last one of a line that differs, 0 if none does: Textual writes from the left edge.

    Args:
        old: What is on the screen.
        new: What is to be there.
        width: Of the line; beyond their ends lines are blank.
    """
    before, after = _cells(old, width), _cells(new, width)
    return max((at + 1 for at in range(width) if before[at] != after[at]), default=0)


@lru_cache(maxsize=4096)
def _simple(char: str) -> bool:
    """Whether a character fills one cell, and goes from left to right."""
    return char.isascii() or (get_character_cell_size(char) == 1 and bidirectional(char) not in _RIGHT_TO_LEFT)


def _cells(line: Sequence[Segment], width: int) -> list[tuple[object, object]]:
    """Return what is in each cell; with accents, wide letters or those from right to left the line is one whole."""
    cells: list[tuple[object, object]] = []
    for text, style, _ in line:
        if not all(map(_simple, text)):
            return [(tuple(line), None)] * width
        cells += [(char, style or None) for char in text]
    return (cells + [(" ", None)] * (width - len(cells)))[:width]

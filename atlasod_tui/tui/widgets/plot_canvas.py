"""Lines that were drawn elsewhere, shown with as few bytes as possible: plots, and the words beside them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby, takewhile
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

_STYLE = 44
"""Bytes of the sequences for a style in true colour."""
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})


class PlotCanvas(Widget, can_focus=False):
    """A plot, or anything else in lines; of new lines only the cells that differ are painted."""

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
        self._cuts: dict[int, tuple[int, int]] = {}

    def show(self, lines: Lines) -> None:
        """Show lines, the first at the top; what is beyond the widget is not seen."""
        before, self._lines = self._lines, [list(line) for line in lines]
        width = self.size.width
        self._cuts = {}
        for y in range(min(self.size.height, max(len(before), len(self._lines)))):
            start, end = changed(_at(before, y), _at(self._lines, y), width)
            if end:
                self._cuts[y] = start, end
        if self._cuts:
            self.refresh(*(Region(start, y, end - start, 1) for y, (start, end) in self._cuts.items()))

    def on_resize(self) -> None:
        """Say that there is another size."""
        self.post_message(self.Resized(self))

    def render_line(self, y: int) -> Strip:
        """Return a line."""
        width = self.size.width
        segments = [_dressed(segment, self.rich_style) for segment in _at(self._lines, y)]
        strip = Strip(segments).adjust_cell_length(width, Style(bgcolor=self.rich_style.bgcolor))
        cuts = [cut for cut in self._cuts.get(y, ()) if 0 < cut < width]
        # Segments are sent as a whole: they end where what changed ends.
        return Strip.join(strip.divide([*cuts, width])) if cuts else strip


def _dressed(segment: Segment, base: Style) -> Segment:
    """Return a segment with the colours of the widget where it has none of its own; blanks need no ink."""
    style = base + segment.style if segment.style else base
    if segment.text.isspace() and not (style.reverse or style.underline):
        style = Style(bgcolor=style.bgcolor)
    return Segment(segment.text, style)


def _at(lines: list[list[Segment]], y: int) -> list[Segment]:
    return lines[y] if y < len(lines) else []


def changed(old: Sequence[Segment], new: Sequence[Segment], width: int) -> tuple[int, int]:
    """Return the first cell of a line that is to be written and the one after the last, both 0 if nothing differs.

    The line is written from its beginning where that takes fewer bytes: else Textual writes as many cells too many, at
    the end, as the first segment has.

    Args:
        old: What is on the screen.
        new: What is to be there.
        width: Of the line; beyond their ends lines are blank.
    """
    before, after = _cells(old, width), _cells(new, width)
    differs = [at for at in range(width) if before[at] != after[at]]
    if not differs:
        return 0, 0
    start, end = differs[0], differs[-1] + 1
    first = sum(1 for _ in takewhile(lambda cell: cell[1] == after[start][1], after[start:end]))
    return (0 if _bytes(after[:start]) <= _bytes(after[end : end + first]) else start), end


def _bytes(cells: Sequence[tuple[object, object]]) -> int:
    """Return about how many bytes it takes to write cells."""
    return len(cells) + _STYLE * sum(1 for _ in groupby(cells, key=lambda cell: cell[1]))


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

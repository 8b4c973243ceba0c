"""The lines of a table: where its columns are, and how its rows are drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Generic, NamedTuple

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from atlasod_tui.tui.cells import RIGHT_TO_LEFT, Cell, Column, Row, fit
from atlasod_tui.tui.looks.look import Glyphs

GAP = 2
"""Blanks between two columns."""


class Field(NamedTuple, Generic[Row]):
    """A column that is there, and its width in cells."""

    column: Column[Row]
    width: int


def layout(columns: Sequence[Column[Row]], room: int, width: int) -> list[Field[Row]]:
    """Return the columns of a table so wide, which have so much room together; those without any are left out."""
    there = [one for one in columns if one.from_width <= width and (one.wanted is None or one.wanted())]
    fields: list[Field[Row]] = []
    flexible = sum(column.width is None for column in there)
    left = room - sum(column.width or 0 for column in there) - GAP * (len(there) - 1)
    for column in there:
        cells = column.width
        if cells is None:
            cells = left // flexible
            left, flexible = left - cells, flexible - 1
        if cells > 0:
            fields.append(Field(column, cells))
    return fields


class Painter(Generic[Row]):
    """Draws the lines of a table.

    Args:
        columns: All there are.
        glyphs: What to draw with.
        marked: Whether there is a place for a mark before each row.
        styles: Gives a style by its name: ``""``, ``header``, ``cursor``, ``range``, and those of cells.
    """

    def __init__(
        self, columns: Sequence[Column[Row]], glyphs: Glyphs, *, marked: bool, styles: Callable[[str], Style]
    ) -> None:
        self._columns, self._glyphs, self._marked, self._styles = columns, glyphs, marked, styles
        self._gutter = 3 if marked else 2
        self.width = 0
        self.fields: list[Field[Row]] = []

    def resize(self, width: int) -> None:
        """Lay the columns out for so many cells; the last one is the scroll bar's."""
        self.width = width
        self.fields = layout(self._columns, width - self._gutter - 1, width)

    def column_at(self, x: int) -> Column[Row] | None:
        """Return the column that a cell of the line belongs to."""
        end = self._gutter
        for column, width in self.fields:
            end += width + GAP
            if x < end:
                return column
        return None

    def header(self, sorted_by: Column[Row] | None, *, reverse: bool) -> Strip:
        """Draw the titles."""
        texts = []
        for column, width in self.fields:
            title = column.title
            if column is sorted_by:
                title += f" {self._glyphs.down if reverse else self._glyphs.up}"
            texts.append(fit(title, width, right=column.right, more=self._glyphs.more))
        return self._strip([(" " * self._gutter + (" " * GAP).join(texts), "header")])

    def row(self, row: Row, mark: str | Cell, *, under: str, ranged: bool, thumb: bool) -> Strip:
        """Draw a row.

        Args:
            row: Which.
            mark: One character before it.
            under: Name of the style of the cursor that is on it; empty if none is.
            ranged: Whether it is in the range that is being chosen.
            thumb: Whether the scroll bar's thumb is beside it.
        """
        glyphs = self._glyphs
        style = under or ("range" if ranged else "")
        pieces = [(glyphs.cursor if under else glyphs.wall if ranged else " ", style)]
        if self._marked:
            text, own = mark if isinstance(mark, Cell) else (mark, "")
            pieces.append((fit(text, 1, more=glyphs.more), style or own))
        pieces.append((" ", style))
        blanks = ""
        for column, width in self.fields:
            cell = column.cell(row)
            text, own = cell if isinstance(cell, Cell) else (cell, "")
            if column.cut is not None:
                text = column.cut(text, width, more=glyphs.more)
            own = own if text else ""  # blanks are blanks
            pieces.append((blanks + fit(text, width, right=column.right, more=glyphs.more), style or own))
            blanks = " " * GAP
        return self._strip(pieces, style, thumb=thumb)

    def text(self, text: str, *, thumb: bool = False) -> Strip:
        """Draw a line of text."""
        width = max(self.width - self._gutter - 1, 0)
        style = "muted" if text else ""
        return self._strip([(" " * self._gutter + fit(text, width, more=self._glyphs.more), style)], style, thumb=thumb)

    def _strip(self, pieces: list[tuple[str, str]], style: str = "", *, thumb: bool = False) -> Strip:
        """Join pieces of the same style: each change of style costs forty bytes on the wire."""
        used = sum(cell_len(text) for text, _ in pieces)
        pieces.append((" " * (self.width - 1 - used) + (self._glyphs.thumb if thumb else " "), style))
        segments = [
            Segment("".join(text for text, _ in same), self._styles(name))
            for name, same in groupby(pieces, key=lambda piece: piece[1])
        ]
        return Strip(segments, max(used, self.width - 1) + 1).crop(0, self.width)


def changed_cells(old: Strip, new: Strip, width: int) -> int:
    """Return how many cells of a line, from the left, differ from what is on the screen (its end may be the same)."""
    same = 0
    for (old_text, old_style, _), (new_text, new_style, _) in zip(
        reversed(list(old)), reversed(list(new)), strict=False
    ):
        if old_style != new_style:
            break
        if old_text != new_text:
            same += cell_len(_common_end(old_text, new_text))
            break
        same += cell_len(new_text)
    return max(width - same, 0)


def _common_end(old: str, new: str) -> str:
    if not (old.isascii() and new.isascii()) and re.search(RIGHT_TO_LEFT, old + new):
        return ""  # a terminal that turns such texts draws them as a whole
    count = 0
    for one, other in zip(reversed(old), reversed(new), strict=False):
        if one != other:
            break
        count += 1
    end = new[len(new) - count :]
    while end and not get_character_cell_size(end[0]):
        end = end[1:]  # an accent, on a letter that differs
    return end

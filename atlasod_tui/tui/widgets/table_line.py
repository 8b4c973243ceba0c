"""The lines of a table: columns, cells, and how a text fits into so many cells of the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from atlasod_tui.shown import escape
from atlasod_tui.tui.looks.look import Glyphs

Row = TypeVar("Row")

GAP = 2
"""Blanks between two columns."""
# Flags, shades of skin, what makes a sign coloured: terminals do not agree on their widths. And some that hide.
_UNCERTAIN = (
    "[\u00ad\u061c\u180e\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufff9-\ufffb"
    "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
_RIGHT_TO_LEFT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
_LEFT_TO_RIGHT = "\u200e"
_ZERO_WIDTHS = 8
"""Characters per cell that are looked at: there is no end to the accents a letter can have."""


class Cell(NamedTuple):
    """A text and how it is shown: ``muted``, ``good``, ``warning``, ``bad`` or ``accent``."""

    text: str
    style: str = ""


class Column(msgspec.Struct, Generic[Row], frozen=True, eq=False):
    """A column of a table.

    Attributes:
        title: Its heading.
        cell: What it shows of a row; escaped and cut by the table.
        width: In cells; None takes what the others leave (several share it, the last has the rest).
        right: Whether it is flush right.
        sort: What its rows are sorted by, of one type and cheap; None is last in both directions. Without: no sorting.
        from_width: It is hidden in tables that are narrower.
        keep_end: Whether the end of a long text is shown rather than its beginning.
    """

    title: str
    cell: Callable[[Row], str | Cell]
    width: int | None = None
    right: bool = False
    sort: Callable[[Row], Any] | None = None
    from_width: int = 0
    keep_end: bool = False


class Field(NamedTuple, Generic[Row]):
    """A column that is there, and its width in cells."""

    column: Column[Row]
    width: int


def layout(columns: Sequence[Column[Row]], room: int, width: int) -> list[Field[Row]]:
    """Return the columns of a table so wide, which have so much room together; those without any are left out."""
    there = [column for column in columns if column.from_width <= width]
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


def fit(text: str, width: int, *, right: bool = False, more: str = "…") -> str:
    """Return a text from outside, escaped, in exactly so many cells.

    Args:
        text: Any, of any length.
        width: In cells.
        right: Whether blanks come first.
        more: Ends a text that is cut, one cell wide.
    """
    longer = len(text) > _ZERO_WIDTHS * width
    looked_at = _harmless(text[: _ZERO_WIDTHS * width])
    if looked_at.isascii():
        if longer or len(looked_at) > width:
            return looked_at[: width - 1].ljust(width - 1) + more
        return looked_at.rjust(width) if right else looked_at.ljust(width)
    return _fit_wide(looked_at, width, right, more, longer)


def _harmless(text: str) -> str:
    """Return a text escaped, and so what terminals may give another width than the table does."""
    if text.isascii():
        return text if text.isprintable() else escape(text)
    return re.sub(_UNCERTAIN, lambda match: match[0].encode("unicode_escape").decode("ascii"), escape(text))


def _fit_wide(text: str, width: int, right: bool, more: str, longer: bool) -> str:
    needed = cell_len(text)
    if longer or needed > width:
        text, needed = _cut(text, width - 1)
        text += more
        needed += 1
    if re.search(_RIGHT_TO_LEFT, text):
        # Of no width. Else a terminal that turns such names would turn the numbers of the next columns with them.
        text += _LEFT_TO_RIGHT
    blanks = " " * (width - needed)
    return blanks + text if right else text + blanks


def _cut(text: str, width: int) -> tuple[str, int]:
    """Return as much of a text as fits, and its width; accents stay with their letter."""
    used = 0
    for index, char in enumerate(text):
        cells = get_character_cell_size(char)
        if used + cells > width:
            return text[:index], used
        used += cells
    return text, used


def end_of(text: str, width: int, *, more: str = "…") -> str:
    """Return a text from outside, escaped, and if it takes more cells only its end, behind ``more``."""
    if len(text) <= width and text.isascii() and text.isprintable():
        return text
    longer = len(text) > _ZERO_WIDTHS * width
    looked_at = _harmless(text[-_ZERO_WIDTHS * width :])
    if not longer and cell_len(looked_at) <= width:
        return looked_at
    used = cell_len(more)
    start = len(looked_at)
    while start and used + get_character_cell_size(looked_at[start - 1]) <= width:
        start -= 1
        used += get_character_cell_size(looked_at[start])
    while start < len(looked_at) and not get_character_cell_size(looked_at[start]):
        start += 1  # an accent, without its letter
    return more + looked_at[start:]


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
            if column.keep_end:
                text = end_of(text, width, more=glyphs.more)
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
    if not (old.isascii() and new.isascii()) and re.search(_RIGHT_TO_LEFT, old + new):
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

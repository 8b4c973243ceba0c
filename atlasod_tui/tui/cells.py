"""What lines are made of, as plain values, and texts from outside fitted into so many cells of the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from rich.cells import cell_len, chop_cells, get_character_cell_size

from atlasod_tui.shown import escape

Row = TypeVar("Row")

RIGHT_TO_LEFT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
"""Letters of scripts that are written so."""
_LEFT_TO_RIGHT = "\u200e"
_ZERO_WIDTHS = 8
"""Characters per cell that are looked at: there is no end to the accents a letter can have."""
_MOST_LINES = 6
"""Of one text."""
_MOST_CHARACTERS = 4000


class Part(NamedTuple):
    """A piece of a line in one style: what is shown, escaped, and the name of the style."""

    text: str
    style: str


Line = list[Part]


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
        wanted: Tells whether it has anything to show now; without it always.
        cut: Fits a long text as `end_of` does; without it the beginning is shown.
    """

    title: str
    cell: Callable[[Row], str | Cell]
    width: int | None = None
    right: bool = False
    sort: Callable[[Row], Any] | None = None
    from_width: int = 0
    wanted: Callable[[], bool] | None = None
    cut: Callable[..., str] | None = None


def fit(text: str, width: int, *, right: bool = False, more: str = "…") -> str:
    """Return a text from outside, escaped, in exactly so many cells.

    Args:
        text: Any, of any length.
        width: In cells.
        right: Whether blanks come first.
        more: Ends a text that is cut, one cell wide.
    """
    longer = len(text) > _ZERO_WIDTHS * width
    looked_at = escape(text[: _ZERO_WIDTHS * width])
    if looked_at.isascii():
        if longer or len(looked_at) > width:
            return looked_at[: width - 1].ljust(width - 1) + more
        return looked_at.rjust(width) if right else looked_at.ljust(width)
    return _fit_wide(looked_at, width, right, more, longer)


def _fit_wide(text: str, width: int, right: bool, more: str, longer: bool) -> str:
    needed = cell_len(text)
    if longer or needed > width:
        text, needed = _cut(text, width - 1)
        text += more
        needed += 1
    if re.search(RIGHT_TO_LEFT, text):
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
    looked_at = escape(text[-_ZERO_WIDTHS * width :])
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


def middle_out(text: str, width: int, *, more: str = "…") -> str:
    """Return a text from outside, escaped, and if it takes more cells its beginning and its end around ``more``."""
    looked_at = escape(text[: _ZERO_WIDTHS * width])
    if len(text) <= _ZERO_WIDTHS * width and cell_len(looked_at) <= width:
        return looked_at
    beginning, used = _cut(looked_at, (width - cell_len(more)) // 2)
    return beginning + end_of(text, width - used, more=more)


def wrapped(text: str, width: int, more: str) -> list[str]:
    """Return a text from outside, escaped, in lines of so many cells, broken at blanks where there are some."""
    escaped = escape(text[:_MOST_CHARACTERS])
    width = max(width, 1)  # there are terminals of one column
    found: list[str] = []
    line = ""
    for word in escaped.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            found.append(line)
        chunks = chop_cells(word, width) or [""]
        found += chunks[:-1]
        line = chunks[-1]
        if len(found) >= _MOST_LINES:
            break
    found.append(line)
    if len(found) > _MOST_LINES or len(text) > _MOST_CHARACTERS:
        found = found[:_MOST_LINES]
        found[-1] = chop_cells(found[-1], max(width - cell_len(more), 1))[0] + more if found[-1] else more
    return found

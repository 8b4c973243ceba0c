"""A grid of cells that becomes lines of segments."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

BOLD, DIM, REVERSE = 1, 2, 4

Look = tuple[str | None, str | None, int]
"""Ink and paper (None is the terminal's own), and a sum of BOLD, DIM and REVERSE."""

PLAIN: Look = (None, None, 0)
_NULL = Style.null()
_GREYS = {f"#{8 + 10 * k:02x}{8 + 10 * k:02x}{8 + 10 * k:02x}": f"color({232 + k})" for k in range(24)}
_SHORT = {"#000000": "color(16)", "#ffffff": "color(231)"} | _GREYS
"""Colours that the fixed part of the 256 has as well, in fewer bytes."""


@lru_cache(maxsize=2048)
def style(look: Look) -> Style:
    """Return the style of a look."""
    ink, paper, flags = look
    if look == PLAIN:
        return _NULL
    return Style(
        color=_SHORT.get(ink, ink) if ink else None,
        bgcolor=_SHORT.get(paper, paper) if paper else None,
        bold=bool(flags & BOLD) or None,
        dim=bool(flags & DIM) or None,
        reverse=bool(flags & REVERSE) or None,
    )


@lru_cache(maxsize=4096)
def cells(text: str) -> tuple[tuple[str, int], ...]:
    """Split a text into what stands in one or two cells: letters with their accents, and how wide they are."""
    found: list[tuple[str, int]] = []
    for char in text:
        width = 1 if " " <= char <= "~" else cell_len(char)
        if width == 0:
            if found:
                found[-1] = (found[-1][0] + char, found[-1][1])
        else:
            found.append((char, width))
    return tuple(found)


def width_of(text: str) -> int:
    """Return how many cells a text takes."""
    return sum(width for _, width in cells(text))


def fit(text: str, width: int, more: str = "…") -> str:
    """Return a text cut to a number of cells, with a sign that there is more."""
    if width_of(text) <= width:
        return text
    out, used, room = "", 0, width - width_of(more)
    if room < 0:
        return more[: max(width, 0)]
    for char, wide in cells(text):
        if used + wide > room:
            break
        out, used = out + char, used + wide
    return out + more


class Raster:
    """Cells of a screen; what is put outside is lost."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._chars = [[" "] * width for _ in range(height)]
        self._looks = [[PLAIN] * width for _ in range(height)]

    def put(self, x: int, y: int, char: str, look: Look = PLAIN) -> None:
        """Put a character that is one cell wide."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._chars[y][x] = char
            self._looks[y][x] = look

    def text(self, x: int, y: int, text: str, look: Look = PLAIN, room: int | None = None) -> int:
        """Write a text of any characters, no longer than ``room`` cells, and return the column after it."""
        end = self.width if room is None else min(x + room, self.width)
        for char, width in cells(text):
            if x < 0 or x + width > end:
                break
            self.put(x, y, char, look)
            if width > 1:
                self.put(x + 1, y, "", look)
            x += width
        return x

    def lines(self) -> list[list[Segment]]:
        """Return the lines, neighbours that look alike in one segment."""
        return [_line(chars, looks) for chars, looks in zip(self._chars, self._looks, strict=True)]


def _line(chars: list[str], looks: list[Look]) -> list[Segment]:
    """Join what looks alike; a blank shows its paper only, so that it joins a neighbour of any ink."""
    segments: list[Segment] = []
    run: list[str] = []
    current, blank = PLAIN, True
    for char, look in zip(chars, looks, strict=True):
        empty = char == " " and not look[2] & REVERSE
        same_paper = look[1] == current[1] and not (look[2] | current[2]) & REVERSE
        if same_paper and (empty or blank):
            current = current if empty else look
        elif look != current:
            if run:
                segments.append(Segment("".join(run), style(current)))
            run = []
            current = (None, look[1], 0) if empty else look
            blank = True
        run.append(char)
        blank = blank and empty
    if run:
        segments.append(Segment("".join(run), style(current)))
    return segments

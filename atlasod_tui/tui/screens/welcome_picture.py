"""An ornament in the shape of the four-lepton mass: a peak at the Z, then the Higgs boson beside the ZZ continuum."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

from textual.widget import Widget

if TYPE_CHECKING:
    from atlasod_tui.tui.looks.look import Look
    from atlasod_tui.tui.world import World

_BINS = 36
_CELLS = 2
"""Columns of a bin."""
_HIGGS = (12, 13)
_CAPTION = (
    (4, "Z: 91 GeV", "$primary"),
    (21, "Higgs: 125 GeV", "bold $accent"),
    (48, "two Z: from 182 GeV", "$primary"),
)
"""Columns at which words below it begin, the words, and their colours."""


class Picture(Widget):
    """The ornament, as high as its place is."""

    def __init__(self, world: World) -> None:
        super().__init__(id="picture")
        self._world = world

    def render(self) -> str:
        """Return it as markup."""
        return picture(self._world.look, self.size.height)


def picture(look: Look, height: int) -> str:
    """Return the ornament as Textual's markup, so many lines high, the last of them words."""
    caption, at = "", 0
    for column, words, style in _CAPTION:
        caption += " " * (column - at) + f"[{style}]{words}[/]"
        at = column + len(words)
    lines = [_line(look, row, height - 1) for row in range(height - 2, -1, -1)]
    return "\n".join([*lines, caption])


def _line(look: Look, row: int, height: int) -> str:
    levels = look.glyphs.levels
    steps = len(levels) - 1
    cells = []
    for index in range(_BINS):
        filled = min(max(_height(index) * height - row, 0.0), 1.0)
        cells.append((index in _HIGGS, levels[round(filled * steps)] * _CELLS))
    parts = ((higgs, "".join(text for _, text in group)) for higgs, group in groupby(cells, lambda cell: cell[0]))
    return "".join(f"[{'bold $accent' if higgs else '$primary'}]{text}[/]" for higgs, text in parts)


def _height(index: int) -> float:
    """Return the height of a bin as a share of the highest."""
    z = 0.97 * math.exp(-(((index - 3.5) / 1.3) ** 2))
    higgs = 0.55 * math.exp(-(((index - 12.5) / 0.7) ** 2))
    continuum = 0.34 * math.exp(-max(index - 29, 0) / 14) / (1 + math.exp(-(index - 26.5) / 1.1))
    return min(1.0, z + higgs + continuum + 0.06 + 0.05 * math.exp(-index / 12))

"""The stack: columns of eighth blocks, two layers in a cell; hatches or letters where there are no colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from atlasod_tui.engine.author import Hue
from atlasod_tui.plots.canvas.axes import EIGHTHS, YAxis
from atlasod_tui.plots.canvas.glyphs import BLOCKS, contrast
from atlasod_tui.plots.canvas.raster import BOLD, PLAIN, Look
from atlasod_tui.plots.palette import Palette

_HALVES = {"▓": "▄", "╳": "x", "═": "─", "·": "."}  # noqa: RUF001
"""Half a cell of some hatches, others are made of quarters."""

BARE = -1
"""Instead of a layer: what is behind is bare paper."""


@dataclass(frozen=True)
class Paint:
    """How a layer looks.

    Attributes:
        letter: Its letter.
        colour: Its colour, or None where there are no colours.
        fill: The character that fills it where there are no colours.
        part: The characters of a cell with little and with about half of it, where there are no colours.
    """

    letter: str
    colour: str | None
    fill: str
    part: tuple[str, str]

    @property
    def inked(self) -> Look:
        """The look of something written on the layer."""
        return (contrast(self.colour), self.colour, 0) if self.colour else (None, None, BOLD)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the stack.

    Attributes:
        char: What is drawn.
        look: How.
        layer: The layer that is behind whatever is put there, or BARE.
        paper: The colour of that, None without one.
        whole: Whether one layer, or none, fills the cell.
    """

    char: str
    look: Look
    layer: int
    paper: str | None
    whole: bool

    @property
    def inked(self) -> Look:
        """The look of a mark that can be read here."""
        if self.layer == BARE:
            return (None, self.paper, 0)
        return (contrast(self.paper), self.paper, 0) if self.paper else (None, None, BOLD)


EMPTY = Cell(" ", PLAIN, BARE, None, whole=True)


def paints(hues: Sequence[Hue], letters: Sequence[str], palette: Palette) -> list[Paint]:
    """Return how layers of these hues and letters look."""
    found = []
    for hue, letter in zip(hues, letters, strict=True):
        if palette.coloured:
            found.append(Paint(letter, palette.colour(hue), " ", ("", "")))
        elif palette.ascii_only:
            found.append(Paint(letter, None, letter, ("_", letter.lower())))
        else:
            fill = palette.fill(hue)
            found.append(Paint(letter, None, fill, ("▁", _HALVES.get(fill, "▖"))))
    return found


def letters(names: Sequence[str], reserved: str = "") -> list[str]:
    """Return a letter for each name, no two alike and none that is reserved.

    Names get their first letters, the earlier of two with the same one; then the others another of theirs, or any.
    """
    found: dict[int, str] = {}
    free = [char for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" if char not in reserved]
    wanted = [[char.upper() for char in name if char.isascii() and char.isalpha()] for name in names]
    for choices in ([own[:1] for own in wanted], [[*own, *free] for own in wanted]):
        for index, own in enumerate(choices):
            letter = next((char for char in own if char in free), "")
            if index not in found and letter:
                found[index] = letter
                free.remove(letter)
    return [found.get(index, "*") for index in range(len(names))]


def column(sums: Sequence[float], axis: YAxis, layers: list[Paint]) -> list[Cell]:
    """Return the cells of a bin, from the lowest row: ``sums`` are the sums up to each layer.

    A negative layer takes away from the layers below it, as it does in the sum, so that the top is always the total.
    """
    cells = [EMPTY] * axis.rows
    if not sums or not math.isfinite(sums[-1]):
        return cells
    borders = [axis.eighths(value) for value in sums]
    for index in range(len(borders) - 2, -1, -1):
        borders[index] = min(borders[index], borders[index + 1])
    mixed: dict[int, list[tuple[int, int]]] = {}
    start = 0
    for index, end in enumerate(borders):
        if end <= start:
            continue
        whole = _whole(layers[index], index)
        first, last = -(-start // EIGHTHS), end // EIGHTHS
        cells[first:last] = [whole] * (last - first)
        for row in {start // EIGHTHS, end // EIGHTHS} - set(range(first, last)):
            part = min(end, row * EIGHTHS + EIGHTHS) - max(start, row * EIGHTHS)
            if part > 0:
                mixed.setdefault(row, []).append((index, part))
        start = end
    for row, parts in mixed.items():
        cells[row] = _mixed(parts, layers)
    return cells


def _whole(paint: Paint, index: int) -> Cell:
    return Cell(paint.fill, (None, paint.colour, 0), index, paint.colour, whole=True)


def _mixed(parts: list[tuple[int, int]], layers: list[Paint]) -> Cell:
    """Return a cell with parts (layer, eighths) from bottom to top: the two largest, but the top of the stack exact."""
    covered = sum(part for _, part in parts)
    largest = max(parts, key=lambda part: part[1])[0]
    paint = layers[largest]
    if covered < EIGHTHS:
        layer = largest if covered >= EIGHTHS // 2 else BARE
        if paint.colour:
            paper = None if layer == BARE else paint.colour
            return Cell(BLOCKS[covered], (paint.colour, None, 0), layer, paper, whole=False)
        return _partial(paint, covered, largest)
    if not paint.colour:
        return Cell(paint.fill, PLAIN, largest, None, whole=False)
    lower, upper = sorted(sorted(parts, key=lambda part: part[1])[-2:])
    share = min(max(round(EIGHTHS * lower[1] / (lower[1] + upper[1])), 1), EIGHTHS - 1)
    look = (layers[lower[0]].colour, layers[upper[0]].colour, 0)
    return Cell(BLOCKS[share], look, largest, paint.colour, whole=False)


def _partial(paint: Paint, covered: int, layer: int) -> Cell:
    """Return a cell that is covered in part where there are no colours: a hatch has no eighths."""
    if paint.fill == BLOCKS[-1]:
        return Cell(BLOCKS[covered], PLAIN, layer, None, whole=False)
    if covered > 5:  # noqa: PLR2004 - nearest of empty, little, half, whole
        return Cell(paint.fill, PLAIN, layer, None, whole=False)
    little, half = paint.part
    return Cell(half if covered > 2 else little, PLAIN, BARE, None, whole=False)  # noqa: PLR2004

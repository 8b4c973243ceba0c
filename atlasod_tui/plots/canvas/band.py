"""The statistical error of the prediction, over the cells of the stack: a veil in colour, a hatch without."""

from __future__ import annotations

from atlasod_tui.plots.canvas.axes import EIGHTHS, YAxis
from atlasod_tui.plots.canvas.glyphs import BLOCKS
from atlasod_tui.plots.canvas.marks import covered
from atlasod_tui.plots.canvas.stack import Cell
from atlasod_tui.plots.palette import Palette

_HALF = EIGHTHS // 2
_VISIBLE = 3  # eighths


def veiled(cells: list[Cell], low: float, high: float, axis: YAxis, palette: Palette) -> list[Cell]:
    """Return the cells of a bin, from the lowest row, with a veil between two numbers."""
    found = list(cells)
    for row, start, end in covered(low, high, axis):
        found[row] = _veiled(cells[row], start, end, palette)
    return found


def _veiled(cell: Cell, start: int, end: int, palette: Palette) -> Cell:
    """Veil a cell between two eighths of it: exactly where one colour fills it, else all of it or nothing."""
    ink, paper, flags = cell.look
    veil = palette.veiled(paper)
    mostly = end - start >= _HALF
    if cell.whole and start == 0 and end < EIGHTHS:
        return Cell(BLOCKS[end], (veil, paper, flags), cell.layer, veil if mostly else paper, whole=False)
    if not mostly:
        return cell
    behind = palette.veiled(cell.paper)
    return Cell(cell.char, (ink and palette.veiled(ink), veil, flags), cell.layer, behind, cell.whole)


def hatched(low: float, high: float, axis: YAxis) -> list[int]:
    """Return the rows that a hatch between two numbers goes through."""
    return [row for row, start, end in covered(low, high, axis) if end - start >= _VISIBLE]

"""What the tests of the canvas look at."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment

Lines = list[list[Segment]]


def text(lines: Lines) -> list[str]:
    """Return what stands in the lines."""
    return ["".join(segment.text for segment in line) for line in lines]


def shape(lines: Lines) -> tuple[int, set[int]]:
    """Return how many lines there are, and of how many cells."""
    return len(lines), {sum(cell_len(segment.text) for segment in line) for line in lines}

"""Lines of which a part changes a few times a second: no more of them is drawn anew than has to be."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from atlasod_tui.tui.cells import Line
from atlasod_tui.tui.widgets.lazy_styles import LazyStyles


class ChangingLines(LazyStyles):
    """Draws lines of parts; styles are the component classes ``lines--NAME``.

    Textual sends a line from the left edge of its widget to the last cell that changed: what stays and what changes
    belong into two of these, side by side.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"lines--{name}"
        for name in ("quiet", "busy", "bad", "good", "warn", "name", "bar", "number", "text", "heading")
    }
    DEFAULT_CSS = """
    ChangingLines {
        & > .lines--quiet, & > .lines--text { color: $text-muted; }
        & > .lines--busy { color: $text-accent; }
        & > .lines--bad { color: $text-error; text-style: bold; }
        & > .lines--good { color: $text-success; }
        & > .lines--warn { color: $text-warning; text-style: bold; }
        & > .lines--name { color: $foreground; text-style: bold; }
        & > .lines--heading { color: $text-muted; text-style: bold; }
        & > .lines--number { color: $foreground; }
        & > .lines--bar { color: $accent; background: $surface; }
    }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._parts: list[Line] = []
        self.repainted = 0
        """Lines that were drawn anew so far, in part or whole."""

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines; those that differ are repainted from the first cell that does to the last."""
        width = self.size.width
        regions = []
        for y in range(max(len(lines), len(self._parts))):
            old = self._parts[y] if y < len(self._parts) else []
            new = lines[y] if y < len(lines) else []
            start, end = changed(old, new, width)
            if start < end:
                regions.append(Region(start, y, end - start, 1))
        self._parts = list(lines)
        if regions:
            self.repainted += len(regions)
            self.refresh(*regions)

    def replace(self, lines: Sequence[Line]) -> None:
        """Take other lines without repainting: they are about to be."""
        self._parts = list(lines)

    def render_line(self, y: int) -> Strip:
        """Return a line."""
        width, base = self.size.width, self.rich_style
        if y >= len(self._parts):
            return Strip.blank(width, base)
        # One segment for neighbours of one style, which costs less on the wire.
        segments = [
            Segment("".join(part.text for part in parts), self._style(name))
            for name, parts in groupby(self._parts[y], key=lambda part: part.style)
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"lines--{name}")


def changed(old: Line, new: Line, width: int) -> tuple[int, int]:
    """Return the first cell in which a line differs from what it was, and the one after the last; equal if none."""
    if old == new:
        return (0, 0)
    if [(cell_len(text), style) for text, style in old] != [(cell_len(text), style) for text, style in new]:
        return (0, width)
    start, end, at = width, 0, 0
    for (was, _), (text, _) in zip(old, new, strict=True):
        size = cell_len(text)
        if was != text:
            first, last = _within(was, text, size)
            start, end = min(start, at + first), at + last
        at += size
    return (start, min(end, width))


def _within(was: str, text: str, size: int) -> tuple[int, int]:
    """Return which cells of a part changed; all, if some are wider than others."""
    if len(text) != size or len(was) != size:
        return (0, size)
    first = next(number for number in range(size) if was[number] != text[number])
    last = next(number for number in range(size - 1, -1, -1) if was[number] != text[number])
    return (first, last + 1)

"""The log of a job: the lines on the screen only are drawn, and the end is followed while it grows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import chop_cells
from rich.segment import Segment
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from atlasod_tui import shown
from atlasod_tui.tui.cells import fit
from atlasod_tui.tui.widgets.scrolled import KEYS, Scrolled

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 5000
"""Characters of a line that are shown."""


class LogView(ScrollView, Scrolled, can_focus=True, inherit_bindings=False):
    """Lines of text from outside, folded where they are too long.

    Attributes:
        follow: Whether the end stays in view while lines arrive; to go up ends that, to go to the end begins it.
    """

    DEFAULT_CSS = """
    LogView {
        height: 1fr;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        overflow-x: hidden;
        scrollbar-gutter: stable;
        & > .log--note { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--note"}
    BINDINGS: ClassVar[list[Any]] = KEYS
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self.follow = True
        self._note = ""
        self._lines: Sequence[str] = ()
        self._rows: list[str] = []
        self._last = 0  # the row that the last line begins in: it may not be whole yet
        self._drawn: list[str] = []

    @property
    def lines(self) -> Sequence[str]:
        """What is shown."""
        return self._lines

    @property
    def _width(self) -> int:
        """Cells of a line: those of the scroll bar are left free before there is one."""
        return self.scrollable_content_region.width

    def show(self, lines: Sequence[str], note: str = "") -> None:
        """Show other lines, or more of them; ``note``, harmless, stands above the first one."""
        old, self._lines = self._lines, lines
        goes_on = note == self._note and 0 < len(old) <= len(lines) and old[:-1][-1:] == lines[len(old) - 2 :][:1]
        if goes_on and old[0] == lines[0] and len(old) > 1:
            del self._rows[self._last :]
            self._fold(lines[len(old) - 1 :])
        else:
            self._note = note
            self._fold_all()
        self._arrange()

    def set_follow(self, follow: bool) -> None:
        """Follow the end from now on, or stay where one is."""
        self.follow = follow
        if follow:
            self._go_to_end()

    def on_resize(self) -> None:
        """Fold the lines at the new width."""
        self._fold_all()
        self._arrange()

    def render_line(self, y: int) -> Strip:
        """Return a line."""
        at, width, base = y + self.scroll_offset.y, self._width, self.rich_style
        text = self._rows[at] if at < len(self._rows) else ""
        note = self._note and at == 0
        style = base + self.get_component_rich_style("log--note", partial=True) if note else base
        return Strip([Segment(text, style)]).adjust_cell_length(width, base)

    def _fold_all(self) -> None:
        self._rows = [fit(self._note, max(1, self._width))] if self._note else []
        self._drawn = []
        self._fold(self._lines)

    def _fold(self, lines: Sequence[str]) -> None:
        width = self._width
        for line in lines if width else ():
            self._last = len(self._rows)
            text = shown.escape(line[:_LONGEST])
            if text.isascii():
                self._rows += [text[at : at + width] for at in range(0, len(text), width)] or [""]
            else:
                self._rows += chop_cells(text, width) or [""]

    def _arrange(self) -> None:
        size = Size(self._width, len(self._rows))
        if size != self.virtual_size:
            self.virtual_size = size
        if self.follow:
            self._go_to_end()
        self._repaint()

    def _go_to_end(self) -> None:
        self.scroll_end(animate=False, immediate=True, force=True, x_axis=False)

    def _repaint(self) -> None:
        """Repaint the rows that differ from those that were drawn."""
        top, height, width = self.scroll_offset.y, self.size.height, self._width
        drawn = self._rows[top : top + height]
        drawn += [""] * (height - len(drawn))
        changed = [
            Region(0, y, width, 1) for y, text in enumerate(drawn) if y >= len(self._drawn) or text != self._drawn[y]
        ]
        self._drawn = drawn
        if changed:
            self.refresh(*changed)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the end where the user went to it, and no longer where the user left it."""
        super().watch_scroll_y(old_value, new_value)
        self.vertical_scrollbar.position = new_value  # Textual forgets it where the bar is about to be shown
        if round(old_value) != round(new_value):
            self._drawn = []  # the whole is repainted
            if new_value < old_value or not self.follow:
                self.follow = new_value >= self.max_scroll_y

    def action_last(self) -> None:
        """Go to the end, and follow it."""
        self.set_follow(True)

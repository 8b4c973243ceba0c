"""Lines that change now and then and may be more than there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.widgets.changing_lines import ChangingLines, Line, Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import MouseScrollDown, MouseScrollUp


class ScrolledLines(ChangingLines, can_focus=True, inherit_bindings=False):
    """Lines of parts, scrolled with the keys of texts; the last line that fits says how many more there are."""

    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.TEXT, dispatched=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._all: Sequence[Line] = ()
        self._top = 0

    def show_all(self, lines: Sequence[Line], *, from_start: bool = False) -> None:
        """Show other lines; where one is stays, unless they are of something else (``from_start``)."""
        self._all = lines
        self._go(0 if from_start else self._top)

    def on_resize(self) -> None:
        """Show as many as there is room for."""
        self._go(self._top)

    def _go(self, top: int) -> None:
        height = self.size.height
        self._top = max(0, min(top, len(self._all) - height))
        shown = list(self._all[self._top : self._top + height])
        below = len(self._all) - self._top - height
        if below > 0 and shown:
            shown[-1] = [Part(f"({below + 1} more lines: tab, then down)", "quiet")]
        self.show(shown)

    def action_down(self) -> None:
        """Go a line down."""
        self._go(self._top + 1)

    def action_up(self) -> None:
        """Go a line up."""
        self._go(self._top - 1)

    def action_page_down(self) -> None:
        """Turn a page."""
        self._go(self._top + self.size.height - 1)

    def action_page_up(self) -> None:
        """Turn a page back."""
        self._go(self._top - self.size.height + 1)

    def action_first(self) -> None:
        """Go to the beginning."""
        self._go(0)

    def action_last(self) -> None:
        """Go to the end."""
        self._go(len(self._all))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Go down."""
        event.stop()
        self._go(self._top + 2)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Go up."""
        event.stop()
        self._go(self._top - 2)

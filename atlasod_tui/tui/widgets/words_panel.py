"""Words that may be longer than their panel: lines that are scrolled with the keys of lists."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.events import MouseScrollDown, MouseScrollUp, Resize

from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.widgets.plot_canvas import Lines, PlotCanvas

_WHEEL = 3
_SCROLLS = frozenset({"up", "down", "page_up", "page_down", "first", "last"})


class WordsPanel(PlotCanvas, can_focus=True):
    """Lines with a window on them; new lines keep its place."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(Place.TABLE, dispatched=False)]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id, classes=classes)
        self._whole: Lines = ()
        self._top = 0

    def tell(self, lines: Lines, *, anew: bool = False) -> None:
        """Show lines: from their beginning if they are of something else."""
        self._whole = lines
        self._turn_to(0 if anew else self._top)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Leave the keys to the page that are of no use here."""
        return action in _SCROLLS

    def action_up(self) -> None:
        """Go a line up."""
        self._turn_to(self._top - 1)

    def action_down(self) -> None:
        """Go a line down."""
        self._turn_to(self._top + 1)

    def action_page_up(self) -> None:
        """Turn a page back."""
        self._turn_to(self._top - self.size.height + 1)

    def action_page_down(self) -> None:
        """Turn a page."""
        self._turn_to(self._top + self.size.height - 1)

    def action_first(self) -> None:
        """Go to the beginning."""
        self._turn_to(0)

    def action_last(self) -> None:
        """Go to the end."""
        self._turn_to(len(self._whole))

    def on_mouse_scroll_down(self, _: MouseScrollDown) -> None:
        """Turn the wheel."""
        self._turn_to(self._top + _WHEEL)

    def on_mouse_scroll_up(self, _: MouseScrollUp) -> None:
        """Turn the wheel back."""
        self._turn_to(self._top - _WHEEL)

    def on_resize(self) -> None:
        """Show what fits now."""
        self._turn_to(self._top)

    def _turn_to(self, top: int) -> None:
        height = max(self.size.height, 1)
        self._top = max(min(top, len(self._whole) - height), 0)
        self.show(self._whole[self._top : self._top + height])

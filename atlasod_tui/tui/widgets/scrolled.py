"""What the keys of texts do: to a widget that Textual scrolls, and to a window on lines that are drawn elsewhere."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.widget import Widget

from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place

if TYPE_CHECKING:
    from textual.events import MouseScrollDown, MouseScrollUp

KEYS = actions.bindings(Place.TEXT, dispatched=False)
"""Bindings for the actions of both classes, which are to be the last of the bases, for the sake of style sheets."""
_WHEEL = 3
"""Lines that a turn of the mouse wheel scrolls by."""


class Scrolled(Widget):
    """What Textual scrolls."""

    def action_down(self) -> None:
        """Go a line down."""
        self.scroll_down(animate=False, immediate=True)

    def action_up(self) -> None:
        """Go a line up."""
        self.scroll_up(animate=False, immediate=True)

    def action_page_down(self) -> None:
        """Turn a page."""
        self.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Turn a page back."""
        self.scroll_page_up(animate=False)

    def action_first(self) -> None:
        """Go to the beginning."""
        self.scroll_home(animate=False, immediate=True)

    def action_last(self) -> None:
        """Go to the end."""
        self.scroll_end(animate=False, immediate=True)


class Windowed(Widget):
    """A window on lines: no more of them is drawn than is seen, and other lines keep its place."""

    BINDINGS: ClassVar[list[Any]] = KEYS
    _whole: Sequence[Any] = ()
    _top = 0

    @abstractmethod
    def show(self, lines: Sequence[Any]) -> None:
        """Draw the lines in the window."""

    def show_all(self, lines: Sequence[Any], *, from_start: bool = False) -> None:
        """Show other lines: from their beginning if they are of something else."""
        self._whole = lines
        self._turn_to(0 if from_start else self._top)

    def windowed(self) -> list[Any]:
        """Return the lines in the window."""
        return list(self._whole[self._top : self._top + self.size.height])

    def on_resize(self) -> None:
        """Show what fits now."""
        self._turn_to(self._top)

    def _turn_to(self, top: int) -> None:
        self._top = max(0, min(top, len(self._whole) - self.size.height))
        self.show(self.windowed())

    def action_down(self) -> None:
        """Go a line down."""
        self._turn_to(self._top + 1)

    def action_up(self) -> None:
        """Go a line up."""
        self._turn_to(self._top - 1)

    def action_page_down(self) -> None:
        """Turn a page."""
        self._turn_to(self._top + self.size.height - 1)

    def action_page_up(self) -> None:
        """Turn a page back."""
        self._turn_to(self._top - self.size.height + 1)

    def action_first(self) -> None:
        """Go to the beginning."""
        self._turn_to(0)

    def action_last(self) -> None:
        """Go to the end."""
        self._turn_to(len(self._whole))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Turn the wheel."""
        event.stop()
        self._turn_to(self._top + _WHEEL)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Turn the wheel back."""
        event.stop()
        self._turn_to(self._top - _WHEEL)

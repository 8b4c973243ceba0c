"""A dialog with a line to type on, over a list or a text that the arrow keys move in meanwhile."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.dialog import Dialog

if TYPE_CHECKING:
    from atlasod_tui.tui.widgets.reading import Reading
    from atlasod_tui.tui.widgets.table import VirtualTable

Answer = TypeVar("Answer")


class TypingDialog(Dialog[Answer]):
    """The base of dialogs in which letters are typed and arrows move."""

    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.TYPING)

    @property
    @abstractmethod
    def below(self) -> VirtualTable[Any] | Reading:
        """What the arrow keys move in."""

    def action_down(self) -> None:
        """Go a line down."""
        self.below.action_down()

    def action_up(self) -> None:
        """Go a line up."""
        self.below.action_up()

    def action_page_down(self) -> None:
        """Turn a page."""
        self.below.action_page_down()

    def action_page_up(self) -> None:
        """Turn a page back."""
        self.below.action_page_up()

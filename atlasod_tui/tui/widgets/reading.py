"""A text that may be longer than there is room: scrolled with the keys of lists."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.console import RenderableType
from textual.containers import VerticalScroll
from textual.widgets import Static

from atlasod_tui.tui.widgets.scrolled import KEYS, Scrolled


class Reading(VerticalScroll, Scrolled, can_focus=True, inherit_bindings=False):
    """A text of rich's; whoever made it has escaped what is from outside."""

    BINDINGS: ClassVar[list[Any]] = KEYS
    DEFAULT_CSS = """
    Reading { height: 1fr; scrollbar-gutter: stable; scrollbar-size-vertical: 1; }
    Reading > Static { height: auto; }
    """

    def __init__(self, text: RenderableType = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's
        self._text = Static(text, markup=False)
        super().__init__(self._text, id=id)

    def show(self, text: RenderableType) -> None:
        """Show another text, from its beginning."""
        self._text.update(text)
        self.scroll_home(animate=False)

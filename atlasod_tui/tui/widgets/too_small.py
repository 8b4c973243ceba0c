"""What is shown in place of everything where the terminal is too small."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Resize
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from atlasod_tui.tui.looks import terminal


class TooSmall(ModalScreen[None]):
    """A sentence that covers page and dialogs, which stay as they are, until the terminal is large enough again."""

    DEFAULT_CSS = """
    TooSmall {
        align: center middle;
        overflow: hidden;
        background: $background;
    }
    TooSmall > Static {
        width: 100%;
        height: auto;
        text-align: center;
        color: $foreground;
        background: $background;
    }
    """
    BINDINGS: ClassVar[list[Any]] = [Binding("q", "app.quit", show=False)]

    def __init__(self, size: Size) -> None:
        super().__init__()
        self._wanted = terminal.too_small((size.width, size.height))

    @classmethod
    def cover(cls, screen: Screen[Any], size: Size) -> None:
        """Cover a screen that was given a size, if that is too small and nothing covers it yet."""
        app = screen.app
        if terminal.too_small((size.width, size.height)) and not any(
            isinstance(each, cls) for each in app.screen_stack
        ):
            app.push_screen(cls(size))

    def compose(self) -> ComposeResult:
        """Show the sentence."""
        yield Static(self._wanted, markup=False)

    def on_resize(self, event: Resize) -> None:
        """Say how large the terminal is now, or go away."""
        self._look(event.size)

    def on_screen_resume(self) -> None:
        """Do so when what came over it has gone: the size may be another one since."""
        self._look(self.app.size)

    def _look(self, size: Size) -> None:
        said = terminal.too_small((size.width, size.height))
        if said:
            self.query_one(Static).update(said)
        elif self.is_active:
            self.dismiss()

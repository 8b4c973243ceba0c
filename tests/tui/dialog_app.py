"""An app that shows one dialog, in the style of the program, and keeps its answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.signal import Signal

import atlasod_tui.tui
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.dress import Dressed
from atlasod_tui.tui.in_turn import InTurn
from atlasod_tui.tui.opening import Opening
from atlasod_tui.tui.world import World

UNANSWERED = "no answer yet"


class DialogApp(Dressed, InTurn, Opening):
    """The app.

    Args:
        world: What the dialog is given.
        make: Makes it.
    """

    CSS_PATH = Path(atlasod_tui.tui.__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, world: World, make: Callable[[World], Dialog[Any]]) -> None:
        super().__init__()
        self.dress(world, None)
        world.belongs_to(Signal(self, "changed"))
        self._make = make
        self.answer: Any = UNANSWERED
        self.notes: list[str] = []

    def on_mount(self) -> None:
        """Ask, over a page that is painted: what shows through a dialog is then always the same."""
        self.call_after_refresh(self._ask)

    def _ask(self) -> None:
        self.push_screen(self._make(self.world), self._answered)

    def _answered(self, answer: Any) -> None:
        self.answer = answer

    def notify(self, message: str, **options: Any) -> None:
        """Keep what was said in passing, longer than it is shown."""
        self.notes.append(message)
        super().notify(message, **options)

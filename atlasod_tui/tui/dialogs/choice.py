"""A question with two or three answers, each a button and a key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.containers import Horizontal
from textual.widgets import Button, Static

from atlasod_tui import shown
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.world import World


class Choice(Dialog[str]):
    """Asks; the answer is the name of a button, or None. The first button has the focus.

    Args:
        world: What pages share.
        heading: The question; may hold text from outside.
        sentences: What to know; they may, too.
    """

    CSS_PATH = "dialogs.tcss"
    AUTO_FOCUS = "Button"
    buttons: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Name and words of each."""

    def __init__(self, world: World, heading: str, sentences: Iterable[str]) -> None:
        super().__init__(world, heading)
        self._sentences = tuple(sentences)

    def body(self) -> Iterable[Static | Horizontal]:
        """Compose sentences and buttons."""
        yield Static(Text("\n".join(map(shown.escape, self._sentences))), id="sentences")
        yield Horizontal(
            *(Button(Text(f"[ {words} ]"), id=name, compact=True) for name, words in self.buttons), id="buttons"
        )

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.answer(event.button.id or "")

    def answer(self, name: str) -> None:
        """Close with an answer."""
        self.dismiss(name)

"""A dialog: what is asked over a page, closed by escape without an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from atlasod_tui.tui import actions
from atlasod_tui.tui.acting import Acting
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.cells import fit
from atlasod_tui.tui.widgets.one_line import OneLine
from atlasod_tui.tui.world import World

Answer = TypeVar("Answer")

_MOST_CELLS = 400
"""Of one text."""


class Dialog(ModalScreen[Answer], Acting):
    """The base of dialogs: a box with a heading and a line of keys.

    Args:
        world: What pages share.
        heading: May hold text from outside.
    """

    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.DIALOG)
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual's
    keys_line: str = "esc close"
    """What the last line says."""

    def __init__(self, world: World, heading: str) -> None:
        super().__init__()
        self.world = world
        self._heading = heading
        self._kept_answer: tuple[Answer | None] | None = None

    def compose(self) -> ComposeResult:
        """Put the body between heading and keys."""
        with Vertical(classes="dialog"):
            yield Static(self.headed(self._heading), id="heading")
            with Vertical(id="inside"):
                yield from self.body()
            yield Static(Text(self.world.look.glyphs.keys(self.keys_line)), id="keys")

    def headed(self, words: str) -> OneLine:
        """Return a heading; it may hold text from outside."""
        return OneLine(words, self.world.look.glyphs.more, "bold")

    def body(self) -> Iterable[Any]:
        """Compose what is inside."""
        return ()

    def cut(self, text: str) -> str:
        """Return a text from outside, harmless, and with an end however long it is."""
        return fit(text, _MOST_CELLS, more=self.world.look.glyphs.more).rstrip()

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer, once; below another screen, as soon as that has gone.

        Answers that come from a thread or the lake can come late. Textual would close whatever is in front.
        """
        if self.is_active:
            return super().dismiss(result)
        if self in self.app.screen_stack:
            self._kept_answer = (result,)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        """Close if the answer came meanwhile."""
        if self._kept_answer is not None:
            self.dismiss(*self._kept_answer)

    def action_on(self) -> None:
        """Go to the next field or button."""
        self.focus_next()

    def action_next(self) -> None:
        """Go to the next field or button."""
        self.focus_next()

    def action_previous(self) -> None:
        """Go to the field or button before."""
        self.focus_previous()

    def action_down(self) -> None:
        """Go to the next field or button, or further down where a dialog has lines."""
        self.focus_next()

    def action_up(self) -> None:
        """Go to the field or button before, or further up where a dialog has lines."""
        self.focus_previous()

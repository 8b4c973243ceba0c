"""A dialog: what is asked over a page, closed by escape without an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui import actions
from atlasod_tui.tui.acting import Acting
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.equivalent import Copied, Equivalent
from atlasod_tui.tui.world import World

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Acting):
    """The base of dialogs: a box with a heading and a line of keys.

    Args:
        world: What pages share.
        heading: May hold text from outside.
    """

    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.DIALOG)
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    keys_line: str = "esc close"
    """What the last line says."""

    def __init__(self, world: World, heading: str) -> None:
        super().__init__()
        self.world = world
        self._heading = heading

    def compose(self) -> ComposeResult:
        """Put the body between heading and keys."""
        with Vertical(classes="dialog"):
            yield Static(
                Text(shown.escape(self._heading), style="bold", no_wrap=True, overflow="ellipsis"), id="heading"
            )
            with Vertical(id="inside"):
                yield from self.body()
            yield Static(Text(self.keys_line), id="keys")

    def body(self) -> Iterable[Any]:
        """Compose what is inside."""
        return ()

    def equivalent(self) -> Equivalent | None:
        """Return the command and the Python that do what this dialog would do."""
        return None

    def copied(self) -> Copied | None:
        """Return what ``y`` is to copy."""
        return None

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def fail(self, error: AtlasodError) -> None:
        """Show an error as a card over this dialog, which stays as it is."""
        from atlasod_tui.tui.dialogs.error_card import ErrorCard  # noqa: PLC0415 - seldom

        self.app.push_screen(ErrorCard(self.world, error))

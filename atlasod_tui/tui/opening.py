"""Dialogs that come up over any page or dialog, opened by the app, which alone knows them; imported when they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from atlasod_tui.errors import AtlasodError
    from atlasod_tui.tui.equivalent import Equivalent
    from atlasod_tui.tui.world import World


class Opening(App[None]):
    """The part of the app that opens what pages and dialogs ask it for: an `acting.Opener`.

    Attributes:
        last_error: The one that was shown last.
    """

    world: World
    last_error: AtlasodError | None = None

    def open_error(self, error: AtlasodError, *, whole: bool = False) -> None:
        """Show an error as a card, or all there is to know of it, over what is there; and keep it."""
        from atlasod_tui.tui.dialogs.error_card import ErrorCard  # noqa: PLC0415 - seldom

        self.last_error = error
        self.push_screen(ErrorCard(self.world, error, whole=whole))

    def open_help(self) -> None:
        """Show what the keys do on the screen in front."""
        from atlasod_tui.tui.dialogs.help import Help  # noqa: PLC0415 - seldom

        self.push_screen(Help(self.world, self.screen))

    def open_equivalent(self, same: Equivalent) -> None:
        """Show the command and the Python that do the same."""
        from atlasod_tui.tui.dialogs.equivalent import EquivalentDialog  # noqa: PLC0415 - seldom

        self.push_screen(EquivalentDialog(self.world, same))

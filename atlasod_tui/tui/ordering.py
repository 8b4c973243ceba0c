"""Dialogs that pages wish, in each of which a job is ordered; imported when they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from atlasod_tui.tui import wishes
    from atlasod_tui.tui.world import World


class Ordering(App[None]):
    """The part of the app that orders are the business of."""

    world: World

    def on_multiply_wanted(self, wish: wishes.MultiplyWanted) -> None:
        """Ask how to multiply."""
        from atlasod_tui.tui.dialogs.multiply import MultiplyDialog  # noqa: PLC0415 - seldom

        self.push_screen(MultiplyDialog(self.world, wish.picks))

    def on_get_wanted(self, wish: wishes.GetWanted) -> None:
        """Ask where to."""
        from atlasod_tui.tui.dialogs.get import GetDialog  # noqa: PLC0415 - seldom

        self.push_screen(GetDialog(self.world, wish.picks))

    def on_upload_wanted(self, wish: wishes.UploadWanted) -> None:
        """Ask what to upload, and where to."""
        from atlasod_tui.tui.dialogs.upload import UploadDialog  # noqa: PLC0415 - seldom

        self.push_screen(UploadDialog(self.world, wish.result))

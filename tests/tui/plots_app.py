"""An app of the page of plots alone, on stable data: ``python -m tests.tui.plots_app FOLDER`` runs it here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

from textual.screen import Screen
from textual.signal import Signal

from atlasod_tui.tui.dress import Dressed
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.opening import Opening
from atlasod_tui.tui.screens.plots import PlotsPage
from atlasod_tui.tui.world import World
from tests.tui.piloting import make_world

_HERE = Path(sys.modules[PlotsPage.__module__].__file__ or "").parent


class PlotsApp(Dressed, Opening):
    """The page and nothing else; ``esc`` goes back on it."""

    CSS_PATH = [_HERE.parent / "app.tcss", _HERE / "plots.tcss"]  # noqa: RUF012 - the first screen's own is not read
    BINDINGS = [("escape", "back"), ("q", "quit")]  # noqa: RUF012 - Textual's
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, world: World | None = None, folder: Path | None = None) -> None:
        super().__init__()
        themes = theme_files.read_all()
        world = world or make_world()
        if world.look == Look():
            world.look = Look(themes.found["dark"])
        world.belongs_to(Signal(self, "changed"))
        self.dress(world, themes)
        self.page = PlotsPage(world)
        self.wishes: list[Any] = []
        if folder is not None:
            self.page.open(folder)

    def get_default_screen(self) -> Screen[Any]:
        """Show the page."""
        return cast("Screen[Any]", self.page)

    async def action_back(self) -> None:
        """Go one step back."""
        if self.page.back():
            self.page.show_crumbs()

    def on_upload_wanted(self, wish: object) -> None:
        """Note the wish."""
        self.wishes.append(wish)


if __name__ == "__main__":
    PlotsApp(folder=Path(sys.argv[1])).run()

"""An app of the page of analyses alone, on stable data: ``python -m tests.tui.analyses_app`` runs it here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar

from textual.screen import Screen
from textual.signal import Signal

from atlasod_tui.tui import actions
from atlasod_tui.tui.acting import Acting
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.dress import Dressed
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.opening import Opening
from atlasod_tui.tui.screens.analyses import AnalysesPage
from atlasod_tui.tui.world import World
from tests.tui.piloting import make_world

_HERE = Path(sys.modules[AnalysesPage.__module__].__file__ or "").parent


class AnalysesApp(Acting, Dressed, Opening):
    """The page and its dialogs."""

    CSS_PATH = [_HERE.parent / "app.tcss", _HERE / "analyses.tcss"]  # noqa: RUF012 - the first screen's own is not read
    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.EVERYWHERE)
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, world: World | None = None, theme: str = "dark", kept: dict[str, Any] | None = None) -> None:
        super().__init__()
        themes = theme_files.read_all()
        world = world or make_world()
        if world.look == Look():
            world.look = Look(themes.found[theme])
        world.belongs_to(Signal(self, "changed"))
        self.dress(world, themes)
        self.page = AnalysesPage(world)
        self.page.recall(kept or {})
        self.wishes: list[Any] = []

    def get_default_screen(self) -> Screen[Any]:
        """Show the page."""
        return self.page

    async def action_back(self) -> None:
        """Go one step back."""
        if self.page.back():
            self.page.show_crumbs()

    def action_refresh(self) -> None:
        """Read everything anew."""
        self.page.refresh_page()

    def on_result_wanted(self, wish: object) -> None:
        """Note the wish."""
        self.wishes.append(wish)

    @property
    def notes(self) -> list[str]:
        """What was said in passing."""
        return [str(note.message) for note in self._notifications]


if __name__ == "__main__":
    AnalysesApp().run()

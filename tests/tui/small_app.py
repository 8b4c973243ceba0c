"""An app with one page of three lines, for what is everywhere: help, commands, copying, errors."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Static

import atlasod_tui.tui
from atlasod_tui.tui import actions
from atlasod_tui.tui.acting import Acting
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.command import Command
from atlasod_tui.tui.dialogs.commands import Commands
from atlasod_tui.tui.dress import Dressed
from atlasod_tui.tui.equivalent import Copied
from atlasod_tui.tui.failing import Failing
from atlasod_tui.tui.looks.theme_files import ThemeFiles
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.world import World
from tests.tui.hostile import NAMES


class SmallPage(Page):
    """A page in the place of the lake's that notes what it was to do."""

    place = Place.LAKE
    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.LAKE)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.done: list[str] = []

    def body(self) -> Iterable[Any]:
        """Show a line."""
        yield Static("the page")

    def why_not(self, action_id: str) -> str:
        """Refuse one."""
        return "Nothing was picked yet." if action_id == "lake.clear" else ""

    async def action_do(self, action_id: str) -> None:
        """Note it."""
        if not self.refusal(actions.find(action_id)):
            self.done.append(action_id)
        else:
            await super().action_do(action_id)

    def copied(self) -> Copied:
        """Have something copied."""
        return Copied("DID", "opendata:4lep")

    def commands(self) -> Iterable[Command]:
        """Offer scopes of any names."""
        return [Command(f"scope {name}", lambda name=name: self.done.append(name), "Go to it") for name in NAMES]  # type: ignore[misc]


class SmallApp(Acting, Dressed, Failing):
    """The app; what the registry has everywhere is noted by the page, but for help and commands."""

    CSS_PATH = Path(atlasod_tui.tui.__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.EVERYWHERE)

    def __init__(self, world: World, themes: ThemeFiles | None = None) -> None:
        super().__init__()
        self.dress(world, themes)
        world.belongs_to(Signal(self, "changed"))
        self.page = SmallPage(world)
        self.wishes: list[Any] = []

    def get_default_screen(self) -> Screen[Any]:
        """Begin with the page."""
        return self.page

    def on_mount(self) -> None:
        """Take the user's keys."""
        self.set_keymap(self.world.keys)

    async def action_do(self, action_id: str) -> None:
        """Note it, or open the dialog."""
        if action_id == "app.help":
            self.open_help()
        elif action_id == "app.commands":
            await self.push_screen(Commands(self.world, self.screen))
        else:
            self.page.done.append(action_id)

    def on_lake_chosen(self, wish: Any) -> None:
        """Note it."""
        self.wishes.append(wish)

    on_analysis_wanted = on_job_wanted = on_lake_chosen

    @property
    def notes(self) -> list[str]:
        """What was said in passing."""
        return [str(note.message) for note in self._notifications]

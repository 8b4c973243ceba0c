"""The dialog that chooses a theme: each is worn while the cursor is on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any

from textual.widgets import Static

from atlasod_tui import config
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.dress import Dressed
from atlasod_tui.tui.looks import fallbacks
from atlasod_tui.tui.looks.theme import Theme
from atlasod_tui.tui.widgets.table import Column, VirtualTable
from atlasod_tui.tui.widgets.table_told import Highlighted, Opened
from atlasod_tui.tui.world import World

_MOST = 10
"""Themes that are seen at a time."""


class Themes(Dialog[str]):
    """Chooses a theme; gives its name, or None where all stays as it was.

    Args:
        world: What pages share.
    """

    DEFAULT_CSS = """
    Themes #sample { height: auto; padding: 1 1 0 1; color: $text-muted; }
    """
    keys_line = "up down try   enter keep   esc as it was"

    def __init__(self, world: World) -> None:
        super().__init__(world, "Colours")
        self._before = world.look.theme.name
        columns: list[Column[Theme]] = [
            Column("theme", lambda theme: theme.name, width=16),
            Column("", lambda theme: theme.about),
        ]
        self._table = VirtualTable(columns, identity=lambda theme: theme.name, glyphs=world.look.glyphs, id="themes")

    def body(self) -> Iterable[Any]:
        """List the themes, over words in the colours that mean something."""
        yield self._table
        yield Static(id="sample", markup=True)

    def on_mount(self) -> None:
        """Read the themes anew: their files may have been changed."""
        self._table.focus()
        beside(self, self._load_themes)
        state = self.world.look.glyphs.state
        words = (
            f"[$text-success]{state('done')} done[/]",
            "[$text-warning]! stuck[/]",
            f"[$text-error]{state('failed')} failed[/]",
            "[$text-accent]accent[/]",
            "of less weight",
        )
        self.query_one("#sample", Static).update("   ".join(words))

    async def _load_themes(self) -> None:
        if notice := await self._dressed.reread_themes():
            self.app.notify(notice, markup=False, severity="warning", timeout=10)
        themes = self._dressed.themes.found
        self._table.set_rows(themes[name] for name in sorted(themes))
        self._table.styles.height = min(len(themes), _MOST) + 1
        self._table.seek(self._before)

    def on_virtual_table_highlighted(self, message: Highlighted) -> None:
        """Wear the theme under the cursor."""
        if isinstance(message.row, Theme):
            self._dressed.wear(message.row.name)

    def on_virtual_table_opened(self, message: Opened) -> None:
        """Keep the theme for next time, and say where that will be of no use."""
        if not isinstance(message.row, Theme):
            return
        name = message.row.name
        self._dressed.wear(name)
        self.world.memory.kept.theme = name
        themes = self._dressed.themes.found
        later = fallbacks.choose(os.environ, sys.stdout, config.load(), themes, kept=name)
        if later.theme != name:
            self.app.notify(f"Next time it is {later.theme} again: {later.why}.", markup=False)
        self.dismiss(name)

    def action_close(self) -> None:
        """Put on what was worn before."""
        self._dressed.wear(self._before)
        self.dismiss(None)

    @property
    def _dressed(self) -> Dressed:
        app = self.app
        if not isinstance(app, Dressed):
            raise TypeError("this dialog is for an app that wears themes")
        return app

"""An app that wears a theme: its colours, its characters, and what has to be filtered on the way to the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import App
from textual.filter import LineFilter

from atlasod_tui.tui.looks import filters, theme
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.looks.theme_files import ThemeFiles

if TYPE_CHECKING:
    from atlasod_tui.tui.world import World


class Dressed(App[None]):
    """The part of the app that themes are the business of; `dress` comes first, in ``__init__``.

    Attributes:
        notices: Sentences that the user is told of once the first page is there.
    """

    world: World
    themes: ThemeFiles
    notices: Sequence[str] = ()
    _look: Look | None = None

    def dress(self, world: World, themes: ThemeFiles | None) -> None:
        """Take the themes there are, and put on that of ``world.look``."""
        worn = {world.look.theme.name: world.look.theme}
        self.world, self.themes = world, themes or ThemeFiles(worn, ())
        for each in {**worn, **self.themes.found}.values():
            self.register_theme(theme.to_textual(each, edge=self._edge(world.look)))
        self._put_on(world.look)

    def wear(self, name: str) -> None:
        """Change to another theme, at once; widgets that draw of their own hear ``look``."""
        if name in self.themes.found and name != self.world.look.theme.name:
            self.world.look = replace(self.world.look, theme=self.themes.found[name])
            self._put_on(self.world.look)
            self.world.tell("look")

    async def reread_themes(self) -> str:
        """Read the files of themes anew, and return what is wrong with them; what is worn stays if its file is."""
        from atlasod_tui.tui.looks import theme_files  # noqa: PLC0415 - seldom

        read = await asyncio.to_thread(theme_files.read_all)
        worn = self.world.look.theme
        self.themes = ThemeFiles({worn.name: worn, **read.found}, read.problems)
        for each in self.themes.found.values():
            self.register_theme(theme.to_textual(each, edge=self._edge(self.world.look)))
        if (new := self.themes.found[worn.name]) != worn:
            self.world.look = replace(self.world.look, theme=new)
            self._put_on(self.world.look)
            self._watch_theme(new.name)  # it has the name it had
            self.world.tell("look")
        return self.themes.notice

    def tell_notices(self) -> None:
        """Tell the user what there is to be told."""
        for sentence in self.notices:
            self.notify(sentence, markup=False, severity="warning", timeout=10)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the variables that Textual does not know."""
        return theme.variable_defaults()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what each line passes on its way to the terminal."""
        own = super().get_line_filters()
        if self._look is None:
            return own
        return filters.passed(own, mono=self._look.mono, ascii_only=self._look.ascii)

    def _put_on(self, look: Look) -> None:
        self._look = look
        self.no_color = look.mono
        self.theme = look.theme.name

    @staticmethod
    def _edge(look: Look) -> str:
        return look.glyphs.edge if look.ascii or look.console else ""

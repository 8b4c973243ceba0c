"""Help: every key that works here, and why some do not just now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.screen import Screen

from atlasod_tui import shown
from atlasod_tui.tui import actions
from atlasod_tui.tui.acting import READ_ONLY, Acting
from atlasod_tui.tui.actions import Action, Place
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.dialogs.glossary import Glossary
from atlasod_tui.tui.keys.names import key_of
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.widgets.reading import Reading
from atlasod_tui.tui.world import World

_KEYS = 16


class KeyLine(NamedTuple):
    """A line of the help: the keys as printed, what they do, why that is refused just now (empty: it is not)."""

    keys: str
    does: str
    refused: str


class Help(Dialog[None]):
    """Shows the keys of a page and those that are everywhere.

    Args:
        world: What pages share.
        screen: What is in front.
    """

    # What is everywhere does not reach through a dialog.
    BINDINGS: ClassVar[list[Any]] = [key for key in actions.bindings(Place.EVERYWHERE) if key.id == "app.glossary"]
    CSS = """
    Help > .dialog { height: 100%; max-height: 40; }
    Help #inside { height: 1fr; }
    """

    def __init__(self, world: World, screen: Screen[Any]) -> None:
        place = screen.place if isinstance(screen, Page) else None
        super().__init__(world, f"Keys: {place}" if place else "Keys")
        self._screen, self._place = screen, place
        self.keys_line = f"up down read   {key_of(actions.find('app.glossary'), world.keys)} words   esc close"

    def body(self) -> Iterable[Any]:
        """Compose the list."""
        yield Reading()

    def on_mount(self) -> None:
        """Draw the list."""
        reading = self.query_one(Reading)
        reading.show(_drawn(self.sections()))
        reading.focus()

    def sections(self) -> Iterator[tuple[str, list[KeyLine]]]:
        """Yield headings and lines: of this page, of lists and everywhere; or of the dialog in front."""
        there = [action for place in self._places() for action in actions.of(place) if self._has(action)]
        for place in dict.fromkeys(action.place for action in there):
            yield place.value, [self._line(action) for action in there if action.place is place]

    def _places(self) -> Iterable[Place]:
        return Place if self._place is None else (self._place, Place.TABLE, Place.EVERYWHERE)

    def _has(self, action: Action) -> bool:
        """Return whether the screen has the key, or what has the focus there; of pages, all are told."""
        if self._place is not None or (action.place is Place.EVERYWHERE and not self._screen.is_modal):
            return True
        return any(
            key.id == action.id and holder.check_action(action.method, ())
            for holder in (self._screen, self._screen.focused)
            if holder is not None
            for keys in holder._bindings.key_to_bindings.values()  # noqa: SLF001 - with what classes inherit
            for key in keys
        )

    def action_help(self) -> None:
        """Close: the key that showed it hides it."""
        self.dismiss(None)

    def action_glossary(self) -> None:
        """Look up a word."""
        self.app.push_screen(Glossary(self.world))

    def _line(self, action: Action) -> KeyLine:
        keys = self.world.look.glyphs.keys(key_of(action, self.world.keys, every=True))
        return KeyLine(keys, action.description, self._refusal(action))

    def _refusal(self, action: Action) -> str:
        owner = self.app if action.place is Place.EVERYWHERE else self._screen
        if action.place in {Place.TABLE, Place.TEXT} or not isinstance(owner, Acting):
            return READ_ONLY if action.changes and self.world.read_only else ""
        return owner.refusal(action)


def _drawn(sections: Iterable[tuple[str, list[KeyLine]]]) -> Group:
    """Return the lines in two columns; those that are refused are of less weight, and say why."""
    parts: list[RenderableType] = []
    for heading, lines in sections:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, width=_KEYS)
        table.add_column()
        for line in lines:
            if line.refused:
                words = Text.assemble((line.does, "dim"), (f" - {shown.escape(line.refused)}", "dim italic"))
                table.add_row(Text(line.keys, style="dim"), words)
            else:
                table.add_row(Text(line.keys, style="bold"), Text(line.does))
        parts += [*([""] if parts else []), Text(heading, style="bold underline"), table]
    return Group(*parts)

"""The details of what is under the cursor: a panel where there is room, else in place of the list."""

from __future__ import annotations

from textual.events import Resize

from atlasod_tui.lake.model import Rule
from atlasod_tui.tui.lake.details import Card, CardLine, lines
from atlasod_tui.tui.widgets.table import Cell, Column, VirtualTable
from atlasod_tui.tui.world import World

_AROUND = 3
"""Cells of a table's line before and behind the text."""


class DetailsPanel(VirtualTable[CardLine]):
    """A card as lines, with a cursor: the rule it is on can be extended and ended, an address be copied.

    Args:
        world: What pages share.
    """

    DEFAULT_CSS = "DetailsPanel { height: 1fr; }"

    def __init__(self, world: World) -> None:
        column: Column[CardLine] = Column("details", lambda line: Cell(line.text, line.style))
        super().__init__([column], identity=lambda line: line.key, glyphs=world.look.glyphs, id="details")
        self.world = world
        self.card: Card | None = None

    @property
    def rule(self) -> Rule | None:
        """The rule under the cursor."""
        return self.cursor.rule if self.cursor is not None else None

    def show(self, card: Card | None) -> None:
        """Show a card, as far as it is known; the cursor stays where it was if it is the same one."""
        if card is not self.card:
            self.clear()
            self.card = card
        self._write()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the table's own is called, too
        """Break the lines anew."""
        self._write()

    def _write(self) -> None:
        if self.card is None or not self.size.width:
            return
        width = self.size.width - _AROUND
        written = lines(self.card, width, self.world.now(), self.world.look.glyphs)
        if written != list(self.rows):
            self.set_rows(written)

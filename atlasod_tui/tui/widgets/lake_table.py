"""The list of one level of the lake, and the line above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Resize

from atlasod_tui.tui.lake.levels import Kind, Level, Row, below, identity
from atlasod_tui.tui.lake.rows import columns, pick_of, text_of
from atlasod_tui.tui.widgets.changing_lines import ChangingLines
from atlasod_tui.tui.widgets.lake_words import Seen, empty, status
from atlasod_tui.tui.widgets.table import Cell, VirtualTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlasod_tui.lake.model import DID, Replica
    from atlasod_tui.tui.lake.facts import KnownRows
    from atlasod_tui.tui.world import World

_AROUND = 4
"""Cells of a line before and behind its text."""


class LakeTable(VirtualTable[Row]):
    """What a level lists.

    Args:
        world: What pages share.
        level: Which.
        facts: Tells where files are; None where there is no lake.
    """

    def __init__(self, world: World, level: Level, facts: KnownRows | None) -> None:
        self.world, self.level, self._facts = world, level, facts
        picking = level.spot.kind is not Kind.SCOPES
        super().__init__(
            columns(level, self._replicas, world.look.glyphs),
            text=text_of,
            identity=identity,
            marks=self._mark if picking else None,
            glyphs=world.look.glyphs,
        )

    def on_mount(self) -> None:
        """Show what is known of the level, as it was looked at."""
        self.set_rows(self.level.rows)
        self.filter(self.level.filter)
        if self.level.sort[0]:
            self.sort_by(self.level.sort[0], reverse=self.level.sort[1])
        if self.level.cursor is not None:
            self.seek(self.level.cursor)
        self.explain()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the table's own is called, too
        """Break the words in place of rows anew."""
        self.explain()

    def keep(self) -> None:
        """Note in the level how it is looked at."""
        self.level.filter = self.filter_text
        self.level.sort = (self.sorted_by.title if self.sorted_by else "", self.reverse)
        self.level.cursor = identity(self.cursor) if self.cursor is not None else self.level.cursor

    @property
    def seen_as(self) -> Seen:
        """How the level is looked at."""
        return Seen(self.count, self.filter_text, self.sorted_by.title if self.sorted_by else "", self.reverse)

    @property
    def awaiting(self) -> bool:
        """Whether the first rows are on their way, or another list is, for which the keys are meant."""
        return super().awaiting or (not self.count and (self.level.loading or self.level.wanting))

    def leads_on(self, row: Row) -> bool:
        """Return whether a row has a list of its own."""
        return below(row) is not None

    def explain(self) -> None:
        """Say why there are no rows, where there are none."""
        if not self.count:
            self.catch_up()
            self.placeholder = empty(self.level, self.filter_text, self.world, self.size.width - _AROUND)

    def _mark(self, row: Row) -> str | Cell:
        lake = self.world.lake
        if lake is None:
            return " "
        pick = pick_of(row, lake.name)
        picked = pick is not None and self.world.basket.holds(pick.did, pick.lake)
        return Cell(self.world.look.glyphs.picked, "accent") if picked else " "

    def _replicas(self, did: DID) -> Sequence[Replica] | None:
        return self._facts.replicas(did) if self._facts is not None else None


class ListLine(ChangingLines):
    """How much there is, how it is arranged, how old it is; and, where something is wrong, what.

    Args:
        world: What pages share.
    """

    DEFAULT_CSS = "ListLine { height: 1; }"

    def __init__(self, world: World) -> None:
        super().__init__(id="line")
        self.world = world
        self._table: LakeTable | None = None

    def on_resize(self) -> None:
        """Fit it to the width."""
        self.update_now()

    def tell(self, table: LakeTable) -> None:
        """Tell of a list."""
        self._table = table
        self.update_now()

    def update_now(self) -> None:
        """Show how the list is now."""
        if self._table is None or not self.size.width:
            return
        lines = status(self._table.level, self._table.seen_as, self.world, self.size.width)
        if self.styles.height is None or self.styles.height.value != len(lines):
            self.styles.height = len(lines)
        self.show(lines)

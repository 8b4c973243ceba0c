"""The dialog that chooses the result to compare with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.jobs.words import when, word
from atlasod_tui.tui.plots.sources import Source
from atlasod_tui.tui.widgets.table import Column, VirtualTable

if TYPE_CHECKING:
    from atlasod_tui.tui.world import World

_MOST = 10
"""Results that are seen at a time."""


class ChooseResult(Dialog[Source]):
    """Chooses one of some results of an analysis.

    Args:
        world: What pages share.
        sources: The results.
    """

    keys_line = "enter compare   esc close"

    def __init__(self, world: World, sources: Sequence[Source]) -> None:
        name = sources[0].name if sources else ""
        super().__init__(world, f"Compare {name} with")
        self._sources = sources
        columns: list[Column[Source]] = [
            Column("folder", lambda source: source.folder),
            Column("made", lambda source: when(source.when, world.now()), width=16),
            Column("state", lambda source: "" if source.state is None else word(source.state), width=10),
        ]
        glyphs = world.look.glyphs
        self._table = VirtualTable(columns, identity=lambda source: source.key, glyphs=glyphs, id="sources")

    def body(self) -> Iterable[Any]:
        """List them."""
        yield self._table

    def on_mount(self) -> None:
        """Begin with the newest."""
        self._table.set_rows(self._sources)
        self._table.styles.height = min(len(self._sources), _MOST) + 1
        self._table.focus()

    def on_virtual_table_opened(self, message: VirtualTable.Opened) -> None:
        """Answer."""
        if isinstance(message.row, Source):
            self.dismiss(message.row)

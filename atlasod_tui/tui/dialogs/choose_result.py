"""The dialog that chooses the result to compare with."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from textual.widgets import Static

from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.cells import end_of
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.jobs.words import when, word
from atlasod_tui.tui.plots.apart import Told, short, told
from atlasod_tui.tui.plots.sources import Source
from atlasod_tui.tui.widgets.table import Column, VirtualTable

if TYPE_CHECKING:
    from atlasod_tui.tui.world import World

_MOST = 10
"""Results that are seen at a time."""
_ROOMY = 90


class ChooseResult(Dialog[Source]):
    """Chooses one of some results of an analysis.

    Args:
        world: What pages share.
        one: The result that is compared.
        sources: The results.
    """

    CSS = "ChooseResult > .dialog { width: 100; }"
    keys_line = "enter compare   esc close"

    def __init__(self, world: World, one: Source, sources: Sequence[Source]) -> None:
        super().__init__(world, f"Compare {one.name} with")
        self._one, self._sources = one, sources
        self._told: dict[tuple[str, str], Told] = {}
        names = short([one.folder, *(source.folder for source in sources)])
        self._named = {source.key: name for source, name in zip((one, *sources), names, strict=True)}
        columns: list[Column[Source]] = [
            Column("folder", lambda source: self._named[source.key], cut=end_of),
            Column("variant", lambda source: self._of(source).variant, width=9),
            Column("luminosity", lambda source: self._of(source).luminosity, width=10, right=True),
            Column("events", lambda source: self._of(source).events, width=11),
            Column("made (UTC)", lambda source: when(source.when, world.now()), width=16),
            Column(
                "state", lambda source: "" if source.state is None else word(source.state), width=10, from_width=_ROOMY
            ),
        ]
        glyphs = world.look.glyphs
        self._table = VirtualTable(columns, identity=lambda source: source.key, glyphs=glyphs, id="sources")

    def _of(self, source: Source) -> Told:
        return self._told.get(source.key, Told())

    def body(self) -> Iterable[Any]:
        """List them."""
        yield self._table

    def on_mount(self) -> None:
        """Begin with the newest, and read what each says of itself."""
        self._table.set_rows(self._sources)
        self._table.styles.height = min(len(self._sources), _MOST) + 1
        self._table.focus()
        beside(self, self._load_told)

    async def _load_told(self) -> None:
        for source in (self._one, *self._sources):
            self._told[source.key] = await asyncio.to_thread(told, source)
            self._table.redraw()
            if source is self._one and (mine := self._of(source).sentence):
                self.query_one("#heading", Static).update(self.headed(f"Compare {source.name} ({mine}) with"))

    def on_virtual_table_opened(self, message: VirtualTable.Opened) -> None:
        """Answer."""
        if isinstance(message.row, Source):
            self.dismiss(message.row)

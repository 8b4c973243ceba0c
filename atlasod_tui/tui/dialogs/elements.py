"""The storage elements of the lake in front: how much there is room for, and which take no writes, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.agent.protocol import Quotas, StorageElements
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.equivalent import Equivalent
from atlasod_tui.tui.lake.levels import opened
from atlasod_tui.tui.widgets.table import Cell, Column, VirtualTable

if TYPE_CHECKING:
    from atlasod_tui.lake.model import Quota, StorageElement
    from atlasod_tui.tui.world import World

_MOST = 14
"""Storage elements that are seen at a time."""
_WORDS = 5
"""Lines of the list where it says something instead."""


class ElementRow(NamedTuple):
    """A storage element, with what this account may keep there."""

    element: StorageElement
    quota: str

    @property
    def writable(self) -> Cell:
        """Whether it can be written to, or why not."""
        element = self.element
        if element.writable:
            return Cell("yes", "good")
        return Cell(element.why_not or "no", "muted")


class Elements(Dialog[None]):
    """Lists the storage elements.

    Args:
        world: What pages share.
    """

    CSS = "Elements > .dialog { width: 110; }"
    BINDINGS: ClassVar[list[Any]] = [one for one in actions.bindings(Place.FORM) if one.id == "form.equivalent"]
    keys_line = "up down   f4 command and Python   esc close"

    def __init__(self, world: World) -> None:
        super().__init__(world, f"Storage elements of {world.lake.name}" if world.lake is not None else "No lake")
        columns: list[Column[ElementRow]] = [
            Column("storage element", lambda row: row.element.name, width=20),
            Column("free", lambda row: _size(row.element.free), width=7, right=True, sort=lambda row: row.element.free),
            Column("quota left", lambda row: row.quota, width=10, right=True),
            Column("writable", lambda row: row.writable),
        ]
        self._table: VirtualTable[ElementRow] = VirtualTable(columns, glyphs=world.look.glyphs, id="elements")

    def body(self) -> Iterable[Any]:
        """Compose the list."""
        yield self._table

    def on_mount(self) -> None:
        """Ask the lake."""
        self._table.styles.height = _WORDS
        self._table.focus()
        self._table.placeholder = f"Asking the lake{self.world.look.glyphs.more}"
        beside(self, self._load_elements)

    async def _load_elements(self) -> None:
        lake = self.world.lake
        if lake is None:
            self._table.placeholder = "No lake is chosen yet."
            return
        try:
            elements = (await lake.whole(StorageElements())).items
        except AtlasodError as error:
            self._table.placeholder = shown.escape(error.message)
            return
        try:
            quotas = {one.storage_element: one for one in (await lake.whole(Quotas())).items}
        except AtlasodError:  # it may know no accounts
            quotas = None
        self._table.placeholder = "This lake has no storage elements."
        self._table.styles.height = min(len(elements), _MOST) + 1 if elements else _WORDS
        self._table.set_rows([ElementRow(one, _left(one.name, quotas)) for one in elements])

    def equivalent(self) -> Equivalent | None:
        """Return what lists the same."""
        lake = self.world.lake
        if lake is None:
            return None
        loop = "for one in lake.storage_elements():\n    print(one.name, one.free, one.writable)\n"
        return Equivalent("List the storage elements", ("rses", "--lake", lake.name), opened(lake.name) + loop)


def _left(name: str, quotas: dict[str, Quota] | None) -> str:
    if quotas is None:
        return "-"
    quota = quotas.get(name)
    if quota is None:
        return "none"
    return "no limit" if quota.remaining is None else _size(quota.remaining)


def _size(number: int | None) -> str:
    return "-" if number is None else shown.size(number, "B")

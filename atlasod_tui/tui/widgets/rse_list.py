"""The storage elements of a lake, of which several can be chosen: how much there is room for, or why they cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.agent import protocol
from atlasod_tui.tui.acting import READ_ONLY
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.orders import estimate
from atlasod_tui.tui.widgets.choice_list import Choice, ChoiceList

if TYPE_CHECKING:
    from atlasod_tui.lake.model import Quota, StorageElement
    from atlasod_tui.tui.world import World


class RseList(ChoiceList):
    """Storage elements; the first that is chosen gets the bytes, the lake copies them to the others.

    Args:
        world: Has the lake.
        id: Of the widget.
    """

    def __init__(self, world: World, *, id: str = "rses") -> None:  # noqa: A002 - Textual's name
        super().__init__(world.look, ordered=True, id=id)
        self._world = world
        self._elements: dict[str, StorageElement] = {}
        self._quotas: dict[str, Quota] | None = None
        self._needed: int | None = None

    def on_mount(self) -> None:
        """Ask the lake."""
        lake = self._world.lake
        if lake is None:
            self.show((), instead="no lake is chosen, so nothing can be uploaded")
            return
        self.show((), instead=f"asking the lake {lake.name} for its storage elements")
        beside(self, self._load_elements)

    async def _load_elements(self) -> None:
        lake = self._world.lake
        if lake is None:
            return
        try:
            elements = (await lake.whole(protocol.StorageElements())).items
        except AtlasodError as error:
            self.show((), instead=error.message)
            return
        try:
            # A lake that takes nothing may know no accounts either.
            quotas = (await lake.whole(protocol.Quotas())).items if any(one.writable for one in elements) else []
        except AtlasodError:
            quotas = None
        self.know(elements, quotas)

    def know(self, elements: Iterable[StorageElement], quotas: Iterable[Quota] | None) -> None:
        """Show what the lake told; without quotas, none are spoken of."""
        self._elements = {one.name: one for one in elements}
        self._quotas = None if quotas is None else {one.storage_element: one for one in quotas}
        self._draw()
        self.post_message(self.Changed())

    def need(self, total: int | None) -> None:
        """Show what would be left of each if so many bytes were written; None: that is not known."""
        if total != self._needed:
            self._needed = total
            if self._elements:
                self._draw()

    @property
    def short(self) -> list[str]:
        """What does not suffice on those that are chosen, as sentences."""
        found = (self._short(name) for name in self.chosen)
        return [sentence for sentence in found if sentence]

    def _short(self, name: str) -> str:
        quota = None if self._quotas is None else self._quotas.get(name)
        return estimate.short(self._elements[name], quota, self._needed)

    def _draw(self) -> None:
        lake = self._world.lake
        closed = self._world.read_only or (lake is not None and lake.read_only)
        self.show(
            (self._choice(one, READ_ONLY if closed else "") for one in self._elements.values()),
            instead="this lake has no storage elements",
        )

    def _choice(self, element: StorageElement, closed: str) -> Choice:
        name = element.name
        why_not = (element.why_not or "it takes no writes") if not element.writable else closed
        if not why_not and "," in name:
            why_not = "no command can name it: it has a comma"
        if why_not:
            return Choice(name, name, why_not=why_not)
        known = self._quotas is not None
        quota = self._quotas.get(name) if self._quotas is not None else None
        facts = estimate.room(element, quota, known=known, needed=self._needed)
        return Choice(name, name, facts, wrong=bool(self._short(name)))


def named(names: tuple[str, ...]) -> str:
    """Return storage elements as a clause, harmless: the first, and those it is copied to."""
    first, *others = map(shown.escape, names)
    return f"{first}, copied to {', '.join(others)}" if others else first

"""The input of the analyses: which it is, what is in it, and what is wrong with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui.analyses.availability import Stock, Where
from atlasod_tui.tui.analyses.coming import uploading
from atlasod_tui.tui.analyses.inputs import Input, Known, stocks, usual

if TYPE_CHECKING:
    from atlasod_tui.tui.basket import Pick
    from atlasod_tui.tui.world import World

_FORMER = 5
"""Inputs that are remembered."""


class StockWatch:
    """Looks into an input whenever it is another one.

    Args:
        world: Has lake and basket.
        run: Runs a coroutine function, with its arguments, in place of the one before.
        changed: Called when something else is known.
        wanted: Returns whether anybody wants to know; otherwise it looks when it is asked to next.
    """

    def __init__(
        self,
        world: World,
        run: Callable[..., object],
        changed: Callable[[], None],
        wanted: Callable[[], bool],
    ) -> None:
        self.world = world
        self.source = Input()
        self.chosen = False
        """Whether it is what the user chose, not the usual one, which follows the lake."""
        self.former: list[Input] = []
        self.stock = Stock(otherwise=Where.UNKNOWN)
        self.trouble = ""
        self.stale = True
        """Whether it was not looked into yet."""
        self.new = False
        """Whether it was chosen, and what is in it was not shown yet."""
        self._run, self._changed, self._wanted = run, changed, wanted
        self._known = Known()
        self._asked = ""
        self._uploading: dict[str, str] = {}

    def take(self, source: Input) -> None:
        """Make something the input."""
        if source.texts:
            others = [one for one in self.former if one.given != source.given]
            self.former = [source, *others][:_FORMER]
        self.chosen = source != self._usual
        self._use(source)

    def _use(self, source: Input) -> None:
        self.source, self.new = source, True
        self.look()

    @property
    def _usual(self) -> Input:
        return usual(self.world.lake.name if self.world.lake is not None else "")

    def take_picks(self, picks: Sequence[Pick]) -> None:
        """Make picks the input; those of the basket are followed.

        Raises:
            UsageError: If they are of several lakes.
        """
        self.take(Input.of_picks(picks, follows=tuple(picks) == self.world.basket.picks))

    def follow(self) -> None:
        """Hear that the basket changed."""
        if not self.source.follows:
            return
        picks = self.world.basket.picks
        try:
            self.take(Input.of_picks(picks, follows=True) if picks else self._usual)
        except AtlasodError as error:
            self._fail(error)

    def lake_changed(self) -> None:
        """Take another lake where nothing was chosen; look again where it may tell what that before could not."""
        lake = self.world.lake
        if lake is not None and not self.chosen and self.source != self._usual:
            self._use(self._usual)
        elif self.trouble and lake is not None and lake.name == self.source.lake and lake.name != self._asked:
            self.look()

    def jobs_changed(self) -> None:
        """Look again when a job that uploaded to the input has ended."""
        ended = [id_ for id_ in self._uploading if (view := self.world.jobs.find(id_)) is None or not view.active]
        if ended:
            self._uploading = {}
            self.look(anew=True)

    def look(self, *, anew: bool = False) -> None:
        """Look what is in the input; ``anew`` also what lakes told before."""
        if anew:
            self._known.clear()
        self.stale = not self._wanted()
        if self.stale:
            return
        self.stock, self.trouble = Stock(otherwise=Where.UNKNOWN), ""
        self._asked = self.world.lake.name if self.world.lake is not None else ""
        self._changed()
        self._run(self._load_stock, self.source)

    async def _load_stock(self, source: Input) -> None:
        active = [view for view in self.world.jobs.jobs if view.active]
        try:
            self._uploading = await asyncio.to_thread(uploading, active, source.lake, source.datasets)
            async with aclosing(stocks(source, self.world.lake, self._known, self._uploading.values())) as found:
                async for stock in found:
                    await asyncio.to_thread(stock.read)
                    self.stock, self.trouble = stock, stock.note
                    self._changed()
        except AtlasodError as error:
            self._fail(error)

    def _fail(self, error: AtlasodError) -> None:
        self.trouble = error.whole
        if self._wanted():
            self._changed()

    def remembered(self) -> dict[str, Any]:
        """Return what the next session is to know."""
        kept = {"input": self.source.remembered(), "chosen": self.chosen}
        return {**kept, "former": [one.remembered() for one in self.former]}

    def recall(self, kept: dict[str, Any]) -> None:
        """Take what the last session left; nothing is looked into yet."""
        self.source = Input.recalled(kept.get("input"), self.world.basket.picks)
        chosen = kept.get("chosen")
        self.chosen = chosen if isinstance(chosen, bool) else not self.source.built_in
        former = kept.get("former")
        if isinstance(former, list):
            known = (Input.recalled(one, ()) for one in former[:_FORMER])
            self.former = [one for one in known if not one.built_in]

"""What the page of plots does in threads: it looks for results, and has plots made; the last wish counts."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.plots.sources import Source, SourceFinder, stamp
from atlasod_tui.tui.plots.view import Made, View, Wanted

if TYPE_CHECKING:
    from textual.timer import Timer

    from atlasod_tui.tui.plots.maker import PlotMaker
    from atlasod_tui.tui.world import Change, World

_EVERY = 1.0
"""Seconds between two looks at what a running job publishes."""


class PlotsMaking(Page):
    """The part of the page that waits for nothing.

    Args:
        world: What pages share.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._source: Source | None = None
        """The result that is shown."""
        self._histogram = ""
        self._view = View()
        self._made: Made | None = None
        """What was made of them; None while it is not there yet."""
        self._finder = SourceFinder()
        self._maker: PlotMaker | None = None
        self._stamp: tuple[Any, ...] | None = None
        self._finding = self._find_again = self._making = False
        self._wanted: Wanted | None = None
        self._timer: Timer | None = None

    @abstractmethod
    def found(self, sources: list[Source]) -> None:
        """Take the results that there are now."""

    @abstractmethod
    def present(self, made: Made) -> None:
        """Show a plot of the result and histogram that are shown."""

    @abstractmethod
    def room(self) -> tuple[tuple[int, int], int]:
        """Return columns and lines of the plot, and columns of the words."""

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return self._finding or self._making

    def on_mount(self) -> None:
        """Look for results."""
        self.find()

    def on_screen_resume(self) -> None:
        """Show how things are now."""
        self.tell_watch()
        if stamp(self.world.jobs.jobs) != self._stamp:
            self.find()
        if self._source is not None and self._source.running:
            self.want()

    def on_screen_suspend(self) -> None:
        """Nothing is looked at any more."""
        self.world.jobs.show("plots", ())

    def tell_watch(self) -> None:
        """Say which job is looked at: its end need not be told."""
        if self.is_current:
            job = self._source.job_id if self._source is not None else ""
            self.world.jobs.show("plots", [job] if job else ())

    def world_changed(self, what: Change) -> None:
        """Hear of jobs that came, went or ended, and of other colours."""
        if what == "jobs" and stamp(self.world.jobs.jobs) != self._stamp:
            self.find()
        elif what == "look":
            self.want()

    def refresh_page(self) -> None:
        """Read everything anew."""
        self._maker = None  # another one reads anew; this one may be at work
        self.find()
        self.want()

    def find(self) -> None:
        """Look for results."""
        if not self.is_attached:
            return
        self._find_again = True
        if not self._finding:
            self._finding = True
            beside(self, self._load_sources)

    async def _load_sources(self) -> None:
        try:
            while self._find_again:
                self._find_again = False
                views = self.world.jobs.jobs
                self._stamp = stamp(views)
                self.found(await asyncio.to_thread(self._finder.find, views))
        finally:
            self._finding = False

    def want(self) -> None:
        """Have the plot made as it is to be now."""
        if self._source is None or not self.is_attached:
            return
        size, words = self.room()
        look = self.world.look
        self._wanted = Wanted(self._source, self._histogram, self._view, size, words, look.palette, look.ascii)
        if not self._making:
            self._making = True
            beside(self, self._load_plots)

    async def _load_plots(self) -> None:
        try:
            while self._wanted is not None:
                wanted, self._wanted = self._wanted, None
                made = await asyncio.to_thread(self._make, wanted)
                if made is not None and self._is_of_this(made):
                    self.present(made)
                self._watch()
        finally:
            self._making = False

    def _is_of_this(self, made: Made) -> bool:
        """Return whether a plot is of what is shown; the main one may have been wanted before its name was known."""
        return made.wanted.source == self._source and self._histogram in {made.wanted.histogram, made.histogram}

    def _make(self, wanted: Wanted) -> Made | None:
        from atlasod_tui.tui.plots.maker import PlotMaker  # noqa: PLC0415 - numpy and plots

        if (maker := self._maker) is None:
            maker = self._maker = PlotMaker()
        return maker.make(wanted)

    def _watch(self) -> None:
        """Look at a job that runs once a second, as long as the page is in front: else it need not publish."""
        if self._timer is None and self._source is not None and self._source.running and self.is_active:
            self._timer = self.set_timer(_EVERY, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._source is not None and self._source.running and self.is_active:
            self.want()

    def folder_opened(self, path: Path) -> None:
        """Have a folder among the results."""
        self._finder.open(path)
        self.find()

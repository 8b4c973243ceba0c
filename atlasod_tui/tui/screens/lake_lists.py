"""The lists of the lake's page: which lake, where in it, what is asked of it, and how that is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.worker import Worker

from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.agent.protocol import Datasets
from atlasod_tui.lake.model import DID, Scope
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.lake.details import Card
from atlasod_tui.tui.lake.facts import KnownRows
from atlasod_tui.tui.lake.levels import Kind, Level, Levels, Row, load, way_to
from atlasod_tui.tui.lake.link import Asker
from atlasod_tui.tui.lake.written import Written, of_job
from atlasod_tui.tui.page import TALL, WIDE, Page
from atlasod_tui.tui.widgets.basket_bar import BasketBar
from atlasod_tui.tui.widgets.details import DetailsPanel
from atlasod_tui.tui.widgets.lake_table import LakeTable, ListLine
from atlasod_tui.tui.widgets.table import VirtualTable
from atlasod_tui.tui.widgets.typing_line import TypingLine
from atlasod_tui.tui.world import Change, World

if TYPE_CHECKING:
    from atlasod_tui.tui.jobs.watch import JobView

STILL = 0.25
"""Seconds that the cursor stays on a row before the lake is asked about it."""
COUNTED_EVERY = 1.0
"""Seconds between two times that it is told for how long the lake has been asked."""
_KEPT_LAKES = 3
"""Lakes beside the one in front of which it is known what they listed."""
_NAMES_ONLY_IN = "sandbox"
"""The lake that has datasets without bytes."""


class LakeLists(Page):
    """Scopes, datasets and files, one list at a time, and the details of what is under the cursor.

    Args:
        world: What pages share.
    """

    place = Place.LAKE
    CSS_PATH = "lake.tcss"
    list_keys: ClassVar[Mapping[str, int]] = {"table.pick": 1, "table.open": 2, "app.choose_lake": 6}
    AUTO_FOCUS = ""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.lake: Asker | None = None
        self.levels = Levels()
        self.facts: KnownRows | None = None
        self._others: dict[str, tuple[Levels, KnownRows]] = {}
        self.tables = [LakeTable(world, self.levels.here, None)]
        self._loads: dict[int, Worker[None]] = {}
        self._kept: dict[str, Any] = {}
        self._still: Timer | None = None
        self._clock: Timer | None = None
        self._spoiled: Row | None = None
        self.details = DetailsPanel(world)
        self._line = ListLine(world)
        self.filter_input = TypingLine(id="filter", placeholder="filter; ! not, ~ fuzzy", select_on_focus=False)
        self.filter_input.display = False

    def body(self) -> Iterable[Any]:
        """Compose the lists, one for each level, and the details."""
        with Vertical(id="lists"):
            yield self._line
            yield self.filter_input
            yield Horizontal(*self.tables, id="tables")
        yield self.details
        yield BasketBar(self.world)

    def on_mount(self) -> None:
        """Show the lake in front, or that there is none yet."""
        self.world_changed("lake")
        self.show_here()

    # Which lake, and where in it

    def world_changed(self, what: Change) -> None:
        """Go to another lake, show what is picked."""
        if what == "lake":
            if self.world.lake is not self.lake:
                beside(self, self._take_lake, group="lake")
            else:
                self._line.update_now()
        elif what in {"basket", "look"}:
            for table in self.tables:
                table.redraw()

    async def _take_lake(self) -> None:
        """Go to where one was in the lake that is in front now."""
        self._leave_lake()
        lake = self.lake = self.world.lake
        known = self._others.pop(lake.name, None) if lake is not None else None
        if lake is not None and known is not None:
            self.levels, self.facts = known
            self.facts.lake = lake  # the link may be another one
        else:
            self.levels, self.facts = Levels(), KnownRows(lake) if lake is not None else None
            self._restore()
        self.tables = [LakeTable(self.world, level, self.facts) for level in self.levels.way]
        await self.query_one("#tables").remove_children()
        await self.query_one("#tables").mount_all(self.tables)
        self.show_here()

    def _leave_lake(self) -> None:
        for table in self.tables:
            table.keep()
            self.stop(table.level)
        renewed = self.lake is not None and self.world.lake is not None and self.lake.name == self.world.lake.name
        if self.lake is not None and self.facts is not None and not renewed:
            self._others[self.lake.name] = (self.levels, self.facts)
            while len(self._others) > _KEPT_LAKES:
                self._others.pop(next(iter(self._others)))
        self.close_details()

    def _restore(self) -> None:
        """Go to where the last session was, if that was in this lake; the rows come when they are shown."""
        kept = self._kept
        if self.lake is None or kept.get("lake") != self.lake.name:
            return
        looks = kept.get("looks")
        for number, spot in enumerate(way_to(kept)):
            level = self.levels.down(spot) if number else self.levels.here
            level.look_as(looks[number] if isinstance(looks, list) and number < len(looks) else None)

    def remembered(self) -> dict[str, Any]:
        """Return the lake, the way in it, and how each list was looked at."""
        if self.lake is None:
            return self._kept
        for table in self.tables:
            table.keep()
        way = self.levels.way
        return {
            "lake": self.lake.name,
            "way": [level.spot.kept() for level in way[1:]],
            "looks": [level.look() for level in way],
        }

    def recall(self, kept: dict[str, Any]) -> None:
        """Go there as soon as that lake is in front."""
        self._kept = kept

    @property
    def here(self) -> LakeTable:
        """The list in front."""
        return self.tables[-1]

    @property
    def panelled(self) -> bool:
        """Whether there is room for the details below the lists."""
        return self.size.width >= WIDE and self.size.height >= TALL

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.here.cursor

    def show_here(self) -> None:
        """Show the list in front, and the one above it where there is room."""
        here = self.here
        for number, table in enumerate(self.tables):
            table.set_class(table is here, "-here")
            table.set_class(number == len(self.tables) - 2, "-above")
        here.focus()
        self.filter_input.display = False
        self.filter_input.value = here.level.filter
        self._line.tell(here)
        self.ask_what_lacks()
        self.show_crumbs()

    def ask_what_lacks(self) -> None:
        """Ask for what the lists on the screen lack, and about the row under the cursor where that is shown."""
        for table in self.tables[-2:] if self.size.width >= WIDE else self.tables[-1:]:
            if table.level.wanting:
                self._load(table.level)
        self.here.explain()
        self.about_soon()

    def crumbs(self) -> list[str]:
        """Return the way, and what is shown in place of the list."""
        way = [level.spot.crumb for level in self.levels.way]
        card = self.details.card
        if self.has_class("-about") and card is not None:
            way.append(card.row.name if isinstance(card.row, Scope) else card.row.did.name)
        return way[1:] or way

    # Asking

    def _load(self, level: Level) -> None:
        if self.lake is None or level.loading:
            return
        level.loading = True
        self._loads = {key: worker for key, worker in self._loads.items() if not worker.is_finished}
        self._loads[id(level)] = beside(self, load, level, self.lake, self.world.now, self._level_changed)
        if self._clock is None:
            self._clock = self.set_interval(COUNTED_EVERY, self._count_seconds)

    def _count_seconds(self) -> None:
        """Tell for how long the lake has been asked, until it has answered."""
        waiting = [table for table in self.tables if table.level.loading]
        for table in waiting:
            table.explain()
            self._tell_line(table)
        if not waiting and self._clock is not None:
            self._clock.stop()
            self._clock = None

    def stop(self, level: Level) -> None:
        """Ask no more for what is on its way; what came of it stays."""
        worker = self._loads.pop(id(level), None)
        if worker is not None and not worker.is_finished:
            worker.cancel()
            level.loading = False

    def _level_changed(self, level: Level, rows: list[Row] | None) -> None:
        table = next((table for table in self.tables if table.level is level), None)
        if table is None:
            return
        if rows is None:
            table.set_rows(level.rows)
        elif rows:
            table.add_rows(rows)
        else:
            table.explain()
            self._tell_line(table)
            if level.complete and level.spot.kind is Kind.DATASETS and self.lake is not None:
                self._ask_names_only(table, self.lake)
            if level.stale and not level.loading:  # the answer may be older than what was written
                self._ask_stale()

    def _tell_line(self, table: LakeTable) -> None:
        if table is self.here:
            self._line.tell(table)

    def _ask_names_only(self, table: LakeTable, lake: Asker) -> None:
        if lake.name == _NAMES_ONLY_IN and not table.level.loading:
            beside(self, self._load_names_only, table, lake)

    async def _load_names_only(self, table: LakeTable, lake: Asker) -> None:
        question = Datasets(table.level.spot.scope, where={"catalogue_only": "true"})
        try:
            found = await lake.whole(question)
        except AtlasodError:
            return  # nothing is said of them then
        table.level.names_only = frozenset(one.did.name for one in found.items)
        table.redraw()

    @on(VirtualTable.Arranged)
    def _arranged(self, message: VirtualTable.Arranged) -> None:
        if isinstance(message.table, LakeTable):
            message.table.explain()
            self._tell_line(message.table)

    @on(VirtualTable.Seen)
    def _rows_seen(self, message: VirtualTable.Seen) -> None:
        if message.table is self.here:
            self._ask_replicas()

    def _ask_replicas(self) -> None:
        """Ask where the files on the screen are; files that have left it are asked for no more."""
        here, facts = self.here, self.facts
        if facts is None:
            return
        if dids := facts.unknown(here.seen()):
            beside(self, self._load_replicas, here, facts, dids, group="replicas")

    async def _load_replicas(self, table: LakeTable, facts: KnownRows, dids: list[DID]) -> None:
        try:
            await facts.load_replicas(dids)
        except AtlasodError:
            return  # the bar tells how the lake stands
        table.redraw()

    def refresh_page(self) -> None:
        """Ask again for what is shown; it stays until the answer is there."""
        if self.facts is None:
            return
        self.facts.forget()
        self._load(self.here.level)
        self._ask_replicas()
        if self.showing_details and self.row is not None:
            self.ask_about(self.details.card.row if self.details.card else self.row)

    # What was written meanwhile

    def job_ended(self, view: JobView) -> None:
        """Hear of a job: what it wrote to a lake is to be listed."""
        beside(self, self._load_written, view)

    async def _load_written(self, view: JobView) -> None:
        written = await asyncio.to_thread(of_job, view)
        if written is not None:
            self.spoil(written)

    def spoil(self, written: Written) -> None:
        """Ask anew for what is out of date: at once for what is shown, else when it is shown."""
        here = [(self.lake.name, self.levels, self.facts)] if self.lake is not None and self.facts is not None else []
        others = [(name, *known) for name, known in self._others.items()]
        for name, levels, facts in (*here, *others):
            if written.is_in(name):
                levels.spoil(written)
                facts.spoil(written)
        card = self.details.card
        if card is not None and self.facts is not None and self.facts.card(card.row) is not card:
            self._spoiled = card.row
        self._ask_stale()

    def on_screen_resume(self) -> None:
        """Ask for what became out of date meanwhile."""
        self._ask_stale()

    def _ask_stale(self) -> None:
        if not (self.is_mounted and self.is_current):
            return
        if any(table.level.stale for table in self.tables):
            self.ask_what_lacks()
            self._ask_replicas()
        if self._spoiled is not None and self.showing_details:
            self.ask_about(self._spoiled)
        self._spoiled = None

    # Details

    @property
    def showing_details(self) -> bool:
        """Whether the details are on the screen."""
        return self.panelled or self.has_class("-about")

    def about_soon(self) -> None:
        """Tell of the row under the cursor once the cursor rests."""
        if self._still is not None:
            self._still.stop()
            self._still = None
        if self.panelled:
            self._still = self.set_timer(STILL, self._about_here)

    def _about_here(self) -> None:
        self._still = None
        if self.row is not None and not self.has_class("-about"):
            self.ask_about(self.row)

    def ask_about(self, row: Row) -> None:
        """Show the details of a row, and ask for what is not known of it."""
        if self.facts is None:
            return
        card = self.facts.card(row)
        self.details.show(card)
        if not card.asked:
            beside(self, self.facts.load_card, card, self._card_changed, group="card")
        else:
            self.workers.cancel_group(self, "card")

    def _card_changed(self, card: Card) -> None:
        if self.details.card is card:
            self.details.show(card)
            self.show_keys()

    def close_details(self) -> bool:
        """Go back to the list, and return whether that was a step."""
        there = self.has_class("-about") or self.details.has_focus
        self.remove_class("-about")
        if there:
            self.here.focus()
        return there

"""A page: one of the four things that the number keys show, with the bars around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize
from textual.screen import Screen

from atlasod_tui.tui import actions
from atlasod_tui.tui.acting import Acting
from atlasod_tui.tui.actions import Action, Place
from atlasod_tui.tui.widgets.job_panel import JobPanel
from atlasod_tui.tui.widgets.key_bar import KeyBar
from atlasod_tui.tui.widgets.table import VirtualTable
from atlasod_tui.tui.widgets.too_small import TooSmall
from atlasod_tui.tui.widgets.top_bar import TopBar
from atlasod_tui.tui.world import Change, World

NARROW, WIDE, TALL = 100, 140, 30
"""Columns from which it is no longer narrow, and wide; rows from which it is tall."""

_OF_A_ROW = {"table.open", "table.pick"}
_NO_LIST = "This is for lists, and none of them has the keys."


class Page(Screen[None], Acting):
    """The base of the pages.

    Args:
        world: What pages share.
    """

    place: ClassVar[Place]
    list_keys: ClassVar[Mapping[str, int]] = {}
    """How early actions of lists come in the key bar, by their ids; none of the others is there."""
    list_words: ClassVar[Mapping[str, str]] = {}
    """What such actions are called in the key bar, where that is not their name."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-mid"), (WIDE, "-wide")]  # noqa: RUF012 - Textual's
    VERTICAL_BREAKPOINTS = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012 - Textual's

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def compose(self) -> ComposeResult:
        """Put the body between the bars."""
        yield TopBar(self.world)
        with Container(id="body"):
            yield from self.body()
        yield JobPanel(self.world)
        yield KeyBar()

    def on_mount(self) -> None:
        """Show where this is, and hear of what changes."""
        # By way of a bar: of a page behind a dialog, Textual sends all anew when any message comes to the page itself.
        self.world.changed.subscribe(self.query_one(KeyBar), self._world_changed)
        self.show_crumbs()

    def on_screen_resume(self) -> None:
        """Catch up with the jobs."""
        for panel in self.query(JobPanel):
            panel.update_now()

    def body(self) -> Iterable[Any]:
        """Compose what is between the bars."""
        return ()

    def crumbs(self) -> list[str]:
        """Return where the user is, step by step; texts from outside as they are: the bar escapes them."""
        return [self.place.value]

    def remembered(self) -> dict[str, Any]:
        """Return what the next session is to know, as JSON can hold it."""
        return {}

    def recall(self, kept: dict[str, Any]) -> None:
        """Go to where the last session was; called once, before the page is shown. ``kept`` may hold anything."""

    def back(self) -> bool:
        """Go one step back on this page, and return whether there was one."""
        return False

    def refresh_page(self) -> None:
        """Ask again for what is shown."""

    def world_changed(self, what: Change) -> None:
        """Hear that ``lake``, ``basket``, ``jobs`` or ``look`` changed."""

    def show_crumbs(self) -> None:
        """Bring the bars up to date: after each step, and whenever what can be done has changed."""
        self.query_one(TopBar).show(self.crumbs())
        self.show_keys()

    def show_keys(self) -> None:
        """Bring the key bar up to date."""
        self.query_one(KeyBar).show(self, actions.in_bar(self.place, self.list_keys), self.list_words)

    def on_descendant_focus(self) -> None:
        """Show the keys of the list that has them now."""
        if self.is_mounted:
            self.show_keys()

    def refusal(self, action: Action) -> str:
        """Return why an action is refused; those of lists are the business of the list that has the keys."""
        if action.place is not Place.TABLE:
            return super().refusal(action)
        if not self._takes(action):
            return _NO_LIST
        rows = isinstance(self.focused, VirtualTable) and self.focused.count
        return "" if rows or action.id not in _OF_A_ROW else "There is no row under the cursor."

    async def action_do(self, action_id: str) -> None:
        """Do an action, or say why not; those of lists reach this way by a click only."""
        action = actions.find(action_id)
        if action.place is Place.TABLE and self._takes(action):
            getattr(self.focused, f"action_{action.method}")()
        else:
            await super().action_do(action_id)

    def _takes(self, action: Action) -> bool:
        table = self.focused
        return isinstance(table, VirtualTable) and bool(table.check_action(action.method, ()))

    def on_resize(self, event: Resize) -> None:
        """Say so where the terminal is too small."""
        TooSmall.cover(self, event.size)

    def _world_changed(self, what: Change) -> None:
        if what in {"lake", "basket"}:
            self.query_one(TopBar).refresh()
        self.world_changed(what)
        self.show_keys()

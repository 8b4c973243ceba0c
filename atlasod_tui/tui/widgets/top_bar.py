"""The line at the top: which lake, how it stands, where the user is, what is picked, and the pages there are."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.events import Click
from textual.strip import Strip

from atlasod_tui import shown
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.cells import end_of
from atlasod_tui.tui.keys.names import key_of
from atlasod_tui.tui.lake.link import State
from atlasod_tui.tui.widgets.lazy_styles import LazyStyles
from atlasod_tui.tui.world import World

_LONGEST_LAKE = 24
"""Cells of its name; of a folder, the end tells which it is."""
_PAGES = (Place.LAKE, Place.ANALYSES, Place.JOBS, Place.PLOTS)
_STYLES = {State.OK: "top--ok", State.CONNECTING: "top--wait", State.UNASKED: "top--wait"}


class TopBar(LazyStyles):
    """One line, drawn anew when something in it changed."""

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's
        "top--name",
        "top--ok",
        "top--wait",
        "top--bad",
        "top--crumbs",
        "top--picked",
        "top--key",
        "top--page",
        "top--here",
    }

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self._crumbs: list[str] = []
        self._has_pages = False

    def show(self, crumbs: list[str]) -> None:
        """Show where the user is."""
        if crumbs != self._crumbs:
            self._crumbs = list(crumbs)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        width = self.size.width
        if y or not width:
            return Strip.blank(width)
        left: list[tuple[str, str]] = [(" atlasod ", "top--name"), *self._standing()]
        crumbs, right = self._shared(width - _width(left) - 2)
        self._has_pages = len(right) > 1
        parts = [*left, (f" {crumbs} ", "top--crumbs"), *right]
        return Strip(
            [Segment(text, self.get_component_rich_style(name)) for text, name in parts], width
        ).adjust_cell_length(width, self.rich_style)

    def _standing(self) -> list[tuple[str, str]]:
        lake = self.world.lake
        if lake is None:
            return [(" no lake chosen ", "top--wait")]
        standing, glyphs = lake.standing, self.world.look.glyphs
        word = str(standing.state)
        if standing.state is State.OLD and standing.since is not None:
            word = f"away: as of {shown.duration(max(0, (self.world.now() - standing.since).total_seconds()))} ago"
        mark = glyphs.online if standing.state is State.OK else glyphs.offline
        only = " read-only" if lake.read_only or self.world.read_only else ""
        name = end_of(shown.path(lake.name), _LONGEST_LAKE, more=glyphs.more)
        return [(f" {mark} {name} {word}{only} ", _STYLES.get(standing.state, "top--bad"))]

    def _shared(self, room: int) -> tuple[str, list[tuple[str, str]]]:
        """Return the crumbs, and what there is room for beside them: what is picked, the pages, or neither."""
        picked, pages = self._picked(), self._pages()
        for right in ([*picked, *pages], pages, picked):
            crumbs = self._crumbs[1:] if right is not picked and self._crumbs[:1] == [self._place] else self._crumbs
            if self._length(crumbs) <= room - _width(right):
                return self._fitted(crumbs, room - _width(right)), right
        return self._fitted(self._crumbs, max(room, 0)), []

    @property
    def _place(self) -> str:
        return str(getattr(self.screen, "place", ""))

    def _pages(self) -> list[tuple[str, str]]:
        """Return the pages there are with their keys, the one in front marked."""
        parts = []
        for page in _PAGES:
            key = key_of(actions.find(f"app.{page.name.lower()}"), self.world.keys)
            here = page == self._place
            parts += [
                (f" {key} ", "top--here" if here else "top--key"),
                (f"{page} ", "top--here" if here else "top--page"),
            ]
        return parts

    async def on_click(self, event: Click) -> None:
        """Go to the page that was clicked."""
        pages = self._pages()
        at = self.size.width - _width(pages)
        if event.x < at or not self._has_pages:
            return
        for page, number in zip(_PAGES, range(0, len(pages), 2), strict=True):
            at += _width(pages[number : number + 2])
            if event.x < at:
                await self.run_action(f"app.do('app.{page.name.lower()}')")
                return

    def _picked(self) -> list[tuple[str, str]]:
        basket = self.world.basket
        if not basket:
            return []
        size = "" if basket.bytes is None else f" {self.world.look.glyphs.dot} {shown.size(basket.bytes, 'B')}"
        return [(f"{len(basket)} picked{size} ", "top--picked")]

    def _length(self, crumbs: list[str]) -> int:
        return cell_len(f" {self.world.look.glyphs.crumb} ".join(map(shown.escape, crumbs)))

    def _fitted(self, steps: list[str], room: int) -> str:
        """Return crumbs in so many cells; the first ones go where there is no room."""
        glyphs = self.world.look.glyphs
        between = f" {glyphs.crumb} "
        crumbs = [shown.escape(crumb) for crumb in steps]
        while len(crumbs) > 1 and cell_len(between.join(crumbs)) > room:
            crumbs = crumbs[1:]
        text = between.join(crumbs)
        if cell_len(text) > room:
            text = set_cell_size(text, max(room - 1, 0)) + (glyphs.more if room else "")
        return set_cell_size(text, room)


def _width(parts: list[tuple[str, str]]) -> int:
    return sum(cell_len(text) for text, _ in parts)

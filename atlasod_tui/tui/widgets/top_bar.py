"""The line at the top: which lake, how it stands, where the user is, what is picked."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from atlasod_tui import shown
from atlasod_tui.tui.lake.link import State
from atlasod_tui.tui.widgets.lazy_styles import LazyStyles
from atlasod_tui.tui.world import World

_STYLES = {State.OK: "top--ok", State.CONNECTING: "top--wait", State.UNASKED: "top--wait"}


class TopBar(LazyStyles):
    """One line, drawn anew when something in it changed."""

    COMPONENT_CLASSES = {"top--name", "top--ok", "top--wait", "top--bad", "top--crumbs", "top--picked"}  # noqa: RUF012 - Textual's

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self._crumbs: list[str] = []

    def on_mount(self) -> None:
        """Nothing but the terminal's own cursor keys reaches this line."""
        self.can_focus = False

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
        right = self._picked()
        room = width - sum(cell_len(text) for text, _ in left) - cell_len(right) - 2
        crumbs = self._fitted(max(room, 0))
        parts = [*left, (f" {crumbs} ", "top--crumbs"), (right, "top--picked")]
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
            word = f"away: as of {shown.duration((self.world.now() - standing.since).total_seconds())} ago"
        mark = glyphs.online if standing.state is State.OK else glyphs.offline
        only = " read-only" if lake.read_only or self.world.read_only else ""
        name = set_cell_size(shown.escape(lake.name), min(cell_len(shown.escape(lake.name)), 24))
        return [(f" {mark} {name} {word}{only} ", _STYLES.get(standing.state, "top--bad"))]

    def _picked(self) -> str:
        basket = self.world.basket
        if not basket:
            return ""
        size = "" if basket.bytes is None else f" {self.world.look.glyphs.dot} {shown.size(basket.bytes, 'B')}"
        return f"{len(basket)} picked{size} "

    def _fitted(self, room: int) -> str:
        """Return the crumbs in so many cells; the first ones go where there is no room."""
        glyphs = self.world.look.glyphs
        between = f" {glyphs.crumb} "
        crumbs = [shown.escape(crumb) for crumb in self._crumbs]
        while len(crumbs) > 1 and cell_len(between.join(crumbs)) > room:
            crumbs = crumbs[1:]
        text = between.join(crumbs)
        if cell_len(text) > room:
            text = set_cell_size(text, max(room - 1, 0)) + (glyphs.more if room else "")
        return set_cell_size(text, room)

"""The line at the bottom: the keys that matter here, the most important first, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment
from textual.events import Click
from textual.strip import Strip

from atlasod_tui.tui.acting import Acting
from atlasod_tui.tui.actions import Action
from atlasod_tui.tui.keys.names import key_of
from atlasod_tui.tui.widgets.lazy_styles import LazyStyles

_MOST_NARROW, _NARROW = 6, 100


class KeyBar(LazyStyles):
    """One line, drawn anew when other keys matter."""

    COMPONENT_CLASSES = {"keys--key", "keys--word", "keys--refused"}  # noqa: RUF012 - Textual's

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[tuple[str, str, bool, str]] = []

    def show(self, owner: Acting, chosen: Iterable[Action]) -> None:
        """Show the keys of a page, the most important first, those that are refused last."""
        keys, glyphs = owner.world.keys, owner.world.look.glyphs
        rows = [
            (glyphs.keys(key_of(action, keys)), action.name, bool(owner.refusal(action)), action.id)
            for action in chosen
        ]
        rows.sort(key=lambda row: row[2])
        if rows != self._entries:
            self._entries = rows
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        key, word, refused = (
            self.get_component_rich_style(name) for name in ("keys--key", "keys--word", "keys--refused")
        )
        segments: list[Segment] = []
        for name, text, is_refused, _ in self._fitting(width):
            segments += [
                Segment(f" {name}", refused if is_refused else key),
                Segment(f" {text} ", refused if is_refused else word),
            ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    async def on_click(self, event: Click) -> None:
        """Do what was clicked."""
        at = 0
        for name, text, _, id_ in self._fitting(self.size.width):
            at += _width(name, text)
            if event.x < at:
                await self.screen.run_action(f"do({id_!r})" if not id_.startswith("app.") else f"app.do({id_!r})")
                return

    def _fitting(self, width: int) -> list[tuple[str, str, bool, str]]:
        """Return the entries that fit; what is everywhere (help, commands) keeps its room at the end."""
        most = _MOST_NARROW if width < _NARROW else len(self._entries)
        always = [entry for entry in self._entries if entry[3].startswith("app.")]
        room = width - sum(_width(name, text) for name, text, _, _ in always)
        chosen: list[tuple[str, str, bool, str]] = []
        for entry in self._entries:
            if entry in always or len(chosen) + len(always) >= most:
                continue
            room -= _width(entry[0], entry[1])
            if room < 0:
                break
            chosen.append(entry)
        return [*chosen, *always]


def _width(name: str, text: str) -> int:
    return cell_len(name) + cell_len(text) + 3

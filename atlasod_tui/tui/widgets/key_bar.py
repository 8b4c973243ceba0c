"""The line at the bottom: the keys that do something here, the most important first, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.cells import cell_len
from rich.segment import Segment
from textual.events import Click
from textual.strip import Strip

from atlasod_tui.tui.acting import Acting
from atlasod_tui.tui.actions import Action
from atlasod_tui.tui.keys.names import key_of
from atlasod_tui.tui.widgets.lazy_styles import LazyStyles

_MOST_NARROW, _NARROW = 6, 100
_ALWAYS = {"app.help", "app.commands"}


class KeyBar(LazyStyles):
    """One line, drawn anew when other keys matter."""

    COMPONENT_CLASSES = {"keys--key", "keys--word"}  # noqa: RUF012 - Textual's

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[tuple[str, str, str]] = []

    def show(self, owner: Acting, chosen: Iterable[Action], words: Mapping[str, str]) -> None:
        """Show the keys of a page, the most important first, but those that are refused; some in other words."""
        keys, glyphs = owner.world.keys, owner.world.look.glyphs
        rows = [
            (glyphs.keys(key_of(action, keys)), words.get(action.id, action.name), action.id)
            for action in chosen
            if not owner.refusal(action)
        ]
        if rows != self._entries:
            self._entries = rows
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        width = self.size.width
        if y:
            return Strip.blank(width)
        key, word = (self.get_component_rich_style(name) for name in ("keys--key", "keys--word"))
        segments: list[Segment] = []
        for name, text, _ in self._fitting(width):
            segments += [Segment(f" {name}", key), Segment(f" {text} ", word)]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    async def on_click(self, event: Click) -> None:
        """Do what was clicked."""
        at = 0
        for name, text, id_ in self._fitting(self.size.width):
            at += _width(name, text)
            if event.x < at:
                await self.screen.run_action(f"do({id_!r})" if not id_.startswith("app.") else f"app.do({id_!r})")
                return

    def _fitting(self, width: int) -> list[tuple[str, str, str]]:
        """Return the entries that fit; help and commands keep their room at the end."""
        most = _MOST_NARROW if width < _NARROW else len(self._entries)
        always = [entry for entry in self._entries if entry[2] in _ALWAYS]
        room = width - sum(_width(name, text) for name, text, _ in always)
        chosen: list[tuple[str, str, str]] = []
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

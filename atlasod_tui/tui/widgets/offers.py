"""A list of few things to choose from, each with a sentence below it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any, ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.strip import Strip
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from atlasod_tui.tui import actions
from atlasod_tui.tui.lake.offers import Offer

_WIDTH = 70
"""Columns of a sentence."""
_METHODS = {
    "table.down": "cursor_down",
    "table.up": "cursor_up",
    "table.first": "first",
    "table.last": "last",
    "table.open": "select",
}


class Offers(OptionList, inherit_bindings=False):
    """The offers, the key of each before it; the keys are those of every list."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding(actions.find(id_).keys, method, show=False, id=id_) for id_, method in _METHODS.items()
    ]

    def __init__(self, offers: Sequence[Offer], keys: dict[str, str]) -> None:
        self._offers, self._keys, self._sentences = offers, keys, True
        super().__init__(*self._made(), markup=False)

    def render_line(self, y: int) -> Strip:
        """Return a line; without colours what is under the cursor is reversed, which Textual leaves to colours."""
        strip = super().render_line(y)
        option = next((segment.style.meta.get("option") for segment in strip if segment.style), None)
        if self.app.no_color and option is not None and option == self.highlighted:
            return strip.apply_style(Style(reverse=True))
        return strip

    def explain(self, *, sentences: bool) -> None:
        """Show the offers, with their sentences or without."""
        if sentences is not self._sentences:
            self._sentences, at = sentences, self.highlighted
            self.set_options(self._made())
            self.highlighted = at

    def _made(self) -> list[Option]:
        return [
            Option(_text(offer, self._keys[offer.name], sentences=self._sentences), id=offer.name)
            for offer in self._offers
        ]


def _text(offer: Offer, key: str, *, sentences: bool) -> Text:
    lines = wrap(offer.about, _WIDTH) if sentences else []
    return Text("\n").join([Text(f"{key}  {offer.title}", "bold"), *(Text(f"   {line}") for line in lines)])

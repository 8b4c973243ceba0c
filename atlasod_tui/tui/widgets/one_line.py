"""A text that keeps to one line: where there is no room, its middle is left out."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from atlasod_tui.tui.cells import middle_out


@dataclass(frozen=True)
class OneLine:
    """A text on one line, its beginning and its end where all of it has no room.

    Attributes:
        text: May come from outside.
        more: Stands for what is left out, one cell wide.
        style: Of Rich.
    """

    text: str
    more: str
    style: str = ""

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(middle_out(self.text, options.max_width, more=self.more), style=self.style)

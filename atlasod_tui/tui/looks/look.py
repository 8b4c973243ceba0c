"""How the screen looks beyond its style sheets: the characters it draws with, and the palette of its plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.theme import Theme

if TYPE_CHECKING:
    from atlasod_tui.plots.palette import Palette


@dataclass(frozen=True)
class Glyphs:
    """Every character beyond ASCII that the program draws of its own, each one cell wide.

    Attributes:
        picked: Before what is picked.
        cursor: Before the line under the cursor, where reverse does not show it.
        crumb: Between the steps of where one is; before what can be opened.
        more: Where a text was cut.
        dot: Between two facts.
        online: A lake that answers.
        offline: One that does not, or has not yet.
        there: A replica that is there.
        absent: One that is not, or not yet.
        stuck: One that does not come.
        up: Sorted upwards, more above.
        down: Sorted downwards, more below.
        warning: Before what is to be minded.
        bar: Of a progress bar: a cell that is empty, ever fuller, full.
        track: Of a progress bar: what is still to be done.
        levels: Of a small curve, from nothing to the most.
        thumb: Of a scroll bar: where one is.
        wall: Vertical.
        edge: Textual's name of the border of a box.
        arrows: Keys that have a sign, by their names.
        states: Of a job, by its state in words.
    """

    picked: str = "●"
    cursor: str = "▶"
    crumb: str = "▸"
    more: str = "…"
    dot: str = "·"
    online: str = "●"
    offline: str = "○"
    there: str = "●"
    absent: str = "○"
    stuck: str = "!"
    up: str = "▲"
    down: str = "▼"
    warning: str = "!"
    bar: str = " ▏▎▍▌▋▊▉█"
    track: str = "·"
    levels: str = " ▁▂▃▄▅▆▇█"
    thumb: str = "█"
    wall: str = "│"
    edge: str = "round"
    arrows: Mapping[str, str] = field(default_factory=lambda: {"up": "↑", "down": "↓", "left": "←", "right": "→"})
    states: Mapping[str, str] = field(
        default_factory=lambda: {
            "queued": "…",
            "running": "▶",
            "cancelling": "◌",
            "cancelled": "■",
            "failed": "✖",
            "done": "✔",
            "done, upload waiting for login": "▲",
            "lost": "?",
            "damaged": "!",
        }
    )

    def keys(self, line: str) -> str:
        """Return names of keys, maybe with words between them, with their signs."""
        return " ".join(self.arrows.get(word, word) for word in line.split(" "))

    def state(self, state: str) -> str:
        """Return the character of a job's state, which stands beside the word."""
        return self.states.get(state, "?")

    def filled(self, share: float, width: int) -> str:
        """Return a progress bar of so many cells, to a fraction of a cell; ``share`` is from 0 to 1."""
        steps = len(self.bar) - 1
        parts = round(min(max(share, 0.0), 1.0) * width * steps)
        full, rest = divmod(parts, steps)
        drawn = self.bar[-1] * full + (self.bar[rest] if rest else "")
        return drawn + self.track * (width - len(drawn))


UNICODE = Glyphs()

ASCII = Glyphs(
    picked="*",
    cursor=">",
    crumb=">",
    more="~",
    dot="-",
    online="*",
    offline="o",
    there="*",
    absent="o",
    up="^",
    down="v",
    bar=" =#",
    track=".",
    levels=" .:-=+*%#",
    thumb="#",
    wall="|",
    edge="ascii",
    arrows={},
    states={
        "queued": ".",
        "running": ">",
        "cancelling": "o",
        "cancelled": "#",
        "failed": "x",
        "done": "+",
        "done, upload waiting for login": "^",
        "lost": "?",
        "damaged": "!",
    },
)

CONSOLE = replace(
    UNICODE,
    picked="•",
    cursor="►",
    crumb="►",
    online="•",
    offline="○",
    there="•",
    more="~",
    bar=" ▌█",
    levels=" ▄█",
    edge="solid",
    states={
        **UNICODE.states,
        "queued": ".",
        "running": "►",
        "cancelling": "○",
        "failed": "x",
        "done": "√",
    },
)
"""Characters of code page 437, which the fonts of the Linux console have."""


@dataclass(frozen=True)
class Look:
    """How the screen looks; the style sheets have the theme's colours, this is the rest.

    Attributes:
        theme: The theme.
        ascii: Whether nothing but ASCII may be shown.
        console: Whether this is the console of Linux, whose fonts have few characters.
    """

    theme: Theme = field(default_factory=lambda: theme_files.named("dark"))
    ascii: bool = False
    console: bool = False

    @property
    def glyphs(self) -> Glyphs:
        """The characters to draw with."""
        return ASCII if self.ascii else CONSOLE if self.console else UNICODE

    @property
    def mono(self) -> bool:
        """Whether there are no colours at all."""
        return self.theme.mono

    @cached_property
    def palette(self) -> Palette:
        """The palette of plots."""
        return self.theme.plot.made("ascii" if self.ascii else "")

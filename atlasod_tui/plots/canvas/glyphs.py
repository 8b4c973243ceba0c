"""Characters that a plot is drawn with, and inks that can be read on what is behind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

BLOCKS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Glyphs:
    """Characters for what a plot consists of."""

    dot: str
    bar: str
    upper_half: str
    lower_half: str
    line: str
    dotted: str
    upright: str
    levels: str
    """A line near the lower end, in the middle and near the upper end of a cell."""
    wall: str
    wall_tick: str
    floor: str
    floor_tick: str
    border: str
    corner: str
    branch: str
    up: str
    down: str
    negative: str
    band: str
    shade: str
    unknown: str
    more: str
    dagger: str
    between: str


UNICODE = Glyphs(
    dot="●",
    bar="│",
    upper_half="╵",
    lower_half="╷",
    line="─",
    dotted="┄",
    upright="┃",
    levels="▁━▔",
    wall="│",
    wall_tick="┤",
    floor="─",
    floor_tick="┬",
    border="┴",
    corner="└",
    branch="├",
    up="▲",
    down="▼",
    negative="!",
    band="╱",  # noqa: RUF001
    shade="░",
    unknown="?",
    more="…",
    dagger="†",
    between=" · ",
)
ASCII = Glyphs(
    dot="*",
    bar="|",
    upper_half="|",
    lower_half="|",
    line="-",
    dotted="-",
    upright="|",
    levels="_--",
    wall="|",
    wall_tick="+",
    floor="-",
    floor_tick="+",
    border="'",
    corner="+",
    branch="+",
    up="^",
    down="v",
    negative="!",
    band="/",
    shade=":",
    unknown="?",
    more="...",
    dagger="(+)",
    between=" - ",
)


@lru_cache(maxsize=256)
def contrast(colour: str) -> str:
    """Return black or white, whichever is easier to read on a colour ``#rrggbb`` (WCAG 2 relative luminance)."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]  # noqa: PLR2004
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#ffffff"

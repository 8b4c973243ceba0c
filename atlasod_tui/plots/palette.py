"""Palettes of a plot: for dark and light terminals, for the colour-blind, without colours, in ASCII."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import get_args

from atlasod_tui.engine.author import Hue
from atlasod_tui.errors import UsageError

HUES: tuple[Hue, ...] = get_args(Hue)

FILLS: Mapping[Hue, str] = {
    "red": "█",
    "rose": "▚",
    "pink": "╳",  # noqa: RUF001
    "indigo": "▓",
    "blue": "╲",
    "azure": "░",
    "green": "═",
    "orange": "▒",
    "grey": "·",
}
"""Characters that fill a layer where there are no colours; all in DejaVu Sans Mono, Menlo and Consolas."""

HATCHES: Mapping[Hue, str] = {
    "red": "",
    "rose": "\\\\\\\\//",
    "pink": "xx",
    "indigo": "....",
    "blue": "\\\\\\\\",
    "azure": "..",
    "green": "////",
    "orange": "oo",
    "grey": "--",
}
"""The like for matplotlib."""

_VEIL = 0.4
"""How much of a colour a veil takes: layers behind it stay apart on terminals with 256 colours, too."""


@dataclass(frozen=True)
class Palette:
    """How a plot is coloured; all colours are ``#rrggbb``.

    Attributes:
        name: One of `NAMES`, or what `own` was given.
        colours: Of the layers; shades of grey in ``mono`` and ``ascii``, which a terminal does not use.
        coloured: Whether a terminal uses colours at all; if not, fills tell the layers apart.
        ascii_only: Whether a terminal is given ASCII characters only.
        ink: Text of a picture; a terminal uses its own.
        paper: Background of a picture; a terminal uses its own.
        data: Data of a picture; on a terminal its own ink, or what contrasts with what is behind.
        line: Axes and what is secondary.
        grid: Grid lines of a picture.
        band: Hatch of the uncertainty.
        shade: Paper behind the uncertainty, on a terminal.
        veil: What layers behind the uncertainty are mixed with, on a terminal.
        alarm: Background of a banner.
    """

    name: str
    colours: Mapping[Hue, str]
    coloured: bool = True
    ascii_only: bool = False
    ink: str = "#000000"
    paper: str = "#ffffff"
    data: str = "#000000"
    line: str = "#6b6b6b"
    grid: str = "#c8c8c8"
    band: str = "#333333"
    shade: str = "#d0d0d0"
    veil: str = "#ffffff"
    alarm: str = "#ffb300"

    def colour(self, hue: str) -> str:
        """Return the colour of a hue, grey if it is not known."""
        return self.colours.get(hue, self.colours["grey"])  # type: ignore[call-overload,no-any-return]

    def veiled(self, colour: str | None) -> str:
        """Return a colour, or bare paper, behind the uncertainty."""
        return _mixed(colour, self.veil) if colour else self.shade

    def fill(self, hue: str) -> str:
        """Return the character that stands for a hue where there are no colours."""
        return FILLS.get(hue, FILLS["grey"])  # type: ignore[call-overload,no-any-return]

    def hatch(self, hue: str) -> str:
        """Return matplotlib's hatch of a hue: none where colours tell the layers apart."""
        return "" if self.coloured else HATCHES.get(hue, "")  # type: ignore[call-overload]


@lru_cache(maxsize=64)
def _mixed(colour: str, veil: str) -> str:
    channels = ((int(colour[k : k + 2], 16), int(veil[k : k + 2], 16)) for k in (1, 3, 5))
    return "#" + "".join(f"{round((1 - _VEIL) * one + _VEIL * other):02x}" for one, other in channels)


def _colours(*values: str) -> Mapping[Hue, str]:
    return dict(zip(HUES, values, strict=True))


_GREYS = _colours("#2b2b2b", "#8a8a8a", "#dcdcdc", "#6a6a6a", "#777777", "#ececec", "#cfcfcf", "#b4b4b4", "#f4f4f4")

_PALETTES = {
    "dark": Palette(
        "dark",
        #        red        rose       pink       indigo     blue       azure      green      orange     grey
        _colours("#ff4f5e", "#c2569b", "#f5a3d0", "#7b6cf0", "#3d7ff0", "#4cc2ee", "#3fb27f", "#f9a03f", "#8d949e"),
        ink="#e6e6e6",
        paper="#14161b",
        data="#ffffff",
        line="#8a8a8a",
        grid="#3a3d44",
        band="#c8c8c8",
        shade="#444444",
        veil="#000000",
        alarm="#ffd23f",
    ),
    "light": Palette(
        "light",
        _colours("#d4213d", "#a63a7a", "#ee9ac4", "#5546c4", "#2f66c9", "#5bb4dc", "#2f9e68", "#ee8b22", "#9aa0a8"),
    ),
    # Colours of M. A. Petroff, "Accessible Color Sequences for Data Visualization" (arXiv:2107.02270): the six of the
    # short sequence, then three of the long one. On a terminal it goes with light and with dark paper.
    "safe": Palette(
        "safe",
        _colours("#e42536", "#964a8b", "#a96b59", "#7a21dd", "#5790fc", "#92dadd", "#b9ac70", "#f89c20", "#9c9ca1"),
        line="#808080",
        shade="#6c6c6c",
        alarm="#f89c20",
    ),
    "mono": Palette("mono", _GREYS, coloured=False),
    "ascii": Palette("ascii", _GREYS, coloured=False, ascii_only=True),
}

NAMES = tuple(_PALETTES)


def palette(name: str) -> Palette:
    """Return a palette by name; `UsageError` where there is none."""
    if name not in _PALETTES:
        raise UsageError(f"there is no palette {name!r}", hint=f"palettes: {', '.join(NAMES)}")
    return _PALETTES[name]


PARTS = ("ink", "paper", "data", "line", "grid", "band", "shade", "veil", "alarm")
"""What has a colour beside the groups."""
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


def own(name: str, base: str, colours: Mapping[str, str]) -> Palette:
    """Return a palette with colours of a user's own, and those of another one for the rest.

    Args:
        name: Of the palette.
        base: One of `NAMES`.
        colours: By hue or part of a plot (`HUES`, `PARTS`), as ``#rrggbb``.

    Raises:
        UsageError: If there is no such palette, hue or part, the base has no colours, or something is no colour.
    """
    chosen = palette(base)
    for key, colour in colours.items():
        if key not in HUES and key not in PARTS:
            raise UsageError(f"a plot has no {key!r}", f"It has {', '.join((*HUES, *PARTS))}.")
        if not _COLOUR.fullmatch(colour):
            raise UsageError(f"{key}: {colour!r} is no colour", "Colours are written #rrggbb.")
        if not chosen.coloured and key in HUES:
            raise UsageError(f"{key}: the palette {base} has no colours", "Base it on another one.")
    hues = {hue: colours.get(hue, colour) for hue, colour in chosen.colours.items()}
    parts = {part: colours[part] for part in PARTS if part in colours}
    return replace(chosen, name=name, colours=hues, **parts)  # type: ignore[arg-type]

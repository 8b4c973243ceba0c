"""Fewer bytes for the terminal: a style that goes on after the cursor was moved is not ended and begun again.

Textual ends the style of each piece of each line. In true colours that is half of what a list takes on the wire.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.driver import Driver

_END = "\x1b[0m"
_STYLES = re.compile(r"(\x1b\[[0-9;]*m)")
_MOVES = re.compile(r"(?:\x1b\[\d+;\d+H|[\r\n])*")


def thrifty(text: str) -> str:
    """Return what paints the same as a text with control sequences does."""
    if text.count(_END) < 2:  # noqa: PLR2004 - nothing goes on
        return text
    out: list[str] = []
    style, ends = "", False
    for number, part in enumerate(_STYLES.split(text)):
        if number % 2 == 0:
            if ends and _MOVES.fullmatch(part) is None:
                out.append(_END)
                style, ends = "", False
            out.append(part)
        elif part == _END:
            ends = True
        elif not ends or part != style:
            out += [_END, part] if ends else [part]
            style, ends = part, False
        else:
            ends = False
    return "".join([*out, _END] if ends else out)


def saving(driver: type[Driver]) -> type[Driver]:
    """Return a driver that writes fewer bytes."""

    class Saving(driver):  # type: ignore[misc, valid-type]
        def write(self, data: str) -> None:
            super().write(thrifty(data))

    return Saving

"""What every line passes on its way to the terminal, whichever widget drew it: no colours, no more than ASCII."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor


class Colourless(LineFilter):
    """Takes all colours away; bold, dim, underline and reverse stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Return the segments without colours."""
        return [Segment(text, style and _bare(style), control) for text, style, control in segments]


class AsciiOnly(LineFilter):
    """Puts ASCII in the place of everything else, cell by cell."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Return the segments in ASCII."""
        return [
            segment if segment.text.isascii() else Segment(plain(segment.text), segment.style, segment.control)
            for segment in segments
        ]


@lru_cache(maxsize=1024)
def _bare(style: Style) -> Style:
    return style.without_color + Style.from_meta(style.meta) if style.meta else style.without_color


_COLOURLESS, _ASCII = Colourless(), AsciiOnly()


def passed(own: Sequence[LineFilter], *, mono: bool, ascii_only: bool) -> list[LineFilter]:
    """Return the filters of an app: its own but for what Textual makes of NO_COLOR, then ours."""
    kept = [each for each in own if not isinstance(each, Monochrome | NoColor)]
    return [*kept, *([_COLOURLESS] if mono else []), *([_ASCII] if ascii_only else [])]


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return a text in ASCII that takes as many cells."""
    return set_cell_size("".join(map(_character, text)), cell_len(text))


_DRAWN = {
    "-": "─━═╌╍┄┅┈┉╴╶╸╺‐‑‒–—―−⁃¯▔▁",  # noqa: RUF001
    "|": "│┃║╎╏┆┇┊┋╵╷╹╻▏▎▍▕▐▌▊▋ǀ∣",  # noqa: RUF001
    "+": "┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬╭╮╯╰▛▜▙▟▗▖▝▘✔✓†",
    "#": "█▉▓▀▄■◼▪",
    ":": "▒░",
    "*": "●•◉★✱▚",
    "o": "○◌◯◦☐□",
    "x": "✖✗✘×╳☒☑",  # noqa: RUF001
    ">": "▶►▸→❯›»",  # noqa: RUF001
    "<": "◀◄◂←❮‹«",  # noqa: RUF001
    "^": "▲△↑",
    "v": "▼▽▾↓▿",
    ".": "·∙⋅…",
    "=": "▂▃≡",
    "%": "▅▆▇",
    "'": "‘’‚′",  # noqa: RUF001
    '"': "“”„″",
    "~": "≈∼",  # noqa: RUF001
    "/": "╱⁄",  # noqa: RUF001
    "\\": "╲",
}
_ASCII_OF = {character: ascii_ for ascii_, characters in _DRAWN.items() for character in characters}


def _character(character: str) -> str:
    if character.isascii():
        return character
    if character in _ASCII_OF:
        return _ASCII_OF[character]
    width = cell_len(character)
    base = unicodedata.normalize("NFKD", character)[:1]
    return base if width == 1 and base.isascii() and base.isprintable() else "?" * width

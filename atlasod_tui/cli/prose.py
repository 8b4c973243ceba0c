"""Texts in Markdown on the standard output: as they are written in a pipe, set for reading on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap

from atlasod_tui import prose, shown
from atlasod_tui.cli import output

WIDEST = 100
"""Columns of a text on a terminal: longer lines are hard to read."""


def width() -> int | None:
    """Return the columns to set text in, None where the output is no terminal."""
    return min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else None


def fill(text: str, indent: str = "", hanging: str = "  ") -> str:
    """Return an escaped line, broken at the width of the terminal; as it is in a pipe."""
    line = indent + shown.escape(text)
    columns = width()
    if columns is None or len(line) < columns:
        return line
    return textwrap.fill(
        line, max(columns - 1, 20), subsequent_indent=indent + hanging, break_on_hyphens=False, break_long_words=False
    )


def cut(text: str, taken: int) -> str:
    """Return an escaped text, cut to the width of the terminal, of which so many columns are taken; whole in a pipe."""
    safe, columns = shown.escape(text), width()
    if columns is None or len(safe) + taken < columns:
        return safe
    return safe[: max(columns - taken - 2, 8)] + "…"


def say_markdown(text: str) -> None:
    """Write a text: as a terminal shows it best, plain in a pipe, where ``NO_COLOR`` is set, or on a dumb terminal.

    Control characters are shown escaped, links to other texts of the program by their names only; other addresses,
    HTML and character references stay as they are written.
    """
    safe = prose.harmless(text)
    columns = width()
    if columns is None or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        output.say(safe)
    else:
        output.say(_set(safe, columns))


def _set(text: str, columns: int) -> str:
    from rich.console import Console  # noqa: PLC0415 - for a terminal only
    from rich.theme import Theme  # noqa: PLC0415

    theme = Theme({f"markdown.{name}": style for name, style in prose.STYLES.items()})
    console = Console(width=columns, theme=theme, highlight=False, markup=False, emoji=False, force_terminal=True)
    with console.capture() as captured:
        console.print(prose.document(text))
    return "\n".join(line.rstrip() for line in captured.get().strip("\n").split("\n"))

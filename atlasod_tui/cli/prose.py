"""Texts in Markdown on the standard output: as they are written in a pipe, set for reading on a terminal."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from atlasod_tui import shown
from atlasod_tui.cli import output

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

WIDEST = 100
"""Columns of a text on a terminal: longer lines are hard to read."""

_OTHER_TEXT = re.compile(r"\[([^\[\]]+)\]\((?![a-z]+:)[^()\s]*\.md\)")


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
    safe = "\n".join(map(shown.escape, _OTHER_TEXT.sub(r"\1", text).expandtabs(4).strip("\n").split("\n")))
    columns = width()
    if columns is None or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        output.say(safe)
    else:
        output.say(_set(safe, columns))


def _set(text: str, columns: int) -> str:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - for a terminal only, it takes 0.1 s
    from rich import markdown  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.theme import Theme  # noqa: PLC0415

    class Heading(markdown.Heading):
        """A heading at the left, as in any other text."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            del console, options
            self.text.justify = "left"
            yield self.text

    class Text(markdown.Markdown):
        elements = {**markdown.Markdown.elements, "heading_open": Heading}  # noqa: RUF012 - as in the base class

    styles = {"code": "bold", "h1": "bold underline", "h2": "bold", "item.number": "bold", "table.border": "dim"}
    theme = Theme({f"markdown.{name}": style for name, style in styles.items()})
    document = Text(text, hyperlinks=False)
    document.parsed = MarkdownIt("commonmark", {"html": False}).enable("table").disable("entity").parse(text)
    console = Console(width=columns, theme=theme, highlight=False, markup=False, emoji=False, force_terminal=True)
    with console.capture() as captured:
        console.print(document)
    return "\n".join(line.rstrip() for line in captured.get().strip("\n").split("\n"))

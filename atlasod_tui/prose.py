"""Texts in Markdown for a terminal, made harmless: what the command and the screen have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atlasod_tui import shown

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import Markdown

STYLES = {"code": "bold", "h1": "bold underline", "h2": "bold", "item.number": "bold", "table.border": "dim"}
"""How elements look, by their names (``markdown.code``)."""

_OTHER_TEXT = re.compile(r"\[([^\[\]]+)\]\((?![a-z]+:)[^()\s]*\.md\)")


def harmless(text: str) -> str:
    """Return a text with its control characters escaped, and links to other texts of the program by their names only.

    Other addresses, HTML and character references stay as they are written.
    """
    return "\n".join(map(shown.escape, _OTHER_TEXT.sub(r"\1", text).expandtabs(4).strip("\n").split("\n")))


def document(text: str) -> Markdown:
    """Return a text, as `harmless` made it, as rich can draw it at any width."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - for a terminal only, it takes 0.1 s
    from rich import markdown  # noqa: PLC0415

    class Heading(markdown.Heading):
        """A heading at the left, as in any other text."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            del console, options
            self.text.justify = "left"
            yield self.text

    class Text(markdown.Markdown):
        elements = {**markdown.Markdown.elements, "heading_open": Heading}  # noqa: RUF012 - as in the base class

    drawn = Text(text, hyperlinks=False)
    drawn.parsed = MarkdownIt("commonmark", {"html": False}).enable("table").disable("entity").parse(text)
    return drawn

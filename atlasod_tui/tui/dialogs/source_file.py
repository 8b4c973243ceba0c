"""The file of an analysis, to read from its selection on: Python with numbers before its lines."""

from __future__ import annotations

import asyncio
import io
import keyword
import re
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from atlasod_tui import shown
from atlasod_tui.errors import UsageError
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.equivalent import Copied
from atlasod_tui.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from atlasod_tui.tui.world import World

_MOST = 200_000
"""Bytes of a file that are shown: more than anybody reads."""
_SELECTION = re.compile(r" *[0-9]+ def select\(")


class SourceFile(Dialog[None]):
    """Shows a file; it cannot be changed here.

    Args:
        world: What pages share.
        path: The file.
    """

    CSS = """
    SourceFile > .dialog { width: 100%; height: 100%; }
    SourceFile #inside { height: 1fr; }
    """
    keys_line = "esc close   g top   y copy its path   R on the page reads it after an edit"

    def __init__(self, world: World, path: Path) -> None:
        folder = "" if path.parent == Path() else f" in {shown.path(str(path.parent))}"
        super().__init__(world, path.name + folder)
        self._path = path

    def body(self) -> Iterable[Any]:
        """Compose the text."""
        yield Prose(widest=200)

    def on_mount(self) -> None:
        """Read the file."""
        self.query_one(Prose).focus()
        self.call_after_refresh(self._load)  # where a line is, only its width tells

    def _load(self) -> None:
        beside(self, self._load_text)

    def copied(self) -> Copied:
        """Return the path."""
        return Copied("path", str(self._path))

    async def _load_text(self) -> None:
        try:
            text = await asyncio.to_thread(_read, self._path)
        except OSError as error:
            self.fail(UsageError(f"{self._path} cannot be read: {error.strerror}"))
            return
        prose = self.query_one(Prose)
        prose.show([numbered(text)])
        lines = enumerate(prose.text.split("\n"))
        if (at := next((row for row, line in lines if _SELECTION.match(line)), None)) is not None:
            prose.scroll_to(y=at, animate=False, force=True)


def numbered(text: str) -> Table:
    """Return Python with numbers before its lines; control characters are escaped."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", style="say.muted", no_wrap=True)
    table.add_column(overflow="fold")
    for number, line in enumerate(_coloured(text), 1):
        table.add_row(str(number), line)
    return table


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST).decode(errors="replace")


def _coloured(text: str) -> list[Text]:
    """Return lines with what is not read by the machine in grey, and its own words in bold."""
    source = [line.expandtabs(4) for line in text.split("\n")]
    lines = [Text(shown.escape(line)) for line in source]
    if any(shown.escape(line) != line for line in source):
        return lines  # the columns would be others
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(source)).readline):
            _mark(lines, token)
    except (tokenize.TokenError, SyntaxError):  # it is broken: as far as it could be read
        pass
    return lines


def _mark(lines: list[Text], token: tokenize.TokenInfo) -> None:
    if token.type in {tokenize.COMMENT, tokenize.STRING}:
        style = "say.muted"
    elif token.type == tokenize.NAME and keyword.iskeyword(token.string):
        style = "bold"
    else:
        return
    (first, start), (last, end) = token.start, token.end
    for row in range(first, last + 1):
        line = lines[row - 1]
        line.stylize(style, start if row == first else 0, end if row == last else len(line))

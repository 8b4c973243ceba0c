"""The words of the field, looked up while a few of their letters are typed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any

from rich.text import Text

from atlasod_tui import shown
from atlasod_tui.errors import UsageError
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialogs.typing_dialog import TypingDialog
from atlasod_tui.tui.widgets.reading import Reading
from atlasod_tui.tui.widgets.typing_line import TypingLine
from atlasod_tui.tui.world import World

_ENTRY = re.compile(r"^\* \*\*(?P<word>[^*\n]+)\*\*: (?P<meaning>(?:[^\n]+(?:\n  )?)+)", re.MULTILINE)
_MARKS = re.compile(r"\*([^*]+)\*|`([^`]+)`|\[([^\]]+)\]\([^)]*\)")


def entries(markdown: str) -> dict[str, str]:
    """Return the words of a glossary in Markdown, whose items are ``* **Word**: meaning``, without its marks."""
    return {
        entry["word"]: " ".join(_MARKS.sub(lambda mark: next(filter(None, mark.groups())), entry["meaning"]).split())
        for entry in _ENTRY.finditer(markdown)
    }


def looked_up(query: str, glossary: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the words that begin with what was typed, then those that hold it, then those whose meaning does."""
    wanted = query.strip().casefold()

    def fit(item: tuple[str, str]) -> int:
        word = item[0].casefold()
        return 0 if word.startswith(wanted) else 1 if wanted in word else 2 if wanted in item[1].casefold() else 3

    return [item for item in sorted(glossary.items(), key=fit) if fit(item) < 3]  # noqa: PLR2004 - not at all


class Glossary(TypingDialog[None]):
    """Shows what words mean."""

    CSS = """
    Glossary > .dialog { height: 100%; max-height: 40; }
    Glossary #inside { height: 1fr; }
    """
    keys_line = "type a word   up down read   esc close"

    def __init__(self, world: World) -> None:
        super().__init__(world, "Words of physics and of the Datalake")
        self._glossary: dict[str, str] = {}

    def body(self) -> Iterable[Any]:
        """Compose the line to type on over the words."""
        yield TypingLine(placeholder="rse")
        yield Reading()

    def on_mount(self) -> None:
        """Read the file."""
        self.below.can_focus = False
        self.query_one(TypingLine).focus()
        beside(self, self._load_words)

    async def _load_words(self) -> None:
        from atlasod_tui.engine import words  # noqa: PLC0415 - not at start-up

        try:
            self._glossary = entries(await asyncio.to_thread(words.topic, "glossary"))
        except UsageError as error:
            self.fail(error)
        self._show()

    def on_input_changed(self) -> None:
        """Look the word up."""
        self._show()

    def _show(self) -> None:
        typed = self.query_one(TypingLine).value
        text = Text()
        for word, meaning in looked_up(typed, self._glossary):
            text.append(shown.escape(word), style="bold").append(f": {shown.escape(meaning)}\n")
        if not text and self._glossary:
            text = Text(
                f"There is no word with {shown.escape(typed)}. `atlasod-tui analyses show higgs` has more to read."
            )
        self.below.show(text)

    @property
    def below(self) -> Reading:
        """The words."""
        return self.query_one(Reading)

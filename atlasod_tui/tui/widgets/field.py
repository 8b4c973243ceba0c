"""A field of a dialog: its name, what is typed, what that means, and below why it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from atlasod_tui import shown
from atlasod_tui.tui.widgets.typing_line import TypingLine


class Field(Vertical):
    """One line to type on, and a sentence below it where what is typed cannot be.

    Args:
        label: Its name.
        text: What is there at first; may come from outside.
        judged: Returns why a text cannot be, as a sentence; empty if it can.
        width: Cells to type in; None: all there are.
        otherwise: What is meant where nothing is typed.
        unit: What stands behind.
        id: Of the widget.
    """

    def __init__(  # noqa: PLR0913 - one for each thing a field has
        self,
        label: str,
        text: str = "",
        judged: Callable[[str], str] = lambda _: "",
        *,
        width: int | None = None,
        otherwise: str = "",
        unit: str = "",
        id: str,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id, classes="field")
        self._label, self._judged = label, judged
        self.input = TypingLine(text, otherwise, select_on_focus=width is not None)
        if width is not None:
            self.input.styles.width = width
        self._meaning = Static(Text(unit), classes="meaning")
        self._problem = Static("", classes="problem")

    def compose(self) -> Iterable[Any]:
        """Put the name before the line, and the sentence below."""
        with Horizontal(classes="line"):
            yield Static(Text(self._label), classes="label")
            yield self.input
            yield self._meaning
        yield self._problem

    @property
    def text(self) -> str:
        """What is meant by what is typed: a name from outside stays itself where it is left as it was."""
        return self.input.meant

    def judge(self) -> str:
        """Return why what is typed cannot be, as a sentence; empty if it can."""
        return self._judged(self.text)

    def explain(self, words: str) -> None:
        """Say beside the line what is meant; it may hold text from outside."""
        self._meaning.update(Text(shown.escape(words), no_wrap=True, overflow="ellipsis"))

    def complain(self, sentence: str) -> None:
        """Show a sentence below, or none; it may hold text from outside."""
        self._problem.display = bool(sentence)
        self._problem.update(Text(shown.escape(sentence)))
        self.set_class(bool(sentence), "-wrong")

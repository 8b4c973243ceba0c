"""A line to type on that never holds what a terminal would take for an order, whoever put it there."""

from __future__ import annotations

from typing import Any

from textual.widgets import Input

from atlasod_tui import shown


class TypingLine(Input):
    """A line to type on: what is put there, pasted or typed, is escaped; ``meant`` is what it stands for.

    Textual writes the value of an ``Input`` as it is, control characters and all.

    Args:
        text: What is there at first; may come from outside.
        options: Of ``Input``.
    """

    def __init__(self, text: str = "", placeholder: str = "", **options: Any) -> None:
        self._hostile = ("", "")
        super().__init__(text, placeholder, compact=True, **options)
        self.cursor_blink = False  # nothing is painted while nothing happens

    @property
    def meant(self) -> str:
        """What the line stands for: a name that nobody can type, where it was left as it was put there."""
        escaped, text = self._hostile
        return text if self.value == escaped else self.value

    def validate_value(self, value: str) -> str:
        """Return a text as it may be shown, and keep what it stands for."""
        escaped = shown.escape(value)
        if escaped != value:
            self._hostile = (escaped, value)
        return escaped

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a part by a text, behind which the cursor then is."""
        super().replace(text, start, end)
        self.cursor_position += len(shown.escape(text)) - len(text)

"""One of a few choices, all of them on one line: the sign says which, not the colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.events import Click, Key
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

_STEPS = {"left": -1, "right": 1}


class OneOf(Widget, can_focus=True):
    """A line ``(x) framework  ( ) fixed``; left and right go along it, the dialog around has the other keys.

    Args:
        choices: What each stands for, and its word.
        id: Of the widget.
    """

    DEFAULT_CSS = """
    OneOf {
        height: 1;
        & > .one-of--cursor {
            color: $block-cursor-foreground; background: $block-cursor-background; text-style: $block-cursor-text-style;
        }
        & > .one-of--other { color: $text-muted; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"one-of--cursor", "one-of--other"}
    ALLOW_SELECT: ClassVar[bool] = False

    @dataclass
    class Changed(Message):
        """Another one was chosen."""

        one_of: OneOf

        @property
        def control(self) -> OneOf:
            """The widget, for selectors."""
            return self.one_of

    def __init__(self, choices: Sequence[tuple[str, str]], *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id)
        self._choices = tuple(choices)
        self._at = 0

    @property
    def chosen(self) -> str:
        """What is chosen."""
        return self._choices[self._at][0]

    def choose(self, key: str) -> None:
        """Choose one by what it stands for."""
        at = next((number for number, (known, _) in enumerate(self._choices) if known == key), self._at)
        if at != self._at:
            self._at = at
            self.refresh()
            self.post_message(self.Changed(self))

    def next(self) -> None:
        """Choose the next one; after the last comes the first."""
        self.choose(self._choices[(self._at + 1) % len(self._choices)][0])

    def on_key(self, event: Key) -> None:
        """Go along the line, as the cursor does in a text: at its ends it stays."""
        if event.key in _STEPS:
            event.stop()
            event.prevent_default()
            at = min(max(self._at + _STEPS[event.key], 0), len(self._choices) - 1)
            self.choose(self._choices[at][0])

    def on_focus(self) -> None:
        """Show that the keys go here."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that they go elsewhere."""
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Choose what was clicked."""
        end = 0
        for key, word in self._choices:
            end += len(self._text(key, word))
            if event.x < end:
                self.choose(key)
                return

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        width, base = self.size.width, self.rich_style
        if y:
            return Strip.blank(width, base)
        segments = []
        for key, word in self._choices:
            name = "" if key == self.chosen else "one-of--other"
            if key == self.chosen and self.has_focus:
                name = "one-of--cursor"
            segments.append(Segment(self._text(key, word), self.get_component_rich_style(name) if name else base))
        return Strip(segments).adjust_cell_length(width, base)

    def _text(self, key: str, word: str) -> str:
        return f"{'(x)' if key == self.chosen else '( )'} {word}  "

"""The same without the screen: a command for the shell and lines of Python, either to be copied."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from rich.text import Text
from textual.events import Resize

from atlasod_tui import shown
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.equivalent import Copied, Equivalent
from atlasod_tui.tui.widgets.reading import Reading
from atlasod_tui.tui.world import World

_COMMAND, _PYTHON = "command", "Python"
_TITLES = {_COMMAND: "In a shell", _PYTHON: "In Python"}


class EquivalentDialog(Dialog[None]):
    """Shows both, one of them chosen.

    Args:
        world: What pages share.
        same: The command and the Python.
    """

    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.SAME)
    CSS = """
    EquivalentDialog > .dialog { width: 100; }
    EquivalentDialog Reading { height: auto; max-height: 80vh; }
    """
    keys_line = "tab the other one   y copy   esc close"

    def __init__(self, world: World, same: Equivalent) -> None:
        super().__init__(world, same.what)
        self._same = same
        self._chosen = _COMMAND

    def body(self) -> Iterable[Any]:
        """Compose the text."""
        yield Reading()

    def on_mount(self) -> None:
        """Let the text be scrolled."""
        self.query_one(Reading).focus()

    def on_resize(self, _: Resize) -> None:
        """Wrap the command anew."""
        self.call_after_refresh(self._show)

    def copied(self) -> Copied:
        """Return the one that is chosen, each command in one line."""
        if self._chosen == _COMMAND:
            return Copied(_COMMAND, self._same.in_shell())
        return Copied(_PYTHON, self._same.python)

    def action_other(self) -> None:
        """Choose the other one."""
        self._chosen = _PYTHON if self._chosen == _COMMAND else _COMMAND
        self._show()

    def _show(self) -> None:
        reading = self.query_one(Reading)
        at = reading.scroll_y
        width = reading.scrollable_content_region.width
        text = Text()
        for which, lines in ((_COMMAND, self._same.in_shell(width)), (_PYTHON, self._same.python)):
            chosen = which == self._chosen
            mark = f"{self.world.look.glyphs.cursor} " if chosen else "  "
            text.append(f"{mark}{_TITLES[which]}", style="bold" if chosen else "dim")
            note = f" ({self._same.note})" if self._same.note and which == _COMMAND else ""
            text.append(f"{note}\n", style="dim")
            text.append("\n".join(map(shown.escape, lines.rstrip().split("\n"))) + "\n\n")
        reading.show(text)
        reading.scroll_to(y=at, animate=False)

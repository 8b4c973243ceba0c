"""The page before anything is done: what would be written, how much, by which command; Cancel has the focus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.widgets import Button, Static

from atlasod_tui import shown
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.equivalent import Copied, Equivalent, command
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.widgets.typing_line import TypingLine
from atlasod_tui.tui.world import World

_MOST_ROWS, _MOST_TYPED = 500, 24
_PROMPT = "$ "
_AROUND, _ASKING = 7, 3
"""Rows of the box around what is asked, and of what has to be typed."""


@dataclass(frozen=True)
class Asked:
    """What is to be confirmed; texts may come from outside.

    Attributes:
        heading: The question.
        yes: The word on the button that does it.
        sentences: What will happen.
        rows: What it happens to: size and name.
        equivalent: The command, which is shown, and Python.
        typed: What has to be typed before it is done; for what cannot be taken back.
    """

    heading: str
    yes: str
    sentences: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    equivalent: Equivalent | None = None
    typed: str = ""


@dataclass(frozen=True)
class _InShell:
    """A command in lines that a shell takes for one, however narrow it is here: the mouse copies them as they are."""

    same: Equivalent

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(_PROMPT + self.same.in_shell(options.max_width - len(_PROMPT)))


class Confirm(Dialog[bool]):
    """Asks before something is done; the answer is True, or None.

    Args:
        world: What pages share.
        asked: The question.
    """

    CSS_PATH = "dialogs.tcss"
    AUTO_FOCUS = "#cancel"
    keys_line = "esc close   y go to the button   enter press it   f4 command and Python"
    HORIZONTAL_BREAKPOINTS = Page.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = Page.VERTICAL_BREAKPOINTS
    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.FORM)

    def __init__(self, world: World, asked: Asked) -> None:
        super().__init__(world, asked.heading)
        self.asked = asked

    def body(self) -> Iterable[Any]:
        """Compose sentences, command, list and buttons."""
        asked = self.asked
        with VerticalScroll(id="what"):
            yield Static(Text("\n".join(map(self.cut, asked.sentences))), id="sentences")
            if asked.equivalent is not None:
                yield Static(_InShell(asked.equivalent), id="command")
            if asked.rows:
                yield Static(Text(self._rows()), id="rows")
        if asked.typed:
            yield Static(Text(f"Type {self._word} to confirm:"), id="ask")
            yield TypingLine(select_on_focus=False, id="typed")
        with Horizontal(id="buttons"):
            yield Button(Text("[ Cancel ]"), id="cancel", compact=True)
            yield Button(Text(f"[ {self.cut(asked.yes)} ]"), id="yes", compact=True)

    def on_mount(self) -> None:
        """Show whether it can be done yet."""
        self._judge()

    def on_resize(self, event: Resize) -> None:
        """Keep the buttons on the screen: what is above them scrolls."""
        room = event.size.height - (_AROUND + _ASKING if self.asked.typed else _AROUND)
        self.query_one("#what").styles.max_height = max(room, 2)

    def on_input_changed(self) -> None:
        """See whether the right name is typed."""
        self._judge()

    def on_input_submitted(self) -> None:
        """Go on to the buttons."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        if event.button.id == "cancel":
            self.dismiss(None)
        elif self._is_typed():
            self.dismiss(True)
        else:
            self.say(f"Type {self._word} first.")
            self.query_one("#typed").focus()

    def equivalent(self) -> Equivalent | None:
        """Return what would be done."""
        return self.asked.equivalent

    def copied(self) -> Copied | None:
        """Return the command."""
        same = self.asked.equivalent
        return None if same is None else Copied("command", command(same.arguments))

    def why_not(self, action_id: str) -> str:
        """Say that there is no command."""
        return "There is no command for this." if action_id == "form.equivalent" and not self.asked.equivalent else ""

    def action_page_down(self) -> None:
        """Turn a page of what is asked."""
        self.query_one("#what").scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Turn a page back."""
        self.query_one("#what").scroll_page_up(animate=False)

    def action_choose(self) -> None:
        """Do nothing: there is nothing to choose, and space presses no button by mistake."""

    def action_yes(self) -> None:
        """Go to the button that does it, or to what has to be typed first."""
        # At once: `Widget.focus` is for later, and a key that came with this one would press Cancel.
        self.set_focus(self.query_one("#yes" if self._is_typed() else "#typed"))

    @property
    def _word(self) -> str:
        """What has to be typed: the name as it is shown, or how a long one begins."""
        return shown.escape(self.asked.typed)[:_MOST_TYPED]

    def _is_typed(self) -> bool:
        wanted = self.asked.typed
        return not wanted or self.query_one("#typed", TypingLine).value in {shown.escape(wanted), self._word}

    def _judge(self) -> None:
        self.query_one("#yes").set_class(not self._is_typed(), "-refused")

    def _rows(self) -> str:
        rows = [tuple(map(self.cut, row)) for row in self.asked.rows[:_MOST_ROWS]]
        width = max(len(size) for size, _ in rows)
        lines = [f"{size:>{width}}  {name}" for size, name in rows]
        left = len(self.asked.rows) - len(rows)
        return "\n".join([*lines, *([f"and {left} more"] if left else [])])

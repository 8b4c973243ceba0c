"""An error as a card: what happened, what to do about it, which key is next; all there is to know behind a key."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any, ClassVar

from rich.text import Text

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError, LakeAwayError, LoginError
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.equivalent import Copied
from atlasod_tui.tui.keys.names import key_of
from atlasod_tui.tui.widgets.reading import Reading
from atlasod_tui.tui.world import World

_LONGEST = 600
"""Characters of a message that the card shows before all is asked for."""


class ErrorCard(Dialog[None]):
    """Shows an error.

    Args:
        world: What pages share.
        error: What happened; its texts may be from outside.
        whole: Whether all there is to know is shown at once.
    """

    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.CARD)
    CSS = """
    ErrorCard > .dialog { border: $edge $error; }
    ErrorCard Reading { height: auto; max-height: 80vh; }
    """

    def __init__(self, world: World, error: AtlasodError, *, whole: bool = False) -> None:
        super().__init__(world, "This did not work")
        self._error = error
        self._is_whole = whole
        self.keys_line = "enter close   e all there is to know   y copy"

    def body(self) -> Iterable[Any]:
        """Compose the text."""
        yield Reading()

    def on_mount(self) -> None:
        """Show it."""
        self._show()
        self.query_one(Reading).focus()

    def copied(self) -> Copied:
        """Return all there is to know."""
        return Copied("error", self.whole())

    def whole(self) -> str:
        """Return all there is to know: the sentence, the hint, the code, and where it was raised."""
        error = self._error
        raised = "".join(traceback.format_exception(error))
        return f"{error.message}\n{error.hint}\n\nExit code of the command: {error.exit_code}\n\n{raised}"

    def action_whole(self) -> None:
        """Show all there is to know, or the card again."""
        self._is_whole = not self._is_whole
        self._show()

    def next_step(self) -> str:
        """Return which key may help, as a sentence; empty if none does."""
        if isinstance(self._error, LoginError):
            return f"{self._key('lake.login')} logs in, on the page of the lake."
        if isinstance(self._error, LakeAwayError):
            return f"{self._key('app.refresh')} asks again. What is on this machine can be analysed meanwhile."
        return ""

    def _key(self, id_: str) -> str:
        return key_of(actions.find(id_), self.world.keys)

    def _show(self) -> None:
        self.query_one(Reading).show(_escaped(self.whole()) if self._is_whole else self._card())

    def _card(self) -> Text:
        message, hint = self._error.message, self._error.hint
        text = Text(_cut(shown.capital(message)), style="bold")
        for line in filter(None, (_cut(hint), self.next_step())):
            text.append(f"\n\n{line}", style="not bold")
        return text


def _cut(text: str) -> str:
    safe = shown.escape(" ".join(text.split()))
    return safe if len(safe) <= _LONGEST else f"{safe[:_LONGEST]}..."


def _escaped(text: str) -> Text:
    return Text("\n".join(map(shown.escape, text.strip().split("\n"))))

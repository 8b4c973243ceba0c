"""The dialog of a search by metadata: what ``ls SCOPE:PATTERN --where KEY=VALUE`` takes."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Any, ClassVar

from rich.text import Text
from textual.widgets import Input, Static

from atlasod_tui import shown
from atlasod_tui.errors import UsageError
from atlasod_tui.lake.conditions import parsed
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.equivalent import Equivalent, command
from atlasod_tui.tui.lake.levels import Kind, Spot
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.world import World

_HOW = (
    "Conditions: KEY=VALUE, several with blanks between; * and ? match.\n"
    "KEY.gt, .gte, .lt, .lte, .ne compare: skim=4lep factor.gte=3"
)
_KEYS = {"form.next", "form.previous", "form.down", "form.up", "form.equivalent"}
_WORDS = {"datasets": Kind.DATASETS, "files": Kind.FILES}


class Search(Dialog[Spot]):
    """Asks what to search for; the answer is what is to be listed.

    Args:
        world: What pages share.
        scope: Where to search, at first.
        files: Whether files are meant, at first.
    """

    CSS_PATH = "dialogs.tcss"
    CSS = """
    Search #how { color: $text-muted; padding: 0 0 1 0; }
    Search #command { height: auto; max-height: 3; }
    Search #verdict { color: $text-error; }
    """
    BINDINGS: ClassVar[list[Any]] = [one for one in actions.bindings(Place.FORM) if one.id in _KEYS]
    keys_line = "enter search   tab next field   f4 command and Python   esc close"

    def __init__(self, world: World, scope: str, *, files: bool = False) -> None:
        super().__init__(world, "Search the lake")
        self._scope, self._files = scope, files

    def body(self) -> Iterable[Any]:
        """Compose the fields, and the command that they come to."""
        yield Static(Text(_HOW), id="how")
        yield Field("conditions", id="where")
        yield Field("name", "*", id="pattern")
        yield Field("scope", self._scope, id="scope")
        yield Field("look for", "files" if self._files else "datasets", id="for")
        yield Static("", id="command")
        yield Static("", id="verdict")

    def on_mount(self) -> None:
        """Begin with the conditions; a name that is typed takes the place of the star."""
        self.query_one("#pattern", Field).input.select_on_focus = True
        self.query_one("#where", Field).input.focus()
        self._look()

    def on_input_changed(self) -> None:
        """Show the command."""
        self._look()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search, if that can be understood."""
        event.stop()
        try:
            self.dismiss(self.spot())
        except UsageError as error:
            self._complain(error)

    def spot(self) -> Spot:
        """Return what is to be listed.

        Raises:
            UsageError: If what is typed cannot be understood.
        """
        pattern, kind, scope = (self.query_one(f"#{name}", Field).text for name in ("pattern", "for", "scope"))
        pattern, kind, scope = pattern.strip(), kind.strip(), scope if scope == self._scope else scope.strip()
        try:
            where = parsed(shlex.split(self.query_one("#where", Field).text))
        except ValueError as error:
            raise UsageError("A quotation mark has no other one", "Blanks in a value are written 'a b'.") from error
        found = next((known for word, known in _WORDS.items() if kind and word.startswith(kind.lower())), None)
        if found is None:
            raise UsageError(f"{kind!r} is not what can be searched for", "It is datasets or files.")
        if not scope or ":" in scope:
            raise UsageError("Which scope?" if not scope else f"{scope!r} is no scope", "The first list has them.")
        return Spot(found, scope, "", pattern or "*", tuple(where.items()))

    def equivalent(self) -> Equivalent | None:
        """Return the command and the Python that search."""
        try:
            return self.spot().equivalent(self.world.lake.name) if self.world.lake is not None else None
        except UsageError:
            return None

    def _look(self) -> None:
        same = self.equivalent()
        text = f"$ {shown.escape(command(same.arguments))}" if same is not None else ""
        self.query_one("#command", Static).update(Text(text))
        self.query_one("#verdict", Static).update("")

    def _complain(self, error: UsageError) -> None:
        sentence = f"{self.world.look.glyphs.warning} {shown.sentence(error.message)} {error.hint}"
        self.query_one("#verdict", Static).update(
            Text(shown.escape(sentence.replace("?.", "?").replace("--where ", "")))
        )

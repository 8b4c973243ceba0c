"""The dialogs of a rule: until when it is to hold, and whether it is to end now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from rich.text import Text
from textual.widgets import Input, Static

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.lake.model import Rule
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.dialogs.confirm import Asked, Confirm
from atlasod_tui.tui.equivalent import Equivalent, command
from atlasod_tui.tui.equivalent import lifetime as word
from atlasod_tui.tui.lake.details import ends
from atlasod_tui.tui.lake.levels import named, opened
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.widgets.lifetime import LifetimeField, told
from atlasod_tui.tui.world import World

_BUSY = "The lake is being asked."


def extending(rule: Rule, lake: str, seconds: int | None) -> Equivalent:
    """Return the command and the Python that let a rule end so many seconds from now; None: never."""
    arguments = ("rules", "extend", "--lake", lake, "--lifetime", word(seconds), *named(rule.id))
    return Equivalent("Extend a rule", arguments, opened(lake) + f"lake.extend_rule({rule.id!r}, {seconds!r})\n")


def removing(rule: Rule, lake: str) -> Equivalent:
    """Return the command and the Python that end a rule."""
    arguments = ("rules", "remove", "--lake", lake, *named(rule.id))
    return Equivalent("End a rule", arguments, opened(lake) + f"lake.remove_rule({rule.id!r})\n")


class ExtendRule(Dialog[str]):
    """Asks until when a rule is to hold, and sees to it; the answer is a sentence about what was done.

    Args:
        world: What pages share.
        rule: Which.
        lake: Name of its lake.
    """

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[Any]] = [one for one in actions.bindings(Place.FORM) if one.id == "form.equivalent"]
    keys_line = "enter extend it   f4 command and Python   esc close"

    def __init__(self, world: World, rule: Rule, lake: str) -> None:
        super().__init__(world, "Until when is this rule to hold?")
        self._rule, self._lake, self._busy = rule, lake, False
        self._field = LifetimeField(world)

    def body(self) -> Iterable[Any]:
        """Compose what the rule is, the field, and the command."""
        rule = self._rule
        about = f"{rule.did}\non {rule.expression}: {ends(rule, self.world.now())}"
        yield Static(Text("\n".join(map(shown.escape, about.splitlines()))), id="sentences")
        yield self._field
        yield Static("", id="command")
        yield Static("", id="verdict")

    def on_mount(self) -> None:
        """Type at once."""
        self._field.input.focus()
        self._look()

    def on_input_changed(self) -> None:
        """Show what is meant."""
        self._look()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Extend the rule."""
        event.stop()
        same = self.equivalent()
        if same is not None and not self._busy:
            self._busy = True
            self._say(_BUSY)
            beside(self, self._extend, same)

    async def _extend(self, same: Equivalent) -> None:
        seconds = self._field.lifetime.seconds
        try:
            await self.world.verbs.run([*same.arguments, "--json"])
        except AtlasodError as error:
            self._busy = False
            self._say("")
            self.fail(error)
            return
        self.dismiss(f"The rule holds {told(seconds, self.world.now())}.")

    def equivalent(self) -> Equivalent | None:
        """Return the command and the Python."""
        found = self._field.lifetime
        return None if found.problem else extending(self._rule, self._lake, found.seconds)

    def _look(self) -> None:
        problem = self._field.judge()
        self._field.complain(f"{self.world.look.glyphs.warning} {problem}" if problem else "")
        same = self.equivalent()
        text = f"$ {shown.escape(command(same.arguments))}" if same is not None else ""
        self.query_one("#command", Static).update(Text(text))

    def _say(self, sentence: str) -> None:
        self.query_one("#verdict", Static).update(Text(sentence))


def remove(page: Page, rule: Rule, lake: str, done: Callable[[str | None], None]) -> None:
    """Ask whether a rule is to end, see to it, and tell ``done`` in a sentence.

    Args:
        page: Over which the question is asked.
        rule: Which.
        lake: Name of its lake.
        done: Told what was done.
    """
    same = removing(rule, lake)
    sentences = (
        f"The rule on {rule.expression} {ends(rule, page.world.now())}.",
        "It would end now, and the lake deletes what no other rule keeps: this cannot be taken back.",
    )
    asked = Asked("End this rule?", "End it", sentences, (("", str(rule.did)),), same, typed=rule.did.name)

    async def end() -> None:
        try:
            await page.world.verbs.run([*same.arguments, "--json"])
        except AtlasodError as error:
            page.fail(error)
        else:
            done("The rule has ended.")

    def answered(yes: bool | None) -> None:
        if yes:
            beside(page, end)

    page.app.push_screen(Confirm(page.world, asked), answered)

"""A dialog that comes to an order: fields, what they come to, a confirmation, and then a job."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, Resize
from textual.widgets import Button, Static

from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.dialogs.confirm import Asked, Confirm
from atlasod_tui.tui.equivalent import Copied, Equivalent, command
from atlasod_tui.tui.orders import estimate, orders
from atlasod_tui.tui.page import TALL, Page
from atlasod_tui.tui.widgets.choice_list import ChoiceList
from atlasod_tui.tui.widgets.field import Field
from atlasod_tui.tui.widgets.folder import FolderField

if TYPE_CHECKING:
    from textual.timer import Timer

    from atlasod_tui.tui.orders.orders import Order
    from atlasod_tui.tui.world import World

PAUSE = 0.3
"""Seconds without a change after which the verb is asked what that comes to."""
_AROUND, _AROUND_TALL = 6, 7
"""Rows of the box around what scrolls."""
_BUSY, _LOOKING = "The job is being started.", "Looking what that comes to."


class Remark(NamedTuple):
    """Something that is told of the order; harmless or not."""

    text: str
    wrong: bool = False
    """Whether it stands in the way."""


class Form(Dialog[str]):
    """The base of dialogs that start a job; the answer is its id.

    Args:
        world: What pages share.
        heading: May hold text from outside.
    """

    CSS_PATH = "dialogs.tcss"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"form--wrong"}
    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.FORM)
    keys_line = "esc close   enter next   space choose   ctrl+y button   f4 command   f1 help"
    HORIZONTAL_BREAKPOINTS = Page.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = Page.VERTICAL_BREAKPOINTS
    yes: ClassVar[str] = "Go on"
    """The word on the button."""

    def __init__(self, world: World, heading: str) -> None:
        super().__init__(world, heading)
        self._order: Order | None = None
        self._plan: dict[str, Any] | None = None
        self._refused: AtlasodError | None = None
        self._pressed = False
        self._busy = False
        self._timer: Timer | None = None

    # What a dialog fills in.

    @abstractmethod
    def fields(self) -> Iterable[Any]:
        """Compose the fields."""

    @abstractmethod
    def order(self) -> Order | None:
        """Return what is filled in; None while something is missing. No field is wrong when this is asked."""

    @abstractmethod
    def told(self) -> list[Remark]:
        """Return what the order comes to."""

    @abstractmethod
    def asked(self, order: Order, plan: dict[str, Any]) -> Asked:
        """Return what is to be confirmed, by the plan of the verb."""

    # What all have in common.

    @property
    def plan(self) -> dict[str, Any] | None:
        """What the verb said the order comes to; None as long as it did not."""
        return self._plan

    def body(self) -> Iterable[Any]:
        """Put what the order comes to below the fields, and the buttons last."""
        with Vertical(id="what"):
            yield from self.fields()
            yield Static("", id="told")
            yield Static("", id="verdict")
        with Horizontal(id="buttons"):
            yield Button(Text("[ Cancel ]"), id="cancel", compact=True)
            yield Button(Text(f"[ {self.yes} ]"), id="yes", compact=True)

    def on_mount(self) -> None:
        """See what is filled in at first."""
        self.changed()

    def on_resize(self, event: Resize) -> None:
        """Keep the buttons on the screen: what is above them scrolls."""
        height = event.size.height
        self.query_one("#what").styles.max_height = height - (_AROUND if height < TALL else _AROUND_TALL)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show what the order comes to before a button is pressed."""
        if isinstance(event.widget, Button):
            self.query_one("#what").scroll_end(animate=False)

    def on_input_changed(self) -> None:
        """See what is filled in now."""
        self.changed()

    def on_choice_list_changed(self) -> None:
        """See what is chosen now."""
        self.changed()

    def on_folder_field_looked(self) -> None:
        """See what the disk has."""
        self.changed()

    def changed(self) -> None:
        """See what is filled in, and have the verb asked what that comes to once nothing changes any more."""
        order = None if self._judge() else self.order()
        if order != self._order:
            self._order, self._plan, self._refused, self._pressed = order, None, None, False
            self._ask_soon(order)
        self.draw()

    def _judge(self) -> bool:
        """Show at each field why it cannot be, and return whether one cannot."""
        wrong = False
        for field in self.query(Field):
            sentence = "" if field.disabled else field.judge()
            field.complain(f"{self.world.look.glyphs.warning} {sentence}" if sentence else "")
            wrong = wrong or bool(sentence)
        return wrong

    def _ask_soon(self, order: Order | None) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.workers.cancel_group(self, "plan")
        if order is not None:
            self._timer = self.set_timer(PAUSE, self._ask)

    def _ask(self) -> None:
        if self._order is not None:
            beside(self, self._load_plan, self._order, group="plan")

    async def _load_plan(self, order: Order) -> None:
        try:
            told = await self.world.verbs.run(orders.asked_for_plan(order))
        except AtlasodError as error:
            self._refused = error
        else:
            self._plan = told.document or {}
        self.draw()
        if self._pressed:
            self._pressed = False
            self._confirm()

    def draw(self) -> None:
        """Show what the order comes to, and whether it can be done."""
        sign = self.world.look.glyphs.warning
        text = Text()
        lines = self.told()
        for line in lines:
            style = self._style("wrong") if line.wrong else ""
            text.append(f"{sign if line.wrong else ' '} {self.cut(line.text)}\n", style)
        text.rstrip()
        self.query_one("#told", Static).update(text)
        reason = self._reason()
        self.query_one("#yes").set_class(bool(reason), "-refused")
        words = "" if reason in {line.text for line in lines} else reason
        verdict = Text(f"{sign} {self.cut(words)}", self._style("wrong"))
        if not reason:
            verdict = Text(f"  {_BUSY}" if self._busy else "" if self._plan is not None else f"  {_LOOKING}")
        self.query_one("#verdict", Static).update(verdict if words or not reason else Text(""))

    def _style(self, name: str) -> Any:
        return self.get_component_rich_style(f"form--{name}", partial=True)

    def _reason(self) -> str:
        """Return why it cannot be done, as a sentence; empty if it can, as far as is known."""
        if any(field.has_class("-wrong") for field in self.query(Field)):
            return "A field cannot be as it is."
        if wrong := [line.text for line in self.told() if line.wrong]:
            return wrong[0]
        if self._refused is not None:
            return self.refused(self._refused)
        return self.missing() if self._order is None else ""

    def refused(self, error: AtlasodError) -> str:
        """Return why the verb refuses the order, as sentences."""
        return error.whole

    def missing(self) -> str:
        """Return what there is no order without, as a sentence."""
        return "Something is missing."

    # What keys and buttons do.

    def on_input_submitted(self) -> None:
        """Go on to the next field."""
        self.action_on()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close, or go on to the confirmation."""
        event.stop()
        if self._busy:
            return
        if event.button.id == "cancel":
            self.dismiss(None)
        elif self._refused is not None:
            self._refused = None
            self._pressed = True
            self._ask()
            self.draw()
        else:
            self._confirm()

    def _confirm(self) -> None:
        if reason := self._reason():
            self.say(reason)
            wrong = [field for field in self.query(Field) if field.has_class("-wrong")]
            if wrong:
                wrong[0].input.focus()
        elif self._order is None or self._plan is None:
            self._pressed = True
        elif self.is_current:
            self.add_class("-behind")
            self.app.push_screen(Confirm(self.world, self.asked(self._order, self._plan)), self._answered)

    def _answered(self, yes: bool | None) -> None:
        self.remove_class("-behind")
        self.call_after_refresh(self.action_yes)  # what is hidden keeps no focus
        if yes and self._order is not None:
            self._busy = True
            self.draw()
            beside(self, self._submit, self._order)

    async def _submit(self, order: Order) -> None:
        try:
            told = await self.world.verbs.run(orders.submitted(order))
        except AtlasodError as error:
            self._busy = False
            self.draw()
            self.fail(error)
            return
        job = str((told.document or {}).get("job", ""))
        self.world.started = job
        self.say(f"The job {job} is started: 3 shows it.", seconds=6)
        self.world.jobs.look_now()
        self.dismiss(job)

    def equivalent(self) -> Equivalent | None:
        """Return the command and Python that do what is filled in."""
        return None if self._order is None else self._order.equivalent

    def copied(self) -> Copied | None:
        """Return the command."""
        return None if self._order is None else Copied("command", command(self._order.equivalent.arguments))

    def why_not(self, action_id: str) -> str:
        """Say what cannot be done now."""
        if self._busy:
            return _BUSY
        if action_id == "form.equivalent" and self._order is None:
            return "There is no command yet: something is missing, or cannot be as it is."
        return ""

    def action_on(self) -> None:
        """Go to the next field; to the button from the last one, and from a list unless something is missing."""
        fields = [widget for widget in self.focus_chain if not isinstance(widget, Button)]
        is_list = isinstance(self.focused, ChoiceList)
        if self.focused is fields[-1] or (is_list and self._order is not None):
            self.action_yes()
        else:
            self.focus_next()

    def action_down(self) -> None:
        """Go a line down in a list, or to the next field."""
        if not (isinstance(self.focused, ChoiceList) and self.focused.move(1)):
            self.focus_next()

    def action_up(self) -> None:
        """Go a line up in a list, or to the field before."""
        if not (isinstance(self.focused, ChoiceList) and self.focused.move(-1)):
            self.focus_previous()

    def action_page_down(self) -> None:
        """Turn a page of the list, or else of the dialog."""
        self._turn(1)

    def action_page_up(self) -> None:
        """Turn a page back."""
        self._turn(-1)

    def _turn(self, pages: int) -> None:
        if isinstance(self.focused, ChoiceList):
            self.focused.turn(pages)
        else:
            box = self.query_one("#what")
            box.scroll_relative(y=pages * box.size.height, animate=False)

    def action_choose(self) -> None:
        """Choose the line under the cursor, or let it go."""
        if isinstance(self.focused, ChoiceList) and (sentence := self.focused.toggle()):
            self.say(sentence)

    def action_yes(self) -> None:
        """Go to the button, at once: the next key may have come with this one."""
        self.set_focus(self.query_one("#yes"))

    def typed(self, selector: str) -> str:
        """Return what is typed in a field."""
        return self.query_one(selector, Field).text.strip()


def disk_lines(folder: FolderField, needed: int | None) -> list[Remark]:
    """Return what is told of the disk of a folder."""
    if folder.disk is None:
        return [Remark("disk of the folder: not known yet")]
    if folder.disk.problem:
        return []  # which the field says
    text, enough = estimate.disk(folder.disk.free, needed)
    return [Remark(text, wrong=not enough)]

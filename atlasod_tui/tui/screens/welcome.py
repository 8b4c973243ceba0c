"""The first page of someone without a lake: what there is to choose from, each one key away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.widgets import OptionList, Static

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError, UsageError
from atlasod_tui.jobs.status import State
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.equivalent import Copied, Equivalent, command
from atlasod_tui.tui.jobs import words as job_words
from atlasod_tui.tui.jobs.reader import JobView
from atlasod_tui.tui.keys.names import key_of
from atlasod_tui.tui.lake import offers as lake_offers
from atlasod_tui.tui.lake.offers import OFFERS, SANDBOX
from atlasod_tui.tui.screens.welcome_picture import Picture
from atlasod_tui.tui.threads import Looking
from atlasod_tui.tui.widgets.offers import Offers
from atlasod_tui.tui.widgets.reading import Reading
from atlasod_tui.tui.widgets.too_small import TooSmall
from atlasod_tui.tui.widgets.typing_line import TypingLine
from atlasod_tui.tui.wishes import LakeChosen
from atlasod_tui.tui.world import Change, World

_TASK = "atlasod_tui.jobs.tasks.sandbox:run"
_BAR = 20
_SENTENCES_FROM = 22
"""Rows from which each offer has its sentences."""
_NOTHING = "Welcome! No Rucio is configured here yet."


class Welcome(Dialog[None]):
    """Offers the lakes there could be, and tells the app which was chosen.

    Args:
        world: What pages share.
        why: What is wrong with the lake there is; None: there is none.
    """

    CSS_PATH = "welcome.tcss"
    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.WELCOME)
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - Textual's
        (0, "-short"),
        (24, "-mid"),
        (30, "-tall"),
    ]

    def __init__(self, world: World, why: AtlasodError | None = None) -> None:
        super().__init__(world, "Welcome")
        known = _NOTHING if why is None else shown.escape(shown.sentence(why.message))
        self._question = f"{known} Where shall the data come from?"
        self._job = ""
        """Id of the job that installs the sandbox, once it was asked for here or is seen at work."""
        self._starting = False
        self._looking = Looking(lake_offers.checked_folder)

    def compose(self) -> ComposeResult:
        """Put the offers below a picture and a question."""
        glyphs = self.world.look.glyphs
        yield Static(
            Text.assemble((" atlasod-tui ", "bold"), f"{glyphs.dot} the Datalake with ATLAS Open Data"), id="top"
        )
        with VerticalScroll(id="page", can_focus=False):
            yield Picture(self.world)
            yield Static(self._question, id="question", markup=False)
            yield Offers(OFFERS, {offer.name: self._key(offer.name) for offer in OFFERS})
            with Horizontal(id="which"):
                yield Static("Folder:")
                yield TypingLine(placeholder="its path", id="folder")
            yield Static(id="told", markup=False)
        yield Static(self._keys(), id="keys", markup=False)

    def on_mount(self) -> None:
        """Put the keys on the first offer, and take up an installation that is at work."""
        self.query_one(Offers).highlighted = 0
        self.query_one(Offers).focus()
        self.world.changed.subscribe(self, self._world_changed)
        self._world_changed("jobs")

    def on_resize(self, event: Resize) -> None:
        """Say as much as there is room for."""
        TooSmall.cover(self, event.size)
        self.query_one(Offers).explain(sentences=event.size.height >= _SENTENCES_FROM)

    def equivalent(self) -> Equivalent | None:
        """Return what does the same as the offer under the cursor."""
        at = self.query_one(Offers).highlighted
        return None if at is None else OFFERS[at].same

    def copied(self) -> Copied | None:
        """Return the command that does the same."""
        same = self.equivalent()
        return None if same is None else Copied("command", command(same.arguments))

    # What the keys do.

    def why_not(self, action_id: str) -> str:
        """Say what cannot be done now."""
        if action_id == "welcome.cancel" and not self._job:
            return "Nothing is being installed."
        if action_id == "welcome.sandbox" and (self._job or self._starting):
            return "The sandbox is being installed already; x cancels that."
        return ""

    async def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """Take an offer."""
        await self.action_do(f"welcome.{message.option_id}")

    def action_sandbox(self) -> None:
        """Install it, in a job that goes on whatever becomes of this program."""
        self._starting = True
        self._tell("The sandbox is asked for ...")
        beside(self, self._start_sandbox)

    def action_portal(self) -> None:
        """Go to the portal."""
        self.post_message(LakeChosen("opendata"))

    def action_folder(self) -> None:
        """Ask which one."""
        self.add_class("-asking")
        self.query_one("#folder", TypingLine).focus()

    def action_rucio(self) -> None:
        """Show how."""
        self.app.push_screen(Guide(self.world))

    def action_again(self) -> None:
        """Look for a Rucio that was configured meanwhile."""
        beside(self, self._look_again, group="again")

    def action_cancel(self) -> None:
        """Cancel the installation."""
        beside(self, self._cancel, self._job)

    def action_quit(self) -> None:
        """Leave the program; a job goes on."""
        self.app.exit()

    def action_close(self) -> None:
        """Close the field of the folder; without it, look around without a lake."""
        if self.has_class("-asking"):
            self.remove_class("-asking")
            self._tell("")
            self.query_one(Offers).focus()
        else:
            self.dismiss(None)

    # What comes of it.

    def on_input_submitted(self) -> None:
        """See whether the folder will do."""
        beside(self, self._load_folder, self.query_one("#folder", TypingLine).meant, group="folder")

    async def _load_folder(self, text: str) -> None:
        try:
            folder = await self._looking.at(text)
        except UsageError as error:
            self._complain(error)
        else:
            self.post_message(LakeChosen(str(folder)))

    async def _start_sandbox(self) -> None:
        try:
            told = await self.world.verbs.run(["sandbox", "up", "--detach", "--json"])
            self._job = str(told.document["job"])
        except AtlasodError as error:
            self._complain(error)
        else:
            self._tell("The installation begins ...")
            self._world_changed("jobs")
        finally:
            self._starting = False

    async def _look_again(self) -> None:
        from atlasod_tui.lake import profiles  # noqa: PLC0415 - not at first

        try:
            self.post_message(LakeChosen(await asyncio.to_thread(profiles.default)))
        except AtlasodError as error:
            self._complain(error)

    async def _cancel(self, job: str) -> None:
        from atlasod_tui.jobs import control, folder  # noqa: PLC0415 - not at first

        try:
            await asyncio.to_thread(lambda: control.cancel(folder.find(job)))
        except AtlasodError as error:
            self._complain(error)

    def _world_changed(self, what: Change) -> None:
        if what == "look":
            self.query_one(Picture).refresh()
        if what != "jobs":
            return
        views = (view for view in self.world.jobs.jobs if view.task == _TASK)
        view = next((view for view in views if view.id == self._job or (not self._job and view.active)), None)
        if view is not None:
            self._job = view.id
            self._follow(view)

    def _follow(self, view: JobView) -> None:
        """Show how far the installation is; go to the sandbox once it is there."""
        state = view.status.state
        if state.active:
            self._tell(self._progress(view))
            return
        self._job = ""
        if state is State.DONE:
            self.post_message(LakeChosen(SANDBOX))
        elif state is State.CANCELLED:
            self._tell("The installation was cancelled; s takes it up again.")
        else:
            self._complain(AtlasodError(view.status.message or f"the installation is {state}", view.status.hint))

    def _progress(self, view: JobView) -> str:
        glyphs, status = self.world.look.glyphs, view.status
        share = job_words.share(status)
        head = f"{glyphs.state(status.state)} sandbox {job_words.word(status.state)}"
        facts = [part for part in (status.phase, job_words.amount(status)) if part]
        bar = "" if share is None else glyphs.filled(share, _BAR) + "  "
        return shown.escape(f"{head}   {bar}{f' {glyphs.dot} '.join(facts)}")

    # How it is shown.

    def _tell(self, sentence: str) -> None:
        told = self.query_one("#told", Static)
        told.remove_class("-wrong")
        told.update(sentence)

    def _complain(self, error: AtlasodError) -> None:
        told = self.query_one("#told", Static)
        told.add_class("-wrong")
        said = shown.escape(f"{shown.sentence(error.message)} {error.hint}")
        told.update(f"{self.world.look.glyphs.warning} {said}".rstrip())

    def _key(self, name: str) -> str:
        return key_of(actions.find(f"welcome.{name}"), self.world.keys)

    def _keys(self) -> str:
        glyphs = self.world.look.glyphs
        leave = "esc no lake" if self.world.lake is None else "esc stay"
        keys = (glyphs.keys("up down choose"), "enter go there", leave, "q quit", "R look again")
        return " " + "   ".join(keys)


class Guide(Dialog[None]):
    """How to tell this program of a Rucio."""

    BINDINGS: ClassVar[list[Any]] = [each for each in actions.bindings(Place.WELCOME) if each.id == "welcome.copy"]
    keys_line = "y copy   esc close"

    def __init__(self, world: World) -> None:
        super().__init__(world, "A Rucio of your own")

    def body(self) -> Iterable[Any]:
        """Show it."""
        yield Reading()

    def on_mount(self) -> None:
        """Let it be scrolled."""
        reading = self.query_one(Reading)
        reading.show(Text(lake_offers.how_to_configure()))
        reading.focus()

    def copied(self) -> Copied:
        """Return the text."""
        return Copied("text", lake_offers.how_to_configure())

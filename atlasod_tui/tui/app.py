"""The program: four pages over one world, and the keys that work on each of them."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.driver import Driver
from textual.screen import Screen
from textual.signal import Signal

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError, UsageError
from atlasod_tui.tui import actions, wishes
from atlasod_tui.tui.acting import Acting
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.command import Command, HasCommands
from atlasod_tui.tui.dress import Dressed
from atlasod_tui.tui.ending import Ending
from atlasod_tui.tui.equivalent import Copied, Equivalent
from atlasod_tui.tui.failing import Failing
from atlasod_tui.tui.in_turn import InTurn
from atlasod_tui.tui.lake.link import Asker, LakeLink, State
from atlasod_tui.tui.looks import terminal
from atlasod_tui.tui.looks.theme_files import ThemeFiles
from atlasod_tui.tui.ordering import Ordering
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.screens.lake import LakePage
from atlasod_tui.tui.thrift import saving
from atlasod_tui.tui.widgets.too_small import TooSmall
from atlasod_tui.tui.world import World

if TYPE_CHECKING:
    from atlasod_tui.tui.jobs.announce import Announcer
    from atlasod_tui.tui.jobs.watch import JobEnded

PAGES = {
    Place.ANALYSES: ("atlasod_tui.tui.screens.analyses", "AnalysesPage"),
    Place.JOBS: ("atlasod_tui.tui.screens.jobs", "JobsPage"),
    Place.PLOTS: ("atlasod_tui.tui.screens.plots", "PlotsPage"),
}
"""Module and class of the pages that are imported when they are first gone to."""
AGENTS = 3
"""Lakes whose agents go on: that in front and those left last."""
SANDBOX = "sandbox"
"""The lake that this program brings along."""
SAVE_EVERY = 5.0
"""Seconds between two looks at whether the session is to be saved."""


class AtlasodApp(Dressed, Failing, Ending, InTurn, Ordering, Acting):
    """The screen.

    Args:
        world: What pages share.
        lake: What ``--lake`` took; None: that of the settings, else of the last session, else the default one.
        themes: Those there are; None: that of ``world.look`` alone, until they are read.
    """

    TITLE = "atlasod-tui"
    CSS_PATH = ["app.tcss", "screens/lake.tcss"]  # noqa: RUF012 - the first screen loads none of its own
    BINDINGS: ClassVar[list[Any]] = [
        replace(one, priority=one.id == "app.suspend") for one in actions.bindings(Place.EVERYWHERE)
    ]
    ENABLE_COMMAND_PALETTE = False
    PAUSE_GC_ON_SCROLL = True

    def __init__(self, world: World, lake: str | None = None, themes: ThemeFiles | None = None) -> None:
        super().__init__()
        self.dress(world, themes)
        world.belongs_to(Signal(self, "changed"))
        self._wanted_lake = lake
        self._pages: dict[Place, Page] = {}
        self._links: dict[str, Asker] = {}
        self.at_exit: list[str] = []
        self._announcer: Announcer | None = None

    def get_driver_class(self) -> type[Driver]:
        """Return a driver that spares slow lines."""
        return saving(super().get_driver_class())

    def get_default_screen(self) -> Screen[Any]:
        """Begin with the lake: what is asked of it comes later."""
        page = self._page(Place.LAKE)
        page._push_result_callback(page, None)  # noqa: SLF001 - as if pushed: `switch_screen` takes one away
        return page

    async def on_mount(self) -> None:
        """Begin what goes on beside the pages, once they are painted."""
        self.mind_signals()
        self.set_keymap(self.world.keys)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        from atlasod_tui.tui.threads import DaemonThreads  # noqa: PLC0415 - not before the first paint

        asyncio.get_running_loop().set_default_executor(DaemonThreads())
        self.tell_notices()
        self._go_back()
        self.world.jobs.start(lambda: self.world.tell("jobs"), self.post_message)
        self.set_interval(SAVE_EVERY, self._save)
        if self.world.lake is None:
            beside(self, self._find_lake)

    def _go_back(self) -> None:
        """Go to the page that the last session ended on, unless a lake was asked for."""
        last = next((place for place in PAGES if place.name.lower() == self.world.memory.kept.place), None)
        if last is not None and self._wanted_lake is None:
            self.go(last)

    async def _find_lake(self) -> None:
        """Go to the lake that was named or set, else to that of the last session, else to the default one; or ask."""
        from atlasod_tui.lake import profiles  # noqa: PLC0415 - not before the first paint

        last = self.world.memory.kept.lake
        try:
            begin = await asyncio.to_thread(profiles.to_begin_with, self._wanted_lake, last)
        except UsageError as error:
            self.welcome(error)
        except AtlasodError:
            self.welcome()
        else:
            if begin.lost:
                self.say(shown.sentence(begin.lost))
            self.use_lake(begin.lake)
            if (away := await asyncio.to_thread(profiles.why_stopped, begin.lake)) is not None:
                self.welcome(away)

    def welcome(self, why: AtlasodError | None = None) -> None:
        """Offer the lakes there could be; ``why``, if it is not that none is configured."""
        from atlasod_tui.tui.screens.welcome import Welcome  # noqa: PLC0415 - seldom

        self.push_screen(Welcome(self.world, why))

    def use_lake(self, name: str) -> None:
        """Go to a lake; nothing of the former one is waited for."""
        link = self._links.get(name)
        if link is not None and link.standing.state is State.AWAY:  # what answers may know an address that is no more
            beside(self, link.close)
            link = None
        if link is None:
            link = LakeLink(name, read_only=self.world.read_only, changed=lambda: self.world.tell("lake"))
        self._links.pop(name, None)
        self._links[name] = link
        for left in list(self._links.values())[:-AGENTS]:  # if it is asked again, it starts another
            beside(self, left.close)
        self.world.lake = link
        self.world.memory.went_to(name)
        self.world.tell("lake")

    def go(self, place: Place) -> Page:
        """Show a page, and return it."""
        page = self._page(place)
        if self.screen is not page:
            while len(self.screen_stack) > 1:
                self.pop_screen()
            self.switch_screen(page)
            self.call_after_refresh(lambda: TooSmall.cover(self.screen, self.size))
            self.world.memory.kept.place = place.name.lower()
        return page

    def _page(self, place: Place) -> Page:
        if place not in self._pages:
            if place is Place.LAKE:
                page: Page = LakePage(self.world)
            else:
                module, name = PAGES[place]
                page = getattr(importlib.import_module(module), name)(self.world)
            self.install_screen(page, place.name.lower())
            page.recall(self.world.memory.kept.pages.get(place.name.lower(), {}))
            self._pages[place] = page
        return self._pages[place]

    @property
    def page(self) -> Page | None:
        """The page in front, or under the dialog in front."""
        return next((screen for screen in reversed(self.screen_stack) if isinstance(screen, Page)), None)

    def _gather(self) -> None:
        kept = self.world.memory.kept
        kept.picks = list(self.world.basket.picks)
        kept.pages = {**kept.pages, **{place.name.lower(): page.remembered() for place, page in self._pages.items()}}

    def _save(self) -> None:
        self._gather()
        self.world.memory.keep()

    async def on_unmount(self) -> None:
        """Save the session, and let the agents end."""
        self._gather()
        self.world.memory.finish()
        if self._announcer is not None:
            self._announcer.close()
        for link in self._links.values():
            with suppress(AtlasodError, OSError):
                await link.close()

    # What the keys do.

    def why_not(self, action_id: str) -> str:
        """Ask the page."""
        page = self.page
        if action_id == "app.equivalent" and self.equivalent() is None:
            return "There is no command for what is shown here."
        if action_id in {"app.copy", "app.copy_at_exit"} and self.copied() is None:
            return "There is nothing to copy here."
        if action_id == "app.elements" and self.world.lake is None:
            return "No lake is chosen yet: L chooses one."
        if action_id == "app.error":
            told = page.why_not(action_id) if page is not None else ""
            return "" if self.last_error is not None else told or "There has been no error."
        if action_id == "app.suspend":
            return terminal.no_way_back()
        return "" if page is None else page.why_not(action_id)

    def equivalent(self) -> Equivalent | None:
        """Ask the page."""
        return None if self.page is None else self.page.equivalent()

    def copied(self) -> Copied | None:
        """Ask the page."""
        return None if self.page is None else self.page.copied()

    def commands(self) -> Iterator[Command]:
        """Return the way to the sandbox, and what the lake's page offers, for the other pages."""
        sandbox = partial(self.post_message, wishes.LakeChosen(SANDBOX))
        yield Command("sandbox", sandbox, "Go to the sandbox, a lake to practise in; starts or installs it first")
        lake = self._page(Place.LAKE)
        if self.page is not lake and isinstance(lake, HasCommands):
            for command in lake.commands():
                yield replace(command, run=partial(self._do_on, Place.LAKE, command))

    def _do_on(self, place: Place, command: Command) -> object:
        self.go(place)
        return command.run()

    def action_lake(self) -> None:
        """Go to the lake."""
        self.go(Place.LAKE)

    def action_analyses(self) -> None:
        """Go to the analyses."""
        self.go(Place.ANALYSES)

    def action_jobs(self) -> None:
        """Go to the jobs."""
        self.go(Place.JOBS)

    def action_plots(self) -> None:
        """Go to the plots."""
        self.go(Place.PLOTS)

    async def action_back(self) -> None:
        """Go one step back on the page; beyond the first, nothing happens."""
        if isinstance(self.screen, Page) and self.screen.back():
            self.screen.show_crumbs()

    def action_commands(self) -> None:
        """Take a command."""
        from atlasod_tui.tui.dialogs.commands import Commands  # noqa: PLC0415 - seldom

        self.push_screen(Commands(self.world, self.screen))

    def action_copy_at_exit(self) -> None:
        """Have what is under the cursor printed once the screen is gone."""
        if (found := self.copied()) is not None:
            self.at_exit.append(found.text)
            self.say(f"The {found.what} will be printed when the program has ended.")

    def action_refresh(self) -> None:
        """Ask again for what the page shows."""
        if self.page is not None:
            self.page.refresh_page()

    def action_error(self) -> None:
        """Show the last error, whole."""
        if self.last_error is not None:
            self.open_error(self.last_error, whole=True)

    def action_glossary(self) -> None:
        """Look up a word."""
        from atlasod_tui.tui.dialogs.glossary import Glossary  # noqa: PLC0415 - seldom

        self.push_screen(Glossary(self.world))

    def action_theme(self) -> None:
        """Choose the colours."""
        from atlasod_tui.tui.dialogs.themes import Themes  # noqa: PLC0415 - seldom

        self.push_screen(Themes(self.world))

    def action_choose_lake(self) -> None:
        """Choose another lake."""
        from atlasod_tui.tui.dialogs.lakes import Lakes  # noqa: PLC0415 - seldom

        self.push_screen(Lakes(self.world))

    def action_elements(self) -> None:
        """List the storage elements of the lake in front."""
        from atlasod_tui.tui.dialogs.elements import Elements  # noqa: PLC0415 - seldom

        self.push_screen(Elements(self.world))

    def action_panel(self) -> None:
        """Go to the next panel."""
        self.screen.focus_next()

    def action_panel_before(self) -> None:
        """Go to the panel before."""
        self.screen.focus_previous()

    def action_suspend(self) -> None:
        """Stop this process as the terminal's key does; the shell goes on with it."""
        self.action_suspend_process()

    def action_quit(self) -> Any:
        """End the program; where jobs run, ask what is to become of them."""
        if not any(job.status.state.active for job in self.world.jobs.jobs):
            self.exit()
            return
        from atlasod_tui.tui.dialogs.leaving import Leaving  # noqa: PLC0415 - seldom

        self.push_screen(Leaving(self.world))

    def on_job_ended(self, ended: JobEnded) -> None:
        """Tell of it, unless it is on the screen."""
        if self._announcer is None:
            from atlasod_tui.tui.jobs.announce import Announcer  # noqa: PLC0415 - not at once

            self._announcer = Announcer(self)
        self._announcer.tell(ended, self.world.look)
        lake = self._page(Place.LAKE)
        if isinstance(lake, LakePage):
            lake.job_ended(ended.view)

    # What pages wish.

    def on_lake_chosen(self, wish: wishes.LakeChosen) -> None:
        """Go to a lake."""
        from atlasod_tui.lake import profiles  # noqa: PLC0415 - not before the first paint

        if wish.name == SANDBOX:
            beside(self, self._go_to_sandbox)
        else:
            self.use_lake(profiles.lasting(wish.name))
            self.go(Place.LAKE)

    async def _go_to_sandbox(self) -> None:
        """Go to the sandbox; where it does not run, offer to start it, or to install it."""
        from atlasod_tui.tui.lake import offers  # noqa: PLC0415 - seldom

        found = await asyncio.to_thread(offers.sandbox)
        if found.installed:
            self.use_lake(SANDBOX)
        self.go(Place.LAKE)
        if found.away is not None:
            self.welcome(found.away)

    def on_login_wanted(self, wish: wishes.LoginWanted) -> None:
        """Leave the screen for as long as the login takes."""
        from atlasod_tui.tui import elsewhere  # noqa: PLC0415 - seldom

        try:
            elsewhere.run(self, ["login", "--lake", wish.lake], f"Logging in to {wish.lake}; ctrl+c gives up.")
        except AtlasodError as error:
            self.tell_failure(error)
        if self.page is not None:
            self.page.refresh_page()

    def on_analyse_wanted(self, wish: wishes.AnalyseWanted) -> None:
        """Go to the analyses with these picks as their input."""
        page: Any = self.go(Place.ANALYSES)
        page.use_picks(wish.picks)

    def on_result_wanted(self, wish: wishes.ResultWanted) -> None:
        """Go to the plots of a result."""
        page: Any = self.go(Place.PLOTS)
        page.open(wish.path, wish.job_id)

    def on_analysis_wanted(self, wish: wishes.AnalysisWanted) -> None:
        """Go to an analysis."""
        page: Any = self.go(Place.ANALYSES)
        page.show_analysis(wish.name)

    def on_job_wanted(self, wish: wishes.JobWanted) -> None:
        """Go to a job, whatever was started last."""
        self.world.started = ""
        page: Any = self.go(Place.JOBS)
        page.show_job(wish.id)

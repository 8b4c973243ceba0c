"""The jobs: all there are, what each does or came to, and its log; what can be done to them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.containers import Container, Vertical

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs.status import State
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.cells import Part
from atlasod_tui.tui.equivalent import Copied, Equivalent
from atlasod_tui.tui.jobs import acts as job_acts
from atlasod_tui.tui.jobs import details as job_details
from atlasod_tui.tui.jobs import rules as job_rules
from atlasod_tui.tui.jobs import words as job_words
from atlasod_tui.tui.jobs.log_tail import MOST, LogTail
from atlasod_tui.tui.jobs.watch import JobView
from atlasod_tui.tui.page import TALL, WIDE
from atlasod_tui.tui.screens.job_doing import JobDoing
from atlasod_tui.tui.widgets.log_view import LogView
from atlasod_tui.tui.widgets.scrolled_lines import ScrolledLines
from atlasod_tui.tui.widgets.table import Cell, Column, VirtualTable
from atlasod_tui.tui.world import Change, World

if TYPE_CHECKING:
    from textual.events import Resize
    from textual.timer import Timer

_NUMBERS_EVERY = 0.5
"""Seconds between two times that numbers alone are drawn anew: each costs a line on the wire."""
_LOG_EVERY = 0.5
_END_OF_LOG = 16_000
"""Bytes of a log that are shown below the details."""
_EMPTY = "No jobs yet: analyse with 2, multiply what you picked with m on the lake's page (1)."
_READING = "Looking through the jobs..."
_STYLES = {"bad": "bad", "good": "good", "warn": "warning", "busy": "accent", "quiet": "muted"}


class JobsPage(JobDoing):
    """Jobs.

    Args:
        world: What pages share.
    """

    place = Place.JOBS
    CSS_PATH = "jobs.tcss"
    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.JOBS)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        columns: list[Column[str]] = [
            Column("state", self._state, width=12, sort=lambda id_: self._view(id_).status.state.value),
            Column("job", lambda id_: self._view(id_).title, sort=lambda id_: self._view(id_).title),
            Column("done", lambda id_: job_words.percent(self._view(id_).status), width=5, right=True),
            Column("speed", self._speed, width=11, right=True, from_width=70, wanted=self._works),
            Column("left", self._left, width=7, right=True, from_width=60, wanted=self._works),
            Column(
                *("made (UTC)", self._made, job_words.BRIEF),
                sort=lambda id_: self._view(id_).created,
                from_width=70,
            ),
        ]
        # Rows are ids: cells tell what is known of each now.
        self._list: VirtualTable[str] = VirtualTable(
            columns, text=lambda id_: self._view(id_).title, glyphs=world.look.glyphs, placeholder=_READING, id="list"
        )
        self._details, self._log = ScrolledLines(id="details"), LogView(id="log")
        self._log.border_title = "the end of the log (enter shows it whole)"
        self._views: dict[str, JobView] = {}
        self._facts: tuple[str, tuple[Any, ...], job_details.FolderFacts] | None = None
        self._loading: tuple[str, tuple[Any, ...]] | None = None
        self._told = self._sought = ""
        self._tail: LogTail | None = None
        self._log_of = ""
        self._reading_log = False
        self._drawn_at = 0.0
        self._draw_timer: Timer | None = None

    def body(self) -> Iterable[Any]:
        """Put list and details beside or above each other, and the log below the details or in place of both."""
        with Container(id="jobs"):
            yield self._list
            with Vertical(id="beside"):
                yield self._details
                yield self._log

    def on_mount(self) -> None:
        """Show the jobs, and begin to look at the log where one is shown."""
        self.set_interval(_LOG_EVERY, self._read_log)
        self._go_to_started()
        self._renew()
        self._list.focus()

    # What is shown

    def world_changed(self, what: Change) -> None:
        """Hear of jobs that came, went or went on."""
        if what == "jobs" and self.is_active:
            self._renew()
        elif what == "look":
            self._list.redraw()

    def on_screen_resume(self) -> None:
        """Catch up with what happened behind another page."""
        if self.is_mounted:
            self._go_to_started()
            self._renew()

    def on_screen_suspend(self) -> None:
        """Nothing is on the screen any more."""
        self.world.jobs.show("jobs", ())

    def refresh_page(self) -> None:
        """Look at once."""
        self.world.jobs.look_now()
        self._facts = self._loading = None
        if not self.log_shown:
            self._open_log(None, 0)
        self._tell()

    def _renew(self) -> None:
        jobs = self.world.jobs
        before, self._views = self._views, {view.id: view for view in jobs.jobs}
        if jobs.complete and self._list.placeholder != _EMPTY:
            self._list.placeholder = _EMPTY
        if list(before) != list(self._views):
            self._list.set_rows(self._views)
            if self._sought in self._views:
                self.seek(self._sought)
        # States at once, mere numbers now and then.
        wait = self._drawn_at + _NUMBERS_EVERY - monotonic()
        if wait <= 0 or any(view.status.state is not _state(before.get(id_)) for id_, view in self._views.items()):
            self._draw()
        elif self._draw_timer is None:
            self._draw_timer = self.set_timer(wait, self._draw)
        if self.is_current:
            jobs.show("jobs", self._views)

    def _draw(self) -> None:
        if self._draw_timer is not None:
            self._draw_timer.stop()
            self._draw_timer = None
        self._drawn_at = monotonic()
        self._list.lay_out()
        self._tell()

    @on(VirtualTable.Highlighted, "#list")
    def _highlighted(self) -> None:
        self._tell()
        self.show_crumbs()

    def on_resize(self, _: Resize) -> None:
        """Fold the details anew."""
        self.call_after_refresh(self._tell)

    def _tell(self) -> None:
        """Show the details of the job under the cursor; what its folder says comes when it was read."""
        view = self.chosen
        if not self.log_shown and (view.id if view is not None and self.log_beside else "") != self._log_of:
            self._open_log(view if self.log_beside else None, _END_OF_LOG)
        if view is None:
            self._details.show_all([], from_start=True)
            return
        width = max(20, self._details.size.width)
        lines = job_details.lines(view, self.known(view), width, self.world.look, self.world.now())
        self._details.show_all([[Part(text, style)] for text, style in lines], from_start=view.id != self._told)
        self._told = view.id
        wanted = (view.id, _stamp(view))
        if wanted != self._loading and (self._facts is None or self._facts[:2] != wanted):
            self._loading = wanted
            beside(self, self._load_facts, view, wanted, group="facts")

    def known(self, view: JobView) -> job_details.FolderFacts | None:
        """Return what the folder of a job says, if it was read."""
        return self._facts[2] if self._facts is not None and self._facts[0] == view.id else None

    async def _load_facts(self, view: JobView, wanted: tuple[str, tuple[Any, ...]]) -> None:
        facts = await asyncio.to_thread(job_details.load, view)
        self._facts = (*wanted, facts)
        if self.chosen is not None and self.chosen.id == view.id:
            self._tell()
            self.show_keys()

    def _go_to_started(self) -> None:
        """Put the cursor on what was just started, wherever it was before: the notice says that it is shown here."""
        started, self.world.started = self.world.started, ""
        if started:
            self.show_job(started)

    def show_job(self, id_: str) -> None:
        """Put the cursor on a job, and close the log of another."""
        if self.log_shown:
            self.action_list()
        self.seek(id_)

    def seek(self, id_: str) -> None:
        """Put the cursor on a job, now or when it is there."""
        self._sought = id_
        if id_ in self._views:
            self._sought = ""
            self._list.seek(id_)

    @property
    def chosen(self) -> JobView | None:
        """The job under the cursor, as it is now."""
        return self._views.get(self._list.cursor or "")

    @property
    def log_shown(self) -> bool:
        """Whether a log is shown in place of the list."""
        return self.has_class("-log")

    @property
    def log_beside(self) -> bool:
        """Whether there is room for the end of the log of the job under the cursor, below its details."""
        return self.size.width >= WIDE and self.size.height >= TALL

    def _view(self, id_: str) -> JobView:
        return self._views[id_]

    def _state(self, id_: str) -> Cell:
        state = self._view(id_).status.state
        sign = self.world.look.glyphs.state(state)
        return Cell(f"{sign} {job_words.word(state)}", _STYLES[job_words.role(state)])

    def _speed(self, id_: str) -> str:
        view = self._view(id_)
        return job_words.rate(view.status) if view.active else ""

    def _left(self, id_: str) -> str:
        return job_words.left(self._view(id_))

    def _works(self) -> bool:
        """Whether any job is at work: speed and time left are of these, and titles need the room."""
        return any(view.active for view in self._views.values())

    def _made(self, id_: str) -> Cell:
        return Cell(job_words.when(self._view(id_).created, self.world.now(), brief=True), "muted")

    # The log

    @on(VirtualTable.Opened, "#list")
    def action_log(self) -> None:
        """Show the log in place of the list."""
        if (view := self.chosen) is None:
            return
        self.add_class("-log")
        self._open_log(view, MOST)
        self._log.focus()
        self.show_crumbs()

    def _open_log(self, view: JobView | None, most: int) -> None:
        """Show another log from now on, of which so many bytes, or none."""
        self._tail, self._log_of = (None, "") if view is None else (LogTail(view.folder.log_file, most), view.id)
        self._log.show(())
        self._log.set_follow(True)
        self.show_keys()
        self._read_log()

    def _read_log(self) -> None:
        if self._tail is not None and not self._reading_log and self.is_current:
            self._reading_log = True
            beside(self, self._load_log, self._tail)

    async def _load_log(self, tail: LogTail) -> None:
        try:
            if await asyncio.to_thread(tail.read) and tail is self._tail:
                left_out = shown.size(tail.left_out, "B")
                self._log.show(tail.lines, f"({left_out} before this: w writes it all)" if tail.left_out else "")
        except AtlasodError as error:
            if self.log_shown:
                self.action_list()
                self.fail(error)
            elif tail is self._tail:
                self._log.show([error.message])
                self._tail = None  # not to say it again and again
        finally:
            self._reading_log = False
            if tail is not self._tail:  # the cursor went on meanwhile
                self._read_log()

    def action_list(self) -> None:
        """Go back to the list."""
        self.remove_class("-log")
        self._open_log(None, 0)
        self._list.focus()
        self._tell()
        self.show_crumbs()

    def back(self) -> bool:
        """Close the log."""
        if self.log_shown:
            self.action_list()
            return True
        return self._list.leave_range()

    def action_follow(self) -> None:
        """Stay at the end of the log, or stop to."""
        self._log.set_follow(not self._log.follow)
        self.say("The end of the log stays in view." if self._log.follow else "The log stays where it is.")

    async def action_export(self) -> None:
        """Write the log to a file."""
        if (view := self._views.get(self._log_of)) is not None:
            target = await self.done(job_acts.write_log, view)
            if target is not None:
                self.say(f"The log is in {target}.", seconds=8)

    # What others ask for

    def why_not(self, action_id: str) -> str:
        """Say what the job under the cursor is not fit for."""
        place, _, verb = action_id.partition(".")
        if action_id == "app.error":
            return job_words.why_nothing(self.chosen) if self.chosen is not None else ""
        if place != "jobs" or verb == "detach":
            return ""
        if verb in {"follow", "export", "list"}:
            there = self.log_shown if verb == "list" else self._log_of
            return "" if there else "No log is shown: enter shows it."
        if verb == "cancel_all":
            return "" if self.world.jobs.active else "No job is queued or running."
        view = self.chosen
        return job_rules.why_not(verb, view, None if view is None else self.known(view))

    def crumbs(self) -> list[str]:
        """Return the steps to what is shown."""
        view = self._views.get(self._log_of)
        return ["Jobs", *([view.title, "log"] if view is not None and self.log_shown else [])]

    def equivalent(self) -> Equivalent | None:
        """Return what does the same as the job under the cursor."""
        view = self.chosen
        return None if view is None else job_rules.same(view, self.known(view))

    def copied(self) -> Copied | None:
        """Return the result of the job under the cursor, or its id."""
        if (view := self.chosen) is None:
            return None
        return Copied("result", view.status.result) if view.status.result else Copied("id of the job", view.id)

    def remembered(self) -> dict[str, Any]:
        """Return where the cursor is."""
        return {"job": self._list.cursor or ""}

    def recall(self, kept: dict[str, Any]) -> None:
        """Go to the job of the last session."""
        if isinstance(kept.get("job"), str) and kept["job"]:
            self.seek(kept["job"])


def _state(view: JobView | None) -> State | None:
    return None if view is None else view.status.state


def _stamp(view: JobView) -> tuple[Any, ...]:
    """Return what tells that the folder may say more by now."""
    return (view.status.state, view.status.skipped, view.since)

"""The page of analyses: which there are, what they are about, where their samples are; and to run them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.widgets import Static

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.analyses import details as analysis_details
from atlasod_tui.tui.analyses import rows as analysis_rows
from atlasod_tui.tui.analyses.availability import Where, availability
from atlasod_tui.tui.analyses.rows import AnalysisRow, Runs, SamplesAndRuns
from atlasod_tui.tui.analyses.stock_watch import StockWatch
from atlasod_tui.tui.beside import beside
from atlasod_tui.tui.equivalent import Copied, Equivalent
from atlasod_tui.tui.page import Page
from atlasod_tui.tui.widgets.prose import Prose
from atlasod_tui.tui.widgets.table import Cell, VirtualTable
from atlasod_tui.tui.wishes import ResultWanted

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.timer import Timer

    from atlasod_tui.tui.analyses.inputs import Input
    from atlasod_tui.tui.basket import Pick
    from atlasod_tui.tui.dialogs.analyse import AnalyseDialog
    from atlasod_tui.tui.world import Change, World

_SOON = 0.08
"""Seconds that the cursor rests on an analysis before it is told of beside the list."""
_READING = "The analyses are being read."


class AnalysesPage(Page):
    """Analyses.

    Args:
        world: What pages share.
    """

    place = Place.ANALYSES
    CSS_PATH = "analyses.tcss"
    list_keys: ClassVar[Mapping[str, int]] = {"table.pick": 5}
    list_words: ClassVar[Mapping[str, str]] = {"table.pick": "select"}
    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.ANALYSES)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.input = StockWatch(
            world, partial(beside, self, group="stock"), self._judge, lambda: self.is_mounted and self.is_current
        )
        self._selected: dict[str, None] = {}
        self._facts = SamplesAndRuns(world)
        self._details_timer: Timer | None = None
        self._told_of: tuple[Any, ...] = ()
        self._sought = self._stood = ""
        self._said: dict[str, Text] = {}
        self._table: VirtualTable[AnalysisRow] = VirtualTable(
            analysis_rows.columns(self._facts),
            text=lambda row: f"{row.name} {getattr(row.item, 'title', '')}",
            identity=lambda row: row.name,
            marks=self._mark,
            glyphs=world.look.glyphs,
            placeholder=_READING,
            id="table",
        )
        self._words, self._samples = Prose(id="words"), Prose(id="samples")

    def body(self) -> Iterable[Any]:
        """Put the list beside what is told of one of them; where there is no room, one or the other is shown."""
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield Static("", id="input")
                yield Static("", id="trouble")
                yield self._table
                yield Static("", id="about")
                yield self._samples
            yield self._words

    def on_mount(self) -> None:
        """Read the analyses, and look where their samples are."""
        self._table.focus()
        self._tell_runs()
        self.input.lake_changed()
        self._draw_input()
        self.call_after_refresh(self._load)

    def on_screen_resume(self) -> None:
        """Look again where what counts has changed meanwhile."""
        self._tell_runs()
        if self.input.stale:
            self.input.look()

    def on_resize(self, _: Resize) -> None:
        """Tell more, or less, where there is another size."""
        self.call_after_refresh(self._tell)

    # What is read

    def _load(self) -> None:
        beside(self, self._load_rows, group="rows")

    async def _load_rows(self) -> None:
        rows = await asyncio.to_thread(analysis_rows.read)
        self._table.placeholder = "There is no analysis: the files of the twelve are missing from this installation."
        self._table.set_rows(rows)
        if self._sought:
            self._table.seek(self._sought)
        names = {row.name for row in rows}
        self._selected = {name: None for name in self._selected if name in names}
        self._judge()
        self._tell_runs()

    def _judge(self) -> None:
        """See where the samples of each analysis are now."""
        known = [(row.name, row.analysis) for row in self._table.rows]
        self._facts.there = {name: availability(one, self.input.stock) for name, one in known if one is not None}
        self._go_where_samples_are()
        self._table.redraw()
        self._draw_input()
        self._tell()

    def _go_where_samples_are(self) -> None:
        """Leave an analysis of which a new input has nothing for the first of which it has, unless the user left it."""
        row, there = self._table.cursor, self._facts.there
        if not self.input.new:
            return
        if row is None or self.input.stock.otherwise is Where.UNKNOWN:
            self._stood = "" if row is None else row.name
            return
        self.input.new = False
        if self._stood in {"", row.name} and row.name in there and there[row.name].hopeless:
            fit = (one.name for one in self._table.chosen if one.name in there and not there[one.name].hopeless)
            self._table.seek(next(fit, row.name))

    def world_changed(self, what: Change) -> None:
        """Hear of jobs, picks, another lake, another look."""
        if what == "jobs":
            self._tell_runs()
            self.input.jobs_changed()
        elif what == "basket":
            self.input.follow()
        elif what == "lake":
            self.input.lake_changed()
        elif what == "look":
            self._table.redraw()
            self._tell()

    def _tell_runs(self) -> None:
        if not self.is_current:
            return
        found = analysis_rows.runs(self.world.jobs.jobs, [row.name for row in self._table.rows])
        if found != self._facts.runs:
            self._facts.runs = found
            self._table.redraw()
            self._draw_about()

    # The input

    def use_picks(self, picks: Sequence[Pick]) -> None:
        """Take picks as the input, as the page of the lake wishes."""
        try:
            self.input.take_picks(picks)
        except AtlasodError as error:
            self.fail(error)

    def action_input(self) -> None:
        """Choose where the samples come from."""
        from atlasod_tui.tui.dialogs.analyse_input import AnalyseInput  # noqa: PLC0415 - seldom

        def chosen(source: Input | None) -> None:
            if source is not None:
                self.input.take(source)

        self.app.push_screen(AnalyseInput(self.world, self.input.source, self.input.former), chosen)

    def _draw_input(self) -> None:
        """Show the input, how many are selected, and what is wrong with the input."""
        self._say("#input", analysis_rows.input_line(self.input.source, len(self._selected), self.world.look.glyphs))
        self.query_one("#trouble").display = bool(self.input.trouble)
        self._say("#trouble", Text(f"{self.world.look.glyphs.warning} {shown.escape(self.input.trouble)}"))

    def _say(self, selector: str, text: Text) -> None:
        """Show a text, unless it is what is shown already."""
        if self._said.get(selector) != text:
            self._said[selector] = text
            self.query_one(selector, Static).update(text)

    # What is told of one

    def on_virtual_table_highlighted(self) -> None:
        """Tell of another one, soon."""
        self._draw_about()
        self.show_crumbs()
        if self._details_timer is not None:
            self._details_timer.stop()
        self._details_timer = self.set_timer(_SOON, self._tell)

    def _tell(self) -> None:
        """Tell of the analysis under the cursor, where that is to be seen."""
        row = self._table.cursor
        self._draw_about()
        if row is None or not (self.has_class("-wide") or self.has_class("-reading")):
            return
        apart = self.has_class("-wide") and self.has_class("-tall")
        there = self._facts.there.get(row.name)
        told_of = (row, there, apart, self.input.trouble, self.input.source, self.world.look)
        if told_of == self._told_of:
            return
        same = bool(self._told_of) and self._told_of[0].name == row.name
        self._told_of = told_of
        samples: list[RenderableType] = []
        if there is not None:
            source, glyphs = self.input.source.sentence(), self.world.look.glyphs
            samples = analysis_details.samples(there, source, self.input.trouble, glyphs)
        self._samples.show(samples if apart else [], keep_place=same)
        self._words.show(analysis_details.whole(row.item, row.text, [] if apart else samples), keep_place=same)

    def _draw_about(self) -> None:
        row = self._table.cursor
        line = "" if row is None else analysis_rows.about(self._facts, row, self.input.stock.skims)
        self._say("#about", Text(line))

    # What is done

    @property
    def chosen(self) -> list[AnalysisRow]:
        """What is selected, or under the cursor where nothing is."""
        rows = [row for row in self._table.rows if row.name in self._selected]
        cursor = self._table.cursor
        return rows or ([cursor] if cursor is not None else [])

    def why_not(self, action_id: str) -> str:
        """Say what cannot be done with the analysis under the cursor."""
        cursor = self._table.cursor
        if cursor is None and action_id != "analyses.input":
            return _READING if action_id.startswith("analyses.") else ""
        return analysis_rows.refused(action_id, cursor, self.chosen, self._facts, selected=bool(self._selected))

    def on_virtual_table_opened(self) -> None:
        """Run it."""
        beside(self, self.action_do, "analyses.launch")

    def on_virtual_table_toggled(self, event: VirtualTable.Toggled) -> None:
        """Select what is not selected, and the other way round."""
        for row in event.rows:
            if self._selected.pop(row.name, self) is self:
                self._selected[row.name] = None
        self._table.redraw()
        self._draw_input()
        self.show_keys()

    def _mark(self, row: AnalysisRow) -> Cell:
        return Cell(self.world.look.glyphs.picked if row.name in self._selected else " ", "accent")

    def action_clear(self) -> None:
        """Select nothing."""
        self._selected.clear()
        self._table.redraw()
        self._draw_input()

    def action_launch(self) -> None:
        """Ask how to run what is selected."""
        beside(self, self._load_dialog, self.chosen, group="dialog")

    async def _load_dialog(self, rows: list[AnalysisRow]) -> None:
        from atlasod_tui.tui.screens.analyses_starting import dialog  # noqa: PLC0415 - seldom

        made = await dialog(rows, self._facts, self.input.source)
        if self.is_current:
            self.app.push_screen(made, lambda job: self._launched(job, made))

    def _launched(self, job: str | None, dialog: AnalyseDialog) -> None:
        """Go to the plots, where the new job fills them."""
        if job is None:
            return
        self.action_clear()
        if dialog.ordered is not None:
            self.post_message(ResultWanted(Path(dialog.ordered.output), job))

    async def action_result(self) -> None:
        """Go to the plots of the last result, or of the one that is being made."""
        row = self._table.cursor
        view = self._facts.runs.get(row.name, Runs()).latest if row is not None else None
        if view is None:
            return
        try:
            output = view.status.result or await asyncio.to_thread(lambda: view.spec().arguments.get("output", ""))
        except AtlasodError as error:
            self.fail(error)
        else:
            self.post_message(ResultWanted(Path(output), view.id))

    def action_source(self) -> None:
        """Show the file of the analysis."""
        from atlasod_tui.tui.dialogs.source_file import SourceFile  # noqa: PLC0415 - seldom

        if (row := self._table.cursor) is not None:
            self.app.push_screen(SourceFile(self.world, row.item.path))

    # Where one is

    def action_read(self) -> None:
        """Read what the analysis is about."""
        if not self.has_class("-wide"):
            self.add_class("-reading")
        self._tell()
        self.call_after_refresh(self._words.focus)
        self.show_crumbs()

    def action_list(self) -> None:
        """Go back to the list."""
        self.back()
        self.show_crumbs()

    def back(self) -> bool:
        """Go back to the list, or select nothing."""
        if self.has_class("-reading") or self.focused is not self._table:
            self.remove_class("-reading")
            self.call_after_refresh(self._table.focus)
            return True
        if self._selected:
            self.action_clear()
            return True
        return False

    def refresh_page(self) -> None:
        """Read analyses and input anew."""
        self._told_of = ()
        self._sought = ""
        self._load()
        self.input.look(anew=True)

    def crumbs(self) -> list[str]:
        """Return the page, and the analysis that is read."""
        row = self._table.cursor
        return ["Analyses", row.name] if self.has_class("-reading") and row is not None else ["Analyses"]

    def equivalent(self) -> Equivalent | None:
        """Return what runs the chosen analyses; while one is read, what shows it."""
        from atlasod_tui.tui.analyses.order import Analyse, asked_for, default_output, showing  # noqa: PLC0415 - seldom

        rows = [row for row in self.chosen if row.analysis is not None]
        cursor = self._table.cursor
        if self.has_class("-reading") and cursor is not None and cursor.analysis is not None:
            return showing(cursor.name)
        if not rows:
            return None
        from atlasod_tui.tui.widgets.folder import here  # noqa: PLC0415

        names = asked_for([row.name for row in rows], self._facts.there)
        return Analyse(names, self.input.source, default_output(names, here())).equivalent

    def copied(self) -> Copied | None:
        """Return the path of the file of the analysis."""
        row = self._table.cursor
        return None if row is None else Copied("path", str(row.item.path))

    def remembered(self) -> dict[str, Any]:
        """Return where the user is."""
        cursor = self._table.cursor
        return {
            "cursor": cursor.name if cursor is not None else self._sought,
            "selected": list(self._selected),
            **self.input.remembered(),
        }

    def recall(self, kept: dict[str, Any]) -> None:
        """Go back to where the last session was."""
        cursor, selected = kept.get("cursor"), kept.get("selected")
        self._sought = cursor if isinstance(cursor, str) else ""
        if isinstance(selected, list):
            self._selected = {name: None for name in selected if isinstance(name, str)}
        self.input.recall(kept)

    def show_analysis(self, name: str) -> None:
        """Put the cursor on an analysis, ready to be run."""
        self._sought, self.input.new = name, False
        self._selected.clear()
        self.remove_class("-reading")
        if self._table.total:
            self._table.seek(name)
        if self.is_mounted:
            self._table.focus()
            self._draw_input()

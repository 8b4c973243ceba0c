"""The page of plots: results and histograms, the plot, which fills while its job runs, and the words beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from rich.segment import Segment
from textual.containers import Horizontal, Vertical

from atlasod_tui.tui import actions
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.cells import wrapped
from atlasod_tui.tui.equivalent import Copied, Equivalent
from atlasod_tui.tui.jobs.words import when, why_nothing, word
from atlasod_tui.tui.keys.names import key_of
from atlasod_tui.tui.page import NARROW, WIDE
from atlasod_tui.tui.plots.sources import ResultRow, Source, renewed, rows
from atlasod_tui.tui.plots.view import Made, View
from atlasod_tui.tui.screens.plots_keys import PlotsKeys
from atlasod_tui.tui.widgets.plot_canvas import PlotCanvas
from atlasod_tui.tui.widgets.table import Cell, Column, VirtualTable
from atlasod_tui.tui.widgets.words_panel import WordsPanel

if TYPE_CHECKING:
    from textual.events import Resize

    from atlasod_tui.tui.world import Change, World

_EMPTY = "No results: run an analysis with 2 (try HZZ, half a minute)."
_LOOKING = "Looking for results..."
_NO_PLOT = "A plot is drawn here. It fills while its job runs."
_PADDING = 2
_USUAL = (80, 20)
"""Columns and lines of a plot that is not on the screen."""
_HINTED = ("left", "right", "zoom_in", "zoom_out", "next")
_KEPT = ("folder", "job", "analysis", "histogram")

Panel = Literal["list", "plot", "words"]


class PlotsPage(PlotsKeys):
    """Plots.

    Args:
        world: What pages share.
    """

    place = Place.PLOTS
    CSS_PATH = "plots.tcss"
    list_keys: ClassVar[Mapping[str, int]] = {"table.open": 1}
    BINDINGS: ClassVar[list[Any]] = actions.bindings(Place.PLOTS)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._sources: list[Source] = []
        self._names: dict[tuple[str, str], tuple[str, ...]] = {}
        """The histograms of results that were opened."""
        self._opened: tuple[str, str] | None = None
        self._sought: dict[str, str] = {}
        self._go_to_plot = False
        self._panel: Panel = "list"
        self._beside, self._large = True, False
        columns: list[Column[ResultRow]] = [Column("results", self._cell)]
        glyphs = world.look.glyphs
        self._list: VirtualTable[ResultRow] = VirtualTable(
            columns, identity=lambda row: row.key, glyphs=glyphs, placeholder=_LOOKING, id="results"
        )
        self._canvas, self._words = PlotCanvas(id="canvas"), WordsPanel(id="words")
        self._readout = PlotCanvas(id="readout")
        self._picture = Vertical(self._canvas, self._readout, id="picture")

    def body(self) -> Iterable[Any]:
        """Put the list, the plot and the words side by side."""
        with Horizontal(id="plots"):
            yield self._list
            yield self._picture
            yield self._words

    def on_mount(self) -> None:
        """Begin."""
        self._arrange()

    # Results

    def open(self, path: Path, job_id: str | None = None) -> None:
        """Show the plots of a result; they fill while the job that makes it runs."""
        self._sought, self._go_to_plot = {"folder": str(path), "job": job_id or ""}, True
        if not job_id:
            self.folder_opened(path)
            return
        if all(source.job_id != job_id for source in self._sources):
            self._source = self._made = self._opened = None
            just_made = all(view.id != job_id for view in self.world.jobs.jobs)
            self._blank("The job is about to begin." if just_made else _LOOKING)
            self.go("plot")
        self.find()

    def found(self, sources: list[Source]) -> None:
        """Show these results, and go on with the one that is shown as it is now."""
        self._sources, before = sources, self._source
        self._say_if_empty()
        if before is not None:
            self._source = renewed(sources, before)
            if self._source is None:
                self._made = None
                self._blank()
            elif self._source != before:
                self.want()
        self._fill()
        wanted = next((source for source in sources if self._is_sought(source)), None)
        if wanted is not None:
            histogram, self._sought = self._sought.get("histogram", ""), {}
            self._show(wanted, histogram)
            if self._go_to_plot:
                self._go_to_plot = False
                self.go("plot")
        elif sentence := self._why_nothing:
            self._blank(sentence)
        elif self._source is None and sources and not self._narrow and not self._go_to_plot:
            self._show(sources[0])
        elif not sources and not self._go_to_plot:
            self._blank(_NO_PLOT)
        self.tell_watch()
        self.show_crumbs()

    @property
    def _why_nothing(self) -> str:
        """Why the job whose plots were asked for has none, as a sentence; empty as long as they may come."""
        job = self._sought.get("job") if self._go_to_plot else None
        view = next((view for view in self.world.jobs.jobs if job and view.id == job), None)
        if view is None or view.active:
            return ""
        return why_nothing(view) or f"What {view.title} made is no longer in {self._sought['folder']}."

    def _say_if_empty(self) -> None:
        """Say that there are no results, once all jobs are known."""
        if self.world.jobs.complete and not self._find_again and self._list.placeholder != _EMPTY:
            self._list.placeholder = _EMPTY

    def world_changed(self, what: Change) -> None:
        """Hear of jobs, until the first of which nobody knows whether there are results, and of other colours."""
        super().world_changed(what)
        if what == "jobs" and not self.busy:
            self._say_if_empty()

    def _is_sought(self, source: Source) -> bool:
        if not self._sought:
            return False
        job, analysis = self._sought["job"], self._sought.get("analysis", "")
        mine = source.job_id == job if job else source.folder == self._sought["folder"]
        return mine and analysis in {"", source.analysis}

    def _fill(self) -> None:
        names = self._names.get(self._opened, ()) if self._opened else ()
        self._list.set_rows(rows(self._sources, self._opened, names))

    def _cell(self, row: ResultRow) -> str | Cell:
        if row.histogram:
            return f"  {row.histogram}"
        glyphs, source = self.world.look.glyphs, row.source
        sign = glyphs.dot if source.state is None else glyphs.state(source.state.value)
        head = f"{sign} {source.name}"
        if source.state is None:
            return f"{head} {Path(source.folder).name}"
        if not source.finished:
            return Cell(f"{head} {word(source.state)}", "accent")
        return f"{head} {when(source.when, self.world.now())}"

    # The plot

    def _show(self, source: Source, histogram: str = "") -> None:
        """Show a histogram of a result; without a name its main one."""
        another = self._source is None or source.key != self._source.key
        if not another and histogram in {"", self._histogram}:
            return
        self._view = View(panel=self._view.panel) if another else self._view.of_another()
        self._source, self._histogram, self._opened, self._made = source, histogram, source.key, None
        self._fill()
        self._list.seek((source.key, histogram))
        self.want()
        self.tell_watch()
        self.show_crumbs()

    def present(self, made: Made) -> None:
        """Show a plot, its words and what is in the bin under the cursor."""
        first = self._made is None or (self._made.plot is None) != (made.plot is None)
        self._made = made
        if made.plot is not None:
            self._view = replace(self._view, bins=made.bins)
            self._histogram = made.histogram
            key = made.wanted.source.key
            if self._names.get(key) != made.names:
                self._names[key] = made.names
                self._fill()
            if first:
                self._list.seek((key, made.histogram))
        self._canvas.show(made.lines)
        self._words.show_all(made.words if made.plot is not None else made.lines, from_start=first)
        self._readout.show([[Segment(made.readout or self._hint)]] if made.plot is not None else [])
        if first:
            self.show_crumbs()

    def _blank(self, sentence: str = "") -> None:
        columns, _ = self.room()[0] if self.is_attached else _USUAL
        lines = wrapped(sentence, columns - 2, self.world.look.glyphs.more)
        self._canvas.show([[], *([Segment(f" {line}")] for line in lines)])
        self._words.show_all([], from_start=True)
        self._readout.show([])

    @property
    def _hint(self) -> str:
        """What stands where the bin under the cursor is read out, as long as there is no cursor."""
        sign = self.world.look.glyphs.keys
        keys = {name: sign(key_of(actions.find(f"plots.{name}"), self.world.keys)) for name in _HINTED}
        return "{left} {right} read out a bin   {zoom_in} {zoom_out} zoom   {next} next histogram".format_map(keys)

    def room(self) -> tuple[tuple[int, int], int]:
        """Return the sizes of plot and words: where one is hidden, about what it would have."""
        size, words = self._canvas.size, self._words.size.width
        return (size.width, size.height) if size else _USUAL, words or self.size.width - _PADDING

    def step(self, by: int) -> None:
        """Show the histogram so many further down the list."""
        names = self._names.get(self._source.key, ()) if self._source is not None else ()
        if self._source is not None and self._histogram in names:
            self._show(self._source, names[(names.index(self._histogram) + by) % len(names)])

    def on_virtual_table_highlighted(self, message: VirtualTable.Highlighted) -> None:
        """Draw what the cursor is on, where the plot is beside the list."""
        row = self._list.cursor  # by now another result may have come to the front
        waits = self._go_to_plot  # for a job that is about to begin: a late message is of what was there before
        if (
            message.table is self._list
            and isinstance(row, ResultRow)
            and row.histogram
            and not self._narrow
            and not waits
        ):
            self._show(row.source, row.histogram)

    def on_virtual_table_opened(self, message: VirtualTable.Opened) -> None:
        """Show what was opened; a result that is open is closed where the plot is beside the list."""
        row = message.row
        if message.table is not self._list or not isinstance(row, ResultRow):
            return
        if self._why_nothing:  # and another one is to be shown
            self._go_to_plot, self._sought = False, {}
        if not row.histogram and self._opened == row.source.key and not self._narrow:
            self._opened = None
            self._fill()
            return
        if self._opened != row.source.key:
            self._opened = row.source.key
            self._fill()
        self._show(row.source, row.histogram)
        self.go("plot")

    def on_plot_canvas_resized(self, message: PlotCanvas.Resized) -> None:
        """Draw in the new size."""
        if message.canvas is not self._readout:
            self.want()

    # Panels

    @property
    def _narrow(self) -> bool:
        return self.size.width < NARROW

    @property
    def _wide(self) -> bool:
        return self.size.width >= WIDE

    def go(self, panel: Panel) -> None:
        """Go to a panel."""
        self._panel = panel
        if self.is_attached:
            self._arrange()

    def _arrange(self) -> None:
        """Show the panels there is room for: on a narrow screen one at a time."""
        panel, large = self._panel, self._large
        words = not large and (self._beside if self._wide else panel == "words")
        self._list.display = not large and (not self._narrow or panel == "list")
        self._picture.display = large or self._wide or not (words or (self._narrow and panel == "list"))
        self._words.display = words
        if self.is_mounted and (self.focused is None or not self.focused.display):
            self.set_focus(self._list if self._list.display else self._words if words else None)

    def on_resize(self, _: Resize) -> None:
        """Show the panels there is room for now."""
        self._arrange()

    def action_yields(self) -> None:
        """Show or hide the numbers of events and the words; a plot that has the whole page gives it back."""
        shown, self._large = self._words.display, False
        if self._wide:
            self._beside = not shown
        else:
            self._panel = "plot" if shown else "words"
        self._arrange()

    def action_larger(self) -> None:
        """Give the plot the whole page."""
        self._large = True
        self._arrange()

    def action_normal(self) -> None:
        """Show the list again."""
        self._large = False
        self._arrange()

    def back(self) -> bool:
        """Go from large to normal, from words to plot, from two results to one, from some bins to all, to the list."""
        view = self._view
        if self._large:
            self._large = False
        elif self._panel == "words" and not self._wide:
            self._panel = "plot"
        elif view.other is not None:
            self.change(replace(view, other=None))
        elif view.cursor is not None or view.window is not None:
            self.change(replace(view, cursor=None, window=None))
        elif self._panel != "list" and self._narrow:
            self._panel = "list"
        else:
            return False
        self._arrange()
        return True

    # What the app asks

    def crumbs(self) -> list[str]:
        """Return the analysis and the histogram."""
        if self._source is None:
            return [self.place.value]
        names = (self._source.name or Path(self._source.folder).name, self._histogram)
        return [self.place.value, *filter(None, names)]

    def equivalent(self) -> Equivalent | None:
        """Return the command that draws the plot, and Python that does."""
        source, made = self._source, self._made
        if source is None or made is None or made.plot is None:
            return None
        if not source.finished:
            return Equivalent("Watch this job", ("jobs", "attach", source.job_id), made.script)
        words = ("plot", "--analysis", source.name, "--histogram", made.histogram, "--")
        other = made.wanted.view.other
        if other is None or not other.finished:
            return Equivalent("Draw this plot", (*words, source.folder), made.script)
        then, note = ((*words, other.folder),), "each plot by itself; the Python has both in one"
        return Equivalent("Compare two results", (*words, source.folder), made.script, then=then, note=note)

    def copied(self) -> Copied | None:
        """Return the numbers of events where they are what is read, else the folder of the result."""
        if self._made is not None and self._made.plot is not None and (self._words.has_focus or self._panel == "words"):
            return Copied("the numbers of events", self._made.table)
        return Copied("the folder of the result", self._source.folder) if self._source is not None else None

    def remembered(self) -> dict[str, Any]:
        """Return what is shown."""
        source = self._source
        if source is None:
            return {}
        return dict(zip(_KEPT, (source.folder, source.job_id, source.analysis, self._histogram), strict=True))

    def recall(self, kept: dict[str, Any]) -> None:
        """Go back to what was shown, if it is still there."""
        if all(isinstance(kept.get(name), str) for name in _KEPT):
            self._sought = {name: kept[name] for name in _KEPT}
            if not kept["job"]:
                self.folder_opened(Path(kept["folder"]))

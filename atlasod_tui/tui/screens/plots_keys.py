"""What the keys of the page of plots do to what is shown."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import Any

from atlasod_tui.tui.plots.sources import Source, same_analysis
from atlasod_tui.tui.plots.view import View
from atlasod_tui.tui.screens.plots_making import PlotsMaking
from atlasod_tui.tui.wishes import UploadWanted

_OF_A_PLOT = {"log", "yields", "compare", "export", "ratio", "next", "previous"} | {
    *("right", "left", "zoom_in", "zoom_out", "all_bins")
}


class PlotsKeys(PlotsMaking):
    """The part of the page that keys are the business of; its panels are those of the page itself."""

    _sources: list[Source]

    @property
    @abstractmethod
    def _why_nothing(self) -> str:
        """Why the job whose plots were asked for has none, as a sentence; empty as long as they may come."""

    @abstractmethod
    def step(self, by: int) -> None:
        """Show the histogram so many further down the list."""

    @abstractmethod
    def go(self, panel: Any) -> None:
        """Go to a panel."""

    def change(self, view: View) -> None:
        """Look at the plot in another way."""
        if view != self._view:
            self._view = view
            self.want()

    def action_log(self) -> None:
        """Change between a logarithmic and a linear y axis."""
        if self._made is not None and self._made.plot is not None:
            self.change(replace(self._view, log=not self._made.plot.log))

    def action_ratio(self) -> None:
        """Show or hide the panel below the plot."""
        self.change(replace(self._view, panel=not self._view.panel))

    def action_left(self) -> None:
        """Read out the bin to the left."""
        self.change(self._view.moved(-1))

    def action_right(self) -> None:
        """Read out the bin to the right."""
        self.change(self._view.moved(1))

    def action_zoom_in(self) -> None:
        """Show half of the bins, around the one that is read out."""
        self.change(self._view.zoomed(further=True))

    def action_zoom_out(self) -> None:
        """Show twice as many bins."""
        self.change(self._view.zoomed(further=False))

    def action_all_bins(self) -> None:
        """Show all bins."""
        self.change(replace(self._view, window=None))

    def action_next(self) -> None:
        """Show the next histogram."""
        self.step(1)

    def action_previous(self) -> None:
        """Show the histogram before."""
        self.step(-1)

    def action_compare(self) -> None:
        """Choose a result to compare with; then change from predictions to data, and back to one result."""
        view = self._view
        if view.other is not None and view.what == "prediction":
            self.change(replace(view, what="data"))
        elif view.other is not None:
            self.change(replace(view, other=None, what="prediction"))
        elif self._source is not None:
            from atlasod_tui.tui.dialogs.choose_result import ChooseResult  # noqa: PLC0415 - seldom

            others = same_analysis(self._sources, self._source)
            self.app.push_screen(ChooseResult(self.world, self._source, others), self._compare)

    def _compare(self, other: Source | None) -> None:
        if other is not None:
            self.go("plot")
            self.change(replace(self._view, other=other, what="prediction"))

    def action_export(self) -> None:
        """Ask where to write pictures."""
        if self._source is not None and self._made is not None:
            from atlasod_tui.tui.dialogs.export_plots import ExportPlots  # noqa: PLC0415 - seldom

            self.app.push_screen(ExportPlots(self.world, self._source, self._made.histogram))

    def action_upload(self) -> None:
        """Upload the result."""
        if self._source is not None:
            self.post_message(UploadWanted(Path(self._source.folder)))

    def why_not(self, action_id: str) -> str:
        """Return why a key does nothing now."""
        if not action_id.startswith("plots."):
            return self._why_nothing if action_id == "app.error" else ""
        source = self._source
        if source is None:
            return "There is no result yet: run an analysis with 2."
        verb = action_id.removeprefix("plots.")
        if verb in {"export", "upload"} and not source.finished:
            return "The result is not complete: wait until the job is done."
        made = self._made  # which is None for a moment, while a plot is made
        if (verb == "export" and made is None) or (verb in _OF_A_PLOT and made is not None and made.plot is None):
            return "There is no plot yet." if source.running else "There is no plot."
        if verb == "compare" and self._view.other is None and not same_analysis(self._sources, source):
            return f"There is no other result of {source.name} to compare with."
        return ""

"""The dialog that writes pictures of plots into a folder, as a job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlasod_tui import shown
from atlasod_tui.tui.dialogs.confirm import Asked
from atlasod_tui.tui.dialogs.form import Form, Remark
from atlasod_tui.tui.equivalent import Equivalent
from atlasod_tui.tui.orders import estimate
from atlasod_tui.tui.widgets.choice_list import Choice, ChoiceList
from atlasod_tui.tui.widgets.folder import FolderField

if TYPE_CHECKING:
    from atlasod_tui.tui.orders.orders import Order
    from atlasod_tui.tui.plots.sources import Source
    from atlasod_tui.tui.world import World

_FORMATS = (
    Choice("png", "PNG", "for slides and web pages"),
    Choice("pdf", "PDF", "for papers and print"),
    Choice("svg", "SVG", "to be edited"),
)
_ALL = "every"


@dataclass(frozen=True)
class Export:
    """Pictures of the plots of a result.

    Attributes:
        result: Folder of the result.
        analysis: Of which the plots are.
        histogram: Name of the one; empty for all.
        to: Folder of the pictures, absolute.
        formats: Of them.
    """

    result: str
    analysis: str
    histogram: str
    to: str
    formats: tuple[str, ...]
    verb: str = field(default="plot", init=False)

    @property
    def words(self) -> tuple[str, ...]:
        """What follows the verb."""
        one = ("--histogram", self.histogram) if self.histogram else ()
        where = ("--to", self.to, "--format", ",".join(self.formats))
        return ("--analysis", self.analysis, *one, *where, "--", self.result)

    @property
    def equivalent(self) -> Equivalent:
        """The command and Python that do it."""
        names = f"[{self.histogram!r}]" if self.histogram else "plotted(result.analysis)"
        choosing = "find" if self.histogram else "find, plotted"
        python = f"""from pathlib import Path

from atlasod_tui.jobs import control, launch
from atlasod_tui.jobs.tasks.render_spec import plan
from atlasod_tui.plots.results import {choosing}

folder = Path({self.result!r})
(result,) = find(folder, [{self.analysis!r}])
plots = {{result.analysis.framework_name: {names}}}
spec = plan(folder, Path({self.to!r}), plots, formats={list(self.formats)!r})
job = launch.begin('render', spec, 'plot')
print(job.id)
ended = control.wait(job)  # to interrupt this does not end the job
print(ended.state, ended.message or ended.result)
"""
        return Equivalent("Write pictures", (self.verb, "--detach", *self.words), python)


class ExportPlots(Form):
    """Asks where pictures go; the answer is the id of the job.

    Args:
        world: What pages share.
        source: The result.
        histogram: What is shown of it.
    """

    yes = "Write ..."

    def __init__(self, world: World, source: Source, histogram: str) -> None:
        super().__init__(world, f"Pictures of {source.name}")
        self._source, self._histogram = source, histogram
        self._formats = ChoiceList(world.look, id="formats")
        self._which = ChoiceList(world.look, id="which")

    def fields(self) -> Iterable[Any]:
        """Compose folder, formats and which plots."""
        yield FolderField("to the folder", Path(self._source.folder) / "plots", id="to")
        yield self._formats
        yield self._which

    def on_mount(self) -> None:
        """Offer PNG and PDF of the plot that is shown; the folder is seldom another: ``y`` is not to be typed there."""
        self._formats.show(_FORMATS)
        self._formats.choose(["png", "pdf"])
        self._formats.focus()
        self._which.show([Choice(_ALL, "all plots of the analysis", f"not only {self._histogram}")])

    def order(self) -> Order | None:
        """Return what is filled in."""
        formats = self._formats.chosen
        if not formats:
            return None
        one = "" if self._which.chosen else self._histogram
        return Export(self._source.folder, self._source.name, one, self.query_one("#to", FolderField).path, formats)

    def missing(self) -> str:
        """Say that a format is."""
        return "Choose a format with space."

    def told(self) -> list[Remark]:
        """Return what the order comes to."""
        if self.plan is None:
            return []
        files = estimate.count(len(self.plan["plan"]), "file")
        return [Remark(f"writes {files}, about {shown.size(self.plan['bytes'], 'B')}")]

    def asked(self, order: Any, plan: dict[str, Any]) -> Asked:
        """Return what is to be confirmed."""
        size = f"about {shown.size(plan['bytes'], 'B')}"
        sentence = f"{estimate.count(len(plan['plan']), 'file')}, {size}, written into {shown.path(order.to)}."
        rows = tuple(("", str(name)) for name in plan["plan"])
        return Asked(f"{self._heading}?", "Write", (sentence,), rows, order.equivalent)

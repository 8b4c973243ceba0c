"""Makes plots for the screen, in a thread: reads results or what running jobs tell, builds, cuts, compares, draws."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.segment import Segment

from atlasod_tui import shown
from atlasod_tui.errors import AtlasodError
from atlasod_tui.jobs.folder import JobFolder
from atlasod_tui.plots import live
from atlasod_tui.plots.build import build
from atlasod_tui.plots.canvas import draw
from atlasod_tui.plots.compare import can_compare, compare
from atlasod_tui.plots.results import contents, find, plotted
from atlasod_tui.plots.view import of_bins, on_scale, without_panel
from atlasod_tui.tui.plots import code as plot_code
from atlasod_tui.tui.plots.apart import luminosity, short
from atlasod_tui.tui.plots.view import Made, Wanted
from atlasod_tui.tui.plots.words import Speaker, beside, readout, table
from atlasod_tui.unforeseen import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlasod_tui.engine.author import Analysis
    from atlasod_tui.plots.model import Plot
    from atlasod_tui.plots.results import AnalysisResult
    from atlasod_tui.rootfile.histogram import Histogram1D
    from atlasod_tui.tui.plots.sources import Source

    Contents = dict[str, Histogram1D]

_KEPT = 40
"""Results, and histograms of all samples, that are kept: the way back to one is quick."""
_NARROWEST = 20


@dataclass(frozen=True, eq=False)
class _Built:
    """A plot, and what it was built of; of a running job there is no result on disk."""

    plot: Plot
    analysis: Analysis
    histogram: str
    result: AnalysisResult | None = None
    contents: Contents | None = None


class PlotMaker:
    """Makes plots, one at a time; what it has read it takes to be as it was: to read anew, make another maker."""

    def __init__(self) -> None:
        self._results: dict[tuple[str, str], AnalysisResult] = {}
        self._contents: dict[tuple[str, str, str], Contents] = {}
        self._seen: tuple[Wanted, int] | None = None

    def make(self, wanted: Wanted) -> Made | None:
        """Return a plot, drawn, with its words, or the sentence why there is none; None if it would be the same.

        To look at a running job tells it to go on publishing.
        """
        source, moment = wanted.source, 0
        if not source.finished:
            moment = _watch(source)
            if self._seen == (wanted, moment):
                return None
        try:
            made = self._made(wanted)
        except AtlasodError as error:
            made = Made(wanted, wanted.histogram, lines=_sentences(error, wanted), error=error)
        except Exception as error:  # noqa: BLE001 - whatever is in a result, the program goes on
            odd = told(error, "the page of plots")
            made = Made(wanted, wanted.histogram, lines=_sentences(odd, wanted), error=odd)
        self._seen = (wanted, moment)
        return made

    def _made(self, wanted: Wanted) -> Made:
        view = wanted.view
        built = self._built(wanted.source, wanted.histogram)
        whole = built.plot
        if view.other is not None:
            whole = self._compared(wanted, built)
        plot = whole if view.log is None else on_scale(whole, log=view.log)
        plot = plot if view.panel else without_panel(plot)
        bins = len(plot.edges) - 1
        cursor = view.cursor
        if view.window is not None:
            plot = of_bins(plot, view.window)
            cursor = None if cursor is None else cursor - view.window.first
        said = Speaker(max(wanted.words, _NARROWEST), ascii_only=wanted.ascii_only)
        at_bin = cursor is not None and 0 <= cursor < len(plot.edges) - 1
        return Made(
            wanted,
            built.histogram,
            tuple(plotted(built.analysis)),
            plot,
            bins,
            draw(plot, *wanted.size, wanted.palette, cursor),
            beside(plot, built.analysis, said),
            readout(plot, cursor, said) if at_bin and cursor is not None else "",
            table(plot),
            self._script(wanted, built),
        )

    def _built(self, source: Source, histogram: str) -> _Built:
        if not source.finished:
            moment = live.read(JobFolder(Path(source.job)).live_file, source.analysis)
            analysis = moment.result.analysis
            name = _known(analysis, histogram)
            return _Built(moment.plot(name, "live" if source.running else str(source.state)), analysis, name)
        result = self._result(source)
        name = _known(result.analysis, histogram)
        found = self._content(source, result, name)
        return _Built(build(result, name, found), result.analysis, name, result, found)

    def _result(self, source: Source) -> AnalysisResult:
        key = source.folder, source.analysis
        if key not in self._results:
            results = find(Path(source.folder), [source.analysis] if source.analysis else ())
            _keep(self._results, key, results[0])
        return self._results[key]

    def _content(self, source: Source, result: AnalysisResult, name: str) -> Contents:
        key = source.folder, source.analysis, name
        found = self._contents.pop(key, None) or contents(result, [name])[name]
        _keep(self._contents, key, found)
        return found

    def _compared(self, wanted: Wanted, built: _Built) -> Plot:
        view = wanted.view
        if view.other is None:
            return built.plot
        other = self._built(view.other, built.histogram).plot
        ways = can_compare(built.plot, other)
        what = view.what if view.what in ways or not ways else ways[0]
        return compare(built.plot, other, what, _called(wanted.source, built.plot, view.other, other))

    def _script(self, wanted: Wanted, built: _Built) -> str:
        other = wanted.view.other
        if other is not None:
            return plot_code.of_both(wanted.source, other, built.histogram, wanted.view.what)
        if built.result is None or built.contents is None:
            return plot_code.of_job(wanted.source, built.histogram)
        return plot_code.of_result(built.result, built.plot, built.contents, wanted.palette.name)


def _keep(kept: dict[Any, Any], key: object, found: object) -> None:
    kept[key] = found
    while len(kept) > _KEPT:
        kept.pop(next(iter(kept)))


def _called(one: Source, plot: Plot, other: Source, another: Plot) -> tuple[str, str]:
    """Return what two results are called, in what they differ by: there is one line for both."""
    names = short([one.folder, other.folder])
    about = [(luminosity(one_of.luminosity_pb), one_of.variant) for one_of in (plot, another)]
    apart = [
        ", ".join(mine for mine, others in zip(*pair, strict=True) if mine != others) for pair in (about, about[::-1])
    ]
    first, second = (
        (name if source.finished else f"the job {source.job_id}, so far") + (f" ({words})" if words else "")
        for source, name, words in zip((one, other), names, apart, strict=True)
    )
    return first, second


def _known(analysis: Analysis, histogram: str) -> str:
    """Return the name of a histogram of an analysis: the one wanted, or the main one."""
    names = plotted(analysis, "*")
    return histogram if histogram in names else names[0]


def _watch(source: Source) -> int:
    """Tell a running job that someone looks, and return when it last published something."""
    folder = JobFolder(Path(source.job))
    try:
        if source.running:
            folder.touch_watch()
        return folder.live_file.stat().st_mtime_ns
    except OSError:
        return 0


def _sentences(error: AtlasodError, wanted: Wanted) -> list[list[Segment]]:
    """Return an error in lines, in the place of a plot."""
    said = Speaker(max(wanted.size[0] - 2, _NARROWEST), ascii_only=wanted.ascii_only)
    hint = _indented(said, error.hint) if error.hint else ()
    return [[], *_indented(said, shown.sentence(error.message)), [], *hint]


def _indented(said: Speaker, text: str) -> Iterator[list[Segment]]:
    for line in said.lines(text):
        yield [Segment(" "), *line]

"""Python that does what the page of plots shows; it runs as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from atlasod_tui.errors import UsageError
from atlasod_tui.plots.script import literal, script

if TYPE_CHECKING:
    from atlasod_tui.plots.model import Plot
    from atlasod_tui.plots.results import AnalysisResult
    from atlasod_tui.rootfile.histogram import Histogram1D
    from atlasod_tui.tui.plots.sources import Source

_SAY = """for row in plot.yields:
    print(row.name, row.value, row.error)
"""


def of_result(result: AnalysisResult, plot: Plot, contents: Mapping[str, Histogram1D], palette: str) -> str:
    """Return a script that draws a plot with mplhep; empty if there is nothing to draw."""
    try:
        return script(result, plot, contents, palette)
    except UsageError:
        return ""


def of_job(source: Source, histogram: str) -> str:
    """Return lines that read the plot of a running job as it is now."""
    return f"""from atlasod_tui.jobs import folder
from atlasod_tui.plots import live

job = folder.find({literal(source.job_id)})
job.touch_watch()  # or it would publish nothing from ten seconds after the last look
plot = live.read(job.live_file, {literal(source.analysis)}).plot({literal(histogram)})
{_SAY}"""


def of_both(one: Source, other: Source, histogram: str, what: str) -> str:
    """Return lines that compare two results, and draw both."""
    first = "plot.prediction" if what == "prediction" else "plot.data.values"
    return f"""from pathlib import Path

from matplotlib import pyplot
from atlasod_tui.plots.build import build
from atlasod_tui.plots.compare import compare
from atlasod_tui.plots.results import contents, find


def plot_of(folder):
    (result,) = find(Path(folder), [{literal(one.analysis)}])
    return build(result, {literal(histogram)}, contents(result, [{literal(histogram)}])[{literal(histogram)}])


plot = compare(plot_of({literal(one.folder)}), plot_of({literal(other.folder)}), {literal(what)})
{_SAY}
pyplot.stairs({first}, plot.edges, label='A: ' + {literal(one.folder)})
pyplot.stairs(plot.overlays[0].values, plot.edges, label='B: ' + {literal(other.folder)})
pyplot.xlabel(plot.histogram)
pyplot.legend()
pyplot.savefig('compared.png')
"""

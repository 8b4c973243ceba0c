"""The words beside a plot: numbers of events, what the analysis is about, what to look for, what is odd."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from atlasod_tui.plots import labels
from atlasod_tui.plots.canvas.raster import fit, width_of
from atlasod_tui.plots.canvas.words import wrapped
from atlasod_tui.plots.model import Yield
from atlasod_tui.plots.yields import rounded, two_digits

if TYPE_CHECKING:
    from atlasod_tui.engine.author import Analysis
    from atlasod_tui.plots.model import Plot, Points

Line = list[Segment]

_BOLD, _DIM, _PLAIN = Style(bold=True), Style(dim=True), Style.null()
_LONGEST = 1200
"""Characters of a sentence from outside that are shown."""


class Speaker:
    """How texts are written: in so many columns, in ASCII or not."""

    def __init__(self, width: int, *, ascii_only: bool) -> None:
        self.width, self._ascii = width, ascii_only

    @property
    def more(self) -> str:
        """The sign that a text goes on."""
        return "..." if self._ascii else "…"

    @property
    def plus_minus(self) -> str:
        """The sign of an error."""
        return "+-" if self._ascii else "±"

    def label(self, tlatex: str) -> str:
        """Return a label in TLatex as text; control characters escaped."""
        return (labels.ascii_ if self._ascii else labels.plain)(tlatex[:_LONGEST])

    def sentence(self, text: str) -> str:
        """Return a sentence; control characters escaped."""
        text = labels.clean(text[:_LONGEST])
        return labels.speak_ascii(text) if self._ascii else text

    def lines(self, text: str, style: Style = _PLAIN, *, hanging: bool = True) -> Iterator[Line]:
        """Yield a sentence in lines, the second and later ones indented if it hangs."""
        for line in wrapped(self.sentence(text), self.width):
            yield [Segment(fit(line if hanging else line.lstrip(), self.width, self.more), style)]


def beside(plot: Plot, analysis: Analysis, said: Speaker) -> list[Line]:
    """Return what stands beside a plot, in lines of at most the speaker's width."""
    found: list[Line] = [[Segment(fit(said.label(analysis.title), said.width, said.more), _BOLD)]]
    for banner in plot.banners:
        found += said.lines(f"! {banner}", _BOLD)
    found += [[], *_yields(plot, said)]
    if analysis.look_for:
        found += _section("What to look for", analysis.look_for, said)
    if analysis.description:
        found += _section("What this is", analysis.description, said)
    found += [[], [Segment("About this plot", _BOLD)]]
    size = f"{plot.luminosity_pb:.6g} /pb" if math.isfinite(plot.luminosity_pb) else "not known"
    variant = f"; variant {plot.variant}" if plot.variant else ""
    found += said.lines(f"luminosity {size}: {plot.luminosity_of}{variant}")
    for note in plot.notes:
        found += said.lines(note)
    for quirk in plot.quirks:
        found += said.lines(f"† {quirk}")
    return found


def _section(heading: str, text: str, said: Speaker) -> Iterator[Line]:
    yield []
    yield [Segment(heading, _BOLD)]
    for paragraph in re.split(r"\n\s*\n", text):
        yield from said.lines(" ".join(paragraph.split()), hanging=False)


def _yields(plot: Plot, said: Speaker) -> Iterator[Line]:
    """Yield the table: labels flush left, numbers and errors flush right."""
    rows = [(said.label(row.label), *rounded(row), row.kind) for row in plot.yields]
    numbers = max((len(number) for _, number, _, _ in rows), default=0)
    errors = max((len(error) for _, _, error, _ in rows), default=0)
    room = max(said.width - numbers - errors - 2 - len(said.plus_minus) - 1, 4)
    yield [Segment(fit("Events in all bins", said.width, said.more), _BOLD)]
    for label, number, error, kind in rows:
        shown = fit(label, room, said.more)
        padded = shown + " " * (room - width_of(shown))
        style = _BOLD if kind in {"data", "sum", "ratio"} else _PLAIN
        rest = f" {said.plus_minus} {error:>{errors}}" if error else ""
        yield [Segment(f"{padded} {number:>{numbers}}", style), Segment(rest, _DIM)]


def table(plot: Plot) -> str:
    """Return the yields as text with tabs, to be pasted into a table."""
    rows = [(labels.plain(row.label), *rounded(row)) for row in plot.yields]
    return "\n".join("\t".join(row) for row in [("events in all bins", plot.histogram, "stat. error"), *rows])


def readout(plot: Plot, at: int, said: Speaker) -> str:
    """Return what is in a bin of a plot: its edges, data, prediction and their ratio."""
    found = [f"{said.label(plot.xtitle) or 'bin'}: {plot.edges[at]:.4g} to {plot.edges[at + 1]:.4g}"]
    if plot.data is not None:
        found.append(f"data {_with_bars(plot.data, at, said)}")
    if plot.prediction is not None and plot.uncertainty is not None:
        value, error = rounded(Yield("", "", "sum", float(plot.prediction[at]), float(plot.uncertainty[at])))
        found.append(f"prediction {value} {said.plus_minus} {error}" if error else f"prediction {value}")
    if plot.panel is not None and math.isfinite(ratio := float(plot.panel.points.values[at])):
        found.append(f"{plot.panel.kind} {ratio:.3g}")
    return "  ".join(found)


def _with_bars(points: Points, at: int, said: Speaker) -> str:
    value, below, above = (float(array[at]) for array in (points.values, points.below, points.above))
    if not math.isfinite(value):
        return "-"
    up, down = two_digits(above), two_digits(below)
    bars = f"{said.plus_minus} {up}" if abs(above - below) < 0.05 * above else f"+{up} -{down}"
    return f"{value:.6g} {bars}"

"""A short script that redraws a plot from the files of its result, with libraries everybody has."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from atlasod_tui.errors import UsageError
from atlasod_tui.plots import labels
from atlasod_tui.plots.inputs import DATA, keeps_overflow
from atlasod_tui.plots.palette import palette
from atlasod_tui.plots.results import data_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atlasod_tui.engine.author import Analysis
    from atlasod_tui.plots.model import Fit, Layer, Overlay, Panel, Plot
    from atlasod_tui.plots.results import AnalysisResult
    from atlasod_tui.rootfile.histogram import Histogram1D

_WIDTH = 120
_OTHER = re.compile(r"[^\w.+-]", re.ASCII)
_MATHEMATICS = re.compile(r"[_^{}$\\]")

# What is the same in every script that has it:
_IMPORTS = """\
from pathlib import Path

import matplotlib.pyplot as plt
import mplhep
import numpy as np
import uproot
"""
_EXPECTED = '''
def expected(group):
    """Return the expected events of a group per bin, and their variances."""
    total = 0
    for sample, (xsec, sum_of_weights) in GROUPS[group].items():
        values, variances, _ = read(sample)
        scale = LUMINOSITY * xsec / sum_of_weights
        total = total + np.array([values * scale, variances * scale**2])
    return total
'''
_BARS = """\
# Error bars of n events, down and up: 68 % intervals, approximated by N. Gehrels, ApJ 303 (1986) 336.
n, m = np.maximum(data, 1), np.maximum(data, 0) + 1
down = data - data * (1 - 1 / (9 * n) - 1 / (3 * np.sqrt(n))) ** 3
up = m * (1 - 1 / (9 * m) + 1 / (3 * np.sqrt(m))) ** 3 - data
bars = np.array([down, up])"""


@dataclass(frozen=True)
class _Parts:
    """What the lines of a script depend on.

    Attributes:
        stack: The groups that have samples, from the bottom.
        lines: Those drawn over it.
        data: Names of the files of the data.
        copies: How often each event is in the files of a sample; nothing if that is once in all of them.
        counted: Whether the data are numbers of events, without weights.
    """

    result: AnalysisResult
    plot: Plot
    palette: str
    stack: tuple[Layer, ...]
    lines: tuple[Overlay, ...]
    data: tuple[str, ...]
    copies: Mapping[str, int]
    counted: bool

    @property
    def groups(self) -> tuple[Layer, ...]:
        """All groups that have samples."""
        return (*self.stack, *self.lines)

    def called(self, group: Layer) -> str:
        """Return a literal of what a group is called in the table of yields; of two with one name, its own."""
        label = labels.plain(group.label)
        alone = sum(labels.plain(one.label) == label for one in self.groups) == 1
        return literal(label if alone and label else group.group)


def script(result: AnalysisResult, plot: Plot, contents: Mapping[str, Histogram1D], colours: str = "light") -> str:
    """Return the text of a Python script that draws a plot again and prints the events of each group.

    It needs uproot, hist, mplhep and what they bring, reads the ROOT files of the result where they are now, and
    writes a PNG file into the current folder. Its data errors approximate those of the plot within a percent or so.

    Args:
        result: Where the plot comes from.
        plot: What was built of it.
        contents: Sample name to histogram, as the plot was built from.
        colours: Name of a palette of `plots.palette`.

    Raises:
        UsageError: If there is nothing to draw, neither data nor simulation with a known cross-section.
    """
    missing = set(plot.missing)
    lines = tuple(one for one in plot.overlays if not missing.issuperset(_members(result.analysis, one.group)))
    stack = tuple(one for one in plot.layers if not missing.issuperset(_members(result.analysis, one.group)))
    data = () if plot.data is None else tuple(path.stem for path in data_files(result.folder))
    copies = {name: result.samples[name].factor or 1 for name in result.samples if name != DATA}
    copies |= dict.fromkeys(data, (result.samples[DATA].factor or 1) if data else 1)
    parts = _Parts(
        result,
        plot,
        colours,
        stack=stack,
        lines=lines,
        data=data,
        copies=copies if set(copies.values()) != {1} else {},
        counted=plot.data is not None and contents[DATA].sumw2 is None,
    )
    if not (parts.groups or parts.data):
        raise UsageError(f"{plot.histogram!r} of {plot.analysis} has neither data nor simulation to draw")
    sections = [
        _heading(parts),
        _constants(parts),
        _reading(parts),
        _numbers(parts),
        _drawing(parts),
    ]
    return "\n".join(chain.from_iterable(sections)) + "\n"


def _members(analysis: Analysis, group: str) -> tuple[str, ...]:
    return (*analysis.groups.get(group, ()), *analysis.overlays.get(group, ()))


def _heading(parts: _Parts) -> Iterator[str]:
    plot = parts.plot
    yield f"# {_comment(plot.histogram)} of {_comment(plot.analysis)}: ATLAS Open Data, for education."
    yield "# It needs `pip install uproot hist mplhep`."
    yield from (f"# Note: {_comment(text)}" for text in (*plot.banners, *plot.notes))
    yield _IMPORTS


def _constants(parts: _Parts) -> Iterator[str]:
    plot = parts.plot
    yield f"FOLDER = Path({literal(str(parts.result.folder))})"
    yield f"HISTOGRAM = {literal(plot.histogram)}"
    if parts.copies:
        yield "# How often each event is in the files of a sample:"
        copies = [f"{literal(name)}: {number}" for name, number in parts.copies.items()]
        yield from _packed("COPIES = {", copies, "}")
    if parts.groups:
        yield f"LUMINOSITY = {_number(plot.luminosity_pb)}  # 1/pb; {_comment(plot.luminosity_of)}"
        yield "# Simulated samples by group, from the bottom of the stack: cross-section [pb], sum of weights."
        yield "GROUPS = {"
        for layer in parts.groups:
            yield from _packed(f"    {parts.called(layer)}: {{", list(_samples(parts, layer.group)), "},")
        yield "}"
        colours = palette(parts.palette)
        styles = [
            f"{parts.called(one)}: ({_text(_label(one.label))}, {literal(colours.colour(one.hue))})"
            for one in parts.groups
        ]
        yield from _packed("STYLES = {", styles, "}")
    if parts.lines:
        times = (f"{parts.called(one)}: {_number(one.factor)}" for one in parts.lines)
        yield f"LINES = {{{', '.join(times)}}}  # groups drawn over the stack, multiplied with so much"
    yield ""


def _samples(parts: _Parts, group: str) -> Iterator[str]:
    """Yield the samples of a group that are in the plot; a factor set by hand stands before the cross-section."""
    analysis = parts.result.analysis
    by_hand = analysis.factor(group, parts.plot.histogram)
    for name in dict.fromkeys(_members(analysis, group)):
        sample = parts.result.samples.get(name)
        if name in parts.plot.missing or sample is None or sample.xsec_pb is None or not sample.sum_of_weights:
            continue
        factor = "" if sample.synthetic or by_hand == 1 else f"{_number(by_hand)} * "
        yield f"{literal(name)}: ({factor}{sample.xsec_pb:.8g}, {sample.sum_of_weights:.8g})"


def _reading(parts: _Parts) -> Iterator[str]:
    over = " / COPIES[sample]" if parts.copies else ""
    yield ""
    yield "def read(sample):"
    yield '    """Return the contents of the bins, their variances, and the edges."""'
    yield '    with open(FOLDER / f"{sample}.root", "rb") as file:'
    yield "        histogram = uproot.open(file)[HISTOGRAM].to_hist()"
    yield f"    values = histogram.values(flow=True){over}"
    yield f"    variances = histogram.variances(flow=True){over}"
    if not keeps_overflow(parts.plot.histogram):
        yield "    values[-2] += values[-1]  # what is beyond the last bin is drawn in it"
    yield "    return values[1:-1], variances[1:-1], histogram.axes[0].edges"
    yield ""
    if parts.groups:
        yield _EXPECTED


def _numbers(parts: _Parts) -> Iterator[str]:
    plot = parts.plot
    yield ""
    if parts.groups:
        yield "groups = {group: expected(group) for group in GROUPS}"
        yield "for group, (values, variances) in groups.items():"
        yield '    print(f"{group}: {values.sum():.7g} +- {variances.sum() ** 0.5:.5g}")'
    if parts.stack:
        yield "stack = [group for group in GROUPS if group not in LINES]" if parts.lines else "stack = list(GROUPS)"
        yield "prediction, variances = np.sum([groups[group] for group in stack], axis=0)"
        yield "error = np.sqrt(variances)"
        whole = next(row.label for row in plot.yields if row.name == "S+B")
        yield f'print(f"{whole}: {{prediction.sum():.7g}} +- {{variances.sum() ** 0.5:.5g}}")'
    if not parts.data:
        yield "edges = read(next(sample for group in GROUPS.values() for sample in group))[2]"
    elif parts.data == (DATA,):
        yield f"data, variances, edges = read({literal(DATA)})"
    else:
        yield f"periods = [read(period) for period in ({', '.join(map(literal, parts.data))},)]"
        yield "data, variances = np.sum([period[:2] for period in periods], axis=0)"
        yield "edges = periods[0][2]"
    if parts.data:
        yield 'print(f"data: {data.sum():.7g}")'
        yield _BARS if parts.counted else "bars = np.sqrt(variances)"
    if plot.fit is not None:
        yield from _fit(plot.fit)
    yield ""


def _fit(fit: Fit) -> Iterator[str]:
    height, mean, width = map(_number, fit.parameters[4:])
    yield "# A peak of known height, mean and width (GeV) on a free cubic, fitted to the bins that have data:"
    yield "x = (edges[1:] + edges[:-1]) / 2"
    yield f"peak = {height} * np.exp(-0.5 * ((x - {mean}) / {width}) ** 2)"
    yield "some = data > 0"
    yield "weights = 1 / np.sqrt(data[some])"
    yield "background = np.polynomial.Polynomial.fit(x[some], (data - peak)[some], 3, w=weights)"
    yield "chi2 = np.sum(((data - peak - background(x))[some] * weights) ** 2)"
    yield 'print(f"fit: {peak.sum():.7g} on {background(x).sum():.7g}, chi2 {chi2:.6g} / {some.sum() - 4}")'


def _drawing(parts: _Parts) -> Iterator[str]:
    plot = parts.plot
    yield 'mplhep.style.use("ATLAS")'
    if plot.panel is not None:
        shape = 'figsize=(8, 8), height_ratios=(3, 1), gridspec_kw={"hspace": 0.08}'
        yield f"figure, (top, bottom) = plt.subplots(2, sharex=True, {shape})"
    else:
        yield "figure, top = plt.subplots(figsize=(8, 6))"
    if parts.stack:
        yield "labels, colours = zip(*(STYLES[group] for group in stack))"
        yield 'style = {"histtype": "fill", "stack": True, "label": labels, "color": colours}'
        yield "mplhep.histplot([groups[group][0] for group in stack], edges, ax=top, **style)"
        yield 'band = {"hatch": "////", "fill": False, "edgecolor": "black", "linewidth": 0, "label": "Uncertainty"}'
        yield "top.stairs(prediction + error, edges, baseline=prediction - error, **band)"
    if parts.lines:
        yield "for group, times in LINES.items():"
        yield "    label, colour = STYLES[group]"
        yield '    top.stairs(groups[group][0] * times, edges, label=label, color=colour, linewidth=2, linestyle="--")'
    if plot.fit is not None:
        yield 'top.plot(x, background(x), "--", label="Background")'
        yield 'top.plot(x, background(x) + peak, label="Signal + background")'
    if parts.data:
        if parts.stack:
            yield "data = np.where((data > 0) | (prediction >= 1), data, np.nan)  # no point where none was expected"
        yield 'points = {"histtype": "errorbar", "color": "black", "yerr": bars}'
        yield 'mplhep.histplot(data, edges, label="Data", ax=top, **points)'
    yield from _axes(parts)
    if plot.panel is not None:
        yield from _panel(plot.panel)
    yield f"{'top' if plot.panel is None else 'bottom'}.set_xlabel({_text(_label(plot.xtitle))})"
    yield f"figure.savefig({literal(_OTHER.sub('_', plot.histogram) + '.png')}, dpi=150)"


def _axes(parts: _Parts) -> Iterator[str]:
    plot = parts.plot
    large = plot.luminosity_pb >= 1000  # noqa: PLR2004 - pb in a fb
    value, unit = (plot.luminosity_pb / 1000, "fb") if large else (plot.luminosity_pb, "pb")
    energy = f"√s = {plot.energy_tev:g} TeV, {value:.3g} {unit}$^{{-1}}$"
    said = ["ATLAS Open Data, for education", energy, _label(plot.process), *plot.banners]
    yield from _packed("text = (", [_text(line) for line in said], ")")
    yield 'top.text(0.03, 0.97, "\\n".join(text), transform=top.transAxes, verticalalignment="top")'
    scale = ', yscale="log"' if plot.log else ""
    ends = f"({plot.lo:.4g}, {plot.hi:.4g})"
    yield f"top.set(ylim={ends}, xlim=(edges[0], edges[-1]), ylabel={_text(_label(plot.ytitle))}{scale})"
    yield 'top.legend(loc="upper right")'


def _panel(panel: Panel) -> Iterator[str]:
    if panel.kind == "ratio":
        yield "some = np.where(prediction > 0, prediction, np.nan)  # no ratio where nothing is expected"
        yield 'mplhep.histplot(data / some, edges, ax=bottom, **(points | {"yerr": bars / some}))'
        yield 'bottom.stairs(1 + error / some, edges, baseline=1 - error / some, fill=True, color="lightgrey")'
        yield 'bottom.axhline(1, color="grey")'
    else:
        yield "mplhep.histplot(data - background(x), edges, ax=bottom, **points)"
        yield "bottom.plot(x, peak)"
        yield 'bottom.axhline(0, color="grey")'
    yield f"bottom.set(ylim=({panel.lo:.4g}, {panel.hi:.4g}), ylabel={_text(_label(panel.title))})"
    yield 'bottom.tick_params(axis="x", pad=8)'


def literal(text: str) -> str:
    """Return a Python literal of a text, whatever is in it, with double quotes where they will do."""
    plain = repr(text)
    return plain if plain.startswith('"') or '"' in text else f'"{plain[1:-1]}"'


def _label(tlatex: str) -> str:
    """Return a label for matplotlib, as plain text where nothing is raised, lowered or barred."""
    return labels.mathtext(tlatex) if _MATHEMATICS.search(tlatex) else labels.plain(tlatex)


def _text(text: str) -> str:
    """Return a literal of a text that may have many backslashes."""
    simple = text.isascii() and text.isprintable() and '"' not in text and not text.endswith("\\")
    return f'r"{text}"' if simple and "\\" in text else literal(text)


def _comment(text: str) -> str:
    """Return a text that stays on its line."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def _number(value: float) -> str:
    """Return the shortest digits that are this very number."""
    short = f"{value:.12g}"
    digits = short if float(short) == value else repr(float(value))
    return digits if math.isfinite(value) else f'float("{digits}")'


def _packed(head: str, items: list[str], tail: str) -> Iterator[str]:
    """Yield items between a head and a tail, on one line if that is short, else as many on a line as fit."""
    line = head + ", ".join(items) + tail
    if len(line) <= _WIDTH:
        yield line
        return
    yield head
    indent = " " * (len(head) - len(head.lstrip()) + 4)
    line = indent
    for item in items:
        if line != indent and len(line) + len(item) >= _WIDTH:
            yield line.rstrip()
            line = indent
        line += f"{item}, "
    yield line.rstrip()
    yield indent[4:] + tail

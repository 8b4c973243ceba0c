"""The main plots of the twelve analyses, of contents given by formulas: no files, nothing at random."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from atlasod_tui.engine.author import Histogram
from atlasod_tui.engine.histograms import Layout
from atlasod_tui.engine.registry import analysis
from atlasod_tui.plots.build import build
from atlasod_tui.plots.limits import scale_of
from atlasod_tui.plots.model import Plot
from atlasod_tui.plots.paper import style
from atlasod_tui.plots.paper.figure import draw
from atlasod_tui.plots.results import AnalysisResult, SampleResult
from atlasod_tui.rootfile.histogram import Histogram1D

LUMINOSITY = 10064.0


def _bumps(booked: Histogram, k: int, height: float) -> Any:
    """Return [n + 2] a bump of a place and a width that go with k, on a floor; nothing beyond the ends."""
    x = (np.arange(booked.nbins) + 0.5) / booked.nbins
    inside = height * (0.1 + np.exp(-(((x - 0.25 - 0.13 * k) / (0.12 + 0.04 * k)) ** 2)))
    return np.concatenate([[0.0], inside, [0.0]])


def main_plot(name: str) -> Plot:
    """Return the plot of the main histogram of an analysis, with each of its groups to be seen."""
    item = analysis(name)
    booked = Layout.of(item.histograms).named[item.main].booking
    scale = scale_of(item, item.main)
    contents, total = {}, np.zeros(booked.nbins + 2)
    for k, (group, samples) in enumerate(({**item.groups, **item.overlays}).items()):
        # The top of a stack is thin on a logarithmic axis.
        height = 20 * (scale.lo or 1.0) * 5.0**k if scale.log else 30.0 / (1 + k)
        values = _bumps(booked, k, height)
        if group in item.groups:
            total += values * item.factor(group, item.main)
        for sample in samples:
            share = values / len(samples)
            contents[sample] = _histogram(booked, share, share * height / 50)
    sides = 1 + 0.25 * (-1.0) ** np.arange(booked.nbins + 2)
    counts = np.round(total * sides)
    if item.fits:
        counts = np.round(2000 * np.exp(-np.arange(booked.nbins + 2) / 15) * (1 + 0.1 * (sides - 1)))
    counts[[0, -1]] = 0
    contents["data"] = _histogram(booked, counts, None)
    known = {one: SampleResult(one, 1, 1.0, LUMINOSITY) for one in item.samples()}
    result = AnalysisResult(
        item, Path(), known | {"data": SampleResult("data")}, (), LUMINOSITY, "data periods A, B, C, D"
    )
    return build(result, item.main, contents)


def _histogram(booked: Histogram, contents: Any, squares: Any) -> Histogram1D:
    return Histogram1D(
        booked.name,
        booked.title,
        booked.xtitle,
        booked.ytitle,
        booked.nbins,
        booked.lo,
        booked.hi,
        contents,
        squares,
        1,
    )


class Picture:
    """A plot drawn without words, as pytest-mpl wants a figure: fonts differ from one machine to the next."""

    def __init__(self, plot: Plot, palette: str = "light") -> None:
        self._plot, self._colours = plot, style.colours(palette)

    def savefig(self, path: str | Path, **_: Any) -> None:
        with style.context(self._colours):
            figure: Figure = draw(self._plot, self._colours)
            for text in figure.findobj(Text):
                text.set_visible(False)
            for axes in figure.axes:
                if (legend := axes.get_legend()) is not None:
                    legend.remove()  # as wide as its words; its colours are looked at elsewhere
            figure.savefig(path, dpi=60, metadata={"Software": None})

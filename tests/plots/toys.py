"""Results and histograms to build plots of, without a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from atlasod_tui.engine.author import Analysis, Histogram, Look
from atlasod_tui.plots.results import AnalysisResult, SampleResult
from atlasod_tui.rootfile.histogram import Histogram1D

LUMINOSITY = 10.0  # 1/pb; here simulation is scaled with 1


def analysis(**more: Any) -> Analysis:
    """Return an analysis with a background of two samples and a signal of one; ``more`` are declarations."""
    wishes: dict[str, Any] = {
        "name": "Toy",
        "title": "A toy",
        "skim": "4lep",
        "table": "HZZ",
        "groups": {"Back": ("b1", "b2"), "Sig": ("s1",)},
        "looks": {"Back": Look("Background", "green"), "Sig": Look("Signal", "red", signal=True)},
        "histograms": (Histogram("h", 3, 0, 3, " Title ", " x [GeV]", " Events / bin"),),
        "main": "h",
        "look_for": "Nothing.",
    }
    return Analysis(**(wishes | more))


def sample(name: str, **more: Any) -> SampleResult:
    """Return a sample that is scaled with 1 at 10 /pb."""
    wishes: dict[str, Any] = {} if name == "data" else {"xsec_pb": 2.0, "sum_of_weights": 20.0}
    return SampleResult(name, **(wishes | more))


def result(item: Analysis, known: Mapping[str, SampleResult] | None = None, **more: Any) -> AnalysisResult:
    """Return a result with data and all samples of an analysis; ``known`` are samples that differ."""
    samples = {name: sample(name) for name in ("data", *item.samples())} | dict(known or {})
    wishes: dict[str, Any] = {"absent": (), "luminosity_pb": LUMINOSITY, "luminosity_of": "data period A"}
    return AnalysisResult(item, Path(), samples, **(wishes | more))


def multiplied(item: Analysis, factors: Mapping[str, int | None]) -> AnalysisResult:
    """Return a result whose samples were multiplied."""
    return result(item, {name: sample(name, factor=factor) for name, factor in factors.items()})


def histogram(
    values: Sequence[float], squares: Sequence[float] | None = None, name: str = "h", lo: float = 0.0, hi: float = 0.0
) -> Histogram1D:
    """Return a histogram of given contents, flow bins first and last; its bins are 1 wide unless it has a ``hi``."""
    nbins = len(values) - 2
    return Histogram1D(
        name, "Title", "x [GeV]", "Events / bin", nbins, lo, hi or lo + nbins,
        np.array(values, float), None if squares is None else np.array(squares, float), 1,
    )  # fmt: skip


def times(found: Mapping[str, Histogram1D], factor: int) -> dict[str, Histogram1D]:
    """Return histograms of events that are there several times."""
    return {
        name: histogram(
            (one.contents * factor).tolist(), None if one.sumw2 is None else (one.sumw2 * factor).tolist(),
            one.name, one.lo, one.hi,
        )
        for name, one in found.items()
    }  # fmt: skip


CONTENTS = {
    "data": histogram([5, 4, 0, 9, 3]),
    "b1": histogram([50, 1, 2, 3, 4], [50, 0.1, 0.2, 0.3, 0.4]),
    "b2": histogram([50, 1, 0, 1, 0], [50, 0.3, 0, 0.1, 0]),
    "s1": histogram([50, 0, 0.5, 0, 0], [50, 0, 0.1, 0, 0]),
}
"""Under- and overflow are first and last."""

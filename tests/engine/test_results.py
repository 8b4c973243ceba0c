"""The bundle: its stacks are those of the plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

from atlasod_tui.engine.author import Analysis, Histogram
from atlasod_tui.engine.histograms import Layout
from atlasod_tui.engine.results import write_bundle
from atlasod_tui.engine.sums import Sums

ANALYSIS = Analysis(
    name="Toy",
    title="A toy",
    skim="4lep",
    table="HZZ",
    groups={"V": ("Zee", "Zmumu"), "tops": ("ttbar_lep",)},
    histograms=(Histogram("h_pt", 2, 0, 2, "", ""), Histogram("h_LR", 3, 0, 3, "", "", channels=("lead", "next"))),
    main="h_pt",
    look_for="Nothing.",
    group_factors={"V": 1.5},
    factor_exceptions={"V": ("*LR_lead",)},
)


@pytest.mark.parametrize(
    ("group", "histogram", "factor"),
    [("V", "h_pt", 1.5), ("V", "h_LR_next", 1.5), ("V", "h_LR_lead", 1.0), ("tops", "h_pt", 1.0), ("none", "x", 1.0)],
)
def test_the_factor_of_a_group(group: str, histogram: str, factor: float) -> None:
    assert ANALYSIS.factor(group, histogram) == factor


def numbers(layout: Layout, seed: int) -> Sums:
    generator = np.random.default_rng(seed)
    counts = np.ones(layout.counts_size, np.int64)
    return Sums(generator.uniform(0.5, 2, layout.sums_size), counts)


def test_stacks_have_the_factors_of_the_plots(tmp_path: Path) -> None:
    layout = Layout.of(ANALYSIS.histograms)
    results = {name: numbers(layout, seed) for seed, name in enumerate(("data", "Zee", "Zmumu", "ttbar_lep"))}
    before = {name: sums.sums.copy() for name, sums in results.items()}
    scales = {"Zee": 2.0, "Zmumu": 3.0, "ttbar_lep": 0.25}
    path = tmp_path / "ToyAnalysis.root"
    write_bundle(path, ANALYSIS, layout, results, scales, {"Zmumu"}, "{}")
    with uproot.open(path) as bundle:
        for booked in layout.booked:
            by_hand = 1.0 if booked.name == "h_LR_lead" else 1.5
            factors = {"Zee": 2.0 * by_hand, "Zmumu": 3.0}  # Zmumu is generated
            check(bundle[f"stack_V/{booked.name}"], results, factors, booked)
            check(bundle[f"stack_tops/{booked.name}"], results, {"ttbar_lep": 0.25}, booked)
    for name, sums in results.items():  # the results are as they were
        np.testing.assert_array_equal(sums.sums, before[name])


def check(found: Any, results: dict[str, Sums], factors: dict[str, float], booked: Any) -> None:
    """Compare contents, the overflow in its own bin among them, and squares."""
    contents = sum(factor * results[name].contents(booked) for name, factor in factors.items())
    squares = sum(factor**2 * results[name].squares(booked) for name, factor in factors.items())
    np.testing.assert_allclose(found.values(flow=True), contents, rtol=1e-6)
    np.testing.assert_allclose(found.variances(flow=True), squares, rtol=1e-12)

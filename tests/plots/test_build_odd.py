"""Whatever the numbers are, there is a true plot of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlasod_tui.engine.author import Look, PeakFit, Scale
from atlasod_tui.plots.build import build
from atlasod_tui.plots.model import Plot
from atlasod_tui.rootfile.histogram import Histogram1D

from .toys import CONTENTS, analysis, histogram, multiplied, result, sample

SAMPLES = ("data", "b1", "b2", "s1", "n1")
NUMBERS = st.one_of(
    st.floats(-5, 200),
    st.floats(),
    st.sampled_from([0.0, 1.0, -0.0, math.nan, math.inf, -math.inf, 1e38, 1e308, 5e-324]),
)


@st.composite
def histograms(draw: st.DrawFn, nbins: int) -> Histogram1D:
    bins = nbins if draw(st.integers(0, 9)) else draw(st.integers(1, 6))
    values = draw(st.lists(NUMBERS, min_size=bins + 2, max_size=bins + 2))
    squares = draw(st.none() | st.lists(NUMBERS, min_size=bins + 2, max_size=bins + 2))
    return histogram(values, squares)


@st.composite
def plots(draw: st.DrawFn) -> tuple[Plot, dict[str, Histogram1D]]:
    nbins = draw(st.integers(1, 6))
    names = draw(st.sets(st.sampled_from(SAMPLES)))
    contents = {name: draw(histograms(nbins)) for name in SAMPLES if name in names}
    item = analysis(
        overlays={"New": ("n1",)},
        looks={"New": Look("New", "red", normalised=draw(st.booleans()))},
        scales=(Scale(log=draw(st.booleans()), lo=draw(st.none() | st.just(10.0)), hi=draw(st.none() | st.just(1e3))),),
        fits=draw(st.sampled_from([(), (PeakFit("h", 9.0, 1.5, 0.5, -5, 5),)])),
        group_factors={"Back": draw(st.sampled_from([1.0, 1.3]))},
    )
    known = {
        name: sample(
            name,
            factor=draw(st.sampled_from([1, 1, 1, 3, None])),
            **({} if name == "data" else {"sum_of_weights": draw(st.sampled_from([20.0, None]) | NUMBERS)}),
        )
        for name in SAMPLES
    }
    ready = result(item, known, luminosity_pb=draw(st.just(10.0) | NUMBERS))
    return build(ready, "h", contents), contents


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plots())
def test_there_is_always_a_plot(made: tuple[Plot, dict[str, Histogram1D]]) -> None:
    plot, _ = made
    bins = len(plot.edges) - 1
    assert bins >= 1
    assert plot.lo < plot.hi
    assert math.isfinite(plot.lo)
    assert math.isfinite(plot.hi)
    assert plot.lo > 0 or not plot.log
    for layer in (*plot.layers, *plot.overlays):
        assert layer.values.shape == layer.variances.shape == (bins,)
        assert not np.isinf([layer.values, layer.variances]).any()
        assert not (layer.variances < 0).any()
        layer.content  # noqa: B018 - no warning
    for points in (plot.data, plot.panel.points if plot.panel is not None else None):
        if points is not None:
            assert points.values.shape == points.below.shape == points.above.shape == (bins,)
            assert not (points.below < 0).any()
            assert not (points.above < 0).any()
    assert (plot.prediction is None) == (plot.uncertainty is None) == (not plot.layers)
    if plot.panel is not None:
        assert plot.panel.lo < plot.panel.hi
    if plot.panel is None and plot.data is not None:
        assert any(note.startswith(("no ratio", "no fit")) for note in plot.notes)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plots())
def test_yields_are_sums(made: tuple[Plot, dict[str, Histogram1D]]) -> None:
    plot, _ = made
    rows = {row.name: row for row in plot.yields}
    assert list(rows) == ["Sig", "Back", "New", "B", "S+B", "data", "data/(S+B)"]
    for layer in (*plot.layers, *plot.overlays):
        assert rows[layer.group].value == pytest.approx(layer.values.sum(), nan_ok=True)
        assert rows[layer.group].error == pytest.approx(np.sqrt(layer.variances.sum()), nan_ok=True)
    if plot.prediction is not None:
        same = pytest.approx(float(plot.prediction.sum()), nan_ok=True, abs=1e-6 * abs(np.nansum(plot.prediction)))
        assert rows["S+B"].value == same
    if plot.data is not None:
        assert rows["data"].value == pytest.approx(plot.data.values.sum(), nan_ok=True)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    ("values", "missing_bins"),
    [
        ([0, 1, math.nan, 2, 0], 1), ([0, math.inf, -math.inf, 2, math.nan], 3), ([math.nan, 1, 1, 2, 0], 0),
        ([0, -3, -2, -1, 0], 0), ([0, 0, 0, 0, 0], 0), ([0, 7, 0], 0), ([0, 0, 0], 0), ([0, 1e200, 2, 3, 0], 1),
    ],
)  # fmt: skip
def test_odd_contents_in_all_samples(values: list[float], missing_bins: int, log: bool) -> None:
    item = analysis(scales=(Scale(log=log),))
    plot = build(result(item), "h", dict.fromkeys(("data", "b1", "b2", "s1"), histogram(values)))
    assert plot.prediction is not None
    assert plot.data is not None
    assert np.isnan(plot.prediction).sum() == missing_bins
    assert np.isnan(plot.data.values).sum() == missing_bins
    expected = [f"{name} ({missing_bins} bin{'s' if missing_bins > 1 else ''})" for name in ("b1", "b2", "s1", "data")]
    note = f"not numbers, and not drawn: {', '.join(expected)}"
    assert (note in plot.notes) == bool(missing_bins)


def test_a_bin_that_is_not_a_number_makes_the_yield_unknown() -> None:
    odd = histogram([0, 1, math.nan, 2, 0], [0, 1, 1, 1, 0])
    plot = build(result(analysis()), "h", {**CONTENTS, "b1": odd})
    rows = {row.name: row for row in plot.yields}
    assert math.isnan(rows["Back"].value)
    assert math.isnan(rows["S+B"].value)
    assert rows["Sig"].value == 0.5
    assert plot.panel is not None
    assert np.isnan(plot.panel.points.values).tolist() == [False, True, False]


def test_negative_prediction_has_no_ratio_in_its_bins() -> None:
    plot = build(result(analysis()), "h", {**CONTENTS, "b1": histogram([0, -9, 1, 2, 0], [0, 9, 1, 2, 0])})
    assert plot.panel is not None
    assert np.isnan(plot.panel.points.values).tolist() == [True, False, False]
    assert plot.lo < -7
    assert {row.name: row.value for row in plot.yields}["Back"] == -9 + 1 + 2 + 2


def test_samples_the_result_does_not_know() -> None:
    plot = build(result(analysis()), "h", {**CONTENTS, "stranger": CONTENTS["b1"]})
    assert {row.name: row.value for row in plot.yields}["S+B"] == 12.5


def test_a_factor_of_nothing() -> None:
    plot = build(multiplied(analysis(), dict.fromkeys(("data", "b1", "b2", "s1"), 0)), "h", CONTENTS)
    assert {row.name: row.value for row in plot.yields}["data"] == 16

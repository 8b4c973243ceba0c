"""The numbers of a plot, by hand."""

from __future__ import annotations

import time

import numpy as np
import pytest

from atlasod_tui.engine.author import Histogram, Look, Quirk, Scale
from atlasod_tui.engine.registry import analysis as shipped
from atlasod_tui.plots.build import build
from atlasod_tui.plots.model import Plot, Yield
from atlasod_tui.plots.results import histogram_names

from .toys import CONTENTS, LUMINOSITY, analysis, histogram, multiplied, result, sample, times


def rows(plot: Plot) -> dict[str, Yield]:
    return {row.name: row for row in plot.yields}


def numbers(plot: Plot) -> list[np.ndarray]:
    """All arrays of a plot with data, simulation and ratio."""
    assert plot.data is not None
    assert plot.panel is not None
    assert plot.panel.band is not None
    assert plot.prediction is not None
    assert plot.uncertainty is not None
    points = [plot.data, plot.panel.points]
    return [
        *(array for layer in plot.layers for array in (layer.values, layer.variances)),
        plot.prediction, plot.uncertainty, plot.panel.band,
        *(array for item in points for array in (item.values, item.below, item.above)),
        np.array([(row.value, row.error) for row in plot.yields]),
    ]  # fmt: skip


def test_a_plot() -> None:
    plot = build(result(analysis()), "h", CONTENTS)
    assert (plot.analysis, plot.process, plot.histogram) == ("ToyAnalysis", "A toy", "h")
    assert (plot.title, plot.xtitle, plot.ytitle) == ("Title", "x [GeV]", "Events / bin")
    assert plot.edges.tolist() == [0, 1, 2, 3]
    back, signal = plot.layers
    assert (back.group, back.label, back.hue) == ("Back", "Background", "green")
    assert back.values.tolist() == [2, 2, 4 + 4]  # overflow in the last bin, underflow nowhere
    assert back.variances == pytest.approx([0.4, 0.2, 0.4])  # whose error stays as it was
    assert signal.values.tolist() == [0, 0.5, 0]
    assert plot.prediction is not None
    assert plot.uncertainty is not None
    assert plot.prediction.tolist() == [2, 2.5, 8]
    assert plot.uncertainty == pytest.approx(np.sqrt([0.4, 0.3, 0.4]))
    assert plot.data is not None
    assert plot.data.values.tolist() == [4, 0, 9 + 3]
    assert plot.data.below == pytest.approx([1.914, 0, 3.415], abs=1e-3)
    assert plot.data.above == pytest.approx([3.163, 1.841, 4.559], abs=1e-3)
    assert (plot.missing, plot.expected, plot.notes, plot.banners, plot.quirks) == ((), 3, (), (), ())
    assert (plot.luminosity_pb, plot.luminosity_of, plot.variant) == (LUMINOSITY, "data period A", "framework")


def test_the_ratio() -> None:
    panel = build(result(analysis()), "h", CONTENTS).panel
    assert panel is not None
    assert (panel.kind, panel.title, panel.lo, panel.hi, panel.curve) == ("ratio", "Data / Pred", 0, 2, None)
    assert panel.points.values.tolist() == [2, 0, 1.5]
    assert panel.points.below == pytest.approx([1.914 / 2, 0, 3.415 / 8], abs=1e-3)
    assert panel.points.above == pytest.approx([3.163 / 2, 1.841 / 2.5, 4.559 / 8], abs=1e-3)
    assert panel.band == pytest.approx(np.sqrt([0.4, 0.3, 0.4]) / [2, 2.5, 8])


@pytest.mark.parametrize(("expected", "bar"), [(0.93, 1.841), (0.91, 0.0), (0.0, 0.0), (-1.0, 0.0), (np.nan, 0.0)])
def test_an_empty_bin_has_a_bar_where_it_says_something(expected: float, bar: float) -> None:
    contents = {"data": histogram([0, 3, 0, 0]), "b1": histogram([0, 3, expected, 0], [0, 1, 0.25, 0])}
    plot = build(result(analysis(histograms=(Histogram("h", 2, 0, 2, "T", "x"),))), "h", contents)
    assert plot.data is not None
    assert plot.panel is not None
    assert plot.panel.band is not None
    assert plot.data.values.tolist() == [3, 0]
    assert plot.data.above[1] == pytest.approx(bar, abs=1e-3)
    assert plot.panel.points.above[1] == (
        pytest.approx(bar / expected, rel=1e-3) if bar else pytest.approx(np.nan, nan_ok=True)
    )
    assert np.isnan(plot.panel.points.values[1]) == (not bar)
    assert np.isfinite(plot.panel.band[1]) == (expected > 0)


def test_bars_of_empty_bins_do_not_push_down_what_little_is_expected() -> None:
    contents = {"data": histogram([0, 0, 0, 0, 0]), "b1": histogram([0, 0.1, 0.2, 0.1, 0], [0, 0.01, 0.01, 0.01, 0])}
    assert build(result(analysis()), "h", contents).hi == pytest.approx(0.4)


def test_the_yields() -> None:
    plot = build(result(analysis()), "h", CONTENTS)
    assert [(row.name, row.kind) for row in plot.yields] == [
        ("Sig", "signal"), ("Back", "background"), ("B", "sum"), ("S+B", "sum"), ("data", "data"),
        ("data/(S+B)", "ratio"),
    ]  # fmt: skip
    assert [row.value for row in plot.yields] == [0.5, 12, 12, 12.5, 16, 16 / 12.5]
    assert [row.error for row in plot.yields] == pytest.approx(
        [0.1**0.5, 1, 1, 1.1**0.5, 4, 16 / 12.5 * (1 / 16 + 1.1 / 12.5**2) ** 0.5]
    )


def test_the_overflow_of_four_leptons_is_left_out() -> None:
    item = analysis(histograms=(Histogram("mass_four_lep", 3, 0, 3, "T", "x"),))
    plot = build(result(item), "mass_four_lep", CONTENTS)
    assert plot.data is not None
    assert plot.layers[0].values.tolist() == [2, 2, 4]
    assert plot.data.values.tolist() == [4, 0, 9]
    assert rows(plot)["data"].value == 13


def test_simulation_goes_with_luminosity_and_cross_section() -> None:
    known = {"b1": sample("b1", xsec_pb=6.0), "b2": sample("b2", sum_of_weights=10.0)}
    plot = build(result(analysis(), known, luminosity_pb=20.0), "h", CONTENTS)
    assert plot.layers[0].values.tolist() == [6 + 4, 12, 6 * 7 + 4]
    assert plot.layers[0].variances == pytest.approx([0.1 * 36 + 0.3 * 16, 0.2 * 36, 0.3 * 36 + 0.1 * 16])


def test_another_luminosity_scales_simulation_and_not_data() -> None:
    one = build(result(analysis()), "h", CONTENTS)
    plot = build(result(analysis()), "h", CONTENTS, 30.0)
    assert (plot.luminosity_pb, plot.luminosity_of) == (30.0, "--lumi")
    assert rows(plot)["S+B"].value == pytest.approx(3 * rows(one)["S+B"].value)
    assert rows(plot)["S+B"].error == pytest.approx(3 * rows(one)["S+B"].error)
    assert rows(plot)["data"].value == 16


def test_one_data_period_of_four() -> None:
    item = shipped("HZZ")
    names = dict.fromkeys(item.samples(), histogram([0, 1, 1, 1, 0], [0, 1, 1, 1, 0]))
    whole = build(result(item, luminosity_pb=10064.0), "hist_n_jets", names)
    alone = build(result(item, luminosity_pb=503.2), "hist_n_jets", names)
    assert rows(alone)["S+B"].value == pytest.approx(rows(whole)["S+B"].value / 20)


def test_hand_made_factors_but_for_generated_samples() -> None:
    item = analysis(
        group_factors={"Back": 2.0}, factor_exceptions={"Back": ("other*",)},
        histograms=tuple(Histogram(name, 3, 0, 3, "T", "x") for name in ("h", "other_h")),
    )  # fmt: skip
    assert rows(build(result(item), "h", CONTENTS))["Back"].value == 24
    assert rows(build(result(item), "h", CONTENTS))["Back"].error == pytest.approx(2)
    assert rows(build(result(item), "other_h", CONTENTS))["Back"].value == 12
    generated = build(result(item, {"b2": sample("b2", synthetic=True)}), "h", CONTENTS)
    assert rows(generated)["Back"].value == 2 * 10 + 2
    assert generated.banners == ("synthetic samples: not collisions",)


@pytest.mark.parametrize("factor", [2, 3, 10])
def test_equal_copies_are_divided_out(factor: int) -> None:
    item = analysis()
    plot = build(multiplied(item, dict.fromkeys(("data", *item.samples()), factor)), "h", times(CONTENTS, factor))
    for found, wanted in zip(numbers(plot), numbers(build(result(item), "h", CONTENTS)), strict=True):
        assert found == pytest.approx(wanted, rel=1e-12)
    assert plot.banners == (f"\N{MULTIPLICATION SIGN}{factor} artificial data: no physics",)
    assert plot.notes == ()


def test_unequal_copies_have_no_ratio() -> None:
    item = analysis()
    contents = {**CONTENTS, "b1": times(CONTENTS, 3)["b1"]}
    plot = build(multiplied(item, {"b1": 3}), "h", contents)
    assert plot.panel is None
    (note,) = plot.notes
    assert note.startswith("no ratio: the samples are multiplied unequally")
    assert note.endswith("(\N{MULTIPLICATION SIGN}1: data, b2, s1; \N{MULTIPLICATION SIGN}3: b1)")
    assert "no physics" in plot.banners[0]
    assert rows(plot)["Back"].value == pytest.approx(12)  # each is one copy
    assert np.isnan([rows(plot)["data/(S+B)"].value, rows(plot)["data/(S+B)"].error]).all()


def test_data_periods_that_are_multiplied_unequally() -> None:
    plot = build(multiplied(analysis(), {"data": None}), "h", CONTENTS)
    assert plot.panel is None
    assert "unequal in itself: data" in plot.notes[0]
    assert np.isnan(rows(plot)["data/(S+B)"].value)
    assert len(plot.banners) == 1


def test_missing_samples_are_counted_and_named() -> None:
    item = analysis(groups={"Back": ("b1", "b2", "b3", "b4", "b5", "b6"), "Sig": ("s1",)})
    plot = build(result(item, absent=("b3", "b4")), "h", {**CONTENTS, "b3": CONTENTS["b1"]})
    assert plot.missing == ("b3", "b4", "b5", "b6")
    assert plot.expected == 7
    assert plot.notes == ("3 of 7 simulated samples; missing: b3, b4, b5, b6",)
    assert rows(plot)["Back"].value == 12
    many = analysis(groups={"Back": tuple(f"b{k}" for k in range(9)), "Sig": ("s1",)})
    assert build(result(many), "h", CONTENTS).notes == ("3 of 10 simulated samples; missing: b0, b3, b4 and 4 more",)


@pytest.mark.parametrize(
    "odd", [{"xsec_pb": None}, {"sum_of_weights": None}, {"sum_of_weights": 0.0}, {"xsec_pb": float("nan")}]
)
def test_without_normalisation_a_sample_is_left_out(odd: dict[str, float | None]) -> None:
    plot = build(result(analysis(), {"b2": sample("b2", **odd)}), "h", CONTENTS)
    assert "left out, cross-section or sum of weights not known: b2" in plot.notes
    assert plot.missing == ("b2",)
    assert rows(plot)["Back"].value == 10


def test_a_sample_with_other_bins_is_left_out() -> None:
    plot = build(result(analysis()), "h", {**CONTENTS, "b2": histogram([0, 1, 1, 0])})
    assert "left out, binned otherwise: b2" in plot.notes
    assert plot.missing == ("b2",)
    assert rows(plot)["Back"].value == 10
    assert plot.edges.tolist() == [0, 1, 2, 3]
    shifted = {**CONTENTS, "data": histogram([0, 1, 1, 1, 0], lo=1)}
    assert build(result(analysis()), "h", shifted).data is None


def test_data_with_weights_have_symmetric_errors() -> None:
    plot = build(result(analysis()), "h", {**CONTENTS, "data": histogram([0, 4, 1, 9, 3], [0, 9, 4, 1, 7])})
    assert plot.data is not None
    assert plot.data.below.tolist() == plot.data.above.tolist() == [3, 2, 1]
    assert rows(plot)["data"].error == pytest.approx(14**0.5)


def test_only_data() -> None:
    plot = build(result(analysis()), "h", {"data": CONTENTS["data"]})
    assert (plot.layers, plot.prediction, plot.uncertainty, plot.panel) == ((), None, None, None)
    assert plot.notes[-1] == "no ratio: there is no simulation"
    assert plot.notes[0].startswith("0 of 3 simulated samples")
    assert rows(plot)["data"].value == 16
    assert plot.data is not None
    assert (plot.data.above > 0).tolist() == [True, False, True]
    assert np.isnan([rows(plot)[name].value for name in ("Back", "Sig", "B", "S+B", "data/(S+B)")]).all()


def test_only_simulation() -> None:
    plot = build(result(analysis()), "h", {name: CONTENTS[name] for name in ("b1", "b2", "s1")})
    assert (plot.data, plot.panel) == (None, None)
    assert plot.notes == ("no ratio: there are no data",)
    assert np.isnan([rows(plot)[name].value for name in ("data", "data/(S+B)")]).all()


def test_nothing() -> None:
    plot = build(result(analysis()), "h", {})
    assert plot.edges.tolist() == [0, 1, 2, 3]
    assert plot.title == "Title"
    assert plot.notes[-1] == "neither data nor simulation"
    assert plot.lo < plot.hi


def test_an_empty_prediction_has_no_ratio() -> None:
    empty = dict.fromkeys(("b1", "b2", "s1"), histogram([0, 0, 0, 0, 0]))
    plot = build(result(analysis()), "h", {**empty, "data": CONTENTS["data"]})
    assert plot.panel is None
    assert plot.notes == ("no ratio: the simulation is empty here",)
    assert np.isnan(rows(plot)["data/(S+B)"].value)


OVER = {"overlays": {"New": ("n1",)}}
NEW = {**CONTENTS, "n1": histogram([0, 0, 1, 4, 0], [0, 0, 1, 4, 0])}


def test_an_overlay_is_not_in_the_stack() -> None:
    item = analysis(**OVER)
    plot = build(result(item), "h", NEW)
    (line,) = plot.overlays
    assert (line.group, line.label, line.factor) == ("New", "New", 1)
    assert line.hue not in {"green", "red"}
    assert line.values.tolist() == [0, 1, 4]
    assert [layer.group for layer in plot.layers] == ["Back", "Sig"]
    assert rows(plot)["S+B"].value == 12.5
    assert (rows(plot)["New"].kind, rows(plot)["New"].value) == ("overlay", 5)


def test_an_overlay_normalised_to_the_prediction_where_it_is_declared() -> None:
    look = {"New": Look("Z'", "red", normalised=True, histograms=("h",))}
    item = analysis(**OVER, looks=look, histograms=tuple(Histogram(name, 3, 0, 3, "T", "x") for name in ("h", "g")))
    assert build(result(item), "h", NEW).overlays[0].factor == pytest.approx(12.5 / 5)
    plot = build(result(item), "g", NEW)
    assert plot.overlays == ()
    assert rows(plot)["New"].value == 5


def test_quirks_that_touch_a_histogram() -> None:
    item = analysis(quirks=(
        Quirk("a", "is so", touches=("h",), fixed="is not"), Quirk("b", "stays so", touches=("*",)),
        Quirk("c", "is elsewhere", touches=("g*",)), Quirk("d", "is nowhere"),
    ))  # fmt: skip
    assert build(result(item), "h", CONTENTS).quirks == ("is so", "stays so")
    fixed = build(result(item, variant="fixed"), "h", CONTENTS)
    assert (fixed.quirks, fixed.variant) == (("stays so",), "fixed")


def test_what_is_odd_about_the_inputs_is_said() -> None:
    assert build(result(analysis(), notes=("a file was skipped",)), "h", CONTENTS).notes == ("a file was skipped",)


class TestLimits:
    """The y axis of a picture."""

    def plot(self, *scales: Scale, luminosity: float = 10064.0, height: float = 100.0) -> Plot:
        contents = {"data": histogram([0, 0, 1, height, 0]), "b1": histogram([0, 0.01, 1, height / 2, 0])}
        known = {"b1": sample("b1", sum_of_weights=2 * luminosity)}
        return build(result(analysis(scales=scales), known, luminosity_pb=luminosity), "h", contents)

    def test_twice_what_is_highest(self) -> None:
        plot = self.plot()
        assert (plot.log, plot.lo, plot.hi) == (False, 0, 200)

    def test_as_declared(self) -> None:
        assert self.plot(Scale(hi=1000)).hi == 1000
        assert self.plot(Scale(("g",), hi=5), Scale(("h",), hi=500), Scale(hi=7)).hi == 500
        plot = self.plot(Scale(log=True, lo=0.002, hi=1e6))
        assert (plot.log, plot.lo, plot.hi) == (True, 0.002, 1e6)

    def test_in_proportion_to_the_luminosity(self) -> None:
        plot = self.plot(Scale(log=True, lo=0.02, hi=1e6), luminosity=1006.4)
        assert (plot.lo, plot.hi) == pytest.approx((0.002, 1e5))

    def test_nothing_is_cut(self) -> None:
        assert self.plot(Scale(hi=20)).hi > 110
        plot = self.plot(Scale(log=True, lo=10, hi=50))
        assert plot.lo < 0.01
        assert plot.hi > 200

    def test_negative_contents_are_seen(self) -> None:
        plot = build(result(analysis()), "h", {"b1": histogram([0, -4, 1, 2, 0], [0, 4, 1, 2, 0])})
        assert plot.lo < -4

    def test_a_logarithmic_axis_without_ends_has_room(self) -> None:
        plot = self.plot(Scale(log=True))
        assert plot.lo == pytest.approx(0.005)
        assert plot.hi > 1000

    @pytest.mark.parametrize("log", [False, True])
    def test_of_nothing(self, log: bool) -> None:
        plot = build(result(analysis(scales=(Scale(log=log),))), "h", {"b1": histogram([0, 0, 0, 0, 0])})
        assert plot.lo < plot.hi
        assert plot.lo > 0 or not log


def test_channels_have_the_titles_of_their_family() -> None:
    item = analysis(histograms=(Histogram("h", 3, 0, 3, "Of all", "y [GeV]", channels=("ee", "mm")),))
    assert build(result(item), "h_mm", CONTENTS).title == "Of all"
    assert build(result(item), "unknown", CONTENTS).title == "Title"  # its own


def test_it_is_quick() -> None:
    item = shipped("SUSY")
    rng = np.random.default_rng(3)
    book = {name: histogram(rng.random(42).tolist(), rng.random(42).tolist(), lo=-3, hi=3) for name in item.samples()}
    contents = {"data": histogram(rng.poisson(9, 42).astype(float).tolist(), lo=-3, hi=3), **book}
    names = histogram_names(item)
    ready = result(item)
    build(ready, names[0], contents)
    begin = time.process_time()
    for name in names:
        build(ready, name, contents)
    assert (time.process_time() - begin) / len(names) < 0.010, "102 samples should take 2 ms"


def test_a_plot_does_not_change_what_it_is_made_of() -> None:
    before = {
        name: (one.contents.tolist(), None if one.sumw2 is None else one.sumw2.tolist()) for name, one in NEW.items()
    }
    build(result(analysis(**OVER)), "h", NEW)
    for name, (values, squares) in before.items():
        assert NEW[name].contents.tolist() == values
        found = NEW[name].sumw2
        assert (None if found is None else found.tolist()) == squares

"""The plots whose data are fitted: two photons."""

from __future__ import annotations

import numpy as np
import pytest

from atlasod_tui.engine.registry import analysis
from atlasod_tui.plots.build import build
from atlasod_tui.plots.fit import gaussian
from atlasod_tui.plots.model import Plot
from atlasod_tui.rootfile.histogram import Histogram1D
from atlasod_tui.samples.catalogue import LUMINOSITY_PB

from .toys import histogram, multiplied, result, times

HYY = analysis("Hyy")
NAME = "hist_mYY_bin1"
BACKGROUND = 3000 * np.exp(-(np.linspace(105, 160, 30) - 105) / 25) + gaussian(np.linspace(105, 160, 30), 119, 125, 2.4)
DATA = histogram([0, *np.random.default_rng(1).poisson(BACKGROUND), 0], lo=105, hi=160)
SIGNAL = histogram([0, *np.full(30, 2.0), 0], np.full(32, 0.1).tolist(), lo=105, hi=160)
CONTENTS = {"data": DATA, "ggH125_gamgam": SIGNAL}


def plot(luminosity: float = LUMINOSITY_PB, **contents: Histogram1D) -> Plot:
    return build(result(HYY, luminosity_pb=luminosity), NAME, CONTENTS | contents)


def test_data_with_lines() -> None:
    found = plot()
    assert (found.layers, found.prediction, found.uncertainty) == ((), None, None)
    assert [line.group for line in found.overlays] == ["Higgs"]
    assert [curve.label for curve in found.curves] == ["Background", "Signal + bkg"]
    assert found.fit is not None
    assert found.fit.ndf == 26
    assert found.fit.chi2 < 60
    background, whole = found.curves
    assert (background.x[0], background.x[-1]) == (105, 160)
    assert (whole.y - background.y).max() == pytest.approx(119.1)
    assert found.hi == 8000


def test_data_minus_background() -> None:
    found = plot()
    panel = found.panel
    assert panel is not None
    assert panel.curve is not None
    assert found.data is not None
    assert found.fit is not None
    assert (panel.kind, panel.band) == ("difference", None)
    cubic = np.polynomial.Polynomial(found.fit.parameters[:4])
    centres = (found.edges[1:] + found.edges[:-1]) / 2
    assert panel.points.values == pytest.approx(DATA.contents[1:-1] - cubic(centres))
    assert panel.points.above == pytest.approx(found.data.above)
    assert panel.curve.y.max() == pytest.approx(119.1)
    assert panel.lo <= -125
    assert panel.hi >= 250
    assert panel.hi > (panel.points.values + panel.points.above).max()


def test_the_yields() -> None:
    found = plot()
    assert found.fit is not None
    rows = {row.name: row for row in found.yields}
    assert [row.kind for row in found.yields] == ["signal", "sum", "sum", "data", "ratio"]
    assert rows["B"].value == found.fit.background
    assert rows["S+B"].value == pytest.approx(found.fit.background + found.fit.signal)
    assert rows["B"].label == "Background (fit)"
    assert rows["B"].error > 0
    assert rows["data/(S+B)"].value == pytest.approx(1, abs=0.02)
    assert rows["Higgs"].value == pytest.approx(found.overlays[0].content)


def test_the_signal_goes_with_the_luminosity() -> None:
    found = plot(LUMINOSITY_PB / 20)
    assert found.fit is not None
    assert found.fit.parameters[4:] == pytest.approx((119.1 / 20, 125, 2.38))


def test_copies_are_divided_out() -> None:
    one = build(result(HYY), NAME, CONTENTS)
    found = build(multiplied(HYY, dict.fromkeys(("data", *HYY.samples()), 3)), NAME, times(CONTENTS, 3))
    assert found.fit is not None
    assert one.fit is not None
    assert found.fit.parameters == pytest.approx(one.fit.parameters)
    assert found.fit.errors == pytest.approx(one.fit.errors)
    assert found.fit.chi2 == pytest.approx(one.fit.chi2)


def test_unequal_copies_have_no_panel() -> None:
    found = build(multiplied(HYY, {"data": 3}), NAME, times(CONTENTS, 1))
    assert found.panel is None
    assert "unequally" in found.notes[-1]
    unfit = build(multiplied(HYY, {"data": None}), NAME, CONTENTS)
    assert (unfit.panel, unfit.fit) == (None, None)
    assert "no fit: the data periods are multiplied unequally" in unfit.notes


def test_too_few_data() -> None:
    few = histogram([0, 3, 0, 0, 4, *np.zeros(25), 9, 0], lo=105, hi=160)
    found = plot(data=few)
    assert (found.fit, found.panel, found.curves) == (None, None, ())
    assert found.notes[-1] == "no fit: only 3 bins have data, and 4 parameters are free"
    rows = {row.name: row for row in found.yields}
    assert np.isnan([rows["B"].value, rows["S+B"].value, rows["data/(S+B)"].value]).all()
    assert rows["data"].value == 16


def test_no_data() -> None:
    found = build(result(HYY), NAME, {"ggH125_gamgam": SIGNAL})
    assert (found.fit, found.panel, found.data) == (None, None, None)
    assert "no fit: there are no data" in found.notes


def test_no_simulation() -> None:
    found = build(result(HYY), NAME, {"data": DATA})
    assert found.overlays == ()
    assert found.fit is not None
    assert np.isnan(found.yields[0].value)

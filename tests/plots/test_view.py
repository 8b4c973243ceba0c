"""Zoom, other axes: what is shown changes, the numbers do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from atlasod_tui.engine.author import PeakFit
from atlasod_tui.plots.build import build
from atlasod_tui.plots.canvas import draw
from atlasod_tui.plots.model import Plot
from atlasod_tui.plots.palette import palette
from atlasod_tui.plots.view import of_bins, on_scale, without_panel
from atlasod_tui.plots.window import Window

from .toys import CONTENTS, analysis, histogram, result


def plot() -> Plot:
    return build(result(analysis()), "h", CONTENTS)


def test_some_bins_of_a_plot() -> None:
    whole = plot()
    some = of_bins(whole, Window(1, 3))
    assert some.edges.tolist() == [1, 2, 3]
    assert [one.values.tolist() for one in some.layers] == [one.values[1:].tolist() for one in whole.layers]
    assert some.layers[0].variances.tolist() == whole.layers[0].variances[1:].tolist()
    assert some.prediction is not None
    assert some.uncertainty is not None
    assert some.prediction.tolist() == [2.5, 8]
    assert some.uncertainty == pytest.approx(np.sqrt([0.3, 0.4]))
    assert some.data is not None
    assert some.data.values.tolist() == [0, 12]
    assert some.panel is not None
    assert some.panel.points.values.tolist() == [0, 1.5]
    assert some.panel.band is not None
    assert len(some.panel.band) == 2
    assert some.yields == whole.yields
    assert some.notes == ("bins 2 to 3 of 3; yields of all",)
    assert of_bins(whole, Window(1, 2)).notes[0] == "bin 2 of 3; yields of all"


def test_all_bins_are_the_plot_itself() -> None:
    whole = plot()
    assert of_bins(whole, Window(0, 3)) is whole
    assert of_bins(whole, Window(-5, 99)) is whole
    assert of_bins(whole, Window(7, 9)) is whole


def test_the_axis_fits_the_bins_that_are_shown() -> None:
    some = of_bins(plot(), Window(0, 1))
    assert some.lo == 0
    assert some.hi == pytest.approx(8)  # twice what is highest
    assert of_bins(plot(), Window(2, 3)).hi == pytest.approx(24)


def test_curves_go_on_to_the_edges() -> None:
    bins = 30
    item = analysis(fits=(PeakFit("h", 5.0, 15.0, 2.0, -5, 5),))
    numbers = [0.0, *np.linspace(100, 20, bins).round(), 0.0]
    fitted = build(result(item), "h", {"data": histogram(numbers)})
    some = of_bins(fitted, Window(10, 20))
    assert len(some.curves) == len(fitted.curves) == 2
    for curve in some.curves:
        assert curve.x[0] <= some.edges[0] < curve.x[2]
        assert curve.x[-3] < some.edges[-1] <= curve.x[-1]
    assert some.fit == fitted.fit
    assert some.panel is not None
    assert some.panel.curve is not None
    assert len(some.panel.curve.x) == len(some.curves[0].x)
    assert not len(of_bins(replace(fitted, curves=(_outside(fitted),)), Window(10, 20)).curves[0].x)


def _outside(fitted: Plot):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return replace(fitted.curves[0], x=np.array([-2.0, -1.0]), y=np.array([1.0, 1.0]))


def test_another_axis() -> None:
    whole = plot()
    log = on_scale(whole, log=True)
    assert log.log
    assert 0 < log.lo <= 1
    assert log.hi > 100
    assert on_scale(whole, log=False) is whole
    back = on_scale(log, log=False)
    assert (back.log, back.lo) == (False, 0)
    assert back.hi == pytest.approx(24)
    assert log.yields is whole.yields


def test_without_the_panel() -> None:
    assert without_panel(plot()).panel is None
    assert without_panel(plot()).notes == ()


def test_windows() -> None:
    whole = Window(0, 30)
    assert whole.narrowed(15) == Window(8, 23)
    assert whole.narrowed(0) == Window(0, 15)
    assert whole.narrowed(29) == Window(15, 30)
    assert Window(8, 23).narrowed(8) == Window(8, 15)
    assert Window(4, 5).narrowed(4) == Window(4, 5)
    assert Window(4, 5).widened(4, 30) == Window(3, 5)
    assert Window(8, 15).widened(10, 30) == Window(3, 17)
    assert Window(3, 17).widened(10, 30) == Window(0, 28)
    assert Window(0, 28).widened(10, 30) == whole
    assert Window(0, 1).widened(0, 1) == Window(0, 1)
    assert Window(8, 15).reaching(7) == Window(7, 14)
    assert Window(8, 15).reaching(15) == Window(9, 16)
    assert Window(8, 15).reaching(10) == Window(8, 15)
    assert 8 in Window(8, 15)
    assert 15 not in Window(8, 15)


@pytest.mark.parametrize("window", [Window(0, 1), Window(1, 3), Window(2, 3)])
def test_any_part_can_be_drawn(window: Window) -> None:
    for log in (False, True):
        lines = draw(on_scale(of_bins(plot(), window), log=log), 80, 22, palette("mono"))
        assert len(lines) == 22

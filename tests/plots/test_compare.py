"""Two results in one plot, by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from atlasod_tui.errors import UsageError
from atlasod_tui.plots.build import build
from atlasod_tui.plots.canvas import draw
from atlasod_tui.plots.compare import can_compare, compare
from atlasod_tui.plots.model import Plot, Yield
from atlasod_tui.plots.palette import palette

from .toys import CONTENTS, LUMINOSITY, analysis, histogram, result

INDEPENDENT = "errors as if the two were independent: those of the same events are not"


def plot(luminosity: float = LUMINOSITY, **more: object) -> Plot:
    return replace(build(result(analysis(), luminosity_pb=luminosity), "h", CONTENTS), **more)  # type: ignore[arg-type]


def rows(found: Plot) -> dict[str, Yield]:
    return {row.name: row for row in found.yields}


def test_predictions() -> None:
    one = plot()
    other = build(result(analysis()), "h", {**CONTENTS, "s1": histogram([0, 2, 2.5, 8, 0], [0, 0.6, 0.6, 0.6, 0])})
    both = compare(one, other, "prediction")
    assert [layer.values.tolist() for layer in both.layers] == [[2, 2.5, 8]]
    assert both.overlays[0].values.tolist() == [4, 4.5, 16]
    assert both.data is None
    panel = both.panel
    assert panel is not None
    assert panel.title == "A / B"
    assert panel.points.values == pytest.approx([0.5, 2.5 / 4.5, 0.5])
    assert panel.points.above == pytest.approx(np.sqrt([0.4, 0.3, 0.4]) / [4, 4.5, 16])
    assert panel.band == pytest.approx(np.sqrt([0.4 + 0.6, 0.2 + 0.6, 0.4 + 0.6]) / [4, 4.5, 16])
    assert both.notes == (INDEPENDENT,)
    assert [row.value for row in both.yields] == pytest.approx([12.5, 24.5, 12.5 / 24.5])
    first, second = (1.1**0.5, 12.5), (2.8**0.5, 24.5)
    assert both.yields[2].error == pytest.approx(
        12.5 / 24.5 * math.hypot(first[0] / first[1], second[0] / second[1]), rel=1e-9
    )


def test_data() -> None:
    other = build(result(analysis()), "h", {**CONTENTS, "data": histogram([0, 2, 4, 0, 0])})
    both = compare(plot(), other, "data")
    assert both.layers == ()
    assert both.prediction is None
    assert both.data is not None
    assert both.data.values.tolist() == [4, 0, 12]
    assert both.overlays[0].values.tolist() == [2, 4, 0]
    assert both.panel is not None
    assert both.panel.points.values == pytest.approx([2, 0, np.nan], nan_ok=True)
    assert both.panel.points.above[:1] == pytest.approx([3.163 / 2], abs=1e-3)
    assert rows(both)["data"].value == 16
    assert rows(both)["ratio"].value == pytest.approx(16 / 6)


def test_another_luminosity_is_scaled_away_and_said() -> None:
    both = compare(plot(), plot(4 * LUMINOSITY), "prediction")
    assert both.overlays[0].values == pytest.approx([2, 2.5, 8])
    assert both.overlays[0].label == "B: prediction \N{MULTIPLICATION SIGN}0.25"
    assert both.notes[0] == "B is scaled by 0.25: its luminosity is 40 /pb, that of A 10 /pb"
    assert both.panel is not None
    assert both.panel.points.values == pytest.approx([1, 1, 1])
    assert rows(both)["ratio"].value == pytest.approx(1)
    data = compare(plot(), plot(4 * LUMINOSITY), "data", ("one", "other"))
    assert data.notes[0] == "luminosities differ: A is one, B is other"
    assert data.overlays[0].values == pytest.approx([1, 0, 3])
    assert rows(data)["second"].value == pytest.approx(4)


def test_what_is_not_alike_is_said() -> None:
    one = plot(variant="framework", missing=("b1", "b2"), banners=("synthetic", "times ten"), quirks=("odd",))
    other = plot(variant="fixed", missing=("b2", "s1"), banners=("synthetic",), notes=("a file was skipped",))
    both = compare(one, other, "data", ("the one of 12:03", "the one of 13:04"))
    assert both.notes == (
        "variants differ: A is the one of 12:03, B is the one of 13:04",
        "the variants differ: A is framework, B is fixed",
        "A lacks samples that the other has: b1",
        "B lacks samples that the other has: s1",
        INDEPENDENT,
        "B: a file was skipped",
    )
    assert both.variant == ""
    assert both.banners == ("synthetic", "A: times ten")
    assert both.quirks == ("odd",)
    assert both.missing == ()


def test_what_cannot_be_compared() -> None:
    one = plot()
    with pytest.raises(UsageError, match="cannot be compared with g of ToyAnalysis"):
        compare(one, plot(histogram="g"), "data")
    with pytest.raises(UsageError, match="other bins"):
        compare(one, plot(edges=np.array([0.0, 1, 2, 4])), "data")
    with pytest.raises(UsageError, match="has no data"):
        compare(one, plot(data=None), "data")
    assert can_compare(one, plot(data=None)) == ["prediction"]
    assert can_compare(one, one) == ["prediction", "data"]


def test_nothing_over_nothing() -> None:
    empty = build(result(analysis()), "h", {"b1": histogram([0] * 5, [0] * 5), "data": histogram([0] * 5)})
    for what in can_compare(empty, empty):
        both = compare(empty, empty, what)
        assert math.isnan(rows(both)["ratio"].value)
        assert len(draw(both, 80, 24, palette("dark"))) == 24


def test_an_unknown_luminosity_scales_nothing() -> None:
    both = compare(plot(), plot(luminosity_pb=float("nan")), "data")
    assert both.overlays[0].values.tolist() == [4, 0, 12]
    assert both.overlays[0].label == "B: data"

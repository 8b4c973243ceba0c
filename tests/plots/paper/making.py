"""Plots made by hand, of fixed numbers: what an analysis looks like, without files."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from atlasod_tui.plots.model import Curve, Fit, FloatArray, Layer, Overlay, Panel, Plot, Points

MIDDLE = (np.arange(20) + 0.5) / 20


def points(values: ArrayLike) -> Points:
    """Return points with about the bars of counted events."""
    counts = np.asarray(values, dtype=float)
    return Points(counts, np.sqrt(np.abs(counts)), np.sqrt(np.abs(counts)) + 0.8 + 1.0 * (counts == 0))


def ratio(data: Points, prediction: FloatArray, uncertainty: FloatArray) -> Panel:
    """Return a ratio panel of numbers that need not be sound."""
    with np.errstate(all="ignore"):
        values = Points(*(part / prediction for part in (data.values, np.abs(data.below), np.abs(data.above))))
        return Panel("ratio", "Data / Pred", values, uncertainty / prediction, None, 0, 2)


def stack(**changes: Any) -> Plot:
    """Return a plot with a peak of signal on two backgrounds, and changes to its attributes."""
    signal = 30 * np.exp(-0.5 * ((MIDDLE - 0.5) / 0.06) ** 2)
    layers = (
        Layer("other", "Other", "green", 10 + 4 * MIDDLE, 3 + MIDDLE),
        Layer("ZZ", "ZZ", "indigo", 40 * np.exp(-2 * MIDDLE), 4 + 0 * MIDDLE),
        Layer("Higgs", "Higgs", "red", signal, 0.1 + 0 * signal),
    )
    prediction = np.sum([layer.values for layer in layers], axis=0)
    uncertainty = np.sqrt(np.sum([layer.variances for layer in layers], axis=0))
    data = points(np.round(prediction + 5 * np.sin(40 * MIDDLE)))
    plot = Plot(
        analysis="HZZAnalysis",
        process="H #rightarrow ZZ* #rightarrow 4l",
        histogram="mass_four_lep",
        title="Mass of four-lepton system",
        xtitle="m_{4l} [GeV]",
        ytitle="Events / bin",
        edges=np.linspace(80, 170, 21),
        layers=layers,
        overlays=(),
        curves=(),
        prediction=prediction,
        uncertainty=uncertainty,
        data=data,
        panel=ratio(data, prediction, uncertainty),
        fit=None,
        yields=(),
        log=False,
        lo=0.0,
        hi=120.0,
        luminosity_pb=10064.0,
        luminosity_of="data periods A, B, C, D",
        expected=3,
    )
    return dataclasses.replace(plot, **changes)


def counted(values: ArrayLike, **changes: Any) -> Plot:
    """Return a plot with the same numbers as data and as its only group, whatever they are."""
    numbers = np.asarray(values, dtype=float)
    layer = Layer("one", "One", "blue", numbers, np.abs(numbers))
    with np.errstate(all="ignore"):
        data, uncertainty = points(numbers), np.sqrt(np.abs(numbers))
    panel = ratio(data, numbers, uncertainty)
    edges = np.linspace(0, 10, len(numbers) + 1)
    options: dict[str, Any] = {"layers": (layer,), "prediction": numbers, "uncertainty": uncertainty, "data": data}
    return stack(**({"edges": edges, "panel": panel} | options | changes))


def fitted() -> Plot:
    """Return a plot as that of Hyy: data with a fit, and data minus background below."""
    x = np.linspace(105, 160, 200)
    centres = 105 + 55 * MIDDLE
    background, signal = 2000 - 30 * (x - 105), 120 * np.exp(-0.5 * ((x - 125) / 2.38) ** 2)
    data = points(np.round(2000 - 30 * (centres - 105) + 60 * np.sin(30 * MIDDLE)))
    rest = Points(data.values - (2000 - 30 * (centres - 105)), data.below, data.above)
    curve = Curve("Signal", "red", x, signal)
    return stack(
        analysis="HyyAnalysis",
        process="H #rightarrow #gamma #gamma",
        histogram="hist_mYY_bin1",
        xtitle="m_{#gamma#gamma} [GeV]",
        edges=np.linspace(105, 160, 21),
        layers=(),
        prediction=None,
        uncertainty=None,
        curves=(
            Curve("Background", "blue", x, background),
            Curve("Signal + bkg", "red", x, background + signal),
        ),
        overlays=(Overlay("Higgs", "Signal", "red", 120 * np.exp(-0.5 * ((centres - 125) / 2.38) ** 2), MIDDLE),),
        data=data,
        panel=Panel("difference", "Data - Bkg", rest, None, curve, -125, 250),
        fit=Fit((1.0,) * 7, (0.0,) * 7, 21.34, 26, 119.1, 30000.0),
        hi=4000.0,
    )

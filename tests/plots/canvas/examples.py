"""Plots made by hand: what analyses look like, and what goes wrong."""
# ruff: noqa: RUF001, E501

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from atlasod_tui.engine.author import Hue
from atlasod_tui.plots.model import Curve, Fit, FloatArray, Layer, Overlay, Panel, Plot, Points

NAN = math.nan


def make(
    edges: FloatArray,
    layers: Sequence[tuple[str, Hue, FloatArray]],
    data: FloatArray | None,
    *,
    spread: float = 0.05,
    overlays: Sequence[tuple[str, Hue, FloatArray, float]] = (),
    log: bool = False,
    lo: float = 0.0,
    process: str = "H #rightarrow ZZ* #rightarrow 4l",
    xtitle: str = "m_{4l} [GeV]",
    title: str = "Mass of four-lepton system",
) -> Plot:
    """Put a plot together; the statistical error of the prediction is ``spread`` of it."""
    made = tuple(
        Layer(label.replace(" ", "_"), label, hue, np.asarray(values, float), np.abs(values) * spread)
        for label, hue, values in layers
    )
    prediction = np.sum([layer.values for layer in made], axis=0) if made else None
    uncertainty = np.abs(prediction) * spread if prediction is not None else None
    points = None
    panel = None
    if data is not None:
        errors = np.sqrt(np.abs(data))
        points = Points(np.asarray(data, float), errors, errors)
        if prediction is not None:
            with np.errstate(all="ignore"):
                ratio = np.where(prediction > 0, data / prediction, NAN)
                error = np.where(prediction > 0, errors / prediction, NAN)
                band = np.where(prediction > 0, np.full(len(data), spread), NAN)
            panel = Panel("ratio", "Data / Pred", Points(ratio, error, error), band, None, 0.0, 2.0)
    return Plot(
        analysis="HZZAnalysis",
        process=process,
        histogram="mass",
        title=title,
        xtitle=xtitle,
        ytitle="Events / bin",
        edges=np.asarray(edges, float),
        layers=made,
        overlays=tuple(
            Overlay(label, label, hue, np.asarray(values, float), np.abs(values), factor)
            for label, hue, values, factor in overlays
        ),
        curves=(),
        prediction=prediction,
        uncertainty=uncertainty,
        data=points,
        panel=panel,
        fit=None,
        yields=(),
        log=log,
        lo=lo,
        hi=100.0,
        luminosity_pb=10064.0,
        luminosity_of="all data periods",
    )


def _gauss(x: FloatArray, mean: float, width: float) -> FloatArray:
    return np.asarray(np.exp(-(((x - mean) / width) ** 2) / 2))


def _poisson(expected: FloatArray, seed: int) -> FloatArray:
    return np.random.default_rng(seed).poisson(np.maximum(expected, 0)).astype(float)


def higgs() -> Plot:
    edges = np.linspace(80, 250, 31)
    x = (edges[1:] + edges[:-1]) / 2
    other = 3.5 * _gauss(x, 95, 12) + 0.4
    pairs = 27 * _gauss(x, 91, 3.6) + 15 / (1 + np.exp(-(x - 183) / 5)) * np.exp(-(x - 183) / 110) + 1.6
    signal = 6.5 * _gauss(x, 124, 4)
    layers: list[tuple[str, Hue, FloatArray]] = [
        ("Other", "indigo", other),
        ("ZZ", "azure", pairs),
        ("Higgs", "red", signal),
    ]
    plot = make(edges, layers, _poisson(other + pairs + signal, 3))
    return dataclasses.replace(
        plot,
        quirks=("the factor 1.3 of ZZ is set by hand",),
        notes=("5 of 24 simulated samples; missing: ZqqZll, WqqZll (and 17 more)",),
        expected=24,
        missing=tuple(f"sample{k}" for k in range(19)),
    )


def w_boson() -> Plot:
    edges = np.linspace(0, 200, 31)
    x = (edges[1:] + edges[:-1]) / 2
    w = 9e6 * _gauss(x, 40, 18) + 2e5 * np.exp(-x / 60)
    z = 4e5 * np.exp(-x / 25) + 1e3
    diboson = 9e3 * np.exp(-x / 50)
    ttbar = 1.5e5 * x / 60 * np.exp(-x / 60)
    single = 2e4 * x / 60 * np.exp(-x / 50)
    layers: list[tuple[str, Hue, FloatArray]] = [
        ("Single top", "azure", single), ("t#bar{t}", "orange", ttbar), ("Diboson", "indigo", diboson),
        ("Z+jets", "pink", z), ("W+jets", "green", w),
    ]  # fmt: skip
    total = w + z + diboson + ttbar + single
    return make(
        edges,
        layers,
        _poisson(total * 1.02, 5),
        log=True,
        lo=100.0,
        process="W #rightarrow l#nu",
        xtitle="E_{T}^{miss} [GeV]",
        title="Missing Transverse Momentum",
    )


def photons() -> Plot:
    edges = np.linspace(105, 160, 31)
    x = (edges[1:] + edges[:-1]) / 2
    fine = np.linspace(105, 160, 401)

    def cubic(v: FloatArray) -> FloatArray:
        return np.asarray(6700 * np.exp(-(v - 105) / 30))

    def peak(v: FloatArray) -> FloatArray:
        return 330 * _gauss(v, 125, 2.4)

    data = _poisson(cubic(x) + peak(x), 7)
    errors = np.sqrt(data)
    plot = make(
        edges,
        [],
        data,
        process="H #rightarrow #gamma #gamma",
        xtitle="m_{#gamma#gamma} [GeV]",
        title="Diphoton invariant mass",
    )
    return dataclasses.replace(
        plot,
        curves=(
            Curve("Background", "blue", fine, cubic(fine)),
            Curve("Signal + bkg", "red", fine, cubic(fine) + peak(fine)),
        ),
        panel=Panel(
            "difference",
            "Data - Bkg",
            Points(data - cubic(x), errors, errors),
            None,
            Curve("Signal", "red", fine, peak(fine)),
            -300.0,
            500.0,
        ),
        fit=Fit((1.0, 2.0, 3.0, 4.0, 330.0, 125.0, 2.4), (0.1,) * 4 + (0.0,) * 3, 24.6, 26, 1083.0, 96012.0),
    )


def sleptons() -> Plot:
    edges = np.linspace(0, 400, 21)
    x = (edges[1:] + edges[:-1]) / 2
    layers: list[tuple[str, Hue, FloatArray]] = [
        ("W+jets", "green", 3 * np.exp(-x / 30)), ("Single top", "azure", 120 * np.exp(-x / 28)),
        ("t#bar{t}", "orange", 900 * np.exp(-x / 26)), ("Diboson", "indigo", 700 * np.exp(-x / 35)),
        ("Z+jets", "pink", np.where(x < 150, 2500 * np.exp(-x / 14), 0)),
    ]  # fmt: skip
    total = np.sum([values for _, _, values in layers], axis=0)
    slepton = 1.2 * x / 200 * np.exp(-(((x - 250) / 120) ** 2))
    return make(
        edges,
        layers,
        _poisson(total, 9),
        spread=0.3,
        overlays=[("#tilde{l} (600, 300) GeV", "red", slepton, 10.0)],
        log=True,
        lo=0.02,
        process="2l + 0 jets (SR loose / SR tight)",
        xtitle="M_{T2} [GeV]",
        title="Stransverse Mass",
    )


def artificial() -> Plot:
    return dataclasses.replace(
        higgs(), banners=("×10 artificial data: no physics", "synthetic samples: not collisions")
    )


_THREE = np.linspace(0, 3, 4)


def empty() -> Plot:
    return make(_THREE, [], None)


def zero() -> Plot:
    return make(_THREE, [("ZZ", "azure", np.zeros(3)), ("Higgs", "red", np.zeros(3))], np.zeros(3))


def single_bin() -> Plot:
    return make(
        np.array([0.0, 1.0]), [("ZZ", "azure", np.array([7.0])), ("Higgs", "red", np.array([3.0]))], np.array([11.0])
    )


def negative() -> Plot:
    return make(
        np.linspace(0, 4, 5),
        [("ZZ", "azure", np.array([8.0, 5.0, -3.0, 2.0])), ("Other", "indigo", np.array([-2.0, 3.0, 1.0, -1.0])), ("Higgs", "red", np.array([1.0, 1.0, 1.0, 1.0]))],
        np.array([7.0, 9.0, 1.0, 0.0]),
    )  # fmt: skip


def not_numbers() -> Plot:
    return make(
        np.linspace(0, 4, 5),
        [("ZZ", "azure", np.array([8.0, NAN, 3.0, math.inf])), ("Higgs", "red", np.array([1.0, 1.0, 1.0, 1.0]))],
        np.array([7.0, 9.0, NAN, 2.0]),
    )  # fmt: skip


def log_with_zeros() -> Plot:
    return make(
        np.linspace(0, 5, 6),
        [("ZZ", "azure", np.array([0.0, 1000.0, 10.0, 0.0, 0.05])), ("Higgs", "red", np.array([0.0, 1.0, 1.0, 0.01, 0.0]))],
        np.array([0.0, 990.0, 12.0, 1.0, 0.0]),
        log=True,
        lo=0.1,
    )  # fmt: skip


def no_data() -> Plot:
    return dataclasses.replace(higgs(), data=None, panel=None, notes=("no data in this result",))


def no_simulation() -> Plot:
    plot = higgs()
    return dataclasses.replace(plot, layers=(), prediction=None, uncertainty=None, panel=None)


ANALYSES = {"higgs": higgs, "w_boson": w_boson, "photons": photons, "sleptons": sleptons}
ODD = {
    "artificial": artificial, "empty": empty, "zero": zero, "single_bin": single_bin, "negative": negative,
    "not_numbers": not_numbers, "log_with_zeros": log_with_zeros, "no_data": no_data, "no_simulation": no_simulation,
}  # fmt: skip
ALL = ANALYSES | ODD

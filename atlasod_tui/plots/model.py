"""What a plot shows: numbers, labels and sentences, ready to be drawn; no terminal, no matplotlib."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from atlasod_tui.engine.author import Hue

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layer:
    """A group of the stack.

    Attributes:
        group: Its name in the analysis (``Z_Z``).
        label: Its name in the legend, in TLatex.
        hue: Its colour, by name; a palette says which colour that is.
        values: [n] expected events per bin, overflow in the last bin where the plot merges it; may be negative or NaN.
        variances: [n] squared statistical errors of them.
    """

    group: str
    label: str
    hue: Hue
    values: FloatArray
    variances: FloatArray

    @property
    def content(self) -> float:
        """Expected events in all bins."""
        return float(self.values.sum())


@dataclass(frozen=True, eq=False)
class Overlay(Layer):
    """A group drawn as a line over the stack.

    Attributes:
        factor: What the line is drawn multiplied with; ``values`` are without it.
    """

    factor: float = 1.0


@dataclass(frozen=True, eq=False)
class Points:
    """Points with error bars, one per bin; NaN where there is none to draw.

    Attributes:
        values: [n].
        below: [n] length of the bar downwards, not negative.
        above: [n] length of the bar upwards, not negative.
    """

    values: FloatArray
    below: FloatArray
    above: FloatArray


@dataclass(frozen=True, eq=False)
class Curve:
    """A smooth line: at ``x`` [m], in the unit of the axis, its height ``y`` [m], in events per bin."""

    label: str
    hue: Hue
    x: FloatArray
    y: FloatArray


@dataclass(frozen=True, eq=False)
class Panel:
    """The panel below the plot.

    Attributes:
        kind: ``ratio``: data over prediction, around 1; ``difference``: data minus fitted background, around 0.
        title: Of its y axis.
        points: What is drawn; errors of the data alone for a ratio, those of the prediction are the band.
        band: [n] half the height of the band around the reference line, NaN where there is no prediction.
        curve: Drawn over the points (the fitted signal), or None.
        lo: Lower end of its y axis.
        hi: Upper end of its y axis.
    """

    kind: Literal["ratio", "difference"]
    title: str
    points: Points
    band: FloatArray | None
    curve: Curve | None
    lo: float
    hi: float

    @property
    def reference(self) -> float:
        """Where the points would be if the data were as predicted."""
        return 1.0 if self.kind == "ratio" else 0.0


@dataclass(frozen=True)
class Fit:
    """A cubic with a Gaussian: p0 + p1 x + p2 x2 + p3 x3 + p4 exp(-((x - p5) / p6)2 / 2), x in GeV.

    Attributes:
        parameters: p0 to p6.
        errors: Their errors, 0 where fixed.
        chi2: Sum over the bins with data of ((data - function) / error) squared.
        ndf: Number of these bins minus number of free parameters.
        signal: Events of the Gaussian, summed over the bins.
        background: Events of the cubic, summed over the bins.
    """

    parameters: tuple[float, ...]
    errors: tuple[float, ...]
    chi2: float
    ndf: int
    signal: float
    background: float


@dataclass(frozen=True)
class Yield:
    """A row of the table of yields.

    Attributes:
        name: ``Z_Z``, ``B``, ``S+B``, ``data``, ``data/(S+B)``...
        label: For people, in TLatex.
        kind: What it is.
        value: Events in all bins (or their ratio); NaN where not known.
        error: Its statistical error.
    """

    name: str
    label: str
    kind: Literal["background", "signal", "overlay", "sum", "data", "ratio"]
    value: float
    error: float


@dataclass(frozen=True, eq=False)
class Plot:
    """One histogram, data and simulation.

    Attributes:
        analysis: Its framework name (``HZZAnalysis``).
        process: What the analysis looks for, in TLatex.
        histogram: Name of the histogram.
        title: Title of the histogram.
        xtitle: Title of the x axis, in TLatex, unit included (mostly GeV).
        ytitle: Title of the y axis, in TLatex.
        edges: [n + 1] edges of the bins, in the unit of the x axis.
        layers: The stack, from bottom to top.
        overlays: Lines over the stack.
        curves: Smooth lines over all: those of the fit.
        prediction: [n] sum of the stack; None without one.
        uncertainty: [n] its statistical error; None without a stack.
        data: None without data.
        panel: None where there is nothing to compare; a note says why.
        fit: None but for analyses that fit their data.
        yields: Groups from top of the legend to its end, then sums, then data.
        log: Whether the y axis is logarithmic.
        lo: Lower end of the y axis of a picture; above 0 if logarithmic.
        hi: Its upper end: beyond all data, with room for a legend.
        luminosity_pb: What the simulation is scaled to, in 1/pb.
        luminosity_of: Where that number comes from, for people ("data periods A, B").
        energy_tev: Centre-of-mass energy in TeV.
        variant: Variant of the analysis, ``framework`` or ``fixed``; empty where two results are of one each.
        quirks: Sentences on the quirks of the framework that touch this plot, which then bears a dagger.
        banners: What has to be said in large letters ("x10 artificial data: no physics").
        notes: What has to be said in small ones: missing samples, why there is no ratio, bins that are not numbers.
        expected: Number of simulated samples that the analysis reads.
        missing: Which of them the result does not have.
    """

    analysis: str
    process: str
    histogram: str
    title: str
    xtitle: str
    ytitle: str
    edges: FloatArray
    layers: tuple[Layer, ...]
    overlays: tuple[Overlay, ...]
    curves: tuple[Curve, ...]
    prediction: FloatArray | None
    uncertainty: FloatArray | None
    data: Points | None
    panel: Panel | None
    fit: Fit | None
    yields: tuple[Yield, ...]
    log: bool
    lo: float
    hi: float
    luminosity_pb: float
    luminosity_of: str
    energy_tev: float = 13.0
    variant: str = "framework"
    quirks: tuple[str, ...] = ()
    banners: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    expected: int = 0
    missing: tuple[str, ...] = field(default=())

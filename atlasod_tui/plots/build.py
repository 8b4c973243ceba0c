"""From the histograms of a result to the numbers of a plot; the rules are those of the framework's `Plotting.cxx`."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from atlasod_tui import shown
from atlasod_tui.plots.fit import FREE, Fitted, fit_peak, usable
from atlasod_tui.plots.inputs import Counts, Inputs, collect
from atlasod_tui.plots.intervals import garwood
from atlasod_tui.plots.limits import panel_limits, scale_of, y_limits
from atlasod_tui.plots.model import Curve, Fit, FloatArray, Layer, Overlay, Panel, Plot, Points
from atlasod_tui.plots.stack import overlay, overlays, scaled, total
from atlasod_tui.plots.yields import Sum, sums_of_fit, sums_of_stack, table
from atlasod_tui.samples.catalogue import LUMINOSITY_PB

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlasod_tui.engine.author import Analysis, Histogram, PeakFit
    from atlasod_tui.plots.results import AnalysisResult
    from atlasod_tui.rootfile.histogram import Histogram1D


_CURVE_POINTS = 441
_RATIO_END = 2.0  # `Plotting.cxx`
_TIMES = "\N{MULTIPLICATION SIGN}"


def build(
    result: AnalysisResult,
    histogram: str,
    contents: Mapping[str, Histogram1D],
    luminosity_pb: float | None = None,
) -> Plot:
    """Return the plot of a histogram; whatever the numbers are, there is one, and its notes say what is odd.

    Args:
        result: What is known of the analysis and its samples.
        histogram: Name of the histogram.
        contents: It, by sample; finished or partial. Samples without it are missing from the plot.
        luminosity_pb: What simulation is scaled to (1/pb); without it, the luminosity of the result's data.
    """
    analysis = result.analysis
    luminosity = result.luminosity_pb if luminosity_pb is None else luminosity_pb
    booked = _booked(analysis, histogram)
    titles = booked or next(iter(contents.values()), None)
    with np.errstate(all="ignore"):  # what is no number is NaN in the end, and a note says so
        inputs = collect(result, booked, histogram, contents)
        body = _body(analysis, histogram, inputs, luminosity)
        scale = scale_of(analysis, histogram)
        lo, hi = y_limits(scale, _share(luminosity), *body.heights())
    return Plot(
        analysis=analysis.framework_name,
        process=analysis.label or analysis.title,
        histogram=histogram,
        title=titles.title.strip() if titles else histogram,
        xtitle=titles.xtitle.strip() if titles else "",
        ytitle=titles.ytitle.strip() if titles else "",
        edges=inputs.axis.edges,
        layers=body.layers,
        overlays=body.overlays,
        curves=body.curves,
        prediction=body.prediction,
        uncertainty=body.uncertainty,
        data=body.data,
        panel=body.panel,
        fit=body.fit,
        yields=table(analysis, body.simulated, inputs, body.sums, " (fit)" if body.is_fit else ""),
        log=scale.log,
        lo=lo,
        hi=hi,
        luminosity_pb=luminosity,
        luminosity_of=result.luminosity_of if luminosity_pb is None else "--lumi",
        variant=result.variant,
        quirks=_quirks(result, histogram),
        banners=_banners(inputs),
        notes=tuple(dict.fromkeys((*inputs.notes, *body.notes, *result.notes))),
        expected=inputs.expected,
        missing=inputs.missing,
    )


@dataclass(frozen=True, eq=False)
class _Body:
    """What differs between a stack and a fit; the names are those of `Plot`."""

    simulated: Mapping[str, Layer]
    data: Points | None
    sums: tuple[Sum, Sum]
    notes: tuple[str, ...]
    panel: Panel | None
    layers: tuple[Layer, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    curves: tuple[Curve, ...] = ()
    prediction: FloatArray | None = None
    uncertainty: FloatArray | None = None
    fit: Fit | None = None
    is_fit: bool = False

    def heights(self) -> tuple[list[FloatArray], list[FloatArray]]:
        """Return what the y axis is chosen for, and what must be seen as well."""
        heights: list[FloatArray] = []
        lines = [line.values * line.factor for line in self.overlays] + [curve.y for curve in self.curves]
        beyond = [*lines]
        if self.data is not None:
            heights.append(self.data.values)
            beyond.append(self.data.values + self.data.above)
        if self.prediction is not None and self.uncertainty is not None:
            heights.append(self.prediction)
            beyond.append(self.prediction + self.uncertainty)
        return heights or lines, beyond


def _body(analysis: Analysis, histogram: str, inputs: Inputs, luminosity: float) -> _Body:
    layers = scaled(analysis, histogram, inputs, luminosity)
    peak = next((fit for fit in analysis.fits if fit.histogram == histogram), None)
    if peak is not None:
        return _fitted(peak, inputs, layers, luminosity)
    stack = tuple(layers[group] for group in analysis.groups if group in layers)
    prediction, variances = total(stack, inputs.axis.nbins)
    points = _without_idle_bars(_points(inputs.data), prediction) if inputs.data is not None else None
    if not stack:
        lines = overlays(analysis, histogram, layers, 0.0)
        note = "no ratio: there is no simulation" if points is not None else "neither data nor simulation"
        return _Body(layers, points, sums_of_stack(analysis, layers), (note,), None, overlays=lines)
    uncertainty = np.sqrt(variances)
    reason = _unequal(inputs) or _no_ratio(points, prediction)
    return _Body(
        simulated=layers,
        data=points,
        sums=sums_of_stack(analysis, layers),
        notes=(reason,) if reason else (),
        panel=None if reason or points is None else _ratio(points, prediction, uncertainty),
        layers=stack,
        overlays=overlays(analysis, histogram, layers, float(prediction.sum())),
        prediction=prediction,
        uncertainty=uncertainty,
    )


def _points(data: Counts) -> Points:
    """Return data with Garwood's intervals; those with weights have the roots of the sums of their squares."""
    if data.weighted:
        error = np.sqrt(data.variances)
        return Points(data.values, error, error)
    return Points(data.values, *garwood(data.values))


def _without_idle_bars(points: Points, prediction: FloatArray) -> Points:
    """Return data of which an empty bin has a bar only if that ends within the panel of ratios.

    Where 0.92 events or more are expected, it says something that none is seen. Elsewhere a bar of 1.84 events agrees
    with whatever is expected, and hides it: it would in most bins of a tail, at a low luminosity in all.
    """
    says_nothing = (points.values == 0) & ~(points.above <= _RATIO_END * prediction)
    return Points(points.values, points.below, np.where(says_nothing, 0.0, points.above))


def _no_ratio(points: Points | None, prediction: FloatArray) -> str:
    if points is None:
        return "no ratio: there are no data"
    return "" if (prediction > 0).any() else "no ratio: the simulation is empty here"


def _ratio(points: Points, prediction: FloatArray, uncertainty: FloatArray) -> Panel:
    """Return data over prediction, without empty bins that have no bar; the errors of the prediction are the band."""
    expected = np.where(prediction > 0, prediction, np.nan)
    seen = np.where((points.values != 0) | (points.above > 0), expected, np.nan)
    ratio = Points(points.values / seen, points.below / seen, points.above / seen)
    return Panel("ratio", "Data / Pred", ratio, uncertainty / expected, None, 0.0, _RATIO_END)


def _fitted(peak: PeakFit, inputs: Inputs, layers: Mapping[str, Layer], luminosity: float) -> _Body:
    """Return data with the fit of peak and background; simulation, the peak alone, is a line."""
    share = luminosity / LUMINOSITY_PB
    points = _points(inputs.data) if inputs.data is not None else None
    lines = tuple(overlay(item) for item in layers.values())
    fitted, reason = _fit(peak, inputs, share)
    unequal = _unequal(inputs)
    notes = tuple(note for note in (reason, unequal) if note)
    if fitted is None or points is None:
        return _Body(layers, points, sums_of_fit(None), notes, None, overlays=lines, is_fit=True)
    edges = inputs.axis.edges
    x = np.linspace(edges[0], edges[-1], _CURVE_POINTS)
    background, signal = fitted.background(x), fitted.signal(x)
    centred = points.values - fitted.background(inputs.axis.centres)
    difference = Points(centred, points.below, points.above)
    seen = (centred - points.below, centred + points.above, signal)
    lo, hi = panel_limits(peak.lo, peak.hi, _share(luminosity), seen)
    panel = Panel("difference", "Data - Bkg", difference, None, Curve("Signal", "red", x, signal), lo, hi)
    return _Body(
        simulated=layers,
        data=points,
        sums=sums_of_fit(fitted),
        notes=notes,
        panel=None if unequal else panel,
        overlays=lines,
        curves=(Curve("Background", "blue", x, background), Curve("Signal + bkg", "orange", x, background + signal)),
        fit=fitted.fit,
        is_fit=True,
    )


def _fit(peak: PeakFit, inputs: Inputs, share: float) -> tuple[Fitted | None, str]:
    """Return the fit of the data, or None and why there is none."""
    data = inputs.data
    if data is None:
        return None, "no fit: there are no data"
    if data.sample.factor is None:
        return None, "no fit: the data periods are multiplied unequally"
    fitted = fit_peak(inputs.axis.centres, data.values, data.variances, peak, peak.height * share)
    bins = int(usable(data.values, data.variances).sum())
    if fitted is None:
        few = f"only {bins} bins have data, and {FREE} parameters are free"
        return None, f"no fit: {few if bins < FREE else 'the numbers are too wild'}"
    return fitted, ""


def _booked(analysis: Analysis, name: str) -> Histogram | None:
    """Return the declaration of a histogram, which may be one of a family."""
    for histogram in analysis.histograms:
        names = [f"{histogram.name}_{channel}" for channel in histogram.channels] or [histogram.name]
        if name in names:
            return histogram
    return None


def _share(luminosity: float) -> float:
    """Return a luminosity, divided by that of all data; 1 for what is none."""
    return luminosity / LUMINOSITY_PB if isfinite(luminosity) and luminosity > 0 else 1.0


def _unequal(inputs: Inputs) -> str:
    """Return why data and simulation cannot be compared: that their events are not copied equally often."""
    if not inputs.unequal:
        return ""
    factors = inputs.factors
    kinds = [f"{_TIMES}{factor}: {shown.some(names)}" for factor, names in factors.items() if factor is not None]
    kinds += [f"unequal in itself: {shown.some(names)}" for factor, names in factors.items() if factor is None]
    return f"no ratio: the samples are multiplied unequally ({'; '.join(kinds)})"


def _banners(inputs: Inputs) -> tuple[str, ...]:
    """Return what must be said in large letters: that events were copied, or generated."""
    found = []
    factors = inputs.factors
    if inputs.unequal:
        found.append("unequally multiplied artificial data: no physics")
    elif any(factor != 1 for factor in factors):
        found.append(f"{_TIMES}{next(iter(factors))} artificial data: no physics")
    if inputs.synthetic:
        found.append("synthetic samples: not collisions")
    return tuple(found)


def _quirks(result: AnalysisResult, histogram: str) -> tuple[str, ...]:
    """Return the quirks that touch a histogram; variant ``fixed`` keeps those that nothing corrects."""
    return tuple(
        quirk.what
        for quirk in result.analysis.quirks
        if any(fnmatchcase(histogram, glob) for glob in quirk.touches)
        if result.variant == "framework" or not quirk.fixed
    )

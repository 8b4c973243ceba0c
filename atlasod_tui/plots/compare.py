"""Two results of one analysis in one plot: the data of both, or the predictions, and their ratio."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot, inf, isfinite, nan
from typing import Literal

import numpy as np

from atlasod_tui import shown
from atlasod_tui.errors import UsageError
from atlasod_tui.plots.model import FloatArray, Layer, Overlay, Panel, Plot, Points, Yield

What = Literal["prediction", "data"]

_PANEL_END = 2.0
_TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, eq=False)
class _Side:
    """What is compared of one result: [n] values and their errors down and up, already scaled."""

    name: str
    values: FloatArray
    below: FloatArray
    above: FloatArray
    total: float
    error: float


def can_compare(one: Plot, other: Plot) -> list[What]:
    """Return what both plots have to be compared, predictions first."""
    found: list[What] = []
    if one.prediction is not None and other.prediction is not None:
        found.append("prediction")
    if one.data is not None and other.data is not None:
        found.append("data")
    return found


def compare(one: Plot, other: Plot, what: What, called: tuple[str, str] | None = None) -> Plot:
    """Return a plot of what two results have in one histogram: A, the first, filled or as points, B as a line.

    The second is scaled to the luminosity of the first, where these differ: a label and a note say so. Below is the
    ratio of the first to the second; the errors of its points are those of the first, the band is that of the second,
    as if the two were independent, which results of the same events are not.

    Args:
        one: A plot of the first result.
        other: One of the same histogram of the second.
        what: Whether predictions (sums of the stacks) or data are compared.
        called: What the results are called, for people; said in a note.

    Raises:
        UsageError: If the plots are of different histograms or bins, or one does not have what is compared.
    """
    if (one.analysis, one.histogram) != (other.analysis, other.histogram):
        message = f"{one.histogram} of {one.analysis} cannot be compared with {other.histogram} of {other.analysis}"
        raise UsageError(message, "Choose two results of one analysis.")
    names = ("A", "B")
    if not np.array_equal(one.edges, other.edges):
        raise UsageError(f"{one.histogram} has other bins in one result than in the other", "Run both analyses again.")
    if what not in can_compare(one, other):
        raise UsageError(f"one of the results has no {what} in {one.histogram}", "Compare with another result.")
    factor = _factor(one, other)
    first, second = _side(one, what, names[0], 1.0), _side(other, what, names[1], factor)
    with np.errstate(all="ignore"):
        panel = _panel(first, second)
    apart = [*(["luminosities"] * (factor != 1)), *(["variants"] * (one.variant != other.variant))]
    warned = f"{' and '.join(apart)} differ: " if apart else ""
    who = () if called is None else (f"{warned}A is {called[0]}, B is {called[1]}",)
    times = "" if factor == 1 else f" {_TIMES}{factor:.3g}"
    label = f"{second.name}: {what}{times}"
    line = Overlay("second", label, "red", second.values, np.square(np.maximum(second.below, second.above)))
    filled = what == "prediction"
    heights = [first.values + first.above, second.values]
    return replace(
        one,
        layers=(Layer("S+B", f"{first.name}: {what}", "azure", first.values, np.square(first.above)),) * filled,
        overlays=(line,),
        curves=(),
        prediction=first.values if filled else None,
        uncertainty=first.above if filled else None,
        data=None if filled else Points(first.values, first.below, first.above),
        panel=panel,
        fit=None,
        variant=one.variant if one.variant == other.variant else "",
        yields=_yields(first, second, what, times),
        hi=max(one.hi, 1.1 * max((float(a[np.isfinite(a)].max(initial=0.0)) for a in heights), default=0.0)),
        quirks=tuple(dict.fromkeys((*one.quirks, *other.quirks))),
        banners=_both(one.banners, other.banners, names),
        notes=(*who, *_differences(one, other, names, factor), *_both(one.notes, other.notes, names)),
        expected=0,
        missing=(),
    )


def _factor(one: Plot, other: Plot) -> float:
    """Return what brings the second result to the luminosity of the first; 1 where they are equal or not known."""
    factor = one.luminosity_pb / other.luminosity_pb if other.luminosity_pb > 0 else nan
    return factor if isfinite(factor) and abs(factor - 1) > 1e-9 and factor > 0 else 1.0  # noqa: PLR2004 - rounding


def _side(plot: Plot, what: What, name: str, factor: float) -> _Side:
    rows = {row.name: row for row in plot.yields}
    if what == "data":
        points = plot.data
        if points is None:
            raise AssertionError
        values, below, above = points.values, points.below, points.above
    else:
        if plot.prediction is None or plot.uncertainty is None:
            raise AssertionError
        values, below, above = plot.prediction, plot.uncertainty, plot.uncertainty
    row = rows.get("data" if what == "data" else "S+B")
    total, error = (row.value, row.error) if row is not None else (nan, nan)
    return _Side(name, values * factor, below * factor, above * factor, total * factor, error * factor)


def _panel(first: _Side, second: _Side) -> Panel:
    """Return first over second; nothing where the second is not above 0."""
    base = np.where(second.values > 0, second.values, np.nan)
    points = Points(first.values / base, first.below / base, first.above / base)
    band = np.maximum(second.below, second.above) / base
    return Panel("ratio", f"{first.name} / {second.name}", points, band, None, 0.0, _PANEL_END)


def _yields(first: _Side, second: _Side, what: What, times: str) -> tuple[Yield, ...]:
    kind: Literal["data", "sum"] = "data" if what == "data" else "sum"
    ratio = first.total / second.total if second.total > 0 else nan
    error = hypot(first.error / first.total, second.error / second.total) * abs(ratio) if first.total else inf
    return (
        Yield("data" if what == "data" else "S+B", f"{first.name}: {what}", kind, first.total, first.error),
        Yield("second", f"{second.name}: {what}{times}", kind, second.total, second.error),
        Yield("ratio", f"{first.name} / {second.name}", "ratio", ratio, error if isfinite(error) else nan),
    )


def _differences(one: Plot, other: Plot, names: tuple[str, str], factor: float) -> list[str]:
    """Return what is not alike in the two results, sentences."""
    first, second = names
    found = []
    if factor != 1:
        size = f"{other.luminosity_pb:.6g} /pb, that of {first} {one.luminosity_pb:.6g} /pb"
        found.append(f"{second} is scaled by {factor:.4g}: its luminosity is {size}")
    if one.variant != other.variant:
        found.append(f"the variants differ: {first} is {one.variant}, {second} is {other.variant}")
    for name, mine, theirs in ((first, one, other), (second, other, one)):
        lacking = [sample for sample in mine.missing if sample not in theirs.missing]
        if lacking:
            found.append(f"{name} lacks samples that the other has: {shown.some(lacking)}")
    found.append("errors as if the two were independent: those of the same events are not")
    return found


def _both(one: tuple[str, ...], other: tuple[str, ...], names: tuple[str, str]) -> tuple[str, ...]:
    """Return sentences: those of both as they are, others with the name of the result that they are of."""
    common = [text for text in one if text in other]
    own = [f"{name}: {text}" for name, texts in zip(names, (one, other), strict=True) for text in texts]
    return (*common, *(text for text in own if text.partition(": ")[2] not in common))

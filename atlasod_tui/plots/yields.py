"""The table of yields: events in all bins."""

from __future__ import annotations

from math import floor, hypot, isfinite, log10, nan, sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np

from atlasod_tui.plots.model import Layer, Yield
from atlasod_tui.plots.stack import looks, total

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atlasod_tui.engine.author import Analysis
    from atlasod_tui.plots.fit import Fitted
    from atlasod_tui.plots.inputs import Inputs

Sum = tuple[float, float]
"""Events and their statistical error."""

_UNKNOWN: Sum = (nan, nan)
_HUNDRED, _WHOLE = 99.5, 1000


def table(
    analysis: Analysis, layers: Mapping[str, Layer], inputs: Inputs, sums: tuple[Sum, Sum], of_fit: str = ""
) -> tuple[Yield, ...]:
    """Return the rows, always the same ones: groups, overlays, ``B``, ``S+B``, ``data``, ``data/(S+B)``.

    Args:
        analysis: Declares the groups, and which are signal.
        layers: The groups and overlays that have simulation, by name.
        inputs: Has the data; and whether they and simulation are copied equally often, without which there is no ratio.
        sums: Background, and background plus signal: what data are compared with.
        of_fit: What the labels of these say of their origin.
    """
    looked = looks(analysis)
    rows: list[Yield] = []
    for name in (*reversed(list(analysis.groups)), *analysis.overlays):
        look = looked[name]
        kind: Literal["overlay", "signal", "background"] = "signal" if look.signal else "background"
        found = content([layers[name]]) if name in layers else _UNKNOWN
        rows.append(Yield(name, look.label, "overlay" if name in analysis.overlays else kind, *found))
    has_signal = any(looked[group].signal for group in analysis.groups)
    background, prediction = sums
    data = inputs.data
    counted = _UNKNOWN if data is None else (float(data.values.sum()), sqrt(float(data.variances.sum())))
    over = _UNKNOWN if inputs.unequal else _over(counted, prediction)
    whole, ratio = ("Signal + background", "Data / (S+B)") if has_signal else ("Prediction", "Data / prediction")
    return (
        *rows,
        Yield("B", f"Background{of_fit}", "sum", *background),
        Yield("S+B", f"{whole}{of_fit}", "sum", *prediction),
        Yield("data", "Data", "data", *counted),
        Yield("data/(S+B)", ratio, "ratio", *over),
    )


def sums_of_stack(analysis: Analysis, layers: Mapping[str, Layer]) -> tuple[Sum, Sum]:
    """Return background, and background plus signal, of the groups of a stack; overlays count for neither."""
    stack = [layers[group] for group in analysis.groups if group in layers]
    if not stack:
        return _UNKNOWN, _UNKNOWN
    looked = looks(analysis)
    return content([item for item in stack if not looked[item.group].signal]), content(stack)


def sums_of_fit(fitted: Fitted | None) -> tuple[Sum, Sum]:
    """Return background, and background plus signal, of a fit: its signal is fixed."""
    if fitted is None:
        return _UNKNOWN, _UNKNOWN
    background, error = fitted.fit.background, fitted.background_error
    return (background, error), (background + fitted.fit.signal, error)


def rounded(row: Yield) -> tuple[str, str]:
    """Return a number and its error as texts, both to the second digit of the error; ``-`` for what is not known."""
    if not isfinite(row.value):
        return "-", ""
    if not isfinite(row.error) or row.error <= 0:
        return (f"{row.value:.0f}" if abs(row.value) >= _WHOLE else f"{row.value:.4g}"), ""
    if row.kind == "data":
        return f"{row.value:.10g}", two_digits(row.error)
    digits = min(max(1 - floor(log10(row.error)), 0), 8)
    return f"{row.value:.{digits}f}", f"{row.error:.{digits}f}"


def two_digits(error: float) -> str:
    """Return an error as text to its second digit, a large one as a whole number: 0.5, 31, 274."""
    return f"{error:.0f}" if error >= _HUNDRED else f"{error:.2g}"


def content(layers: Sequence[Layer]) -> Sum:
    """Return the events of layers, and their error."""
    if not layers:
        return 0.0, 0.0
    values, variances = total(layers, len(layers[0].values))
    return float(values.sum()), float(np.sqrt(variances.sum()))


def _over(above: Sum, below: Sum) -> Sum:
    """Return a ratio with the errors of both; NaN where there is nothing to divide by."""
    if not (isfinite(above[0]) and below[0] > 0):
        return _UNKNOWN
    ratio = above[0] / below[0]
    return ratio, hypot(above[1] / below[0], ratio * (below[1] / below[0]))

"""The numbers of plots as one JSON document, for scripts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlasod_tui.plots.model import Fit, Plot, Yield


def document(plots: Iterable[Plot]) -> dict[str, Any]:
    """Return yields and fits of plots, by analysis and histogram; numbers that are not known, or not finite, are None.

    Of an analysis: ``lumi_pb``, ``lumi_of`` (where that comes from), ``variant``, ``samples`` (how many of the
    ``expected`` simulated ones there are), ``missing``, ``banners``, ``notes`` (of any of its plots), ``histograms``.
    Of a histogram: ``groups`` (expected events of each, in all bins), ``overlays`` likewise, ``data``, ``background``,
    ``prediction`` (background and signal), ``errors`` (statistical, of all these under the same names), ``quirks``,
    and ``fit`` where the data are fitted.
    """
    analyses: dict[str, dict[str, Any]] = {}
    for plot in plots:
        entry = analyses.setdefault(plot.analysis, _analysis(plot))
        for key, texts in (("banners", plot.banners), ("notes", plot.notes)):
            entry[key] += [text for text in texts if text not in entry[key]]
        entry["histograms"][plot.histogram] = _histogram(plot)
    return {"analyses": analyses}


def _analysis(plot: Plot) -> dict[str, Any]:
    return {
        "lumi_pb": _number(plot.luminosity_pb),
        "lumi_of": plot.luminosity_of,
        "variant": plot.variant,
        "samples": plot.expected - len(plot.missing),
        "expected": plot.expected,
        "missing": list(plot.missing),
        "banners": [],
        "notes": [],
        "histograms": {},
    }


_KINDS = {"background": "groups", "signal": "groups", "overlay": "overlays"}
_NAMES = {"data": "data", "B": "background", "S+B": "prediction"}


def _histogram(plot: Plot) -> dict[str, Any]:
    entry = _events(plot.yields, "value") | {"errors": _events(plot.yields, "error"), "quirks": list(plot.quirks)}
    return entry if plot.fit is None else entry | {"fit": _fit(plot.fit)}


def _events(rows: Iterable[Yield], what: Literal["value", "error"]) -> dict[str, Any]:
    found: dict[str, Any] = {"groups": {}, "overlays": {}} | dict.fromkeys(_NAMES.values())
    for row in rows:
        number = _number(getattr(row, what))
        if row.kind in _KINDS:
            found[_KINDS[row.kind]][row.name] = number
        elif row.name in _NAMES:
            found[_NAMES[row.name]] = number
    return found


def _fit(fit: Fit) -> dict[str, float | int | None]:
    parameters = {f"p{at}": _number(value) for at, value in enumerate(fit.parameters)}
    ends = {"chi2": _number(fit.chi2), "ndf": fit.ndf}
    return parameters | ends | {"signal": _number(fit.signal), "background": _number(fit.background)}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

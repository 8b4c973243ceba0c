"""A plot as UHI's JSON: named histograms that hist and boost-histogram read.

The schema is that of the uhi package, `uhi/resources/histograms.schema.json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atlasod_tui import __version__

if TYPE_CHECKING:
    from atlasod_tui.plots.model import FloatArray, Plot

DATA, PREDICTION = "data", "prediction"


def document(plot: Plot) -> dict[str, Any]:
    """Return the histograms of a plot by name: ``data``, each group and overlay, ``prediction``; none without bins.

    JSON has no NaN: a bin without a number has 0, and the metadata of its histogram name it in ``bins_without_number``
    (counted from 0). The variance of data is the mean of the squared lower and upper bar; overlays are without the
    factor they are drawn with. A group called ``data`` or ``prediction`` itself is ``data_`` or ``prediction_``.
    """
    made: dict[str, Any] = {}
    if len(plot.edges) <= 1:
        return made
    if plot.data is not None:
        made[DATA] = _histogram(plot, "Data", plot.data.values, (plot.data.below**2 + plot.data.above**2) / 2)
    for layer in (*plot.layers, *plot.overlays):
        name = f"{layer.group}_" if layer.group in {DATA, PREDICTION} else layer.group
        made[name] = _histogram(plot, layer.label, layer.values, layer.variances)
    if plot.prediction is not None and plot.uncertainty is not None:
        made[PREDICTION] = _histogram(plot, "Prediction", plot.prediction, plot.uncertainty**2)
    return made


def _histogram(plot: Plot, label: str, values: FloatArray, variances: FloatArray) -> dict[str, Any]:
    sound = np.isfinite(values) & np.isfinite(variances)
    metadata: dict[str, Any] = {
        "name": plot.histogram,
        "label": label,
        "analysis": plot.analysis,
        "variant": plot.variant,
        "luminosity_pb": float(plot.luminosity_pb),
    }
    if not sound.all():
        metadata["bins_without_number"] = ", ".join(map(str, np.flatnonzero(~sound)))
    if plot.banners:
        metadata["warning"] = "; ".join(plot.banners)
    return {
        "uhi_schema": 1,
        "writer_info": {"atlasod-tui": {"version": __version__}},
        "metadata": metadata,
        "axes": [_axis(plot)],
        "storage": {
            "type": "weighted",
            "values": np.where(sound, values, 0.0).tolist(),
            "variances": np.where(sound, variances, 0.0).tolist(),
        },
    }


def _axis(plot: Plot) -> dict[str, Any]:
    """Return the axis: of equal bins where they are; what was beyond its ends is in the last bin or nowhere."""
    edges = plot.edges
    shape: dict[str, Any] = {"type": "variable", "edges": edges.tolist()}
    if np.allclose(np.diff(edges), (edges[-1] - edges[0]) / (len(edges) - 1), rtol=1e-9, atol=0):
        shape = {"type": "regular", "lower": float(edges[0]), "upper": float(edges[-1]), "bins": len(edges) - 1}
    return shape | {
        "underflow": False,
        "overflow": False,
        "circular": False,
        "metadata": {"name": plot.histogram, "label": plot.xtitle},
    }

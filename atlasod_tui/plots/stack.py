"""Groups of simulated samples, scaled to a luminosity."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, get_args

import numpy as np

from atlasod_tui.engine.author import Hue, Look
from atlasod_tui.plots.inputs import cleaned, cleaned_squares
from atlasod_tui.plots.model import FloatArray, Layer, Overlay

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from atlasod_tui.engine.author import Analysis
    from atlasod_tui.plots.inputs import Counts, Inputs


def looks(analysis: Analysis) -> dict[str, Look]:
    """Return how each group and overlay is drawn; one without a look gets its name and a hue that is free."""
    found = dict(analysis.looks)
    hues: tuple[Hue, ...] = get_args(Hue)
    for group in (*analysis.groups, *analysis.overlays):
        if group not in found:
            used = {look.hue for look in found.values()}
            found[group] = Look(group, next((hue for hue in hues if hue not in used), "grey"))
    return found


def scaled(analysis: Analysis, histogram: str, inputs: Inputs, luminosity: float) -> dict[str, Layer]:
    """Return the expected events of groups and overlays: luminosity times cross-section over sum of weights.

    The hand-made factors of the framework bring its simulation to its data; samples that this program generated need
    none.

    Args:
        analysis: Declares the groups.
        histogram: The name of the histogram, on which a hand-made factor may depend.
        inputs: The samples there are.
        luminosity: What is scaled to (1/pb).

    Returns:
        All groups of the stack if any of their samples is there; those overlays that have one.
    """
    stacked = any(name in inputs.simulated for members in analysis.groups.values() for name in members)
    groups = {name: members for name, members in analysis.groups.items() if stacked}
    over = analysis.overlays.items()
    groups |= {name: members for name, members in over if not inputs.simulated.keys().isdisjoint(members)}
    looked = looks(analysis)
    found = {}
    for group, members in groups.items():
        values, variances = np.zeros(inputs.axis.nbins), np.zeros(inputs.axis.nbins)
        hand_made = analysis.factor(group, histogram)
        for counts in (inputs.simulated[name] for name in members if name in inputs.simulated):
            scale = _scale(counts, luminosity) * (1.0 if counts.sample.synthetic else hand_made)
            values += counts.values * scale
            variances += counts.variances * scale * scale
        look = looked[group]
        found[group] = Layer(group, look.label, look.hue, cleaned(values), cleaned_squares(variances))
    return found


def total(layers: Iterable[Layer], nbins: int) -> tuple[FloatArray, FloatArray]:
    """Return [n] sum of the values and of the variances of layers."""
    values, variances = np.zeros(nbins), np.zeros(nbins)
    for item in layers:
        values += item.values
        variances += item.variances
    return cleaned(values), cleaned_squares(variances)


def overlay(item: Layer, factor: float = 1.0) -> Overlay:
    """Return a layer as a line over the stack."""
    return Overlay(item.group, item.label, item.hue, item.values, item.variances, factor)


def overlays(analysis: Analysis, histogram: str, layers: Mapping[str, Layer], prediction: float) -> tuple[Overlay, ...]:
    """Return the lines drawn over the stack of a histogram: overlays declared for it.

    Args:
        analysis: Declares them.
        histogram: Its name.
        layers: Groups and overlays by name.
        prediction: Events in the stack, to which some are scaled.
    """
    looked = looks(analysis)
    return tuple(
        overlay(layers[group], _ratio(prediction, layers[group].content) if looked[group].normalised else 1.0)
        for group in analysis.overlays
        if group in layers and any(fnmatchcase(histogram, glob) for glob in looked[group].histograms)
    )


def _scale(counts: Counts, luminosity: float) -> float:
    sample = counts.sample
    if not sample.xsec_pb or not sample.sum_of_weights:
        return 0.0
    return luminosity * sample.xsec_pb / sample.sum_of_weights


def _ratio(above: float, below: float) -> float:
    """Return their ratio, 1 where there is none that could be drawn."""
    found = above / below if below > 0 and above > 0 else 1.0
    return float(found) if np.isfinite(found) else 1.0

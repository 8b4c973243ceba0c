"""From sums to the ROOT files that the framework would have written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.histograms import FLOW, Booked, Layout
from atlasod_tui.engine.sums import Sums
from atlasod_tui.rootfile.histogram import Histogram1D
from atlasod_tui.rootfile.items import Item, TextObject
from atlasod_tui.rootfile.write import write_file

Floats = npt.NDArray[np.float64]


def histograms(layout: Layout, sums: Sums, scale: float = 1.0) -> list[Histogram1D]:
    """Return the histograms as the framework writes them; squares only where a weight was not 1, as in ROOT.

    Args:
        scale: Factor on contents; where it is not 1 the squares are always kept.
    """
    return [histogram(booked, sums, scale) for booked in layout.booked]


def histogram(booked: Booked, sums: Sums, scale: float = 1.0) -> Histogram1D:
    """Return one of them."""
    booking = booked.booking
    keep = sums.weighted(booked) or scale != 1.0
    return Histogram1D(
        booked.name,
        booking.title,
        booking.xtitle,
        booking.ytitle,
        booking.nbins,
        booking.lo,
        booking.hi,
        scale * sums.contents(booked),
        scale * scale * sums.squares(booked) if keep else None,
        sums.entries(booked),
    )


def write_samples(folder: Path, layout: Layout, results: Mapping[str, Sums]) -> None:
    """Write ``<sample>.root`` for each sample: the files that the framework's plotting step reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, sums in results.items():
        write_file(folder / f"{name}.root", {"": histograms(layout, sums)})


def write_bundle(  # noqa: PLR0913
    path: Path,
    analysis: Analysis,
    layout: Layout,
    results: Mapping[str, Sums],
    scales: Mapping[str, float],
    synthetic: Collection[str],
    manifest: str,
) -> None:
    """Write one file with a directory per sample, ``stack_<group>`` per stack group, and the manifest.

    The stacks are those of the plots: sums of a group's samples, scaled to the luminosity of the data and with the
    framework's hand-made factors, see `Analysis.factor`. Overflow stays in its bin, plots add it to the last one.
    Of copied data the luminosity is that of all copies, as the data in this file are.

    Args:
        scales: Factor per simulated sample to the luminosity of the data.
        synthetic: Samples that this program generated: hand-made factors leave them alone.
        manifest: JSON text.
    """
    content: dict[str, list[Item]] = {"": [TextObject("manifest", manifest)]}
    for name, sums in results.items():
        content[name] = list(histograms(layout, sums))
    for group, members in analysis.groups.items():
        stack = Sums.zero(layout)
        by_hand = _factors(analysis, group, layout)
        for name in members:
            if name in results and name in scales:
                stack.add(_scaled(results[name], scales[name] * (1.0 if name in synthetic else by_hand)))
        stack.counts[1 : 2 * len(layout.booked) : 2] = 1  # a stack keeps its squares
        content[f"stack_{group}"] = list(histograms(layout, stack))
    write_file(path, content)


def _factors(analysis: Analysis, group: str, layout: Layout) -> Floats:
    """Return the hand-made factor of a group in each bin of a layout."""
    factors = [analysis.factor(group, booked.name) for booked in layout.booked]
    return np.repeat(factors, [booked.booking.nbins + FLOW for booked in layout.booked])


def _scaled(sums: Sums, scale: float | Floats) -> Sums:
    """Return sums with contents times a factor (of all bins, or [bins]), and squares times its square."""
    scaled = sums.sums.reshape(-1, 2) * np.stack([scale, np.square(scale)], axis=-1)
    return Sums(scaled.ravel(), sums.counts.copy())

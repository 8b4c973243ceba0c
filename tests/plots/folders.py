"""Result folders written by hand: as `analyse` leaves them, with numbers made up from their names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from atlasod_tui.engine.author import Analysis
from atlasod_tui.engine.histograms import Layout
from atlasod_tui.engine.registry import analysis
from atlasod_tui.rootfile.histogram import Histogram1D
from atlasod_tui.rootfile.write import write_file
from atlasod_tui.samples.catalogue import normalisation

LUMINOSITY = 2415.36


def write_result(
    folder: Path,
    names: Iterable[str],
    *,
    samples: Iterable[str] | None = None,
    factors: Mapping[str, int] | None = None,
    synthetic: bool = False,
) -> Path:
    """Write the results of analyses of data periods A and B into a folder, and return it.

    Args:
        folder: Made if it is not there.
        names: Of the analyses.
        samples: Those to write, ``data`` among them; all that the analyses read without it.
        factors: How often the events of a sample are there, by sample; once without it.
        synthetic: Whether the manifest says that the events were generated.
    """
    entries: dict[str, Any] = {}
    for item in map(analysis, names):
        chosen = [name for name in ("data", *item.samples()) if samples is None or name in samples]
        output = folder / f"Output_{item.framework_name}"
        output.mkdir(parents=True)
        entries[item.framework_name] = {
            "variant": "framework",
            "data_periods": ["A", "B"],
            "luminosity_pb": LUMINOSITY,
            "samples": {},
        }
        for name in chosen:
            factor = (factors or {}).get(name, 1)
            write_file(output / f"{name}.root", {"": list(_histograms(item, name, factor))})
            about: dict[str, Any] = {"factor": factor, "synthetic": synthetic}
            if name != "data":
                known = normalisation(item.table, name)
                about |= {"xsec_pb": known.xsec_pb, "sum_of_weights": known.sum_of_weights}
            entries[item.framework_name]["samples"][name] = about
    (folder / "manifest.json").write_text(json.dumps({"analyses": entries, "notes": [], "skipped": []}))
    return folder


def _histograms(item: Analysis, sample: str, factor: int) -> Iterable[Histogram1D]:
    """Yield the histograms of a sample: falling, with something in the flow bins, of data whole numbers."""
    for name, entry in Layout.of(item.histograms).named.items():
        booked = entry.booking
        random = np.random.default_rng(crc32(f"{sample} {name}".encode()))
        expected = 60 * np.exp(-np.linspace(0, 3, booked.nbins + 2))
        counts = random.poisson(expected).astype(float)
        weight = 1.0
        if sample != "data":
            known = normalisation(item.table, sample)
            weight = known.sum_of_weights / known.xsec_pb / LUMINOSITY / (2 + len(sample))
        contents = factor * counts * weight
        squares = None if sample == "data" else factor * counts * weight**2
        yield Histogram1D(
            name, booked.title, booked.xtitle, booked.ytitle, booked.nbins, booked.lo, booked.hi, contents, squares, 1
        )

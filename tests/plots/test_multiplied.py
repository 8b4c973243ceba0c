"""Plots of files that were multiplied, from the files on: the same as of the originals, or without a ratio."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atlasod_tui.jobs.status import State
from atlasod_tui.plots.build import build
from atlasod_tui.plots.document import document
from atlasod_tui.plots.model import Plot
from atlasod_tui.plots.results import contents, find, plotted
from tests.analyses import INPUTS
from tests.jobs.analysing import run_job
from tests.jobs.multiplying import DATA_A, DATA_B, LLLL, run_here

ANALYSES = ["HZZ", "Hyy", "WBoson"]  # a chain of data periods, a fit, period by period
BANNER = "unequally multiplied artificial data: no physics"

Plots = dict[str, dict[str, Plot]]


def plots(inputs: Path, output: Path, *names: str) -> Plots:
    """Analyse a folder and return the plots of it."""
    assert run_job(list(names), output, input=inputs).state is State.DONE
    found: Plots = {}
    for result in find(output):
        read = contents(result, plotted(result.analysis))
        found[result.analysis.name] = {name: build(result, name, read[name]) for name in read}
    return found


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Plots]:
    return cache(lambda: plots(INPUTS, tmp_path_factory.mktemp("once") / "out", *ANALYSES))


@pytest.mark.slow
def test_three_copies_of_all_give_the_same_plots(originals: Callable[[], Plots], tmp_path: Path) -> None:
    run_here([INPUTS], tmp_path / "in", factor=3)
    thrice = plots(tmp_path / "in", tmp_path / "out", *ANALYSES)
    for name, once in originals().items():
        assert thrice[name].keys() == once.keys()
        assert any(plot.data is not None and plot.data.values.any() for plot in once.values())
        for histogram, plot in once.items():
            same(thrice[name][histogram], plot)


def same(thrice: Plot, once: Plot) -> None:
    assert once.banners == ()
    assert thrice.banners == ("\N{MULTIPLICATION SIGN}3 artificial data: no physics",)
    assert (thrice.notes, thrice.missing, thrice.luminosity_pb) == (once.notes, once.missing, once.luminosity_pb)
    found, wanted = numbers(thrice), numbers(once)
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        what = f"{name} of {once.analysis} {once.histogram}"
        np.testing.assert_allclose(found[name], values, rtol=1e-6, atol=1e-9, err_msg=what)


def numbers(plot: Plot) -> dict[str, Any]:
    """Return all that a plot draws and its table says, by name."""
    found: dict[str, Any] = {f"yield {row.name}": (row.value, row.error) for row in plot.yields}
    for layer in (*plot.layers, *plot.overlays):
        found |= {layer.group: layer.values, f"variances {layer.group}": layer.variances}
    for name, points in (("data", plot.data), ("panel", plot.panel.points if plot.panel is not None else None)):
        if points is not None:
            found[name] = (points.values, points.below, points.above)
    if plot.panel is not None and plot.panel.band is not None:
        found["band"] = plot.panel.band
    if plot.fit is not None:
        found["fit"] = (plot.fit.parameters, plot.fit.errors)
    return found


def link(paths: list[Path], folder: Path) -> None:
    for path in paths:
        (folder / path.name).symlink_to(path)


@pytest.mark.parametrize(
    ("copied", "said"),
    [
        ([LLLL], "3: llll"),
        ([DATA_A, DATA_B], "3: data;"),
        ([DATA_A], "unequal in itself: data"),
    ],
)
@pytest.mark.slow
def test_three_copies_of_some_have_no_ratio(
    copied: list[Path], said: str, originals: Callable[[], Plots], tmp_path: Path
) -> None:
    run_here(copied, tmp_path / "in", factor=3)
    link([path for path in INPUTS.glob("4lep/*/*.root") if path not in copied], tmp_path / "in")
    link(list(INPUTS.glob("2lep/MC/*.root")), tmp_path / "in")
    mixed = plots(tmp_path / "in", tmp_path / "out", "HZZ")["HZZ"]
    for histogram, plot in mixed.items():
        assert plot.panel is None
        assert plot.banners == (BANNER,)
        (note,) = (note for note in plot.notes if note.startswith("no ratio: the samples are multiplied unequally"))
        assert said in note
        rows = {row.name: row for row in plot.yields}
        assert np.isnan([rows["data/(S+B)"].value, rows["data/(S+B)"].error]).all()
        once = {row.name: row for row in originals()["HZZ"][histogram].yields}
        for name in ("Z_Z", "Higgs", "V", "B", "S+B", *(["data"] if DATA_B in copied or LLLL in copied else [])):
            assert (rows[name].value, rows[name].error) == pytest.approx((once[name].value, once[name].error), rel=1e-6)
    entry = document(mixed.values())["analyses"]["HZZAnalysis"]
    assert entry["banners"] == [BANNER]

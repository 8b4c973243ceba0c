"""What the twelve analyses say of their plots."""

from __future__ import annotations

import json
from fnmatch import filter as matching
from pathlib import Path

import pytest

from atlasod_tui.engine.registry import analysis
from atlasod_tui.plots.limits import scale_of
from atlasod_tui.plots.results import histogram_names, plotted
from tests.analyses.running import TWELVE


@pytest.mark.parametrize("name", TWELVE)
def test_every_group_has_a_look_of_its_own(name: str) -> None:
    item = analysis(name)
    assert set(item.looks) == {*item.groups, *item.overlays}
    assert len({look.hue for look in item.looks.values()}) == len(item.looks)
    assert len({look.label for look in item.looks.values()}) == len(item.looks)
    assert sum(look.signal for look in item.looks.values()) == 1


@pytest.mark.parametrize("name", TWELVE)
def test_the_looked_for_is_on_top(name: str) -> None:
    item = analysis(name)
    assert item.looks[list(item.overlays or item.groups)[-1]].signal


@pytest.mark.shared
@pytest.mark.parametrize("name", TWELVE)
def test_what_the_framework_plots_is_plotted(name: str, shared: Path) -> None:
    item = analysis(name)
    printed = json.loads((shared / "data" / "synthetic-13tev" / "plot_yields.json").read_text())
    assert set(plotted(item)) == set(printed[item.framework_name])
    assert plotted(item)[0] == item.main


@pytest.mark.parametrize(
    ("name", "histogram", "log", "lo", "hi"),
    [
        ("WBoson", "hist_etmiss", True, 100, 1e12),
        ("WBoson", "hist_leadleptch", True, 100, 1e14),
        ("ZBoson", "hist_mLL", True, 30, 1e10),
        ("ZBoson", "hist_subleadleptch", True, 30, 1e12),
        ("TTbar", "hist_etmiss", True, 10, 1e8),
        ("TTbar", "hist_leadleptch", True, 10, 1e9),
        ("TTbar", "hist_Topmass", False, None, 1e4),
        ("TTbar", "hist_Wmass", False, None, 5e3),
        ("HZZ", "mass_four_lep", False, None, 35),
        ("HZZ", "mass_ext_four_lep", False, None, 40),
        ("HZZ", "hist_n_jets", False, None, None),
        ("SUSY", "hist_mt2_SFOS", True, 10, 1e11),
        ("SUSY", "hist_mt2_SR_tight", True, 0.02, 1e5),
        ("Hyy", "hist_mYY_cat_bin1", False, None, 1000),
        ("HWW", "hist_mt", False, None, None),
    ],
)
def test_the_axes_of_the_framework(name: str, histogram: str, log: bool, lo: float | None, hi: float | None) -> None:
    scale = scale_of(analysis(name), histogram)
    assert (scale.log, scale.lo, scale.hi) == (log, lo, hi)


@pytest.mark.parametrize("name", TWELVE)
def test_all_globs_match_something(name: str) -> None:
    item = analysis(name)
    names = histogram_names(item)
    globs = [glob for scale in item.scales for glob in scale.histograms]
    globs += [*item.unplotted, *(glob for look in item.looks.values() for glob in look.histograms)]
    globs += [glob for quirk in item.quirks for glob in quirk.touches] + [fit.histogram for fit in item.fits]
    assert [glob for glob in globs if not matching(names, glob)] == []

"""The yields of every plot, and the fits, against what the framework's own plotting step printed."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from atlasod_tui.plots.build import build
from atlasod_tui.plots.model import Plot
from atlasod_tui.plots.results import contents, find, plotted

Plots = dict[str, dict[str, Plot]]
Printed = dict[str, dict[str, dict[str, float]]]

pytestmark = pytest.mark.shared

GROUPS = {
    "WBoson": {"W": "W", "Z": "Z", "diboson": "diboson", "ttbar": "ttbar", "stop": "stop"},
    "ZBoson": {"Z": "Z", "W": "W", "diboson": "diboson", "ttbar": "ttbar", "stop": "stop"},
    "TTbar": {"single top": "stop", "ttbar": "ttbar", "V+jets": "V", "diboson": "diboson"},
    "SingleTop": {"stop (t-channel)": "stop_tq", "ttbar and stop (Wt,tb)": "stop_tWtb", "W": "W",
                  "Z and diboson": "ZVV"},
    "WZDiBoson": {"WZ": "W_Z", "ZZ,WW": "VV", "V+jets": "V", "ttbar+stop": "top"},
    "ZZDiBoson": {"ZZ": "Z_Z", "WW, WZ": "WWZ", "top, single top, V+jets": "topV"},
    "HZZ": {"Higgs": "Higgs", "ZZ": "Z_Z", "Other": "V"},
    "HWW": {"Higgs": "Higgs", "Diboson": "diboson", "V+jets": "V", "ttbar": "ttbar", "stop": "stop"},
    "Hyy": {"signal_all": "Higgs"},
    "ZTauTau": {"Z->tautau": "Z_tautau", "Z->ee,mumu": "Z", "W+jets": "W", "ttbar, single top, diboson": "topV"},
    "SUSY": {"diboson": "diboson", "Z+jets": "Z", "W+jets": "W", "single top": "stop", "ttbar": "ttbar"},
    "ZPrimeBoosted": {"single top": "stop", "ttbar": "ttbar", "V+jets": "V", "diboson": "diboson"},
}  # fmt: skip
"""What the plotting step calls the groups."""

WITHOUT_HIGGS = ("HZZ", "HWW")
"""Here its 'Total pred.' is the background alone."""

PLOTS, NUMBERS = 207, 1292


def plots(folder: Path) -> Plots:
    found: Plots = {}
    for result in find(folder):
        read = contents(result, plotted(result.analysis))
        found[result.analysis.name] = {name: build(result, name, read[name], 10064.0) for name in read}
    return found


@pytest.fixture(scope="module")
def printed(shared: Path) -> Printed:
    text = (shared / "data" / "synthetic-13tev" / "plot_yields.json").read_text()
    return {name.removesuffix("Analysis"): found for name, found in json.loads(text).items()}


@pytest.fixture(scope="module")
def of_framework(shared: Path) -> Plots:
    return plots(shared / "data" / "synthetic-13tev" / "reference")


@pytest.fixture(scope="module")
def own(own_results: Path) -> Plots:
    return plots(own_results)


def drawn_at_random(name: str) -> bool:
    """Tell the histograms of values varied by their uncertainty: the framework draws others each time."""
    return "_syst_" in name


def compare(found: Plots, printed: Printed, at_random: float) -> int:
    assert found.keys() == printed.keys() == GROUPS.keys()
    compared = 0
    for name, histograms in printed.items():
        assert found[name].keys() == histograms.keys()
        for histogram, expected in histograms.items():
            mine = {row.name: row.value for row in found[name][histogram].yields}
            wanted = {GROUPS[name][label]: value for label, value in expected.items() if label in GROUPS[name]}
            if name != "Hyy":
                assert expected.keys() == {*GROUPS[name], "Data", "Total pred."}
                wanted["data"] = expected["Data"]
                wanted["B" if name in WITHOUT_HIGGS else "S+B"] = expected["Total pred."]
            relative = at_random if drawn_at_random(histogram) else 2e-5
            for row, value in wanted.items():
                assert mine[row] == pytest.approx(value, rel=relative), f"{name} {histogram} {row}"
            compared += len(wanted)
    return compared


def test_the_yields_of_the_framework_s_own_files(of_framework: Plots, printed: Printed) -> None:
    assert compare(of_framework, printed, 2e-5) == NUMBERS
    assert sum(map(len, of_framework.values())) == PLOTS


@pytest.mark.slow
def test_the_yields_of_our_own_results(own: Plots, printed: Printed) -> None:
    assert compare(own, printed, 0.05) == NUMBERS


@pytest.mark.parametrize("results", ["of_framework", pytest.param("own", marks=pytest.mark.slow)])
@pytest.mark.parametrize("histogram", ["hist_mYY_bin1", "hist_mYY_cat_bin1"])
def test_the_fit(results: str, histogram: str, printed: Printed, request: pytest.FixtureRequest) -> None:
    expected = printed["Hyy"][histogram]
    fit = request.getfixturevalue(results)["Hyy"][histogram].fit
    assert fit is not None
    assert fit.ndf == expected["fit_NDf"]
    for number, value in enumerate(fit.parameters):
        assert same_as_printed(value, expected[f"fit_p{number}"]), number
    assert same_as_printed(fit.chi2, expected["fit_Chi2"])


def same_as_printed(value: float, printed: float) -> bool:
    """Return whether a number differs by no more than one in the last of six digits: a search stops that near."""
    return abs(value - printed) <= 10.0 ** (math.floor(math.log10(abs(printed))) - 5)


@pytest.mark.slow
def test_the_sums_are_those_of_the_groups(own: Plots) -> None:
    for name, found in own.items():
        if name == "Hyy":
            continue
        for plot in found.values():
            rows = {row.name: row for row in plot.yields}
            background = sum(row.value for row in plot.yields if row.kind == "background")
            signal = sum(row.value for row in plot.yields if row.kind == "signal")
            assert rows["B"].value == pytest.approx(background)
            assert rows["S+B"].value == pytest.approx(background + signal)
            if background + signal > 0:
                assert rows["data/(S+B)"].value == pytest.approx(rows["data"].value / rows["S+B"].value)

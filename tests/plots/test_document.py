"""The JSON document of plots: what is not a number is null, and what is said of one plot is said of its analysis."""

from __future__ import annotations

import dataclasses
import json
from math import inf, nan

import pytest

from atlasod_tui.plots.build import build
from atlasod_tui.plots.document import document
from atlasod_tui.plots.model import Fit, Plot, Yield
from atlasod_tui.plots.results import contents, find
from tests.plots.folders import LUMINOSITY, write_result


@pytest.fixture(scope="module")
def plot(tmp_path_factory: pytest.TempPathFactory) -> Plot:
    folder = write_result(tmp_path_factory.mktemp("document"), ["HZZ"], samples=["data", "llll", "ggH125_ZZ4lep"])
    (result,) = find(folder)
    return build(result, "hist_mLL1", contents(result, ["hist_mLL1"])["hist_mLL1"])


def test_the_numbers_are_those_of_the_table(plot: Plot) -> None:
    entry = document([plot])["analyses"]["HZZAnalysis"]["histograms"]["hist_mLL1"]
    rows = {row.name: row for row in plot.yields}
    assert entry["groups"] == {name: rows[name].value for name in ("Higgs", "Z_Z", "V")}
    assert entry["errors"]["groups"] == {name: rows[name].error for name in ("Higgs", "Z_Z", "V")}
    for key, name in (("data", "data"), ("background", "B"), ("prediction", "S+B")):
        assert (entry[key], entry["errors"][key]) == (rows[name].value, rows[name].error)
    assert entry["overlays"] == {}
    assert "fit" not in entry


def test_what_is_no_number_is_null(plot: Plot) -> None:
    yields = (
        Yield("A", "A", "background", nan, inf),
        Yield("L", "L", "overlay", 1.5, 0.5),
        Yield("data", "Data", "data", nan, nan),
    )
    fit = Fit((1.0, nan, 0, 0, 0, 0, 0), (0.0,) * 7, inf, 3, 2.0, nan)
    odd = dataclasses.replace(plot, yields=yields, fit=fit, luminosity_pb=nan)
    found = document([odd])
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    entry = found["analyses"]["HZZAnalysis"]
    assert entry["lumi_pb"] is None
    numbers = entry["histograms"]["hist_mLL1"]
    assert numbers["groups"] == {"A": None}
    assert numbers["overlays"] == {"L": 1.5}
    assert (numbers["data"], numbers["background"], numbers["prediction"]) == (None, None, None)
    assert numbers["errors"]["groups"] == {"A": None}
    assert (numbers["fit"]["p0"], numbers["fit"]["p1"], numbers["fit"]["chi2"]) == (1.0, None, None)


def test_what_is_said_of_the_plots_of_an_analysis_is_said_once(plot: Plot) -> None:
    one = dataclasses.replace(plot, banners=("both",), notes=("a", "b"))
    two = dataclasses.replace(plot, histogram="other", banners=("both",), notes=("b", "c"))
    entry = document([one, two])["analyses"]["HZZAnalysis"]
    assert (entry["banners"], entry["notes"]) == (["both"], ["a", "b", "c"])
    assert (entry["lumi_pb"], entry["lumi_of"]) == (LUMINOSITY, "data periods A, B")
    assert (entry["samples"], entry["expected"], len(entry["missing"])) == (2, 29, 27)
    assert [*entry["histograms"]] == ["hist_mLL1", "other"]


def test_of_nothing_there_is_nothing() -> None:
    assert document([]) == {"analyses": {}}

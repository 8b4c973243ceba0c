"""Analyses over multiplied files: the twelve give the histograms of the originals so many times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uproot

from atlasod_tui.jobs.status import State
from atlasod_tui.samples import groups
from atlasod_tui.samples.catalogue import luminosity_pb
from atlasod_tui.samples.find import find
from tests.analyses import INPUTS
from tests.analyses.running import TWELVE, run_analysis
from tests.jobs.analysing import manifest, run_job
from tests.jobs.multiplying import DATA_A, DATA_B, LLLL, run_here


@pytest.fixture(scope="module")
def tripled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tripled")
    run_here([INPUTS], folder, factor=3)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", TWELVE)
def test_three_times_the_events_are_three_times_the_histograms(name: str, tripled: Path) -> None:
    program, once = run_analysis(name)
    _, thrice = run_analysis(name, tripled)
    assert set(once) == set(thrice)
    assert any(sums.counts.any() for sums in once.values())
    for sample, sums in once.items():
        assert thrice[sample].zero_weights() == 3 * sums.zero_weights()
        for booked in program.layout.booked:
            assert thrice[sample].entries(booked) == 3 * sums.entries(booked)
            # The order of additions differs, so that the last bits of a float64 may.
            for found, expected in (
                (thrice[sample].contents(booked), sums.contents(booked)),
                (thrice[sample].squares(booked), sums.squares(booked)),
            ):
                np.testing.assert_allclose(found, 3 * expected, rtol=1e-12, atol=1e-12 * abs(expected).max())


def analysed(folder: Path, output: Path) -> dict[str, Any]:
    assert run_job(["HZZ"], output, input=folder).state is State.DONE
    entry: dict[str, Any] = manifest(output)["analyses"]["HZZAnalysis"]
    return entry


def test_the_result_tells_the_factor_and_scales_by_it(tripled: Path, tmp_path: Path) -> None:
    once, thrice = analysed(INPUTS, tmp_path / "once"), analysed(tripled, tmp_path / "thrice")
    assert {name: item["factor"] for name, item in thrice["samples"].items()} == dict.fromkeys(once["samples"], 3)
    assert thrice["luminosity_pb"] == once["luminosity_pb"]
    assert thrice["stack_luminosity_pb"] == 3 * once["stack_luminosity_pb"]
    with uproot.open(tmp_path / "once/HZZAnalysis.root") as one, uproot.open(tmp_path / "thrice/HZZAnalysis.root") as n:
        for key in one.keys(filter_classname="TH1F", cycle=False):
            np.testing.assert_allclose(n[key].values(flow=True), 3 * one[key].values(flow=True), rtol=1e-6, err_msg=key)
            assert n[key].member("fEntries") == 3 * one[key].member("fEntries"), key


def test_virtual_and_split_copies_are_the_same_to_an_analysis(tmp_path: Path) -> None:
    split = tmp_path / "split"
    run_here([DATA_A, LLLL], split, factor=5, files=2)
    run_here([DATA_A, LLLL], tmp_path / "virtual", factor=10, virtual=True)
    entries = [analysed(folder, tmp_path / f"{folder.name}-out") for folder in (split, tmp_path / "virtual")]
    for entry in entries:
        assert {name: item["factor"] for name, item in entry["samples"].items()} == {"data": 10, "llll": 10}
    assert [item["selected"] for item in entries[0]["samples"].values()] == [
        item["selected"] for item in entries[1]["samples"].values()
    ]
    (file,) = entries[1]["samples"]["llll"]["files"]
    assert (file["factor"], file["virtual"]) == (10, True)


def test_a_file_knows_better_than_its_name(tmp_path: Path) -> None:
    run_here([DATA_A, LLLL], tmp_path / "in", factor=3)
    (tmp_path / "in" / "data_A.4lep.x3.root").rename(tmp_path / "in" / "data_A.4lep.root")
    entry = analysed(tmp_path / "in", tmp_path / "out")
    assert entry["samples"]["data"]["factor"] == 3
    (note,) = manifest(tmp_path / "out")["notes"]
    assert note == "data_A.4lep.root has 3 copies of its events, not 1 as its name says"


def test_merged_data_are_found_under_their_name(tmp_path: Path) -> None:
    run_here([DATA_A, DATA_B], tmp_path / "in", factor=None, merge="data_A.4lep")
    found = find(tmp_path / "in", dict.fromkeys(groups.DATA, "4lep"))
    assert list(found.files) == ["dataA"]
    entry = analysed(tmp_path / "in", tmp_path / "out")
    assert entry["samples"]["data"]["events"] == 111
    assert (entry["luminosity_pb"], manifest(tmp_path / "out")["notes"]) == (luminosity_pb("AB"), [])
    assert json.loads((tmp_path / "in" / "manifest.json").read_bytes())["files"]["data_A.4lep.root"]["entries"] == {
        "mini": 111
    }


def test_what_cannot_be_scaled_rightly_is_noted(tmp_path: Path) -> None:
    run_here([DATA_A], tmp_path / "in", factor=2)
    run_here([DATA_B], tmp_path / "in", factor=3)
    other = DATA_A.parents[1] / "MC" / "mc_345060.ggH125_ZZ4lep.4lep.root"
    run_here([LLLL, other], tmp_path / "in", factor=None, merge=LLLL.name)
    analysed(tmp_path / "in", tmp_path / "out")
    assert manifest(tmp_path / "out")["notes"] == [
        f"{LLLL.name} has the events of other samples too: {other.name}",
        "the periods of the 4lep data are copied unequally often: the stacks are scaled to one copy of each",
    ]

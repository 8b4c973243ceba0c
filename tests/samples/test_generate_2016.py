"""The 8 TeV flavour: counted arrays, streams, conventions."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from atlasod_tui.samples.generate import FilePlan, plan, write
from atlasod_tui.samples.generate.events_2016 import BRANCHES
from atlasod_tui.samples.generate.plan_2016 import SAMPLES, data_counts, rate

TIGHT = 512


def pick(name: str, events: int = 4_000) -> FilePlan:
    return next(file for file in plan(release="2016", events=events) if file.sample == name)


def read(file: FilePlan, folder: Path) -> ak.Array:
    write(file, folder)
    with uproot.open(folder / file.path) as opened:
        return opened["mini"].arrays()


def test_branches(tmp_path: Path) -> None:
    file = pick("ttbar_lep")
    write(file, tmp_path)
    with uproot.open(tmp_path / file.path) as opened:
        tree = opened["mini"]
        assert [branch.name for branch in tree.branches] == [spec.name for spec in BRANCHES]
        for spec in BRANCHES:
            assert tree[spec.name].typename.endswith("[]") == (spec.shape == "array"), spec.name
            if spec.shape == "array":
                assert tree[spec.name].member("fLeaves")[0].member("fLeafCount").member("fName") == spec.counter
    assert len(BRANCHES) == 46


def test_streams_share_the_events(tmp_path: Path) -> None:
    egamma, muons = (read(pick(name), tmp_path) for name in ("DataEgamma", "DataMuons"))
    assert ak.all(egamma.trigE)
    assert ak.all(muons.trigM & ~muons.trigE)
    assert len(egamma) + len(muons) == pick("DataEgamma").events == sum(data_counts(pick("DataMuons")).values())
    assert 0.4 < len(egamma) / (len(egamma) + len(muons)) < 0.7
    assert not set(egamma.eventNumber.to_list()) & set(muons.eventNumber.to_list())
    for events in (egamma, muons):
        assert ak.all(events.channelNumber == events.runNumber)
        assert ak.all(events.mcWeight == 0)
        assert ak.all(events.passGRL & events.hasGoodVertex)
        assert not ak.any(events.lep_truthMatched)
        for spec in BRANCHES:
            if spec.shape == "array":
                assert ak.all(ak.num(events[spec.name]) == events[spec.counter]), spec.name


def test_selections_work(tmp_path: Path) -> None:
    events = read(pick("Zee"), tmp_path)
    good = (events.lep_flag & TIGHT > 0) & (events.lep_pt > 25_000) & (events.lep_ptcone30 / events.lep_pt < 0.15)
    two = events[ak.sum(good, axis=1) == 2]
    one, other = two.lep_pt[:, 0], two.lep_pt[:, 1]
    mass = np.sqrt(
        2 * one * other
        * (np.cosh(two.lep_eta[:, 0] - two.lep_eta[:, 1]) - np.cos(two.lep_phi[:, 0] - two.lep_phi[:, 1]))
    )  # fmt: skip
    assert len(two) > 100
    assert np.median(mass) == pytest.approx(91_000, rel=0.01)
    assert ak.all(ak.sum(two.lep_charge, axis=1)[two.lep_n == 2] == 0)
    assert set(ak.to_list(events.channelNumber)) == {147770}

    top = read(pick("ttbar_lep", 1_000_000), tmp_path)
    assert 0.5 < ak.mean(ak.sum(top.jet_MV1 > 0.7892, axis=1) > 0) < 0.95
    assert ak.all(top.jet_n <= top.alljet_n)
    assert ak.all(top.jet_pt[:, 1:] <= top.jet_pt[:, :-1])


def test_cross_section_of_the_z_prime() -> None:
    """The one of 1 TeV: 0.394 pb in the release's page on simulated data (1250 GeV: 0.139)."""
    assert SAMPLES["ZPrime1000"].xsec_pb == pytest.approx(0.394, abs=0.001)


def test_normalisation() -> None:
    for file in plan(release="2016"):
        if not file.is_data:
            assert file.xsec_pb
            assert file.sum_of_weights
            assert file.xsec_pb / file.sum_of_weights * file.events == pytest.approx(rate(file.sample))
    data = [file for file in plan(release="2016") if file.is_data]
    assert {file.path for file in data} == {"Data/DataEgamma.root", "Data/DataMuons.root"}
    assert len({file.luminosity_pb for file in data}) == 1
    assert data[0].events < 202_000
    assert len(SAMPLES) >= 12


def test_bytes_depend_on_the_plan_alone(tmp_path: Path) -> None:
    for name in ("DataMuons", "WZ"):
        file = pick(name)
        for folder in ("one", "two"):
            write(file, tmp_path / folder)
        assert (tmp_path / "one" / file.path).read_bytes() == (tmp_path / "two" / file.path).read_bytes()

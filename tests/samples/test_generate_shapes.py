"""Resonances are where they belong, prompt leptons pass, fakes mostly fail."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import numpy.typing as npt
import pytest
import uproot

from atlasod_tui.samples.generate import plan, write
from atlasod_tui.samples.generate.events_2020 import blocks
from atlasod_tui.samples.generate.rates import rates
from atlasod_tui.samples.generate.skims import SKIMS
from tests.samples.test_generate import pick, sized


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shapes")


def events_of(folder: Path, sample: str, skim: str, number: int = 4_000) -> ak.Array:
    file = sized(pick(sample, skim), number)
    if not (folder / file.path).exists():
        write(file, folder)
    with uproot.open(folder / file.path) as opened:
        return opened["mini"].arrays()


def vectors(events: ak.Array, prefix: str) -> ak.Array:
    """Return px, py, pz, E of a collection in GeV."""
    pt, eta, phi = (events[f"{prefix}_{name}"] for name in ("pt", "eta", "phi"))
    return [x / 1000 for x in (pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), events[f"{prefix}_E"])]


def mass_of_first(events: ak.Array, prefix: str, number: int) -> npt.NDArray[np.float64]:
    x, y, z, e = (ak.to_numpy(ak.sum(part[:, :number], axis=1)).astype(float) for part in vectors(events, prefix))
    return np.asarray(np.sqrt(np.maximum(e**2 - x**2 - y**2 - z**2, 0)))


@pytest.mark.parametrize(
    ("sample", "skim", "prefix", "number", "mass", "width"),
    [
        ("Zee", "2lep", "lep", 2, 91.2, 2.9),
        ("Zmumu", "2lep", "lep", 2, 91.2, 2.9),
        ("ggH125_ZZ4lep", "4lep", "lep", 4, 125.0, 1.7),
        ("ggH125_gamgam", "GamGam", "photon", 2, 125.0, 1.75),
        ("VBFH125_gamgam", "GamGam", "photon", 2, 125.0, 1.75),
    ],
)
def test_resonances(folder: Path, sample: str, skim: str, prefix: str, number: int, mass: float, width: float) -> None:
    events = events_of(folder, sample, skim)
    events = events[events[f"{prefix}_n"] == number]
    found = mass_of_first(events, prefix, number)
    assert np.median(found) == pytest.approx(mass, abs=0.3)
    assert np.subtract(*np.quantile(found, [0.84, 0.16])) / 2 == pytest.approx(width, abs=0.2)


def test_w_boson(folder: Path) -> None:
    events = events_of(folder, "Wplusenu", "1lep", 20_000)
    pt, met = events.lep_pt[:, 0] / 1000, events.met_et / 1000
    mt = np.sqrt(2 * pt * met * (1 - np.cos(events.lep_phi[:, 0] - events.met_phi)))
    counts, _ = np.histogram(mt, bins=[50, 60, 70, 80, 90, 100, 110])
    assert counts[2] > 1.5 * counts[4] > 3 * counts[5]
    assert set(ak.flatten(events.lep_charge).to_list()) == {1}
    both = events_of(folder, "Wenu_PTV0_70_CVetoBVeto", "1lep", 20_000)
    assert ak.mean(both.lep_charge == 1) == pytest.approx(0.573, abs=0.02)


def test_slices_of_the_boson_pt_and_of_flavour(folder: Path) -> None:
    hard, soft = (events_of(folder, f"Zmumu_PTV{name}", "2lep") for name in ("280_500_BFilter", "0_70_CVetoBVeto"))
    for events, low, high in ((hard, 250, 540), (soft, 0, 85)):
        x, y, _, _ = (ak.to_numpy(ak.sum(part[:, :2], axis=1)) for part in vectors(events, "lep"))
        inside = (np.hypot(x, y) > low) & (np.hypot(x, y) < high)
        assert inside.mean() > 0.95
    assert ak.mean(ak.any(hard.jet_trueflav == 5, axis=1)) > 0.35
    assert not ak.any(soft.jet_trueflav == 5)


def test_top_quarks(folder: Path) -> None:
    events = events_of(folder, "ttbar_lep", "1lep")
    assert ak.mean(ak.sum(events.jet_trueflav == 5, axis=1) == 2) > 0.5
    tagged = events.jet_MV2c10 > 0.8244273
    for flavour, expected in ((5, 0.70), (4, 0.083)):
        assert ak.mean(tagged[events.jet_trueflav == flavour]) == pytest.approx(expected, abs=0.03)
    boosted = events_of(folder, "ZPrime1000_tt", "1largeRjet1lep")
    masses = ak.to_numpy(boosted.largeRjet_m[:, 0]) / 1000
    assert np.median(masses[masses > 130]) == pytest.approx(172, abs=5)
    assert ak.all(boosted.largeRjet_pt > 249_900)


def test_z_prime(folder: Path) -> None:
    """The large jet has half of 1 TeV, less what the top's direction takes: harder than in pairs from elsewhere."""
    heavy, other = (events_of(folder, name, "1largeRjet1lep").largeRjet_pt for name in ("ZPrime1000_tt", "ttbar_lep"))
    assert np.median(heavy[:, 0]) / 1000 == pytest.approx(425, abs=30)
    assert np.median(other[:, 0]) / 1000 < 330
    assert ak.mean(heavy[:, 0] > 600_000) < 0.05


def test_w_pairs_of_a_higgs_boson_have_a_low_mass(folder: Path) -> None:
    higgs, other = (events_of(folder, name, "2lep") for name in ("ggH125_WW2lep", "llvv"))
    assert np.quantile(mass_of_first(higgs, "lep", 2), [0.5, 0.95]) == pytest.approx([37, 68], rel=0.1)
    assert np.median(mass_of_first(other, "lep", 2)) > 70
    for events in (higgs, other):
        assert ak.mean(events.lep_type[:, 0] == events.lep_type[:, 1]) == pytest.approx(0.5, abs=0.04)
        assert ak.all(ak.sum(events.lep_charge[:, :2], axis=1) == 0)


def test_sleptons(folder: Path) -> None:
    """Each lepton has (600^2 - 300^2) / (2 x 600) = 225 GeV in its slepton's rest frame."""
    events = events_of(folder, "slep600DM300", "2lep")
    assert ak.all(events.lep_type[:, 0] == events.lep_type[:, 1])
    assert np.median(events.lep_pt[:, 0]) / 1000 == pytest.approx(240, abs=20)
    assert ak.mean(events.met_et > 110_000) > 0.8


def test_taus(folder: Path) -> None:
    events = events_of(folder, "Ztautau_PTV0_70_CVetoBVeto", "1lep1tau")
    real = events[events.tau_truthMatched[:, 0]]
    assert len(real) > 0.9 * len(events)
    assert ak.all(real.lep_charge[:, 0] * real.tau_charge[:, 0] == -1)
    assert np.median(real.ditau_m) == pytest.approx(91, abs=3)
    both = zip(vectors(real, "lep"), vectors(real, "tau"), strict=True)
    x, y, z, e = (ak.to_numpy(one[:, 0] + other[:, 0]).astype(float) for one, other in both)
    assert np.median(np.sqrt(e**2 - x**2 - y**2 - z**2)) == pytest.approx(67, abs=4)
    assert set(ak.flatten(events.tau_nTracks).to_list()) == {1, 3}


def passes(events: ak.Array, real: bool) -> float:
    isolation = (events.lep_ptcone30 / events.lep_pt < 0.15) & (events.lep_etcone20 / events.lep_pt < 0.15)
    good = events.lep_isTightID & isolation & (abs(events.lep_z0) < 0.5)
    return float(ak.mean(good[events.lep_truthMatched == real]))


def test_prompt_leptons_pass_and_fakes_mostly_fail(folder: Path) -> None:
    events = events_of(folder, "Zee", "4lep")
    assert passes(events, real=True) > 0.8
    assert passes(events, real=False) < 0.15
    assert ak.all(ak.sum(events.lep_truthMatched, axis=1) <= 2)
    photons = events_of(folder, "ggH125_gamgam", "GamGam")
    assert ak.mean(photons.photon_isTightID) > 0.9
    assert 0.2 < ak.mean(photons.photon_convType > 0) < 0.6


def test_inclusive_samples_are_their_slices_together(folder: Path) -> None:
    """Selected shapes of the inclusive sample and of the slices, each as often as expected, are the same."""
    number = 20_000
    whole = events_of(folder, "Zmumu", "2lep", number)
    parts = [
        (file, ak.to_numpy(next(iter(blocks(sized(file, 2_000))))["jet_n"]))
        for file in plan(events=200_000, skims=["2lep"])
        if file.sample.startswith("Zmumu_")
    ]
    weights = np.array([rates(SKIMS["2lep"])[file.sample] for file, _ in parts])
    mean = sum(weight * jets.mean() for weight, (_, jets) in zip(weights, parts, strict=True)) / weights.sum()
    jets = ak.to_numpy(whole.jet_n)
    assert mean == pytest.approx(jets.mean(), abs=5 * jets.std() / np.sqrt(number) + 0.03)

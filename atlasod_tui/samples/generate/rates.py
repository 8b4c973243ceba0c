"""How often each process is in each skim.

A sample's rate in a skim is its cross-section (the framework's table that the skim's analyses use) times an acceptance
from the tables below. Acceptances are estimates of geometry and thresholds for prompt leptons, and of how often jets
look like leptons or taus where leptons are missing. Those marked "tuned" were then set so that the analyses select at
10 064 /pb what the published ones do (the framework's plots, before its hand-made factors): HZZ llll 232.5, Higgs 8.50,
Zee 4.6, ttbar 3.6, Zmumu 3.1; ZZ llll 88.9; WZ lllv 799, llll 37, ttbar 14.6, Zee 12.2; HWW llvv 932, ttbar 564,
Higgs 224; SingleTop ttbar 5016, t channel 3264; Hyy 398 signal and 76 394 in data.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from atlasod_tui.samples import catalogue, groups
from atlasod_tui.samples.generate.boson import PLUS, Mixture, inclusive, is_sliced, sliced
from atlasod_tui.samples.generate.hard import ELECTRON, MUON, TAU
from atlasod_tui.samples.generate.processes import CONTINUUM
from atlasod_tui.samples.generate.skims import Skim, described_twice

if TYPE_CHECKING:
    from collections.abc import Sequence

# Boson and lepton to the acceptance of each skim.
_BOSONS: dict[tuple[str, int], dict[str, float]] = {
    ("W", ELECTRON): {"1lep": 0.38, "2lep": 6e-4, "3lep": 1e-7, "1lep1tau": 4.0e-3, "1largeRjet1lep": 1.0},
    ("W", MUON): {"1lep": 0.38, "2lep": 4e-4, "3lep": 1e-7, "1lep1tau": 4.0e-3, "1largeRjet1lep": 1.0},
    ("W", TAU): {"1lep": 0.030, "2lep": 1.0e-4, "3lep": 1e-8, "1lep1tau": 5.0e-4, "1largeRjet1lep": 0.2},
    ("Z", ELECTRON): {
        "1lep": 0.10, "2lep": 0.35, "3lep": 1.7e-4, "4lep": 9.6e-6, "1lep1tau": 8.0e-3, "1largeRjet1lep": 5e-5,
    },
    ("Z", MUON): {
        "1lep": 0.10, "2lep": 0.37, "3lep": 5.0e-5, "4lep": 5.7e-6, "1lep1tau": 3.0e-3, "1largeRjet1lep": 5e-5,
    },
    ("Z", TAU): {
        "1lep": 0.04, "2lep": 0.016, "3lep": 1.0e-5, "4lep": 1.0e-7, "1lep1tau": 0.020, "1largeRjet1lep": 2e-5,
    },
}  # fmt: skip

# Lower edge of a slice of the boson's pT (GeV) to a factor on that: harder bosons give harder leptons and jets.
_PT_FACTORS = {0: 1.0, 70: 1.15, 140: 1.3, 280: 1.4, 500: 1.5, 1000: 1.5}
_PT_FACTORS_LARGE_JET = {0: 3e-7, 70: 1e-4, 140: 0.010, 280: 0.16, 500: 0.33, 1000: 0.40}

_ACCEPTANCES: dict[str, dict[str, float]] = {
    "1lep": {
        "ttbar_lep": 0.365, "t": 0.18, "s": 0.25, "wt": 0.20, "ZqqZll": 0.10, "WqqZll": 0.10, "WpqqWmlv": 0.35,
        "WplvWmqq": 0.35, "WlvZqq": 0.35, "llll": 0.03, "lllv": 0.10, "llvv": 0.20, "lvvv": 0.32,
    },
    "2lep": {
        "ttbar_lep": 0.115, "t": 0.002, "s": 0.002, "wt": 0.030, "ZqqZll": 0.35, "WqqZll": 0.35, "WpqqWmlv": 0.002,
        "WplvWmqq": 0.002, "WlvZqq": 0.002, "llll": 0.30, "lllv": 0.25, "llvv": 0.127, "lvvv": 0.001,
        "ggH125_WW2lep": 0.243, "VBFH125_WW2lep": 0.28, "slep600DM300": 0.80,
    },
    "3lep": {
        "ttbar_lep": 2.5e-3, "t": 1e-6, "s": 1e-6, "wt": 6e-4, "ZqqZll": 8e-4, "WqqZll": 8e-4, "WpqqWmlv": 1e-6,
        "WplvWmqq": 1e-6, "WlvZqq": 1e-6, "llll": 0.033, "lllv": 0.044, "llvv": 6e-4, "lvvv": 1e-6,
    },
    "4lep": {
        "ttbar_lep": 3.5e-5, "t": 1e-8, "s": 1e-8, "wt": 2e-5, "ZqqZll": 3e-5, "llll": 0.020, "lllv": 4e-4,
        "llvv": 2e-5, "ggH125_ZZ4lep": 0.135, "VBFH125_ZZ4lep": 0.15, "WH125_ZZ4lep": 0.05, "ZH125_ZZ4lep": 0.20,
    },
    "1lep1tau": {
        "ttbar_lep": 0.020, "t": 3e-3, "s": 3e-3, "wt": 0.020, "ZqqZll": 3e-3, "WqqZll": 3e-3, "WpqqWmlv": 4e-3,
        "WplvWmqq": 4e-3, "WlvZqq": 4e-3, "llll": 3e-3, "lllv": 0.01, "llvv": 0.03, "lvvv": 4e-3,
    },
    "1largeRjet1lep": {
        "ttbar_lep": 0.026, "t": 2e-3, "s": 4e-3, "wt": 0.020, "ZqqZll": 2e-3, "WqqZll": 2e-3, "WplvWmqq": 0.010,
        "WlvZqq": 0.010, "lllv": 1e-3, "llvv": 1e-3, "lvvv": 1e-3, "ZPrime1000_tt": 0.22,
    },
    "GamGam": {
        "ggH125_gamgam": 0.52, "VBFH125_gamgam": 0.52, "WH125_gamgam": 0.45, "ZH125_gamgam": 0.45,
        "ttH125_gamgam": 0.45,
    },
}  # fmt: skip

_CONTINUUM_PB = 18.6
"""Photon pairs with a mass above 90 GeV in the skim GamGam, in pb. Tuned. The real skim also has the far more numerous
pairs below, which no analysis reads."""

_CHANNELS = {**dict.fromkeys(groups.SINGLE_TOP_T, "t"), **dict.fromkeys(groups.SINGLE_TOP_S, "s"),
             **dict.fromkeys(groups.SINGLE_TOP_WT, "wt")}  # fmt: skip


def xsec_pb(name: str, skim: Skim) -> float:
    """Return a sample's cross-section in pb, from the first of the skim's tables that has it."""
    table = next(key for key in skim.tables if name in catalogue.table(key))
    return catalogue.normalisation(table, name).xsec_pb


@cache
def rates(skim: Skim) -> dict[str, float]:
    """Return what each sample of a skim contributes to it, in pb; GamGam has the continuum besides.

    Two descriptions of the same process add up to the same rate.
    """
    found: dict[str, float] = {}
    twice = described_twice(skim)
    for name in skim.samples:
        if name in twice:
            continue
        found[name] = xsec_pb(name, skim) * _acceptance(name, skim)
    for name in skim.samples:
        if name in twice:
            found[name] = _rate_of_slices(name, found)
    if skim.photons:
        found[CONTINUUM] = _CONTINUUM_PB
    return {name: found[name] for name in (*skim.samples, *found)}


def mixture(names: Sequence[str], skim: Skim) -> Mixture:
    """Return the slices of W or Z samples (of one boson), each as often as it is in the skim."""
    known = rates(skim)
    slices, weights = [], []
    for name in names:
        if is_sliced(name):
            slices.append(sliced(name))
            weights.append(known[name])
            continue
        _, _, positive = inclusive(name)
        parts = {piece: _slice_rate(piece, skim) for piece in _slices_of(name)}
        for piece, rate in parts.items():
            slices.append(sliced(piece)._replace(positive=positive))
            weights.append(known[name] * rate / sum(parts.values()))
    return Mixture(tuple(slices), tuple(weights))


def _acceptance(name: str, skim: Skim) -> float:
    if is_sliced(name):
        one = sliced(name)
        return _BOSONS[one.boson, one.flavour][skim.name] * _pt_factor(name, skim)
    if name in groups.W_INCLUSIVE + groups.Z_INCLUSIVE:
        boson, lepton, _ = inclusive(name)
        return _BOSONS[boson, lepton][skim.name]
    return _ACCEPTANCES[skim.name][_CHANNELS.get(name, name)]


def _pt_factor(name: str, skim: Skim) -> float:
    return (_PT_FACTORS_LARGE_JET if skim.large_jets else _PT_FACTORS)[int(sliced(name).low)]


def _slice_rate(name: str, skim: Skim) -> float:
    """Return the share of a slice in an inclusive sample, in arbitrary units."""
    return (catalogue.sample(name).xsec_pb or 0) * _pt_factor(name, skim)


def _rate_of_slices(name: str, found: dict[str, float]) -> float:
    boson, _, positive = inclusive(name)
    charge = 1 if boson == "Z" else PLUS if positive else 1 - PLUS
    return charge * sum(found[piece] for piece in _slices_of(name))


def _slices_of(name: str) -> tuple[str, ...]:
    """Return the slices that describe the same decay as an inclusive sample."""
    boson, lepton, _ = inclusive(name)
    parts = {piece: sliced(piece) for piece in groups.W_PTV + groups.Z_PTV}
    return tuple(piece for piece, part in parts.items() if (part.boson, part.flavour) == (boson, lepton))

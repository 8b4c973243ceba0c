"""W and Z bosons with jets: inclusive samples, and slices of the boson's pT and of the flavour of the jets."""

# ruff: noqa: PLR2004 - shapes and probabilities are numbers

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atlasod_tui.samples.generate.hard import BOTTOM, CHARM, ELECTRON, LIGHT, MUON, QCD_JET, TAU, Hard
from atlasod_tui.samples.generate.kinematics import (
    Floats,
    Ints,
    decay,
    exponential,
    four,
    normal,
    power_law,
    produce,
    resonance,
    signs,
    transverse,
    uniform,
)
from atlasod_tui.samples.generate.skims import Skim
from atlasod_tui.samples.generate.taus import hadronic_fraction, leptonic_fraction, light_flavour

W_MASS, W_WIDTH = 80.38, 2.09
Z_MASS, Z_WIDTH = 91.19, 2.50
MOST_PT = 2500.0
PLUS = 0.573
"""Part of the W that is positive: 11 500.5 of 20 080 pb, the inclusive samples' cross-sections."""

_SLICE = re.compile(r"([WZ])(e|mu|tau)[a-z]*_PTV(\d+)(?:_(\d+))?(?:_(CVetoBVeto|CFilterBVeto|BFilter))?")
_INCLUSIVE = re.compile(r"(?:Z(ee|mumu|tautau)|W(plus|minus)(e|mu|tau)nu)")
_FLAVOURS = {"e": ELECTRON, "mu": MUON, "tau": TAU, "ee": ELECTRON, "mumu": MUON, "tautau": TAU}
_FILTERS = {"CVetoBVeto": LIGHT, "CFilterBVeto": CHARM, "BFilter": BOTTOM, None: -1}


class Slice(NamedTuple):
    """A range of a boson's pT (GeV) with a flavour of jets (-1: any) and a decay."""

    boson: str
    flavour: int
    low: float
    high: float
    jets: int
    positive: float = PLUS


class Mixture(NamedTuple):
    """Slices of one boson and how often each is drawn."""

    slices: tuple[Slice, ...]
    weights: tuple[float, ...]


def is_sliced(name: str) -> bool:
    """Return whether a sample is a slice: ``Wmunu_PTV0_70_CVetoBVeto``."""
    return _SLICE.fullmatch(name) is not None


def sliced(name: str) -> Slice:
    """Return what the name of a slice says.

    Raises:
        ValueError: If it is none.
    """
    match = _SLICE.fullmatch(name)
    if match is None:
        raise ValueError(name)
    boson, lepton, low, high, jets = match.groups()
    return Slice(boson, _FLAVOURS[lepton], float(low), float(high or MOST_PT), _FILTERS[jets])


def inclusive(name: str) -> tuple[str, int, float]:
    """Return boson, lepton and part of positive charge of an inclusive sample: ``Wplusenu``.

    Raises:
        ValueError: If it is none.
    """
    match = _INCLUSIVE.fullmatch(name)
    if match is None:
        raise ValueError(name)
    pair, charge, lepton = match.groups()
    return ("Z", _FLAVOURS[pair], PLUS) if pair else ("W", _FLAVOURS[lepton], float(charge == "plus"))


def make(rng: np.random.Generator, drawn: npt.NDArray[np.int64], table: Sequence[Slice], skim: Skim) -> Hard:
    """Return events of slices of one boson, ``drawn`` being the place of each event's in the table."""
    n = len(drawn)
    low, high, positive = (
        np.array([getattr(item, name) for item in table], np.float32)[drawn] for name in ("low", "high", "positive")
    )
    flavour, heavy = (
        np.array([getattr(item, name) for item in table], np.int32)[drawn] for name in ("flavour", "jets")
    )
    pt = _boson_pt(rng, low, high)
    event = Hard(n)
    taus = flavour == TAU
    if table[0].boson == "Z":
        mass = resonance(rng, n, Z_MASS, Z_WIDTH, 40, 1000)
        boson = produce(rng, mass, pt, 1.5)
        _decay_z(rng, event, boson, mass, flavour, skim)
    else:
        mass = resonance(rng, n, W_MASS, W_WIDTH, 30, 300)
        boson = produce(rng, mass, pt, 1.6)
        lepton, neutrino = decay(rng, boson, mass)
        visible = np.where(taus, leptonic_fraction(rng, n), np.float32(1)) if taus.any() else np.ones(n, np.float32)
        event.escape(neutrino + lepton * (1 - visible))
        kind = np.where(taus, light_flavour(rng, n), flavour)
        event.lepton(lepton * visible, kind, signs(rng, n, positive))
    _jets(rng, event, boson, heavy, skim)
    return event


def _boson_pt(rng: np.random.Generator, low: Floats, high: Floats) -> Floats:
    """Soft below 70 GeV with a maximum near 6 GeV, a steep power of pT above."""
    n = len(low)
    soft = exponential(rng, 7.0, (2, n)).sum(axis=0) + np.float32(0.5)
    tail = power_law(rng, 20.0, 70.0, 3.0, n)
    soft = np.where((rng.random(n, dtype=np.float32) < 0.12) | (soft > 70), tail, soft)  # the slice ends
    if not low.any():
        return soft
    return np.where(low > 0, power_law(rng, np.maximum(low, 1), high, 4.0, n), soft)


def _decay_z(  # noqa: PLR0913
    rng: np.random.Generator, event: Hard, boson: Floats, mass: Floats, flavour: Ints, skim: Skim
) -> None:
    n = event.n
    one, two = decay(rng, boson, mass)
    charge = signs(rng, n)
    taus = flavour == TAU
    if not taus.any():
        event.lepton(one, flavour, charge)
        event.lepton(two, flavour, -charge)
        return
    whole = np.ones(n, np.float32)
    first = np.where(taus, leptonic_fraction(rng, n), whole)
    hadronic = taus & (skim.leptons == 1)
    second = np.where(hadronic, hadronic_fraction(rng, n), np.where(taus, leptonic_fraction(rng, n), whole))
    event.lepton(one * first, np.where(taus, light_flavour(rng, n), flavour), charge)
    event.lepton(two * second, np.where(taus, light_flavour(rng, n), flavour), -charge, ~hadronic)
    event.escape(one * (1 - first) + two * (1 - second))
    if skim.taus:
        event.tau(two * second, -charge, hadronic)
    else:
        event.jet(two * second, LIGHT, hadronic)
    event.ditau = np.where(taus, mass, np.float32(0))


def _jets(rng: np.random.Generator, event: Hard, boson: Floats, heavy: Ints, skim: Skim) -> None:
    """The jet that the boson recoils against, and one of the slice's flavour."""
    n = event.n
    any_flavour = heavy < 0
    if any_flavour.any():  # the filters' parts of the hardest slices that have them
        u = rng.random(n, dtype=np.float32)
        drawn = np.where(u < 0.15, BOTTOM, np.where(u < 0.45, CHARM, LIGHT)).astype(np.int32)
        heavy = np.where(any_flavour, drawn, heavy)
    pt = transverse(boson)
    back = np.arctan2(-boson[1], -boson[0])
    eta = np.clip(normal(rng, 0, 1.1, n), -4.5, 4.5)
    balance = pt * uniform(rng, 0.75, 1.1, n)
    if skim.large_jets:
        fat = np.maximum(balance, np.float32(240) + exponential(rng, 50, n))
        eta = np.clip(eta, -2.3, 2.3)
        mass = fat * np.minimum(np.float32(0.06) + exponential(rng, 0.1, n), np.float32(0.6))
        event.large_jet(four(fat, eta, back, 0.0), mass, QCD_JET)
        balance = fat * uniform(rng, 0.6, 1.0, n)
    leads = rng.random(n, dtype=np.float32) < 0.18
    event.jet(four(np.maximum(balance, 1), eta, back), np.where(leads, heavy, LIGHT))
    soft = np.float32(9) + exponential(rng, 12, n)
    soft_eta = np.clip(normal(rng, 0, 1.3, n), -4.5, 4.5)
    filtered = heavy != LIGHT
    event.jet(four(soft, soft_eta, uniform(rng, -np.pi, np.pi, n)), heavy, filtered)
    event.activity = np.minimum(np.float32(0.25) + pt / 90, np.float32(2.5))

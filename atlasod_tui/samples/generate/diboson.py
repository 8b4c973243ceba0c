"""Pairs of W and Z bosons, decaying to leptons or to leptons and quarks; and sleptons."""

from __future__ import annotations

import numpy as np

from atlasod_tui.samples.generate.boson import PLUS, W_MASS, W_WIDTH, Z_MASS, Z_WIDTH
from atlasod_tui.samples.generate.hard import BOTTOM, CHARM, LIGHT, W_JET, Hard
from atlasod_tui.samples.generate.kinematics import (
    Floats,
    Ints,
    decay,
    exponential,
    produce,
    recoiling,
    resonance,
    signs,
    transverse,
    uniform,
)
from atlasod_tui.samples.generate.skims import Skim
from atlasod_tui.samples.generate.taus import hadronic_fraction, light_flavour

SLEPTON_MASS, NEUTRALINO_MASS = 600.0, 300.0

_SEMILEPTONIC = {  # boson with the lepton, boson with the quarks, charge of the lepton (0: either)
    "ZqqZll": ("Z", "Z", 0), "WqqZll": ("Z", "W", 0), "WlvZqq": ("W", "Z", 0),
    "WpqqWmlv": ("W", "W", -1), "WplvWmqq": ("W", "W", 1),
}  # fmt: skip


def boson_mass(rng: np.random.Generator, n: int, boson: str) -> Floats:
    """Return masses of W or Z bosons."""
    mass, width = (W_MASS, W_WIDTH) if boson == "W" else (Z_MASS, Z_WIDTH)
    return resonance(rng, n, mass, width, mass - 30, mass + 60)


def z_leptons(rng: np.random.Generator, event: Hard, z: Floats, mass: Floats, kind: Ints | None = None) -> None:
    """Let Z bosons decay to two electrons or muons."""
    one, two = decay(rng, z, mass)
    charge = signs(rng, event.n)
    kind = light_flavour(rng, event.n) if kind is None else kind
    event.lepton(one, kind, charge)
    event.lepton(two, kind, -charge)


def w_lepton(rng: np.random.Generator, event: Hard, w: Floats, mass: Floats, charge: Ints) -> None:
    """Let W bosons decay to an electron or muon and a neutrino."""
    lepton, neutrino = decay(rng, w, mass)
    event.lepton(lepton, light_flavour(rng, event.n), charge)
    event.escape(neutrino)


def _quarks(  # noqa: PLR0913
    rng: np.random.Generator, event: Hard, boson: Floats, mass: Floats, kind: str, skim: Skim
) -> None:
    n = event.n
    one, two = decay(rng, boson, mass)
    u = rng.random(n, dtype=np.float32)
    bottom = 0.22 if kind == "Z" else 0.0
    flavour = np.where(u < bottom, BOTTOM, np.where(u < bottom + 0.3, CHARM, LIGHT)).astype(np.int32)
    event.jet(one, flavour)
    event.jet(two, np.where(flavour == BOTTOM, flavour, LIGHT).astype(np.int32))
    if skim.large_jets:
        event.large_jet(boson, mass, W_JET)


def make(rng: np.random.Generator, n: int, name: str, skim: Skim) -> Hard:
    """Return events of a diboson sample other than four charged leptons."""
    event = Hard(n, activity=0.4)
    pt = exponential(rng, 14, (2, n)).sum(axis=0)
    if skim.large_jets:
        pt = np.float32(230) + exponential(rng, 60, n)
    if name in _SEMILEPTONIC:
        leptonic, hadronic, sign = _SEMILEPTONIC[name]
        first, second = boson_mass(rng, n, leptonic), boson_mass(rng, n, hadronic)
        one = produce(rng, first, pt, 1.1)
        q = signs(rng, n, PLUS) if sign == 0 else np.full(n, sign, np.int32)
        if leptonic == "Z":
            z_leptons(rng, event, one, first)
        else:
            w_lepton(rng, event, one, first, q)
        _quarks(rng, event, recoiling(one, second, rng, 1.1), second, hadronic, skim)
        return event
    charge = signs(rng, n, PLUS)
    others = {"lllv": ("W", "Z"), "llvv": ("W", "W"), "lvvv": ("W", "Z")}[name]
    first, second = (boson_mass(rng, n, boson) for boson in others)
    one = produce(rng, first, pt, 1.1)
    two = recoiling(one, second, rng, 1.1)
    w_lepton(rng, event, one, first, charge)
    if name == "lllv":
        z_leptons(rng, event, two, second)
    elif name == "lvvv":
        event.escape(two)
    elif skim.taus:  # one of the W decays to a tau
        tau, neutrino = decay(rng, two, second)
        visible = hadronic_fraction(rng, n)
        event.tau(tau * visible, -charge)
        event.escape(neutrino + tau * (1 - visible))
    else:
        w_lepton(rng, event, two, second, -charge)
        # W pairs from quarks: helicities prefer leptons back to back, unlike those of a Higgs boson.
        first, other = event.directions("lepton")
        event.select(rng.random(n, dtype=np.float32) < np.float32(0.3) + np.float32(0.35) * (1 - np.cos(first - other)))
    if skim.large_jets:
        event.large_jet(two, transverse(two) * uniform(rng, 0.08, 0.35, n), LIGHT)
    return event


def sleptons(rng: np.random.Generator, n: int) -> Hard:
    """Return pairs of sleptons of 600 GeV, each decaying to a lepton and an invisible neutralino of 300 GeV."""
    event = Hard(n, activity=0.5)
    mass = np.full(n, SLEPTON_MASS, np.float32)
    one = produce(rng, mass, exponential(rng, 120, (2, n)).sum(axis=0), 0.6)
    two = recoiling(one, mass, rng, 0.6)
    kind, charge = light_flavour(rng, n), signs(rng, n)
    for slepton, q in ((one, charge), (two, -charge)):
        lepton, neutralino = decay(rng, slepton, SLEPTON_MASS, 0.0, NEUTRALINO_MASS)
        event.lepton(lepton, kind, q)
        event.escape(neutralino)
    return event

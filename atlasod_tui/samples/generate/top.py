"""Top quarks: pairs, one at a time, and from a heavy Z'."""

# ruff: noqa: PLR2004 - shapes and probabilities are numbers

from __future__ import annotations

import numpy as np

from atlasod_tui.samples.generate.boson import W_MASS, W_WIDTH
from atlasod_tui.samples.generate.hard import BOTTOM, CHARM, LIGHT, TOP_JET, W_JET, Hard
from atlasod_tui.samples.generate.kinematics import (
    Flags,
    Floats,
    Ints,
    decay,
    exponential,
    four,
    normal,
    produce,
    recoiling,
    resonance,
    signs,
    transverse,
    uniform,
)
from atlasod_tui.samples.generate.skims import Skim
from atlasod_tui.samples.generate.taus import hadronic_fraction, leptonic_fraction, light_flavour

TOP_MASS, TOP_WIDTH = 172.5, 1.4
B_MASS = 4.7
TAUS_OF_W = 0.12
"""Part of the leptons of a W that come by a tau: 1/3 of the decays, 35 % of which give a lepton."""


def _mass(rng: np.random.Generator, n: int) -> Floats:
    return resonance(rng, n, TOP_MASS, TOP_WIDTH, 160, 185)


def w_boson(  # noqa: PLR0913
    rng: np.random.Generator, event: Hard, w: Floats, mass: Floats, charge: Ints, leptonic: Flags
) -> None:
    """Let W bosons decay to a lepton and a neutrino, or to two quarks."""
    n = event.n
    one, two = decay(rng, w, mass)
    if leptonic.any():
        taus = rng.random(n, dtype=np.float32) < TAUS_OF_W
        visible = np.where(taus, leptonic_fraction(rng, n), np.float32(1))
        event.lepton(one * visible, light_flavour(rng, n), charge, leptonic)
        event.escape(two + one * (1 - visible), leptonic)
    if not leptonic.all():
        charm = rng.random(n, dtype=np.float32) < 0.5  # W -> cs as often as W -> ud
        event.jet(one, np.where(charm, np.int32(CHARM), np.int32(LIGHT)), ~leptonic)
        event.jet(two, LIGHT, ~leptonic)


def top_quark(  # noqa: PLR0913
    rng: np.random.Generator, event: Hard, top: Floats, mass: Floats, charge: Ints, leptonic: Flags, skim: Skim
) -> None:
    """Let top quarks decay; what a boosted one leaves is a large jet, with the b quark in it or without."""
    n = event.n
    w_mass = resonance(rng, n, W_MASS, W_WIDTH, 60, 100)
    b, w = decay(rng, top, mass, B_MASS, w_mass)
    event.jet(b, BOTTOM)
    w_boson(rng, event, w, w_mass, charge, leptonic)
    if skim.large_jets:
        pt = transverse(top)
        whole = uniform(rng, 180, 420, n) < pt
        seen = np.where(whole, top, w)
        content = np.where(whole, np.int32(TOP_JET), np.int32(W_JET))
        event.large_jet(seen, np.where(whole, mass, w_mass), content, ~leptonic)


def pair(rng: np.random.Generator, n: int, skim: Skim) -> Hard:
    """Return top pairs with at least one lepton; with two where the skim has two and in every eighth event else."""
    event = Hard(n, activity=0.45)
    mass, other = _mass(rng, n), _mass(rng, n)
    pt = exponential(rng, 55, (2, n)).sum(axis=0)
    if skim.large_jets:
        pt = np.float32(215) + exponential(rng, 80, n)
    top = produce(rng, mass, pt, 1.05)
    anti = recoiling(top, other, rng, 1.05)
    anti[:2] += normal(rng, 0, 20, (2, n))
    anti[3] = np.sqrt((anti[:3] ** 2).sum(axis=0) + other * other)
    charge = signs(rng, n)
    two = rng.random(n, dtype=np.float32) < (0.12 if skim.leptons == 1 else 0.93)
    top_quark(rng, event, top, mass, charge, np.ones(n, bool), skim)
    if skim.taus:
        _with_tau(rng, event, anti, other, -charge)
    else:
        top_quark(rng, event, anti, other, -charge, two, skim)
    return event


def _with_tau(rng: np.random.Generator, event: Hard, top: Floats, mass: Floats, charge: Ints) -> None:
    """Let top quarks decay to hadrons, by a tau in four of ten events."""
    n = event.n
    w_mass = resonance(rng, n, W_MASS, W_WIDTH, 60, 100)
    b, w = decay(rng, top, mass, B_MASS, w_mass)
    event.jet(b, BOTTOM)
    hadronic = rng.random(n, dtype=np.float32) < 0.4
    tau, neutrino = decay(rng, w, w_mass)
    visible = hadronic_fraction(rng, n)
    event.tau(tau * visible, charge, hadronic)
    event.escape(neutrino + tau * (1 - visible), hadronic)
    event.jet(tau, LIGHT, ~hadronic)
    event.jet(neutrino, LIGHT, ~hadronic)


def single(rng: np.random.Generator, n: int, channel: str, charge: int, skim: Skim) -> Hard:
    """Return single tops of the channel ``t``, ``s`` or ``wt``; ``charge`` is the top's sign."""
    event = Hard(n, activity=0.35 if channel == "t" else 0.5)
    mass = _mass(rng, n)
    pt = exponential(rng, 30, (2, n)).sum(axis=0)
    if skim.large_jets:
        pt = np.float32(215) + exponential(rng, 80, n)
    top = produce(rng, mass, pt, 1.0)
    q = np.full(n, charge, np.int32)
    if channel == "wt":
        w_mass = resonance(rng, n, W_MASS, W_WIDTH, 60, 100)
        w = recoiling(top, w_mass, rng, 1.0)
        both = rng.random(n, dtype=np.float32) < (0.12 if skim.leptons == 1 else 0.93)
        if skim.large_jets:  # the top is the large jet, the W has the lepton
            top_quark(rng, event, top, mass, q, both, skim)
            w_boson(rng, event, w, w_mass, -q, np.ones(n, bool))
        else:
            top_quark(rng, event, top, mass, q, np.ones(n, bool), skim)
            w_boson(rng, event, w, w_mass, -q, both)
        return event
    top_quark(rng, event, top, mass, q, np.ones(n, bool), skim)
    back = np.arctan2(-top[1], -top[0])
    jet_pt = np.maximum(pt + normal(rng, 0, 15, n), 15)
    if channel == "t":  # the quark that gave the W goes on forward
        jet_eta = np.clip(np.abs(normal(rng, 2.3, 1.0, n)) * signs(rng, n).astype(np.float32), -4.5, 4.5)
        event.jet(four(jet_pt, jet_eta, back))
    else:
        jet_eta = normal(rng, 0, 1.1, n)
        event.jet(four(jet_pt, jet_eta, back), BOTTOM)
    if skim.large_jets:
        event.large_jet(four(jet_pt, np.clip(jet_eta, -2.3, 2.3), back), jet_pt * np.float32(0.15), 0)
    return event


def z_prime(rng: np.random.Generator, n: int, skim: Skim) -> Hard:
    """Return top pairs from a Z' of 1 TeV, one decaying to a lepton."""
    event = Hard(n, activity=0.9)
    heavy = resonance(rng, n, 1000, 30, 600, 1300)
    parent = produce(rng, heavy, exponential(rng, 30, n), 0.6)
    mass, other = _mass(rng, n), _mass(rng, n)
    top, anti = decay(rng, parent, heavy, mass, other)
    charge = signs(rng, n)
    top_quark(rng, event, top, mass, charge, np.ones(n, bool), skim)
    top_quark(rng, event, anti, other, -charge, np.zeros(n, bool), skim)
    return event

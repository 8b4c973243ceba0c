"""Four charged leptons, from a Higgs boson and from all else; Higgs bosons to W bosons and to photons; photon pairs."""

# ruff: noqa: PLR2004 - shapes and probabilities are numbers

from __future__ import annotations

import numpy as np

from atlasod_tui.samples.generate.boson import W_MASS, W_WIDTH, Z_MASS, Z_WIDTH
from atlasod_tui.samples.generate.diboson import z_leptons
from atlasod_tui.samples.generate.hard import BOTTOM, Hard
from atlasod_tui.samples.generate.kinematics import (
    Floats,
    decay,
    exponential,
    four,
    normal,
    power_law,
    produce,
    resonance,
    signs,
    uniform,
)
from atlasod_tui.samples.generate.taus import light_flavour

HIGGS_MASS = 125.0
SOFTEST_PAIR = 12.0
Z_TO_FOUR, CONTINUUM = 0.285, 0.260
"""Parts of four-lepton events at the Z mass and between it and twice it, before the skim: tuned so that HZZ and ZZ
select them as published (peers-and-users.md: 232.5 and 88.9) and the real data show 37 and 60 events there."""


def _production(mode: str) -> tuple[float, float, float]:
    """Return mean pT of the Higgs boson (GeV), width of its rapidity, mean number of other jets."""
    return {"ggH": (22, 0.9, 0.5), "VBF": (65, 0.8, 0.3), "WH": (60, 1.0, 0.5), "ZH": (60, 1.0, 0.5)}.get(
        mode, (70, 0.9, 1.0)
    )


def _boson(rng: np.random.Generator, n: int, mode: str) -> tuple[Hard, Floats, Floats]:
    """Return events with a Higgs boson, its four-vectors and masses; jets of VBF, of W and Z, and of top quarks."""
    pt, width, activity = _production(mode)
    event = Hard(n, activity=activity)
    mass = np.full(n, HIGGS_MASS, np.float32)
    higgs = produce(rng, mass, exponential(rng, pt / 2, (2, n)).sum(axis=0), width)
    back = np.arctan2(-higgs[1], -higgs[0])
    if mode == "VBF":
        side = signs(rng, n)
        for sign in (1, -1):
            eta = (np.float32(2.2) + normal(rng, 0, 0.9, n)) * (sign * side)
            event.jet(
                four(np.float32(20) + exponential(rng, 40, n), np.clip(eta, -4.5, 4.5), uniform(rng, -np.pi, np.pi, n))
            )
    elif mode in {"WH", "ZH", "ttH"}:
        for _ in range(2):
            jet = four(np.float32(20) + exponential(rng, 30, n), normal(rng, 0, 1.2, n), back + normal(rng, 0, 0.6, n))
            event.jet(jet, BOTTOM if mode == "ttH" else 0, rng.random(n, dtype=np.float32) < 0.7)
    return event, higgs, mass


def to_four_leptons(rng: np.random.Generator, n: int, mode: str) -> Hard:
    """Return H -> ZZ* -> 4l."""
    event, higgs, mass = _boson(rng, n, mode)
    first = resonance(rng, n, Z_MASS, Z_WIDTH, 50, 106)
    room = np.minimum(mass - first - 1, np.float32(60))
    second = np.float32(SOFTEST_PAIR) + (room - np.float32(SOFTEST_PAIR)) * rng.random(n, dtype=np.float32)
    one, two = decay(rng, higgs, mass, first, second)
    z_leptons(rng, event, one, first)
    z_leptons(rng, event, two, second)
    return event


def to_w_bosons(rng: np.random.Generator, n: int, mode: str) -> Hard:
    """Return H -> WW* -> 2l 2v. The Higgs has no spin: leptons that fly close together are preferred, by hand."""
    event, higgs, mass = _boson(rng, n, mode)
    first = resonance(rng, n, W_MASS, W_WIDTH, 50, 95)
    second = np.minimum(uniform(rng, 15, 55, n), mass - first - 1)
    one, two = decay(rng, higgs, mass, first, second)
    charge = signs(rng, n)
    lepton, neutrino = decay(rng, one, first)
    other, another = decay(rng, two, second)
    event.lepton(lepton, light_flavour(rng, n), charge)
    event.lepton(other, light_flavour(rng, n), -charge)
    event.escape(neutrino + another)
    close = np.cos(np.arctan2(lepton[1], lepton[0]) - np.arctan2(other[1], other[0]))
    event.select(rng.random(n, dtype=np.float32) < np.float32(0.3) + np.float32(0.35) * (close + 1))
    return event


def four_leptons(rng: np.random.Generator, n: int) -> Hard:
    """Return four leptons without a Higgs boson: Z -> 4l, ZZ* and ZZ."""
    event = Hard(n, activity=0.45)
    u = rng.random(n, dtype=np.float32)
    at_z, between = u < Z_TO_FOUR, (u >= Z_TO_FOUR) & (u < Z_TO_FOUR + CONTINUUM)
    mass = np.where(between, uniform(rng, 95, 180, n), np.float32(180) + _above_threshold(rng, n))
    mass = np.where(at_z, resonance(rng, n, Z_MASS, Z_WIDTH, 80, 100), mass)
    first = resonance(rng, n, Z_MASS, Z_WIDTH, 60, 120)
    first = np.where(at_z, mass * uniform(rng, 0.45, 0.82, n), np.minimum(first, mass - 14))
    second = resonance(rng, n, Z_MASS, Z_WIDTH, 60, 120)
    room = mass - first - 1
    soft = np.float32(4) + (np.minimum(room, 100) - np.float32(4)) * rng.random(n, dtype=np.float32)
    second = np.where(at_z | between, soft, np.minimum(second, room))
    parent = produce(rng, mass, exponential(rng, 16, (2, n)).sum(axis=0), 1.0)
    one, two = decay(rng, parent, mass, first, second)
    z_leptons(rng, event, one, first)
    z_leptons(rng, event, two, second)
    return event


def _above_threshold(rng: np.random.Generator, n: int) -> Floats:
    """How far above 180 GeV a pair of Z bosons is: a steep rise, a tail of tens of GeV."""
    above: Floats = exponential(rng, 30, (2, n)).sum(axis=0) + np.float32(2)
    return above


def to_photons(rng: np.random.Generator, n: int, mode: str) -> Hard:
    """Return H -> yy."""
    event, higgs, mass = _boson(rng, n, mode)
    for photon in decay(rng, higgs, mass):
        event.photon(photon)
    return event


def photon_pairs(rng: np.random.Generator, n: int) -> Hard:
    """Return the continuum of photon pairs, one photon in twelve a jet, with a steeply falling mass."""
    event = Hard(n, activity=0.5)
    mass = power_law(rng, 100, 250, 4.8, n)
    parent = produce(rng, mass, exponential(rng, 9, (2, n)).sum(axis=0), 1.5)
    for photon in decay(rng, parent, mass):
        event.photon(photon, rng.random(n, dtype=np.float32) < 0.92)
    return event

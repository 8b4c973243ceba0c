"""What the detector gives for the objects of events: the vector branches of ``mini``. MeV out, GeV in.

Qualities of leptons and photons are such that prompt ones nearly all pass the analyses' cuts and fakes mostly fail. The
shapes follow what the real 4lep files have: ptcone30 is 0 for most, etcone20 a few hundred MeV wide around 0.
``lep_tracksigd0pvunbiased`` is a significance, as there (the framework divides d0 by it all the same).
"""

# ruff: noqa: PLR2004 - shapes and probabilities are numbers

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.samples.generate.flat import Flat, coarse, coarse_azimuth
from atlasod_tui.samples.generate.hard import BOTTOM, CHARM, ELECTRON, QCD_JET, TOP_JET
from atlasod_tui.samples.generate.kinematics import Floats, exponential, normal

Branches = dict[str, npt.NDArray[Any]]

MEV = np.float32(1000)
_MOMENTUM_BITS = 13

# MV2c10 of the 70, 77 and 85 % working points (analyses' cuts: 0.8244, 0.6459, 0.1758) and the parts of jets above
# each. b jets by definition; c and light jets after the b-tagging note's rejections (12, 6, 3 and 380, 130, 33).
_WORKING_POINTS = (-1.0, -0.80, 0.1758475, 0.645925, 0.8244273, 1.0)
_ABOVE = {
    BOTTOM: (1.0, 0.95, 0.85, 0.77, 0.70, 0.0),
    CHARM: (1.0, 0.75, 0.32, 0.16, 0.083, 0.0),
    0: (1.0, 0.45, 0.030, 0.0077, 0.0020, 0.0),
}


def four_vector(flat: Flat, prefix: str, mass: Floats | None = None) -> Branches:
    """Return pT, eta, phi and E."""
    pt = coarse(flat["pt"], _MOMENTUM_BITS)
    eta = coarse(flat["eta"], _MOMENTUM_BITS)
    energy = pt * np.cosh(eta)
    if mass is not None:
        energy = coarse(np.sqrt(energy * energy + mass * mass), 11)
    return {
        f"{prefix}_pt": pt * MEV,
        f"{prefix}_eta": eta,
        f"{prefix}_phi": coarse_azimuth(flat["phi"], _MOMENTUM_BITS),
        f"{prefix}_E": energy * MEV,
    }


def leptons(rng: np.random.Generator, flat: Flat) -> Branches:
    """Return the branches of electrons and muons except those about triggers and truth."""
    n = len(flat)
    pt, prompt, kind = flat["pt"], flat["prompt"], flat["kind"]
    u = rng.random((4, n), dtype=np.float32)
    width = np.where(kind == ELECTRON, np.float32(0.020), np.float32(0.011))  # mm, of d0
    pull = normal(rng, 0, 1, (3, n))
    d0 = width * pull[0] * np.where(prompt, np.float32(1), 1 + 6 * u[3])
    tracks = np.where(u[0] < 0.88, np.float32(0), np.float32(1) + exponential(rng, 1.2, n))
    heat = np.float32(0.7) * pull[1] + np.float32(0.2) + np.float32(0.002) * pt
    z0 = np.float32(0.06) * pull[2]
    fakes = np.flatnonzero(~prompt)
    if len(fakes):
        share = exponential(rng, 0.22, (2, len(fakes)))
        tracks[fakes] = np.where(u[0][fakes] < 0.12, tracks[fakes], share[0] * pt[fakes] + 1)
        heat[fakes] += share[1] * pt[fakes]
        pile_up = u[1][fakes] < 0.35  # from another collision
        z0[fakes] *= np.where(pile_up, np.float32(600), np.float32(3))
    branches = four_vector(flat, "lep")
    return branches | {
        "lep_z0": coarse(z0, 6),
        "lep_charge": flat["charge"],
        "lep_type": kind.astype(np.uint32),
        "lep_isTightID": u[2] < np.where(prompt, np.float32(0.95), np.float32(0.5)),
        "lep_ptcone30": coarse(tracks * MEV, 6),
        "lep_etcone20": coarse(heat * MEV, 6),
        "lep_trackd0pvunbiased": coarse(d0, 6),
        "lep_tracksigd0pvunbiased": coarse(np.abs(d0) / width + np.float32(1e-3), 6),
    }


def jets(rng: np.random.Generator, flat: Flat) -> Branches:
    """Return the branches of small jets except those about truth."""
    n = len(flat)
    hard, flavour = flat["hard"], flat["flavour"]
    u = rng.random((3, n), dtype=np.float32)
    share = np.float32(0.06) + np.float32(0.10) * u[0]
    good = np.float32(1) - np.float32(0.25) * u[1] ** 8
    jvt = np.where(hard, good, np.where(u[1] < 0.25, np.float32(-0.1), u[1] * u[1] * np.float32(0.6)))
    tag = np.empty(n, np.float32)
    for kind, above in _ABOVE.items():
        which = np.flatnonzero(flavour == kind)
        tag[which] = np.interp(u[2][which], above[::-1], _WORKING_POINTS[::-1])
    branches = four_vector(flat, "jet", flat["pt"] * share)
    return branches | {"jet_jvt": coarse(jvt, 6), "jet_MV2c10": coarse(tag, 9)}


def photons(rng: np.random.Generator, flat: Flat) -> Branches:
    """Return the branches of photons except those about triggers and truth."""
    n = len(flat)
    pt, real = flat["pt"], flat["real"]
    u = rng.random((4, n), dtype=np.float32)
    tracks = np.where(u[0] < 0.80, np.float32(0), np.float32(0.5) + exponential(rng, 1.5, n))
    heat = normal(rng, 0, 0.8, n)
    fakes = np.flatnonzero(~real)
    share = exponential(rng, 0.10, (2, len(fakes)))
    tracks[fakes] += share[0] * pt[fakes]
    heat[fakes] += share[1] * pt[fakes]
    # Material in front of the calorimeter grows with |eta|: of central photons a third converts, of forward half.
    converted = u[1] < np.float32(0.29) + np.float32(0.12) * np.abs(flat["eta"])
    kind = 1 + np.minimum((u[2] * 5).astype(np.int32), 4)
    return four_vector(flat, "photon") | {
        "photon_isTightID": u[3] < np.where(real, np.float32(0.93), np.float32(0.45)),
        "photon_ptcone30": coarse(tracks * MEV, 6),
        "photon_etcone20": coarse(heat * MEV, 6),
        "photon_convType": np.where(converted, kind, np.int32(0)),
    }


def taus(rng: np.random.Generator, flat: Flat) -> Branches:
    """Return the branches of taus except those about triggers and truth."""
    n = len(flat)
    real = flat["real"]
    u = rng.random((3, n), dtype=np.float32)
    score = np.where(real, 1 - np.float32(0.5) * u[0] ** 1.6, 1 - np.float32(0.6) * u[0] ** 0.6)
    tracks = np.where(u[1] < np.where(real, np.float32(0.74), np.float32(0.55)), np.int32(1), np.int32(3))
    return four_vector(flat, "tau", np.full(n, 0.8, np.float32)) | {
        "tau_isTightID": u[2] < np.where(real, np.float32(0.75), np.float32(0.22)),
        "tau_nTracks": tracks,
        "tau_BDTid": coarse(score, 8),
        "tau_charge": flat["charge"],
    }


def large_jets(rng: np.random.Generator, flat: Flat) -> Branches:
    """Return the branches of large jets except those about truth."""
    n = len(flat)
    content = flat["content"]
    pull = normal(rng, 0, 1, (2, n))
    shape = np.where(content == TOP_JET, np.float32(0.52), np.where(content == QCD_JET, np.float32(0.76), 0.68))
    width = np.where(content == QCD_JET, np.float32(1.8), np.float32(1.3))
    mass = flat["mass"]
    return four_vector(flat, "largeRjet", mass) | {
        "largeRjet_m": coarse(mass * MEV, 10),
        "largeRjet_D2": coarse(np.clip(width + np.float32(0.5) * pull[0], 0.05, 6), 8),
        "largeRjet_tau32": coarse(np.clip(shape + np.float32(0.12) * pull[1], 0.05, 1), 8),
    }

"""Decays of tau leptons, collinear: the visible part keeps the direction of the tau."""

from __future__ import annotations

import numpy as np

from atlasod_tui.samples.generate.hard import ELECTRON, MUON
from atlasod_tui.samples.generate.kinematics import Floats, Ints

_GRID = np.linspace(0, 1, 256)
# Energy fraction of the lepton in tau -> l nu nu, unpolarised: dN/dx = 5/3 - 3 x^2 + 4/3 x^3 (PDG, Tau Branching).
_LEPTONIC = 5 / 3 * _GRID - _GRID**3 + _GRID**4 / 3


def leptonic_fraction(rng: np.random.Generator, n: int) -> Floats:
    """Return the part of a tau's energy that its electron or muon has."""
    fraction: Floats = np.interp(rng.random(n, dtype=np.float32), _LEPTONIC, _GRID).astype(np.float32)
    return fraction


def hadronic_fraction(rng: np.random.Generator, n: int) -> Floats:
    """Return the part of a tau's energy that is seen where it decays to hadrons: broad, with a mean of 0.7."""
    x = rng.random((2, n), dtype=np.float32)
    fraction: Floats = np.float32(0.15) + np.float32(0.85) * np.maximum(x[0], x[1]) ** np.float32(1.1)
    return fraction


def light_flavour(rng: np.random.Generator, n: int, electrons: float = 0.5) -> Ints:
    """Return electron or muon."""
    return np.where(rng.random(n, dtype=np.float32) < electrons, np.int32(ELECTRON), np.int32(MUON))

"""Four-vectors, decays and the random shapes that processes are made of; GeV, float32, arrays of ``n`` events.

A four-vector is an array ``[4, n]`` of px, py, pz, E. Decays are isotropic in the rest frame of the parent: spins and
interference are left out unless a process puts them in by hand.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]
Value = Floats | float

MAX_RAPIDITY = 3.5


def uniform(rng: np.random.Generator, low: float, high: float, shape: int | tuple[int, ...]) -> Floats:
    """Return float32 numbers between two limits."""
    values = rng.random(shape, dtype=np.float32)
    values *= np.float32(high - low)
    values += np.float32(low)
    return values


def normal(rng: np.random.Generator, mean: float, width: float, shape: int | tuple[int, ...]) -> Floats:
    """Return float32 numbers of a Gaussian."""
    values = rng.standard_normal(shape, dtype=np.float32)
    values *= np.float32(width)
    if mean:
        values += np.float32(mean)
    return values


def exponential(rng: np.random.Generator, scale: float, shape: int | tuple[int, ...]) -> Floats:
    """Return float32 numbers of an exponential."""
    values = rng.standard_exponential(shape, dtype=np.float32)
    values *= np.float32(scale)
    return values


def power_law(rng: np.random.Generator, low: Value, high: Value, index: float, n: int) -> Floats:
    """Return numbers with density x^-index between two limits (each a number or an array)."""
    k = 1.0 - index
    first = np.asarray(np.power(low, k), np.float32)
    last = np.asarray(np.power(high, k), np.float32)
    mixed = first + rng.random(n, dtype=np.float32) * (last - first)
    return np.power(mixed, np.float32(1 / k)).astype(np.float32, copy=False)


def signs(rng: np.random.Generator, n: int, positive: Value = 0.5) -> Ints:
    """Return +1 with the given probability, else -1."""
    return np.where(rng.random(n, dtype=np.float32) < positive, np.int32(1), np.int32(-1))


def resonance(  # noqa: PLR0913
    rng: np.random.Generator, n: int, mass: float, width: float, low: float, high: float
) -> Floats:
    """Return masses of a Breit-Wigner (non-relativistic) between two limits."""
    start, stop = (float(np.arctan((limit - mass) / (width / 2))) for limit in (low, high))
    angle = uniform(rng, start, stop, n)
    return np.float32(mass) + np.float32(width / 2) * np.tan(angle)


def four(pt: Floats, eta: Floats, phi: Floats, mass: Value = 0.0) -> Floats:
    """Return four-vectors of pT, pseudorapidity, azimuth and mass."""
    p = np.empty((4, len(pt)), np.float32)
    np.multiply(pt, np.cos(phi), out=p[0])
    np.multiply(pt, np.sin(phi), out=p[1])
    np.multiply(pt, np.sinh(eta), out=p[2])
    p[3] = np.sqrt(pt * pt + p[2] * p[2] + np.float32(mass) * np.float32(mass))
    return p


def transverse(p: Floats) -> Floats:
    """Return the pT of four-vectors."""
    pt: Floats = np.sqrt(p[0] * p[0] + p[1] * p[1])
    return pt


def polar(p: Floats) -> tuple[Floats, Floats, Floats]:
    """Return pT, pseudorapidity and azimuth of four-vectors."""
    pt = np.maximum(transverse(p), np.float32(1e-3))
    return pt, np.arcsinh(p[2] / pt), np.arctan2(p[1], p[0])


def produce(rng: np.random.Generator, mass: Floats, pt: Floats, rapidity: float) -> Floats:
    """Return four-vectors of particles with a pT, a uniform azimuth and a Gaussian rapidity of the given width."""
    n = len(pt)
    y = np.clip(normal(rng, 0, rapidity, n), -MAX_RAPIDITY, MAX_RAPIDITY)
    phi = uniform(rng, -np.pi, np.pi, n)
    mt = np.sqrt(mass * mass + pt * pt)
    rise = np.exp(y)
    fall = 1 / rise
    p = np.empty((4, n), np.float32)
    p[0] = pt * np.cos(phi)
    p[1] = pt * np.sin(phi)
    p[2] = mt * (rise - fall) * np.float32(0.5)
    p[3] = mt * (rise + fall) * np.float32(0.5)
    return p


def recoiling(p: Floats, mass: Floats, rng: np.random.Generator, rapidity: float) -> Floats:
    """Return four-vectors of particles with the opposite transverse momentum and their own rapidity."""
    y = np.clip(normal(rng, 0, rapidity, p.shape[1]), -MAX_RAPIDITY, MAX_RAPIDITY)
    mt = np.sqrt(mass * mass + p[0] * p[0] + p[1] * p[1])
    return np.stack([-p[0], -p[1], mt * np.sinh(y), mt * np.cosh(y)])


def decay(
    rng: np.random.Generator, parent: Floats, mass: Value, first: Value = 0.0, second: Value = 0.0
) -> tuple[Floats, Floats]:
    """Return the two daughters of parents of the given mass; daughters' masses are numbers or arrays.

    Two-body kinematics as in the PDG's review (section Kinematics); the boost is written without velocities, which
    keeps float32 exact enough for gamma up to some hundred.
    """
    n = parent.shape[1]
    m = np.asarray(mass, np.float32)
    m1, m2 = np.asarray(first, np.float32), np.asarray(second, np.float32)
    energy = (m * m + m1 * m1 - m2 * m2) / (2 * m)
    momentum = np.sqrt(np.maximum(energy * energy - m1 * m1, 0))
    cosine = uniform(rng, -1, 1, n)
    phi = uniform(rng, -np.pi, np.pi, n)
    across = momentum * np.sqrt(1 - cosine * cosine)
    one = np.empty((4, n), np.float32)
    one[0] = across * np.cos(phi)
    one[1] = across * np.sin(phi)
    one[2] = momentum * cosine
    along = one[0] * parent[0] + one[1] * parent[1] + one[2] * parent[2]
    scale = (along / (m + parent[3]) + energy) / m
    one[:3] += parent[:3] * scale
    one[3] = (along + energy * parent[3]) / m
    return one, parent - one

from __future__ import annotations

from math import cos, hypot, inf, nan, pi, sin, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from atlasod_tui.engine.mt2 import NOT_FOUND, mt2
from atlasod_tui.engine.physics import FourVector, four_vector, mass_of

if TYPE_CHECKING:
    import numpy.typing as npt

ELECTRON, MUON = 0.000511, 0.1057  # GeV


def vector(pt: float, phi: float) -> FourVector:
    return (pt * cos(phi), pt * sin(phi), 0.0, 0.0)


momenta = st.builds(vector, st.floats(1, 500), st.floats(-pi, pi))
masses = st.sampled_from([0.0, ELECTRON, MUON, 1.8, 20.0])


def length(a: FourVector) -> float:
    return hypot(a[0], a[1])


def dot(a: FourVector, b: FourVector) -> float:
    return a[0] * b[0] + a[1] * b[1]


def sine(a: FourVector, b: FourVector) -> float:
    """Return the sine of the angle between two momenta, not negative."""
    return abs(a[0] * b[1] - a[1] * b[0]) / (length(a) * length(b))


def recoil(a: FourVector, b: FourVector) -> FourVector:
    return (-a[0] - b[0], -a[1] - b[1], 0.0, 0.0)


def brute_force_square(mass_a: float, a: FourVector, mass_b: float, b: FourVector, missing: FourVector) -> float:
    """Minimise the square of the larger transverse mass over all shares of the missing momentum, on closing grids."""

    def larger(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        squares = []
        for mass, p, qx, qy in ((mass_a, a, x, y), (mass_b, b, missing[0] - x, missing[1] - y)):
            energy = sqrt(mass * mass + dot(p, p))
            squares.append(mass * mass + 2 * (energy * np.hypot(qx, qy) - p[0] * qx - p[1] * qy))
        return np.maximum(squares[0], squares[1])

    reach = 10 * (length(a) + length(b) + length(missing))
    x0, y0, best = missing[0] / 2, missing[1] / 2, inf
    steps = np.linspace(-1, 1, 61)
    while reach > 1e-7:
        x, y = np.meshgrid(x0 + reach * steps, y0 + reach * steps)
        values = larger(x, y)
        index = np.unravel_index(int(values.argmin()), values.shape)
        best = min(best, float(values[index]))
        x0, y0 = float(x[index]), float(y[index])
        reach *= 0.5
    return max(best, 0.0)


@given(momenta, momenta)
def test_massless_and_no_upstream_momentum(a: FourVector, b: FourVector) -> None:
    expected = sqrt(2 * max(length(a) * length(b) + dot(a, b), 0.0))  # 2 sqrt(pT pT') |cos(dphi / 2)|
    precision = 1e-7 if sine(a, b) > 1e-3 else 1e-3  # see the module on parallel momenta
    assert mt2(0.0, a, 0.0, b, recoil(a, b)) == pytest.approx(expected, abs=precision * (length(a) + length(b)))


def test_perpendicular_and_no_upstream_momentum() -> None:
    a, b = vector(100, 0), vector(64, pi / 2)
    assert mt2(0.0, a, 0.0, b, recoil(a, b)) == pytest.approx(80 * sqrt(2), rel=1e-13)


@given(momenta, momenta, st.sampled_from([MUON, 1.8, 20.0]))
def test_equal_masses_and_no_upstream_momentum(a: FourVector, b: FourVector, mass: float) -> None:
    # C. G. Lester, JHEP 05 (2011) 076, with massless invisible particles; balanced, as the masses are equal.
    transverse = sqrt(mass * mass + dot(a, a)) * sqrt(mass * mass + dot(b, b)) + dot(a, b)
    expected = sqrt(transverse + sqrt(max(transverse * transverse - mass**4, 0.0)))
    precision = 1e-7 * (length(a) + length(b))
    assert mt2(mass, a, mass, b, recoil(a, b)) == pytest.approx(expected, rel=1e-5, abs=precision)


@given(masses, momenta, masses, momenta)
def test_without_missing_momentum_it_is_the_larger_mass(
    mass_a: float, a: FourVector, mass_b: float, b: FourVector
) -> None:
    found = mt2(mass_a, a, mass_b, b, (0.0, 0.0, 0.0, 0.0))
    assert found == pytest.approx(max(mass_a, mass_b), abs=1e-3 * (length(a) + length(b)))


def test_missing_momentum_between_the_leptons_gives_zero() -> None:
    a, b = vector(50, 0.3), vector(60, 1.2)
    assert mt2(0.0, a, 0.0, b, vector(80, 0.7)) == pytest.approx(0, abs=1e-6)
    assert mt2(0.0, a, 0.0, b, vector(80, -0.7)) > 10


def test_unbalanced_it_is_the_heavier_particles_mass() -> None:
    assert mt2(100.0, vector(20, 0.5), 1.0, vector(20, 0.6), vector(5, 0.55)) == pytest.approx(100, abs=1e-9)


@settings(deadline=None)
@example(20.0, vector(1, 0), 20.0, vector(1, 1), vector(1, 0.00390625))
@given(masses, momenta, masses, momenta, momenta)
def test_is_the_least_larger_transverse_mass(
    mass_a: float, a: FourVector, mass_b: float, b: FourVector, missing: FourVector
) -> None:
    assume(sine(a, b) > 0.1)  # else the best share may lie beyond the grids
    scale = length(a) + length(b) + length(missing) + mass_a + mass_b  # the grids close in on flat minima slowly
    found = mt2(mass_a, a, mass_b, b, missing)
    assert found * found == pytest.approx(brute_force_square(mass_a, a, mass_b, b, missing), abs=1e-4 * scale * scale)


@given(masses, momenta, masses, momenta, momenta)
def test_is_symmetric_and_scales(
    mass_a: float, a: FourVector, mass_b: float, b: FourVector, missing: FourVector
) -> None:
    found = mt2(mass_a, a, mass_b, b, missing)
    precision = (1e-6 if sine(a, b) > 1e-3 else 1e-3) * (length(a) + length(b) + length(missing))
    assert mt2(mass_b, b, mass_a, a, missing) == pytest.approx(found, abs=precision)
    mirrored = [(x, -y, 0.0, 0.0) for x, y, _, _ in (a, b, missing)]
    assert mt2(mass_a, mirrored[0], mass_b, mirrored[1], mirrored[2]) == pytest.approx(found, abs=precision)
    doubled = [(2 * x, 2 * y, 0.0, 0.0) for x, y, _, _ in (a, b, missing)]
    assert mt2(2 * mass_a, doubled[0], 2 * mass_b, doubled[1], doubled[2]) == 2 * found  # exact: powers of two


def test_a_slightly_negative_mass_changes_little() -> None:
    a, b, missing = vector(80, 0.2), vector(45, 2.0), vector(90, -2.0)
    expected = mt2(0.0, a, 0.0, b, missing)
    assert expected > 50
    assert mt2(-0.005, a, -0.002, b, missing) == pytest.approx(expected, abs=1e-3)


def test_masses_of_rounded_four_vectors_can_be_used() -> None:
    a = four_vector(80.0, 1.3, 0.2, float(np.float32(80 * np.cosh(1.3))))
    b = four_vector(45.0, -0.4, 2.0, float(np.float32(45 * np.cosh(-0.4))))
    missing = vector(90, -2.0)
    assert mt2(mass_of(a), a, mass_of(b), b, missing) == pytest.approx(mt2(0.0, a, 0.0, b, missing), abs=1e-3)


@pytest.mark.parametrize("turn", [0.0, 1e-9, 1e-8])
def test_parallel_massless_particles(turn: float) -> None:
    a, b = vector(60, 0.4), vector(35, 0.4 + turn)
    for missing in (vector(50, 0.4), vector(50, 0.4 + pi), vector(50, 2.0)):
        expected = sqrt(brute_force_square(0.0, a, 0.0, b, missing))
        assert mt2(0.0, a, 0.0, b, missing) == pytest.approx(expected, abs=0.2)
    for missing in (vector(50, 0.4), vector(50, 2.0)):  # none at all if momentum beyond all bounds is shared
        assert mt2(0.0, a, 0.0, vector(35, 0.4 + pi - turn), missing) == pytest.approx(0, abs=0.2)


def test_nothing_seen_and_nothing_missing() -> None:
    nothing = (0.0, 0.0, 0.0, 0.0)
    assert mt2(0.0, nothing, 0.0, nothing, nothing) == 0
    assert mt2(0.0, nothing, 0.0, vector(30, 0.1), vector(20, 2.0)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("bad", [nan, inf, 1e200])
def test_what_cannot_be_found_is_minus_one(bad: float) -> None:
    assert mt2(0.0, (bad, 0.0, 0.0, 0.0), 0.0, vector(30, 0.1), vector(20, 2.0)) == NOT_FOUND
    assert mt2(0.1, vector(40, 1.0), 0.1, vector(30, 0.1), (0.0, bad, 0.0, 0.0)) == NOT_FOUND

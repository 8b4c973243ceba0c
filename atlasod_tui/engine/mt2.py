"""The stransverse mass mT2: the least mass of two equal parents, each decaying to something seen and something not.

The missing momentum r is shared between two massless invisible particles, q and r - q. A trial mass M is possible if
some q makes both transverse masses at most M. For a visible particle of momentum p, mass m and transverse energy
E^2 = m^2 + p^2 the condition mT^2(p, q) <= M^2 is, with k = M^2 - m^2,

    4 E^2 q^2 - (k + 2 p.q)^2 <= 0,

the inside of an ellipse A in q (of a parabola where m = 0). The other particle's is the inside of an ellipse B, its
own shifted by r. M is possible if the two touch, and mT2 is found by bisection: C. G. Lester and B. Nachman, JHEP 03
(2015) 100 (arXiv:1411.4312). Whether they are disjoint is read from the cubic det(x A + B): they are if and only if it
has two different positive roots (F. Etayo, L. Gonzalez-Vega and N. del Rio, Comput. Aided Geom. Des. 23 (2006) 324).

Plain Python for selections: compiled with them, or interpreted.
"""

from __future__ import annotations

from math import sqrt

from atlasod_tui.engine.physics import FourVector

NOT_FOUND = -1.0

_LARGEST = 1e70  # sums of squares beyond this overflow in the determinants, which go with their fourth power
_DOUBLINGS = 100

# Where m = 0 and the visible momenta are parallel, the two parabolas touch at infinity: the cubic has a double root
# whatever M is. There (to 3e-7) E^2 gets an m of at least 1e-6 p, which changes mT2 by some 1e-3 p at most.
_PARALLEL = 1e-13
_SLIM = 1e-12


def mt2(mass_a: float, a: FourVector, mass_b: float, b: FourVector, missing: FourVector) -> float:
    """Return mT2 for massless invisible particles, down to machine precision, or -1 where it cannot be found.

    Args:
        mass_a: Mass of one visible particle, as ``mass_of`` gives it: rounding may make it slightly negative. The
            result is not below the larger of the two masses.
        a: Its momentum, in the unit of the masses; only px and py are used.
        mass_b: Mass of the other visible particle.
        b: Its momentum.
        missing: The missing momentum.
    """
    squares = mass_a * mass_a + mass_b * mass_b + _dot(a, a) + _dot(b, b) + _dot(missing, missing)
    if not squares < _LARGEST:
        return NOT_FOUND
    if squares == 0.0:
        return 0.0
    cross = a[0] * b[1] - a[1] * b[0]
    floor = _SLIM if cross * cross <= _PARALLEL * _dot(a, a) * _dot(b, b) else 0.0
    lower = max(mass_a, mass_b)
    upper = lower + sqrt(squares)
    doublings = 0
    while _disjoint(upper, mass_a, a, mass_b, b, missing, floor):
        upper *= 2
        doublings += 1
        if doublings > _DOUBLINGS:
            return NOT_FOUND

    near_lower = True  # mT2 is often at its lower limit: until it is known not to be, the search goes down there fast
    while True:
        trial = (15 * lower + upper) / 16 if near_lower else (lower + upper) / 2
        if trial <= lower or trial >= upper:
            return trial
        if _disjoint(trial, mass_a, a, mass_b, b, missing, floor):
            lower = trial
            near_lower = False
        else:
            upper = trial


def _dot(p: FourVector, q: FourVector) -> float:
    return p[0] * q[0] + p[1] * q[1]


def _disjoint(  # noqa: PLR0913 - two particles and what is missing
    trial: float, mass_a: float, a: FourVector, mass_b: float, b: FourVector, missing: FourVector, floor: float
) -> bool:
    """Return whether no share of the missing momentum makes both transverse masses at most ``trial``.

    A quarter of the condition's quadratic form is E^2 q^2 - (h + p.q)^2 with h = k / 2; its determinant is -E^4 h^2.
    """
    half_a, half_b = (trial * trial - mass_a * mass_a) / 2, (trial * trial - mass_b * mass_b) / 2
    m2_a, m2_b = max(mass_a * mass_a, floor * _dot(a, a)), max(mass_b * mass_b, floor * _dot(b, b))
    et2_a, et2_b = m2_a + _dot(a, a), m2_b + _dot(b, b)
    det_a, det_b = -(et2_a * half_a) * (et2_a * half_a), -(et2_b * half_b) * (et2_b * half_b)
    quadratic = et2_a * _mixed(m2_a, a, half_a, m2_b, b, half_b, missing)
    linear = et2_b * _mixed(m2_b, b, half_b, m2_a, a, half_a, missing)
    if det_a == 0.0 and det_b == 0.0:
        return False  # trial and masses so small that squares vanish
    if det_a <= det_b:
        return _two_positive_roots(quadratic / det_a, linear / det_a, det_b / det_a)
    return _two_positive_roots(linear / det_b, quadratic / det_b, det_a / det_b)


def _mixed(  # noqa: PLR0913
    m2_a: float, a: FourVector, half_a: float, m2_b: float, b: FourVector, half_b: float, missing: FourVector
) -> float:
    """Return tr(adj(A) B) / E_a^2: what goes with x^2 in the cubic; with a and b exchanged, what goes with x.

    Where A is E^2 q^2 - (h + p.q)^2, its adjugate is E^2 ((-h^2, 0, h px), (0, -h^2, h py), (h px, h py, m^2)). Worked
    out by hand, as cofactors of numbers would cancel where the mass is small.
    """
    et2_b = m2_b + _dot(b, b)
    reach = half_b + _dot(b, missing)
    return (
        m2_a * (et2_b * _dot(missing, missing) - reach * reach)
        + 2 * half_a * (reach * _dot(a, b) - et2_b * _dot(a, missing))
        - half_a * half_a * (m2_b + et2_b)
    )


def _two_positive_roots(a: float, b: float, c: float) -> bool:
    """Return whether x^3 + a x^2 + b x + c, with c >= 0, has two different positive roots.

    All roots are real and different if the discriminant is positive. Their product is -c, so one is negative and the
    other two have the same sign: negative if and only if no coefficient is.
    """
    discriminant = a * a * b * b - 4 * b * b * b - 4 * a * a * a * c + 18 * a * b * c - 27 * c * c
    return discriminant > 0 and (a < 0 or b < 0)

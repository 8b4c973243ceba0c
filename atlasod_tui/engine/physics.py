"""Kinematics for selections, in plain Python: compiled with them, or interpreted.

A four-vector is a tuple ``(px, py, pz, E)`` in the unit it was made with (MeV or GeV). Formulas and their order of
operations follow ROOT's TLorentzVector, TVector3 and TVector2, because cuts on boundary values depend on the last bit.
"""

from __future__ import annotations

from math import atan2, cos, log, pi, sin, sinh, sqrt

from atlasod_tui.engine.author import f32

FourVector = tuple[float, float, float, float]

_ALONG_Z = 1e11  # TVector3's pseudorapidity of a vector along the z axis


def four_vector(pt: float, eta: float, phi: float, energy: float) -> FourVector:
    """Return (px, py, pz, E) as TLorentzVector::SetPtEtaPhiE makes it."""
    pt = abs(pt)
    return (pt * cos(phi), pt * sin(phi), pt * sinh(eta), energy)


def four_vector_m(pt: float, eta: float, phi: float, mass: float) -> FourVector:
    """Return (px, py, pz, E) as TLorentzVector::SetPtEtaPhiM makes it (mass >= 0)."""
    pt = abs(pt)
    x, y, z = pt * cos(phi), pt * sin(phi), pt * sinh(eta)
    return (x, y, z, sqrt(x * x + y * y + z * z + mass * mass))


def add(a: FourVector, b: FourVector) -> FourVector:
    """Return the sum of two four-vectors."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3])


def pt_of(a: FourVector) -> float:
    """Return the transverse momentum."""
    return sqrt(a[0] * a[0] + a[1] * a[1])


def eta_of(a: FourVector) -> float:
    """Return the pseudorapidity, from cos(theta) as TVector3::PseudoRapidity does."""
    total = sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
    cosine = 1.0 if total == 0.0 else a[2] / total
    if cosine * cosine < 1.0:
        return -0.5 * log((1.0 - cosine) / (1.0 + cosine))
    if a[2] == 0.0:
        return 0.0
    return _ALONG_Z if a[2] > 0.0 else -_ALONG_Z


def phi_of(a: FourVector) -> float:
    """Return the azimuth in radians, in (-pi, pi]."""
    return 0.0 if a[0] == 0.0 and a[1] == 0.0 else atan2(a[1], a[0])


def theta_of(a: FourVector) -> float:
    """Return the polar angle in radians."""
    return 0.0 if a[0] == 0.0 and a[1] == 0.0 and a[2] == 0.0 else atan2(pt_of(a), a[2])


def mass_of(a: FourVector) -> float:
    """Return the invariant mass; minus the root of minus its square where that is negative."""
    square = a[3] * a[3] - (a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
    return -sqrt(-square) if square < 0.0 else sqrt(square)


def rapidity_of(a: FourVector) -> float:
    """Return the rapidity 0.5 ln((E + pz) / (E - pz))."""
    return 0.5 * log((a[3] + a[2]) / (a[3] - a[2]))


def et_of(a: FourVector) -> float:
    """Return the transverse energy E sin(theta) as TLorentzVector::Et does."""
    square = a[0] * a[0] + a[1] * a[1]
    et2 = 0.0 if square == 0.0 else a[3] * a[3] * square / (square + a[2] * a[2])
    return -sqrt(et2) if a[3] < 0.0 else sqrt(et2)


def signed_angle(x: float) -> float:
    """Return an angle in [-pi, pi), as TVector2::Phi_mpi_pi."""
    while x >= pi:
        x -= 2 * pi
    while x < -pi:
        x += 2 * pi
    return x


def delta_phi(a: FourVector, b: FourVector) -> float:
    """Return the azimuth between two four-vectors in [-pi, pi)."""
    return signed_angle(phi_of(a) - phi_of(b))


def folded(phi1: float, phi2: float) -> float:
    """Return the angle between two azimuths in [0, pi], float32: |phi1 - phi2|, or 2 pi minus it where not below pi."""
    x = f32(abs(phi1 - phi2))
    return x if x < pi else f32(2 * pi - x)


def delta_r(a: FourVector, b: FourVector) -> float:
    """Return the distance in pseudorapidity and azimuth."""
    deta, dphi = eta_of(a) - eta_of(b), delta_phi(a, b)
    return sqrt(deta * deta + dphi * dphi)


def transverse_mass(lepton: FourVector, met: FourVector) -> float:
    """Return sqrt(2 pT ET (1 - cos dphi)) of a lepton and the missing transverse momentum, in their unit."""
    return transverse_mass_at(lepton, met, delta_phi(lepton, met))


def transverse_mass_at(lepton: FourVector, met: FourVector, dphi: float) -> float:
    """Return the transverse mass where the angle between the two is known already."""
    return sqrt(2 * pt_of(lepton) * et_of(met) * (1 - cos(dphi)))

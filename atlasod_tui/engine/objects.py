"""Leptons, jets, photons, taus and missing momentum of an event of the 2020 release (MeV), for selections."""

from __future__ import annotations

from math import sin

from atlasod_tui.engine.author import Event, f32
from atlasod_tui.engine.physics import FourVector, add, four_vector, mass_of, theta_of


def lepton(event: Event, k: int) -> FourVector:
    """Return the four-vector of lepton ``k`` in MeV."""
    return four_vector(event.lep_pt[k], event.lep_eta[k], event.lep_phi[k], event.lep_E[k])


def jet(event: Event, k: int) -> FourVector:
    """Return the four-vector of small-R jet ``k`` in MeV."""
    return four_vector(event.jet_pt[k], event.jet_eta[k], event.jet_phi[k], event.jet_E[k])


def photon(event: Event, k: int) -> FourVector:
    """Return the four-vector of photon ``k`` in MeV."""
    return four_vector(event.photon_pt[k], event.photon_eta[k], event.photon_phi[k], event.photon_E[k])


def tau(event: Event, k: int) -> FourVector:
    """Return the four-vector of hadronic tau ``k`` in MeV."""
    return four_vector(event.tau_pt[k], event.tau_eta[k], event.tau_phi[k], event.tau_E[k])


def large_jet(event: Event, k: int) -> FourVector:
    """Return the four-vector of large-R jet ``k`` in MeV."""
    return four_vector(event.largeRjet_pt[k], event.largeRjet_eta[k], event.largeRjet_phi[k], event.largeRjet_E[k])


def missing(event: Event) -> FourVector:
    """Return the missing transverse momentum as a four-vector in MeV."""
    return four_vector(event.met_et, 0.0, event.met_phi, event.met_et)


def isolated(event: Event, k: int, limit: float) -> bool:
    """Return whether tracks and calorimeter energy around lepton ``k``, relative to its pT, are below ``limit``."""
    pt = event.lep_pt[k]
    return f32(event.lep_ptcone30[k] / pt) < limit and f32(event.lep_etcone20[k] / pt) < limit


def impact_parameters(event: Event, k: int, d0_limit: float, closed: bool) -> bool:
    """Return whether |d0|/sigma < ``d0_limit`` and |z0 sin(theta)| < 0.5 mm; the limits pass if ``closed``."""
    d0 = f32(abs(event.lep_trackd0pvunbiased[k]) / event.lep_tracksigd0pvunbiased[k])
    z0 = abs(event.lep_z0[k])
    if z0 >= 0.5:  # noqa: PLR2004 - a smaller |z0| passes at any angle, and the angle is dear
        z0 = abs(event.lep_z0[k] * sin(theta_of(lepton(event, k))))
    if closed:
        return not d0 > d0_limit and not z0 > 0.5  # noqa: PLR2004
    return d0 < d0_limit and z0 < 0.5  # noqa: PLR2004


def opposite(event: Event, a: int, b: int) -> bool:
    """Return whether two leptons have the same flavour and opposite charges, as those of a Z have."""
    return event.lep_charge[a] * event.lep_charge[b] < 0 and event.lep_type[a] == event.lep_type[b]  # type: ignore[no-any-return]


def pair_mass(event: Event, a: int, b: int) -> float:
    """Return the mass of two leptons in GeV, float32."""
    return f32(mass_of(add(lepton(event, a), lepton(event, b))) / 1000)


def good_lepton(  # noqa: PLR0913
    event: Event, k: int, min_pt: float, isolation: float, crack: bool = False, closed: bool = False
) -> bool:
    """Return whether lepton ``k`` is tight, isolated, from the primary vertex and above ``min_pt`` (MeV).

    Electrons have |eta| < 2.47 and |d0|/sigma < 5, muons 2.5 and 3. The gap between barrel and end-cap calorimeter,
    1.37 <= |eta| <= 1.52, is left out for electrons unless ``crack``.
    """
    if not (event.lep_isTightID[k] and event.lep_pt[k] > min_pt and isolated(event, k, isolation)):
        return False
    eta = abs(event.lep_eta[k])
    if event.lep_type[k] == 11:  # noqa: PLR2004 - PDG codes: electron
        return eta < 2.47 and (crack or eta < 1.37 or eta > 1.52) and impact_parameters(event, k, 5.0, closed)  # noqa: PLR2004
    if event.lep_type[k] == 13:  # noqa: PLR2004 - muon
        return eta < 2.5 and impact_parameters(event, k, 3.0, closed)  # noqa: PLR2004
    return False


def good_jet(event: Event, k: int, min_pt: float) -> bool:
    """Return whether jet ``k`` is central (|eta| < 2.5), above ``min_pt`` (MeV) and not from pile-up by its JVT."""
    pt, eta = event.jet_pt[k], abs(event.jet_eta[k])
    return pt > min_pt and eta < 2.5 and not (pt < 60000 and eta < 2.4 and event.jet_jvt[k] < 0.59)  # noqa: PLR2004


def tagged(event: Event, k: int) -> bool:
    """Return whether jet ``k`` is b-tagged at the 70 % working point: MV2c10 above 0.8244273."""
    return event.jet_MV2c10[k] > 0.8244273  # type: ignore[no-any-return]  # noqa: PLR2004

"""Histograms that the framework books in sets, with its names, titles and axis titles."""

from __future__ import annotations

from collections.abc import Mapping

from atlasod_tui.engine.author import Event, Histogram
from atlasod_tui.engine.objects import lepton
from atlasod_tui.engine.physics import eta_of, phi_of, pt_of

Bins = tuple[int, float, float]

# Suffix, title, x title; {} is the symbol of the lepton in x titles.
_LEPTON = (
    ("tpt", "Transverse Momentum", "p_{{T}}^{{{}}} [GeV]"),
    ("teta", "Pseudorapidity", " #eta^{{{}}}"),
    ("tE", "Energy", " E^{{{}}} [GeV]"),
    ("tphi", "Azimuthal Angle ", " #phi^{{{}}}"),
    ("tch", "Charge", " Q^{{{}}}"),
    ("tID", "Absolute PDG ID", " |PDG ID|^{{{}}}"),
    ("t_ptc", "Relative Transverse Momentum Isolation", " ptconerel30^{{{}}}"),
    ("tetc", "Relative Transverse Energy Isolation", " etconerel20^{{{}}}"),
    ("z0", "z0 impact parameter", " z_{{0}}^{{{}}} [mm]"),
    ("d0", "d0 impact parameter", " d_{{0}}^{{{}}} [mm]"),
)


def lepton_histograms(  # noqa: PLR0913 - a set of histograms has that many axes
    stem: str,
    who: str,
    symbol: str,
    *,
    pt: Bins,
    eta: Bins,
    energy: Bins,
    phi: Bins,
    isolation: Bins,
    z0: Bins,
    d0: Bins,
    y: str = " Events / bin",
    pt_y: str = "Events / bin",
    titles: Mapping[str, str] | None = None,
    xtitles: Mapping[str, str] | None = None,
) -> tuple[Histogram, ...]:
    """Return the ten histograms of a lepton: pT, eta, E (GeV), phi, charge, type, and four the framework never fills.

    Args:
        stem: What the names begin with (``hist_leadlep``).
        who: What the titles begin with (``Leading Lepton``).
        symbol: The lepton in x titles (``leadlep``).
        pt, eta, energy, phi, isolation, z0, d0: Number of bins, lower and upper edge.
        y, pt_y: Titles of the y axis, and of that of pT, which differs by a blank.
        titles, xtitles: Titles that differ from the pattern, by suffix (``z0``).
    """
    charge, kind = (7, -1.75, 1.75), (15, 5.5, 20.5)
    axes = (pt, eta, energy, phi, charge, kind, isolation, isolation, z0, d0)
    return tuple(
        Histogram(
            f"{stem}{suffix}",
            *bins,
            (titles or {}).get(suffix, f"{who} {title}"),
            (xtitles or {}).get(suffix, xtitle.format(symbol)),
            pt_y if suffix == "tpt" else y,
        )
        for (suffix, title, xtitle), bins in zip(_LEPTON, axes, strict=True)
    )


def fill_leading_lepton(event: Event, hist, k: int, w: float) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Fill the six filled histograms of the set ``hist_leadlep`` with lepton ``k``."""
    vector = lepton(event, k)
    hist.hist_leadleptpt.fill(pt_of(vector) / 1000, w)
    hist.hist_leadlepteta.fill(eta_of(vector), w)
    hist.hist_leadleptE.fill(vector[3] / 1000, w)
    hist.hist_leadleptphi.fill(phi_of(vector), w)
    hist.hist_leadleptch.fill(event.lep_charge[k], w)
    hist.hist_leadleptID.fill(event.lep_type[k], w)


def fill_subleading_lepton(event: Event, hist, k: int, w: float) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Fill the six filled histograms of the set ``hist_subleadlep`` with lepton ``k``."""
    vector = lepton(event, k)
    hist.hist_subleadleptpt.fill(pt_of(vector) / 1000, w)
    hist.hist_subleadlepteta.fill(eta_of(vector), w)
    hist.hist_subleadleptE.fill(vector[3] / 1000, w)
    hist.hist_subleadleptphi.fill(phi_of(vector), w)
    hist.hist_subleadleptch.fill(event.lep_charge[k], w)
    hist.hist_subleadleptID.fill(event.lep_type[k], w)

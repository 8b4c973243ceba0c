"""Higgs boson to two photons: a small peak at 125 GeV on a smooth, falling diphoton mass spectrum.

Exactly two tight, isolated photons with pT above 35 % and 25 % of their mass. Follows PRD 98 (2018) 052005.
"""

from math import cos, cosh, pi, sqrt

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, PeakFit, Quirk, Scale, f32
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="Hyy",
    title="Higgs boson to two photons",
    label="H #rightarrow #gamma #gamma",
    skim="GamGam",
    table="Hyy",
    groups={"Higgs": groups.HIGGS_YY},
    looks={"Higgs": Look("Higgs", "red", signal=True)},
    scale_factors=("PHOTON", "PhotonTRIGGER", "PILEUP"),
    single_rule=False,
    main="hist_mYY_bin1",
    look_for="A bump of a few hundred events at 125 GeV after the fitted background is subtracted.",
    histograms=(
        Histogram("hist_mYY_bin1", 30, 105, 160, "Diphoton invariant mass", " m_{#gamma#gamma} [GeV]"),
        Histogram("hist_mYY_cat_bin1", 30, 105, 160, "Diphoton invariant mass unconv. central",
                  " m_{#gamma#gamma} [GeV]"),
    ),
    scales=(Scale(("hist_mYY_bin1",), hi=8000), Scale(("hist_mYY_cat_bin1",), hi=1000)),
    fits=(
        PeakFit("hist_mYY_bin1", height=119.1, mean=125, width=2.38, lo=-125, hi=250),
        PeakFit("hist_mYY_cat_bin1", height=23.2, mean=125, width=1.83, lo=-30, hi=60),
    ),
    quirks=(
        Quirk("energy_unused", "the mass comes from pT, eta and phi; the photons' measured energy is not used"),
    ),
)  # fmt: skip


def good(event: Event, k: int) -> bool:
    eta = abs(event.photon_eta[k])
    return event.photon_isTightID[k] and event.photon_pt[k] > 25000 and eta < 2.37 and (eta < 1.37 or eta > 1.52)


def isolated(event: Event, k: int) -> bool:
    pt = event.photon_pt[k]
    return f32(event.photon_ptcone30[k] / pt) < 0.065 and f32(event.photon_etcone20[k] / pt) < 0.065


def unconverted_central(event: Event, k: int) -> bool:
    return abs(event.photon_eta[k]) < 0.75 and event.photon_convType[k] == 0


def select(event: Event, hist) -> None:
    if not event.trigP:
        return
    photons = [k for k in range(event.photon_n) if good(event, k)]
    if len(photons) != 2:
        return
    a, b = photons
    if not (isolated(event, a) and isolated(event, b)):
        return

    dphi = f32(abs(event.photon_phi[a] - event.photon_phi[b]))
    dphi = dphi if dphi < pi else f32(2 * pi - dphi)
    pt_a, pt_b = event.photon_pt[a] / 1000, event.photon_pt[b] / 1000
    deta = event.photon_eta[a] - event.photon_eta[b]
    mass = f32(sqrt(2 * pt_a * pt_b * (cosh(deta) - cos(dphi))))
    if not (f32(pt_a / mass) > 0.35 and f32(pt_b / mass) > 0.25 and 105 < mass < 160):
        return

    w = event.weight
    hist.hist_mYY_bin1.fill(mass, w)
    if unconverted_central(event, a) and unconverted_central(event, b):
        hist.hist_mYY_cat_bin1.fill(mass, w)

"""Supersymmetry: two leptons from sleptons, the heavy partners of leptons, and the momentum of what escapes unseen.

The stransverse mass mT2 of leptons and missing momentum cannot exceed the W mass in ordinary events, and can where
heavier particles decayed. Same flavour, opposite charges, no jets. Follows EPJC 78 (2018) 995.
"""

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, Scale, f32
from atlasod_tui.engine.mt2 import mt2
from atlasod_tui.engine.objects import impact_parameters, jet
from atlasod_tui.engine.physics import (
    FourVector,
    add,
    delta_r,
    et_of,
    eta_of,
    four_vector,
    four_vector_m,
    mass_of,
    phi_of,
    pt_of,
)
from atlasod_tui.samples import groups

CHANNELS = ("SFOS", "eeOS", "mumuOS", "SR_loose", "SR_tight")

ANALYSIS = Analysis(
    name="SUSY",
    title="Sleptons to two leptons and missing momentum",
    label="2l + 0 jets (SR loose / SR tight)",
    skim="2lep",
    table="SUSY",
    data="periods",
    groups={
        "W": groups.W_PTV,
        "stop": groups.SINGLE_TOP,
        "ttbar": groups.TTBAR,
        "diboson": groups.DIBOSON,
        "Z": groups.Z_PTV,
    },
    overlays={"slepton": groups.SLEPTONS},
    looks={
        "W": Look("W+jets", "green"),
        "stop": Look("Single top", "azure"),
        "ttbar": Look("t#bar{t}", "orange"),
        "diboson": Look("Diboson", "indigo"),
        "Z": Look("Z+jets", "pink"),
        "slepton": Look("#tilde{l} (600, 300) GeV", "red", signal=True),
    },
    main="hist_mt2_SFOS",
    look_for="Nothing new: W and top pairs end near 80 GeV, the mass of the W. hist_mt2_SR_loose would show sleptons.",
    histograms=tuple(
        Histogram(*axis, ytitle=y, channels=CHANNELS)
        for y, *axis in (
            ("Events / bin", "hist_etmiss", 20, 0, 2000, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
            ("Events / bin", "hist_mLL", 20, 0, 500, "Mass of Dilepton System", " m_{ll} [GeV]"),
            (" Events / bin", "hist_mt2", 20, 0, 400, "Stransverse Mass", " M_{T2} [GeV]"),
            ("Events / bin", "hist_rebin_etmiss", 10, 0, 300, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
            ("Events / bin", "hist_leadleptpt", 30, 0, 500, "Leading Lepton Transverse Momentum",
             "p_{T}^{leadlep} [GeV]"),
            (" Events / bin", "hist_leadlepteta", 40, -3, 3, "Leading Lepton Pseudorapidity", " #eta^{leadlep}"),
            (" Events / bin", "hist_leadleptE", 30, 0, 1500, "Leading Lepton Energy", " E^{leadlep} [GeV]"),
            (" Events / bin", "hist_leadleptphi", 40, -3.2, 3.2, "Leading Lepton Azimuthal Angle ", " #phi^{leadlep}"),
            ("Events / bin", "hist_subleadleptpt", 30, 0, 500, "Subleading Lepton Transverse Momentum",
             "p_{T}^{traillep} [GeV]"),
            (" Events / bin", "hist_subleadlepteta", 40, -3, 3, "Subleading Lepton Pseudorapidity", " #eta^{traillep}"),
            (" Events / bin", "hist_subleadleptE", 30, 0, 1500, "Subleading Lepton Energy", " E^{traillep} [GeV]"),
            (" Events / bin", "hist_subleadleptphi", 20, -3.2, 3.2, "Subleading Lepton Azimuthal Angle ",
             " #phi^{traillep}"),
        )
    ),
    scales=(Scale(("*_SR_*",), log=True, lo=0.02, hi=1e5), Scale(log=True, lo=10, hi=1e11)),
    unplotted=("*leptE_*", "*_eeOS", "*_mumuOS"),
    quirks=(
        Quirk("unfiltered_xsec", "the framework's table has the cross-sections of ZqqZll and WplvWmqq before the "
              "generator's filter, 7.1 and 4.6 times the others'", touches=("*",),
              fixed="the cross-sections of the framework's other tables"),
        Quirk("large_met_zeroed", "in Wmunu_PTV0_70_CVetoBVeto a missing momentum above 1500 GeV is set to 0",
              touches=("hist_etmiss_*", "hist_rebin_etmiss_*", "hist_mt2_*", "*_SR_*")),
        Quirk("veto_on_all_jets", "the jet veto of the signal regions looks at all jets, also at those that come from "
              "pile-up or are electrons", touches=("*_SR_*",)),
        Quirk("negative_masses", "rounding can make the masses of the leptons, and with them mT2, slightly negative; "
              "where mT2 cannot be found it is -1", touches=("hist_mt2_*",)),
        Quirk("ties_swap", "of two leptons with equal pT the later in the ntuple leads",
              touches=("hist_leadlept*", "hist_subleadlept*")),
    ),
)  # fmt: skip

SFOS, EE, MUMU, LOOSE, TIGHT = range(5)


def lepton(event: Event, k: int) -> FourVector:
    """Return the four-vector of a lepton in GeV, as everything here."""
    return four_vector(event.lep_pt[k] / 1000, event.lep_eta[k], event.lep_phi[k], event.lep_E[k] / 1000)


def is_electron(event: Event, k: int) -> bool:
    return event.lep_type[k] == 11


def baseline(event: Event, k: int) -> bool:
    return pt_of(lepton(event, k)) > 10 and abs(event.lep_eta[k]) < (2.47 if is_electron(event, k) else 2.7)


def signal(event: Event, k: int) -> bool:
    pt = event.lep_pt[k]
    if f32(event.lep_etcone20[k] / pt) > 0.15 or f32(event.lep_ptcone30[k] / pt) > 0.15:
        return False
    return impact_parameters(event, k, 5.0 if is_electron(event, k) else 3.0, True) and baseline(event, k)


def candidate(event: Event, j: int) -> bool:
    pt, eta = event.jet_pt[j], abs(event.jet_eta[j])
    return pt >= 20000 and eta < 4.5 and not (pt < 60000 and eta < 2.4 and abs(event.jet_jvt[j]) <= 0.59)


def close(event: Event, k: int, j: int, limit: float) -> bool:
    if abs(event.lep_eta[k] - event.jet_eta[j]) > limit + 0.01:  # certainly not, which spares most of the work
        return False
    return delta_r(lepton(event, k), jet(event, j)) < limit


def really_electron(event: Event, j: int, last: int) -> bool:
    """Return whether a jet is one of the baseline electrons up to the last, seen again as a jet; b jets never are."""
    if event.jet_MV2c10[j] > 0.1758475:
        return False
    for i in range(last + 1):  # noqa: SIM110 - there is no any() here
        if is_electron(event, i) and baseline(event, i) and close(event, i, j, 0.2):
            return True
    return False


def in_jet(event: Event, k: int, jets) -> bool:
    for j in jets:  # noqa: SIM110
        if close(event, k, j, 0.4) and not really_electron(event, j, k):
            return True
    return False


def jet_veto(event: Event) -> bool:
    for j in range(event.jet_n):
        pt, tag = event.jet_pt[j], event.jet_MV2c10[j]
        if (pt > 60000 and tag < 0.645925) or (pt > 20000 and tag > 0.645925):
            return False
    return True


def fill(  # noqa: PLR0913 - what a region's twelve histograms need
    hist, number: int, mll: float, mass: float, met: FourVector, lead: FourVector, sublead: FourVector, w: float
) -> None:
    hist.hist_mLL[number].fill(mll, w)
    hist.hist_etmiss[number].fill(et_of(met), w)
    hist.hist_mt2[number].fill(mass, w)
    hist.hist_rebin_etmiss[number].fill(et_of(met), w)
    hist.hist_leadleptpt[number].fill(pt_of(lead), w)
    hist.hist_leadlepteta[number].fill(eta_of(lead), w)
    hist.hist_leadleptE[number].fill(lead[3], w)
    hist.hist_leadleptphi[number].fill(phi_of(lead), w)
    hist.hist_subleadleptpt[number].fill(pt_of(sublead), w)
    hist.hist_subleadlepteta[number].fill(eta_of(sublead), w)
    hist.hist_subleadleptE[number].fill(sublead[3], w)
    hist.hist_subleadleptphi[number].fill(phi_of(sublead), w)


def select(event: Event, hist, sample) -> None:
    if not (event.lep_n >= 2 and (event.trigE or event.trigM)):
        return
    selected = [k for k in range(event.lep_n) if signal(event, k)]
    if len(selected) < 2:
        return
    jets = [j for j in range(event.jet_n) if candidate(event, j)]
    leptons = [k for k in selected if not in_jet(event, k, jets)]
    if len(leptons) != 2:
        return
    a, b = leptons
    if event.lep_type[a] != event.lep_type[b] or event.lep_charge[a] == event.lep_charge[b]:
        return
    lead, sublead = lepton(event, a), lepton(event, b)
    if event.lep_pt[a] <= event.lep_pt[b]:
        lead, sublead = sublead, lead
    electrons = is_electron(event, a)
    limit = 2.47 if electrons else 2.4
    if not (event.trigE if electrons else event.trigM):
        return
    if pt_of(lead) < 25 or pt_of(sublead) < 20 or abs(eta_of(lead)) > limit or abs(eta_of(sublead)) > limit:
        return
    mll = f32(mass_of(add(lead, sublead)))
    if mll < 40:
        return

    w = event.weight
    met_et = event.met_et / 1000
    if sample.named("Wmunu_PTV0_70_CVetoBVeto") and met_et > 1500:
        met_et = 0.0
    met = four_vector_m(met_et, 0.0, event.met_phi, 0.0)
    mass = mt2(mass_of(lead), lead, mass_of(sublead), sublead, met)
    fill(hist, EE if electrons else MUMU, mll, mass, met, lead, sublead, w)
    fill(hist, SFOS, mll, mass, met, lead, sublead, w)
    if mll > 111 and mass > 100 and jet_veto(event):
        fill(hist, LOOSE, mll, mass, met, lead, sublead, w)
        if mll > 300 and mass > 130:
            fill(hist, TIGHT, mll, mass, met, lead, sublead, w)

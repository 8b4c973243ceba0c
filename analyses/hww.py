"""Higgs boson to two W bosons to an electron, a muon and two neutrinos: no peak, but an excess at small angles.

The neutrinos escape, so the Higgs mass cannot be measured; the spin of the Higgs makes the leptons fly close together.
At most one jet, none from a b quark. Follows PLB 789 (2019) 508.
"""

from math import pi

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, f32
from atlasod_tui.engine.booking import fill_leading_lepton, fill_subleading_lepton, lepton_histograms
from atlasod_tui.engine.objects import good_jet, good_lepton, lepton, missing
from atlasod_tui.engine.physics import add, folded, mass_of, phi_of, pt_of, signed_angle, transverse_mass_at
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="HWW",
    title="Higgs boson to WW* to an electron and a muon",
    label="H #rightarrow WW* #rightarrow e#nu #mu#nu, N_{jet} #leq 1",
    skim="2lep",
    table="HWW",
    data="periods",
    groups={
        "stop": groups.SINGLE_TOP,
        "ttbar": groups.TTBAR,
        "V": groups.W_INCLUSIVE + groups.Z_INCLUSIVE,
        "diboson": groups.DIBOSON,
        "Higgs": groups.HIGGS_WW,
    },
    looks={
        "stop": Look("Single top", "azure"),
        "ttbar": Look("t#bar{t}", "orange"),
        "V": Look("V+jets", "green"),
        "diboson": Look("Diboson", "indigo"),
        "Higgs": Look("Higgs", "red", signal=True),
    },
    group_factors={"diboson": 1.3},
    main="hist_mt",
    look_for="The Higgs on top of the WW background: broad, between 70 and 125 GeV in the transverse mass.",
    histograms=(
        Histogram("hist_etmiss", 20, 0, 200, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
        Histogram("hist_mLL", 30, 0, 170, "Mass of Dilepton System", " m_{ll} [GeV]"),
        Histogram("hist_ptLL", 30, 0, 200, "Transverse Momentum of Dilepton System", " p_{T}^{ll} [GeV]"),
        Histogram("hist_dPhi_LL", 20, 0, 3.2, "dPhi_LL Dilepton System", " #Delta#phi (ll)"),
        Histogram("hist_dPhiLLmet", 30, 0, 3.2, "dPhiLLmet Dilepton System", " #Delta#phi (ll,E_{T}^{miss})"),
        Histogram("hist_mt", 15, 50, 200, "Dilepton System Transverse Mass", " m_{T} [GeV]"),
        Histogram("histI_etmiss", 20, 0, 200, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
        Histogram("histI_mLL", 30, 0, 170, "Mass of Dilepton System", " m_{ll} [GeV]"),
        Histogram("histI_ptLL", 30, 0, 200, "Transverse Momentum of Dilepton System", " p_{T}^{ll} [GeV]"),
        Histogram("histI_dPhi_LL", 20, 0, 3.2, "dPhi_LL Dilepton System", " #Delta#phi (ll)"),
        Histogram("histI_dPhiLLmet", 30, 0, 3.2, "dPhiLLmet Dilepton System", " #Delta#phi (ll,E_{T}^{miss})"),
        Histogram("histI_mt", 15, 50, 200, "Dilepton System Transverse Mass", " m_{T} [GeV]"),
        *lepton_histograms(
            "hist_leadlep", "Leading Lepton", "leadlep", pt=(15, 0, 150), eta=(10, -3, 3), energy=(15, 0, 250),
            phi=(16, -3.2, 3.2), isolation=(40, -0.1, 0.4), z0=(40, -1, 1), d0=(40, -1, 1),
        ),
        *lepton_histograms(
            "hist_subleadlep", "Subleading Lepton", "traillep", pt=(10, 0, 100), eta=(10, -3, 3), energy=(15, 0, 250),
            phi=(10, -3.2, 3.2), isolation=(40, -0.1, 0.4), z0=(40, -1, 1), d0=(40, -1, 1),
            titles={"d0": "Trailing Lepton d0 impact parameter"},
            xtitles={"t_ptc": " ptconerel30^{traillep} [GeV]", "tetc": " etconerel20^{traillep} [GeV]"},
        ),
        Histogram("hist_n_jets", 5, -0.5, 4.5, "Number of Jets", "N_{jets}", "Events"),
        Histogram("hist_n_bjets", 3, -0.5, 2.5, "Number of b-Jets", "N_{b-jets}", "Events"),
        Histogram("histI_n_jets", 5, -0.5, 4.5, "Number of Jets", "N_{jets}"),
        Histogram("histI_n_bjets", 3, -0.5, 2.5, "Number of b-Jets", "N_{b-jets}"),
        Histogram("hist_leadjet_pt", 20, 0, 200, "Leading Jet Transverse Momentum", "p_{T}^{leadjet} [GeV]"),
        Histogram("hist_leadjet_eta", 30, -3, 3, "Leading Jet Pseudorapidity", " #eta^{leadjet}", " Events / bin"),
    ),
    unplotted=("*_ptc", "*etc", "*z0", "*d0", "hist_leadjet_*"),
    quirks=(
        Quirk("soft_bjets", "jets count from 30 GeV, but b jets from 20 GeV: a b jet between the two rejects the event",
              touches=("hist_*", "histI_n_bjets")),
        Quirk("never_filled", "the histograms of the leading jet are booked but never filled",
              touches=("hist_leadjet_*",)),
    ),
)  # fmt: skip


def b_tagged(event: Event, k: int) -> bool:
    return event.jet_MV2c10[k] > 0.1758475  # the 85 % working point


def select(event: Event, hist) -> None:
    if not (event.lep_n >= 2 and (event.trigE or event.trigM)):
        return
    leptons = [k for k in range(event.lep_n) if good_lepton(event, k, 15000, 0.1)]
    if len(leptons) != 2:
        return
    a, b = leptons
    if event.lep_charge[a] * event.lep_charge[b] >= 0 or event.lep_type[a] == event.lep_type[b]:
        return
    if not event.lep_pt[a] > 22000:
        return

    w = event.weight
    pool = [k for k in range(event.jet_n) if good_jet(event, k, 20000)]
    jets = [k for k in pool if event.jet_pt[k] > 30000]
    bjets = [k for k in pool if b_tagged(event, k)]
    pair, met = add(lepton(event, a), lepton(event, b)), missing(event)
    met_gev = event.met_et / 1000
    mll, ptll = f32(mass_of(pair) / 1000), f32(pt_of(pair) / 1000)
    phi_ll, phi_met = phi_of(pair), phi_of(met)
    dphi_ll, dphi_met = folded(event.lep_phi[a], event.lep_phi[b]), folded(phi_ll, phi_met)
    mt = f32(transverse_mass_at(pair, met, signed_angle(phi_ll - phi_met)) / 1000)
    hist.histI_mLL.fill(mll, w)
    hist.histI_ptLL.fill(ptll, w)
    hist.histI_dPhi_LL.fill(dphi_ll, w)
    hist.histI_dPhiLLmet.fill(dphi_met, w)
    hist.histI_etmiss.fill(met_gev, w)
    hist.histI_mt.fill(mt, w)
    hist.histI_n_jets.fill(len(jets), w)
    hist.histI_n_bjets.fill(len(bjets), w)

    if not (10 < mll < 55 and ptll > 30 and met_gev > 20 and dphi_met > pi / 2 and dphi_ll < 1.8):
        return
    if len(jets) > 1 or len(bjets) > 0:
        return
    hist.hist_mLL.fill(mll, w)
    hist.hist_ptLL.fill(ptll, w)
    hist.hist_dPhi_LL.fill(dphi_ll, w)
    hist.hist_dPhiLLmet.fill(dphi_met, w)
    hist.hist_etmiss.fill(met_gev, w)
    hist.hist_mt.fill(mt, w)
    hist.hist_n_jets.fill(len(jets), w)
    hist.hist_n_bjets.fill(len(bjets), w)
    fill_leading_lepton(event, hist, a, w)
    fill_subleading_lepton(event, hist, b, w)

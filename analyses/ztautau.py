"""Z boson to two tau leptons, one decaying to an electron or muon, the other to hadrons.

Neutrinos carry part of the energy away: the visible mass is broad and below the mass of the Z; an estimate of what
is missing (MMC) brings it back to 91 GeV. Follows EPJC 78 (2018) 163 and PRD 99 (2019) 072001.
"""

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, f32
from atlasod_tui.engine.booking import fill_leading_lepton, lepton_histograms
from atlasod_tui.engine.objects import good_jet, good_lepton, lepton, missing, tau
from atlasod_tui.engine.physics import add, eta_of, folded, mass_of, phi_of, pt_of, transverse_mass
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="ZTauTau",
    title="Z boson to two taus",
    label="Z #rightarrow #tau_{l}#tau_{h}",
    skim="1lep1tau",
    table="ZTauTau",
    groups={
        "topV": groups.TTBAR + groups.SINGLE_TOP + groups.DIBOSON,
        "W": groups.W_PTV,
        "Z": groups.ZEE_PTV + groups.ZMUMU_PTV,
        "Z_tautau": groups.ZTAUTAU_PTV,
    },
    looks={
        "topV": Look("Other", "orange"),
        "W": Look("W+jets", "green"),
        "Z": Look("Z #rightarrow ee, #mu#mu", "pink"),
        "Z_tautau": Look("Z #rightarrow #tau#tau", "blue", signal=True),
    },
    scale_factors=("ELE", "MUON", "LepTRIGGER", "PILEUP", "TAU"),
    main="hist_MMC",
    look_for="A broad peak near 91 GeV, the mass of the Z; in hist_mLL, without the neutrinos, it lies lower.",
    histograms=(
        Histogram("hist_etmiss", 20, 0, 150, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
        Histogram("hist_sum_dPhi", 30, 0, 6.3, "sum dPhi", " #Sigma#Delta#phi"),
        Histogram("hist_mLL", 30, 20, 100, "Visible mass", " m_{vis} [GeV]"),
        Histogram("hist_MMC", 15, 50, 200, "Invariant mass (MMC)", " m^{MMC}_{#tau#tau} [GeV]"),
        Histogram("hist_mt_etau", 30, 1, 150, "Transverse Mass", " m_{T}(e,E_{T}^{miss}) [GeV]"),
        Histogram("hist_mt_mutau", 30, 1, 150, "Transverse Mass", " m_{T}(#mu,E_{T}^{miss}) [GeV]"),
        *lepton_histograms(
            "hist_leadlep", "Leading Lepton", "leadlep", pt=(20, 0, 200), eta=(20, -3, 3), energy=(20, 0, 300),
            phi=(20, -3.2, 3.2), isolation=(40, -0.1, 0.4), z0=(40, -1, 1), d0=(40, -1, 1),
        ),
        Histogram("hist_taupt", 20, 25, 75, "Hadronic tau Transverse Momentum", "p_{T}^{#tau_{h}} [GeV]"),
        Histogram("hist_taueta", 20, -3, 3, "Hadronic tau Pseudorapidity", " #eta^{#tau_{h}}", " Events / bin"),
        Histogram("hist_tauE", 20, 0, 200, "Hadronic tau Energy", " E^{#tau_{h}} [GeV]", " Events / bin"),
        Histogram("hist_tauphi", 20, -3.2, 3.2, "Hadronic tau Azimuthal Angle ", " #phi^{#tau_{h}}", " Events / bin"),
        Histogram("hist_syst_taupt", 20, 25, 75, "Hadronic tau Transverse Momentum",
                  "p_{T}^{#tau_{h}} [GeV] (after p_{T,#tau_{h}} syst. uncert.)"),
        Histogram("hist_tau_nTracks", 5, -0.5, 4.5, "Hadronic tau number of tracks ", " N_{tracks} (#tau_{h})",
                  "Events"),
        Histogram("hist_tau_BDTid", 20, 0.6, 1, "Hadronic BDTid ", " BDTid (#tau_{h})"),
        Histogram("hist_n_jets", 6, -0.5, 5.5, "Number of Jets", "N_{jets}", "Events"),
        Histogram("hist_leadjet_pt", 15, 0, 150, "Leading Jet Transverse Momentum", "p_{T}^{leadjet} [GeV]", "Jets"),
        Histogram("hist_leadjet_eta", 15, -3, 3, "Leading Jet Pseudorapidity", " #eta^{leadjet}", " Jets"),
    ),
    unplotted=("*_ptc", "*etc", "*z0", "*d0"),
    quirks=(
        Quirk("last_jet", "the 'leading' jet is the last good one, or the first of all if none is good",
              touches=("hist_leadjet_*",), fixed="it is the hardest good jet; without one nothing is filled"),
        Quirk("random_seed", "the tau pT varied by its uncertainty is drawn with a new random seed in each event; here "
              "the draw depends on run, event and tau only, so that it can be repeated",
              touches=("hist_syst_taupt",)),
        Quirk("mmc_in_gev", "ditau_m is in GeV, unlike every other energy in the ntuple"),
    ),
)  # fmt: skip


def good_tau(event: Event, k: int) -> bool:
    return event.tau_isTightID[k] and event.tau_pt[k] > 25000 and abs(event.tau_eta[k]) < 2.5


def leading_jet(event: Event, quirk) -> int:
    """The jet that is filled as the leading one, -1 for none."""
    lead = 0 if quirk.last_jet and event.jet_n > 0 else -1
    hardest = 0.0
    for k in range(event.jet_n):
        if good_jet(event, k, 25000) and (quirk.last_jet or event.jet_pt[k] > hardest):
            lead, hardest = k, event.jet_pt[k]
    return lead


def select(event: Event, hist, quirk) -> None:
    if not (event.trigE or event.trigM):
        return
    taus = [k for k in range(event.tau_n) if good_tau(event, k)]
    if len(taus) != 1:
        return
    leptons = [k for k in range(event.lep_n) if good_lepton(event, k, 30000, 0.1)]
    if len(leptons) != 1:
        return
    (k,) = leptons
    (t,) = taus
    if not event.lep_charge[k] * event.tau_charge[t] < 0:
        return
    light, heavy, met = lepton(event, k), tau(event, t), missing(event)
    visible = f32(mass_of(add(light, heavy)) / 1000)
    mt = f32(transverse_mass(light, met))
    sum_dphi = f32(folded(phi_of(heavy), phi_of(met)) + folded(phi_of(light), phi_of(met)))
    if not (35 < visible < 75 and mt < 30000 and sum_dphi < 3.5):
        return

    w = event.weight
    hist.hist_mLL.fill(visible, w)
    hist.hist_MMC.fill(event.ditau_m, w)
    hist.hist_etmiss.fill(event.met_et / 1000, w)
    hist.hist_mt_etau.fill(mt / 1000 if event.lep_type[k] == 11 else 0.0, w)
    hist.hist_mt_mutau.fill(mt / 1000 if event.lep_type[k] == 13 else 0.0, w)
    hist.hist_sum_dPhi.fill(sum_dphi, w)
    hist.hist_n_jets.fill(event.jet_n, w)
    fill_leading_lepton(event, hist, k, w)
    hist.hist_taupt.fill(pt_of(heavy) / 1000, w)
    hist.hist_taueta.fill(eta_of(heavy), w)
    hist.hist_tauE.fill(heavy[3] / 1000, w)
    hist.hist_tauphi.fill(phi_of(heavy), w)
    hist.hist_tau_nTracks.fill(event.tau_nTracks[t], w)
    hist.hist_tau_BDTid.fill(event.tau_BDTid[t], w)
    varied = event.tau_pt[t] / 1000 + event.tau_pt_syst[t] / 1000 * event.gauss("hist_syst_taupt", t)
    if varied > 25:
        hist.hist_syst_taupt.fill(varied, w)
    lead = leading_jet(event, quirk)
    if lead >= 0:
        hist.hist_leadjet_pt.fill(event.jet_pt[lead] / 1000, w)
        hist.hist_leadjet_eta.fill(event.jet_eta[lead], w)

"""A single top quark, made by the weak force: a lepton, missing momentum, a b jet and one jet far forward.

The forward jet is what is left of the quark that emitted the W boson (t channel).
Follows JHEP 04 (2017) 086 and JHEP 04 (2017) 124.
"""

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, f32
from atlasod_tui.engine.booking import fill_leading_lepton, lepton_histograms
from atlasod_tui.engine.objects import good_jet, good_lepton, jet, lepton, missing, tagged
from atlasod_tui.engine.physics import add, mass_of, pt_of, transverse_mass
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="SingleTop",
    title="Single top quark in the t channel",
    label="t #rightarrow l#nub + q",
    skim="1lep",
    table="WBoson",
    data="periods",
    groups={
        "ZVV": groups.Z_INCLUSIVE + groups.DIBOSON,
        "W": groups.W_PTV,
        "stop_tWtb": groups.SINGLE_TOP_WT + groups.SINGLE_TOP_S + groups.TTBAR,
        "stop_tq": groups.SINGLE_TOP_T,
    },
    looks={
        "ZVV": Look("Z, VV+jets", "pink"),
        "W": Look("W+jets", "green"),
        "stop_tWtb": Look("t#bar{t}, Wt, t#bar{b}", "orange"),
        "stop_tq": Look("tq", "azure", signal=True),
    },
    group_factors={"W": 1.1},
    scale_factors=("ELE", "MUON", "LepTRIGGER", "PILEUP", "BTAG"),
    main="hist_Mlb",
    look_for="A quarter of it is single tops (tq). The mass of a lepton and b jet from one top stays below 153 GeV.",
    histograms=(
        Histogram("hist_etmiss", 20, 0, 200, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
        Histogram("hist_mtw", 30, 0, 200, "Transverse Mass", " M^{W}_{T} [GeV]"),
        Histogram("hist_HT", 30, 150, 500, "HT ", "H_{T}(lep,jets,E_{T}^{miss}) [GeV]"),
        Histogram("hist_Mlb", 20, 50, 150, "Mlb", "m_{lb} [GeV]"),
        Histogram("hist_deltaeta", 20, 0, 5, "Delta eta", " #Delta#eta(j,b)"),
        *lepton_histograms(
            "hist_leadlep", "Leading Lepton", "leadlep", pt=(20, 0, 200), eta=(20, -3, 3), energy=(15, 0, 300),
            phi=(16, -3.2, 3.2), isolation=(20, -0.1, 0.2), z0=(20, -1, 1), d0=(20, -0.2, 0.2),
        ),
        Histogram("hist_n_jets", 4, -0.5, 3.5, "Number of Jets", "N_{jets}", "Events"),
        Histogram("hist_leadjet_pt", 20, 0, 200, "Untagged Jet Transverse Momentum", "p_{T}^{jet} [GeV]"),
        Histogram("hist_leadjet_eta", 20, -3, 3, "Untagged Jet Pseudorapidity", " #eta^{jet}", " Events / bin"),
        Histogram("hist_n_bjets", 3, -0.5, 2.5, "Number of b-jets", "N_{b-jets}", "Events"),
        Histogram("hist_leadbjet_pt", 20, 0, 200, "Leading b-jet Transverse Momentum", "p_{T}^{b-jet} [GeV]"),
        Histogram("hist_leadbjet_eta", 20, -3, 3, "Leading b-jet Pseudorapidity", " #eta^{b-jet}", " Events / bin"),
    ),
    unplotted=("*_ptc", "*etc", "*z0", "*d0"),
    quirks=(
        Quirk("untagged_leads", "'leadjet' is the jet without a b tag, whether or not it is the harder one",
              touches=("hist_leadjet_*",)),
        Quirk("closed_limits", "|d0|/sigma of exactly 5 (e) or 3 (mu) and |z0 sin(theta)| of exactly 0.5 mm pass, "
              "unlike in most other analyses; hardly an event has them"),
    ),
)  # fmt: skip


def select(event: Event, hist) -> None:
    if not (event.met_et > 30000 and (event.trigE or event.trigM)):
        return
    leptons = [k for k in range(event.lep_n) if good_lepton(event, k, 35000, 0.1, closed=True)]
    if len(leptons) != 1:
        return
    jets = [k for k in range(event.jet_n) if good_jet(event, k, 30000)]
    bjets = [k for k in jets if tagged(event, k)]
    if len(jets) != 2 or len(bjets) != 1:
        return
    (k,) = leptons
    (b,) = bjets
    first, second = jets
    untagged = second if first == b else first
    deta = abs(f32(event.jet_eta[untagged] - event.jet_eta[b]))
    if not (abs(event.jet_eta[untagged]) > 1.5 and deta > 1.5):
        return
    vector = lepton(event, k)
    mtw = f32(transverse_mass(vector, missing(event)))
    pt, pt_b, met = event.jet_pt[untagged] / 1000, event.jet_pt[b] / 1000, event.met_et / 1000
    ht = f32(pt_of(vector) / 1000 + pt + pt_b + met)
    mlb = f32(mass_of(add(jet(event, b), vector)) / 1000)
    if not (mtw > 60000 and ht > 195 and mlb < 150):
        return

    w = event.weight
    hist.hist_etmiss.fill(met, w)
    hist.hist_mtw.fill(mtw / 1000, w)
    hist.hist_deltaeta.fill(deta, w)
    hist.hist_HT.fill(ht, w)
    hist.hist_Mlb.fill(mlb, w)
    fill_leading_lepton(event, hist, k, w)
    hist.hist_n_jets.fill(len(jets), w)
    hist.hist_leadjet_pt.fill(pt, w)
    hist.hist_leadjet_eta.fill(event.jet_eta[untagged], w)
    hist.hist_n_bjets.fill(len(bjets), w)
    hist.hist_leadbjet_pt.fill(pt_b, w)
    hist.hist_leadbjet_eta.fill(event.jet_eta[b], w)

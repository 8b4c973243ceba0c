"""A heavy Z' boson to a top pair: tops so fast that the three jets of one melt into a single large jet.

One top gives the large jet, which is recognised by its mass and its three-pronged inside, the other a lepton, missing
momentum and a b jet. Follows EPJC 78 (2018) 565 and JHEP 11 (2017) 191.
"""

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, f32
from atlasod_tui.engine.booking import fill_leading_lepton, lepton_histograms
from atlasod_tui.engine.objects import good_jet, good_lepton, jet, large_jet, lepton, missing, tagged
from atlasod_tui.engine.physics import add, delta_phi, delta_r, eta_of, mass_of, pt_of, transverse_mass
from atlasod_tui.samples import groups


def large_jet_histograms(stem: str, who: str, mass: tuple[int, float, float]) -> tuple[Histogram, ...]:
    symbol, y = who.replace("Jet", "jet"), " Events / bin"
    return (
        Histogram(f"{stem}_pt", 30, 250, 700, f"{who} Transverse Momentum", f"p_{{T}}^{{{symbol}}} [GeV]"),
        Histogram(f"{stem}_eta", 20, -3, 3, f"{who} Pseudorapidity", f" #eta^{{{symbol}}}", y),
        Histogram(f"{stem}_phi", 12, -3.2, 3.2, f"{who} phi", f" #phi^{{{symbol}}}", y),
        Histogram(f"{stem}_m", *mass, f"{who} mass", f" m^{{{symbol}}} [GeV]", y),
        Histogram(f"{stem}_tau32", 20, 0, 1, f"{who} N-subjettiness ratio", f" #tau_{{32}}^{{{symbol}}} [GeV]", y),
    )


ANALYSIS = Analysis(
    name="ZPrimeBoosted",
    title="Z' to a boosted top pair",
    label="Z' #rightarrow t#bar{t} (boosted)",
    skim="1largeRjet1lep",
    table="ZPrime",
    groups={
        "diboson": ("WlvZqq", "WplvWmqq", "ZqqZll", "WqqZll", "lllv", "llvv", "lvvv"),
        "stop": groups.SINGLE_TOP,
        "V": groups.W_PTV + groups.Z_INCLUSIVE,
        "ttbar": groups.TTBAR,
    },
    overlays={"ZPrime": groups.ZPRIME},
    looks={
        "diboson": Look("Diboson", "indigo"),
        "stop": Look("Single top", "azure"),
        "V": Look("V+jets", "green"),
        "ttbar": Look("t#bar{t}", "orange"),
        "ZPrime": Look("Z' (1 TeV)", "red", signal=True, normalised=True, histograms=("*LR*",)),
    },
    group_factors={"ttbar": 0.91},
    factor_exceptions={"ttbar": ("*leadLR*",)},
    scale_factors=("ELE", "MUON", "LepTRIGGER", "PILEUP", "BTAG"),
    main="hist_etmiss",
    look_for="Nearly all of it is top pairs. In hist_ttbarMLR, their falling mass spectrum, a Z' would be a bump.",
    histograms=(
        Histogram("hist_etmiss", 30, 0, 400, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
        Histogram("hist_mtw", 30, 0, 250, "Transverse Mass", " M^{W}_{T}"),
        *lepton_histograms(
            "hist_leadlep", "Leading Lepton", "leadlep", pt=(20, 0, 400), eta=(30, -3, 3), energy=(30, 0, 500),
            phi=(32, -3.2, 3.2), isolation=(20, -0.1, 0.2), z0=(20, -1, 1), d0=(20, -0.2, 0.2), y=" Leptons",
            pt_y="Leptons",
        ),
        Histogram("hist_n_jets", 4, -0.5, 3.5, "Number of Jets", "N_{selected Small-R jets}", "Events"),
        Histogram("hist_leadjet_pt", 20, 0, 400, "Leading Jet Transverse Momentum",
                  " p_{T}^{selected Small-R jet} [GeV]"),
        Histogram("hist_leadjet_eta", 30, -3, 3, "Leading Jet Pseudorapidity", " #eta^{selected Small-R jet}",
                  " Events / bin"),
        Histogram("hist_n_bjets", 4, -0.5, 3.5, "Number of b-jets", "N_{b-jets}", "Events"),
        Histogram("hist_leadbjet_pt", 20, 0, 400, "Leading b-jet Transverse Momentum", "p_{T}^{b-jet} [GeV]"),
        Histogram("hist_leadbjet_eta", 30, -3, 3, "Leading b-jet Pseudorapidity", " #eta^{b-jet}", " Events / bin"),
        Histogram("hist_n_leadLRjets", 4, -0.5, 3.5, "Number of top-tagged Large-R Jets", "N^{Large-R jets}", "Events"),
        *large_jet_histograms("hist_leadLRjet", "Large-R Jet", mass=(30, 50, 250)),
        Histogram("hist_n_TopLRjets", 4, -0.5, 3.5, "Number of Top-tagged Large-R Jets",
                  "N^{Top-tagged Large-R jets}", "Events"),
        *large_jet_histograms("hist_leadTopLRjet", "Top-tagged Large-R Jet", mass=(25, 100, 250)),
        Histogram("hist_leadTopLRjet_syst_pt", 30, 250, 700, "Leading  top-tagged Large-R Jet pT after syst",
                  " p_{T}^{Top-tagged Large-R jet} [GeV] (after p_{T}^{Large-R Jet} syst.)", " Events / bin"),
        Histogram("hist_ttbarMLR", 20, 400, 1600, " (Almost) ttbar mass (no neutrino)",
                  " m^{Top-tagged Large-R jet, Small-R jet, Lepton} [GeV]", " Events / bin"),
    ),
    unplotted=("*_ptc", "*etc", "*z0", "*d0"),
    quirks=(
        Quirk("every_large_jet", "the 'leadLRjet' histograms are filled for every large jet that qualifies, not only "
              "the leading one; their number is each time that of all large jets in the ntuple",
              touches=("hist_leadLRjet_*", "hist_n_leadLRjets")),
        Quirk("random_seed", "pT varied by its uncertainty is drawn with a new random seed in each event; here the "
              "draw depends on run, event and histogram only, so that it can be repeated",
              touches=("hist_leadTopLRjet_syst_pt",)),
        Quirk("missing_samples", "WpqqWmlv and llll are not run: the stack lacks them", touches=("*",)),
        Quirk("no_neutrino", "hist_ttbarMLR leaves the neutrino out and is filled only where the small jet near the "
              "lepton is b-tagged", touches=("hist_ttbarMLR",)),
        Quirk("wrong_units", "the axis title of the transverse mass has no unit; tau32, which is a ratio, has GeV"),
    ),
)  # fmt: skip


def distance(event: Event, k: int, large: int) -> float:
    return f32(delta_r(jet(event, k), large_jet(event, large)))


def b_jet_at(event: Event, bjets, near: int, large: int) -> bool:
    """Return whether a b jet lies in the large jet, or is the small jet near the lepton."""
    for b in bjets:  # noqa: SIM110 - there is no any() here
        if distance(event, b, large) < 1.0 or f32(delta_r(jet(event, b), jet(event, near))) < 0.01:
            return True
    return False


def top_tagged(event: Event, large: int, k: int, near: int, bjets) -> bool:
    """Return whether a large jet is like a top and well away from the lepton ``k`` and the small jet near it."""
    pt = event.largeRjet_pt[large]
    if not (event.largeRjet_m[large] > 100000 and 300000 < pt < 1500000 and abs(event.largeRjet_eta[large]) < 2.0):
        return False
    if not (event.largeRjet_tau32[large] < 0.75 and distance(event, near, large) > 1.5):
        return False
    return f32(abs(delta_phi(lepton(event, k), large_jet(event, large)))) > 1.0 and b_jet_at(event, bjets, near, large)


def fill_large_jets(event: Event, hist, w: float) -> None:
    for k in range(event.largeRjet_n):
        pt, mass, eta = event.largeRjet_pt[k], event.largeRjet_m[k], event.largeRjet_eta[k]
        if mass > 50000 and pt > 250000 and abs(eta) < 2.0:
            hist.hist_n_leadLRjets.fill(event.largeRjet_n, w)
            hist.hist_leadLRjet_pt.fill(pt / 1000, w)
            hist.hist_leadLRjet_eta.fill(eta, w)
            hist.hist_leadLRjet_phi.fill(event.largeRjet_phi[k], w)
            hist.hist_leadLRjet_m.fill(mass / 1000, w)
            hist.hist_leadLRjet_tau32.fill(event.largeRjet_tau32[k], w)


def select(event: Event, hist) -> None:
    if not (event.largeRjet_n >= 1 and event.met_et > 20000 and (event.trigE or event.trigM)):
        return
    leptons = [k for k in range(event.lep_n) if good_lepton(event, k, 30000, 0.15)]
    if len(leptons) != 1:
        return
    (k,) = leptons
    jets = [j for j in range(event.jet_n) if good_jet(event, j, 30000)]
    bjets = [j for j in jets if tagged(event, j)]
    if len(bjets) == 0:
        return
    vector = lepton(event, k)
    mtw = f32(transverse_mass(vector, missing(event)))
    near_jets = [j for j in jets if f32(delta_r(vector, jet(event, j))) < 2.0]
    if not (len(near_jets) > 0 and f32(event.met_et + mtw) > 60000):
        return

    w = event.weight
    near, leadb = near_jets[0], bjets[0]
    fill_large_jets(event, hist, w)
    tops = [j for j in range(event.largeRjet_n) if top_tagged(event, j, k, near, bjets)]
    if len(tops) != 1:
        return
    (top,) = tops
    if tagged(event, near):
        hist.hist_ttbarMLR.fill(mass_of(add(large_jet(event, top), add(jet(event, near), vector))) / 1000, w)
    hist.hist_etmiss.fill(event.met_et / 1000, w)
    hist.hist_mtw.fill(mtw / 1000, w)
    fill_leading_lepton(event, hist, k, w)
    hist.hist_n_jets.fill(len(near_jets), w)
    hist.hist_leadjet_pt.fill(pt_of(jet(event, near)) / 1000, w)
    hist.hist_leadjet_eta.fill(eta_of(jet(event, near)), w)
    hist.hist_n_bjets.fill(len(bjets), w)
    hist.hist_leadbjet_pt.fill(event.jet_pt[leadb] / 1000, w)
    hist.hist_leadbjet_eta.fill(event.jet_eta[leadb], w)
    pt = event.largeRjet_pt[top] / 1000
    hist.hist_n_TopLRjets.fill(len(tops), w)
    hist.hist_leadTopLRjet_pt.fill(pt, w)
    hist.hist_leadTopLRjet_eta.fill(event.largeRjet_eta[top], w)
    hist.hist_leadTopLRjet_phi.fill(event.largeRjet_phi[top], w)
    hist.hist_leadTopLRjet_m.fill(event.largeRjet_m[top] / 1000, w)
    hist.hist_leadTopLRjet_tau32.fill(event.largeRjet_tau32[top], w)
    varied = pt + event.largeRjet_pt_syst[top] / 1000 * event.gauss("hist_leadTopLRjet_syst_pt", top)
    if varied > 300:
        hist.hist_leadTopLRjet_syst_pt.fill(varied, w)

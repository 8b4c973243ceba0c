"""Pairs of top quarks, the heaviest particles known: a lepton, missing momentum, four jets or more, two of them b.

One top decays to a lepton, a neutrino and a b jet, the other to three jets, whose mass is the top's.
Follows JHEP 11 (2017) 191.
"""

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, Scale, f32
from atlasod_tui.engine.booking import fill_leading_lepton, lepton_histograms
from atlasod_tui.engine.objects import good_jet, good_lepton, jet, lepton, missing, tagged
from atlasod_tui.engine.physics import add, four_vector, mass_of, pt_of, transverse_mass
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="TTbar",
    title="Top quark pairs to a lepton and jets",
    label="t#bar{t} #rightarrow l#nub q#bar{q}b",
    skim="1lep",
    table="base",
    data="periods",
    groups={
        "diboson": groups.DIBOSON,
        "stop": groups.SINGLE_TOP,
        "V": groups.W_INCLUSIVE + groups.Z_INCLUSIVE,
        "ttbar": groups.TTBAR,
    },
    looks={
        "diboson": Look("Diboson", "indigo"),
        "stop": Look("Single top", "azure"),
        "V": Look("V+jets", "green"),
        "ttbar": Look("t#bar{t}", "orange", signal=True),
    },
    scale_factors=("ELE", "MUON", "LepTRIGGER", "PILEUP", "BTAG"),
    main="hist_etmiss",
    look_for="Nearly all of it is top pairs. hist_Topmass peaks near 172 GeV, the top's mass, hist_Wmass near 80 GeV.",
    histograms=(
        Histogram("hist_etmiss", 20, 0, 300, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
        Histogram("hist_mtw", 20, 0, 300, "Transverse Mass", " M^{W}_{T} [GeV]"),
        Histogram("hist_Topmass", 40, 100, 250, "Mass of three jets", "m_{jjj}^{max p_{T}} [GeV]"),
        Histogram("hist_syst_etmiss", 20, 0, 300, "Missing Transverse Momentum (MET syst)",
                  "E_{T}^{miss} [GeV] (after E_{T}^{miss} syst. uncert.)"),
        Histogram("hist_syst_mtw", 20, 0, 300, "Transverse Mass (MET syst)",
                  " M^{W}_{T} [GeV] (after E_{T}^{miss} and p_{T}^{lep} syst. uncert.)"),
        Histogram("hist_Wmass", 40, 50, 120, "Mass of two jets", "m_{jj}^{max p_{T}} [GeV]"),
        *lepton_histograms(
            "hist_leadlep", "Leading Lepton", "leadlep", pt=(20, 0, 200), eta=(30, -3, 3), energy=(30, 0, 300),
            phi=(32, -3.2, 3.2), isolation=(20, -0.1, 0.2), z0=(20, -1, 1), d0=(20, -0.2, 0.2),
        ),
        Histogram("hist_syst_leadleptpt", 20, 0, 200, "Leading Lepton Transverse Momentum",
                  "p_{T}^{leadlep} [GeV] (after p_{T}^{lep} syst. uncert.)"),
        Histogram("hist_n_jets", 5, 3.5, 8.5, "Number of Jets", "N_{jets}", "Events"),
        Histogram("hist_leadjet_pt", 20, 0, 450, "Leading Jet Transverse Momentum", "p_{T}^{jet} [GeV]"),
        Histogram("hist_syst_leadjet_pt", 20, 0, 450, "Leading Jet Transverse Momentum",
                  "p_{T}^{jet} [GeV] (after p_{T}^{jet} syst. uncert.)"),
        Histogram("hist_leadjet_eta", 30, -3, 3, "Leading Jet Pseudorapidity", " #eta^{jet}", " Events / bin"),
        Histogram("hist_n_bjets", 3, 1.5, 4.5, "Number of b-jets", "N_{b-jets}", "Events"),
        Histogram("hist_leadbjet_pt", 20, 0, 350, "Leading b-jet Transverse Momentum", "p_{T}^{b-jet} [GeV]"),
        Histogram("hist_leadbjet_eta", 30, -3, 3, "Leading b-jet Pseudorapidity", " #eta^{b-jet}", " Events / bin"),
    ),
    scales=(
        Scale(("hist_Topmass",), hi=1e4),
        Scale(("hist_Wmass",), hi=5e3),
        Scale(("*leptch*",), log=True, lo=10, hi=1e9),
        Scale(log=True, lo=10, hi=1e8),
    ),
    unplotted=("*_ptc", "*etc", "*z0", "*d0"),
    quirks=(
        Quirk("random_seed", "values varied by their uncertainty are drawn with a new random seed in each event; "
              "here the draw depends on run, event and histogram only, so that it can be repeated",
              touches=("hist_syst_*",)),
        Quirk("cut_to_range", "masses outside the range of the histogram are dropped: there is no under- or overflow",
              touches=("hist_Topmass", "hist_Wmass")),
    ),
)  # fmt: skip


def first(indices) -> int:
    for k in indices:
        return k
    return -1


def pair_pt(event: Event, a: int, b: int) -> float:
    return f32(pt_of(add(jet(event, a), jet(event, b))) / 1000)


def fill_varied(event: Event, hist, k: int, w: float) -> None:
    """Fill missing momentum, lepton pT and their transverse mass, each moved at random by its uncertainty."""
    met = event.met_et + event.met_et_syst * event.gauss("hist_syst_etmiss")
    pt = event.lep_pt[k] + event.lep_pt_syst[k] * event.gauss("hist_syst_leadleptpt", k)
    varied = four_vector(pt, event.lep_eta[k], event.lep_phi[k], event.lep_E[k])
    mtw = f32(transverse_mass(varied, four_vector(met, 0.0, event.met_phi, met)))
    if met > 30000 and mtw > 30000:
        hist.hist_syst_etmiss.fill(met / 1000, w)
        hist.hist_syst_mtw.fill(mtw / 1000, w)
    if pt_of(varied) > 30000:
        hist.hist_syst_leadleptpt.fill(pt_of(varied) / 1000, w)


def fill_masses(event: Event, hist, jets, w: float) -> None:
    """Fill the mass of the three jets with the largest summed pT, the top, and of the best pair in them, the W."""
    best, mass = 0.0, 0.0
    a, b, c = -1, -1, -1
    for i in range(len(jets)):
        for j in range(i + 1, len(jets)):
            pair = add(jet(event, jets[i]), jet(event, jets[j]))
            for k in range(j + 1, len(jets)):
                triplet = add(pair, jet(event, jets[k]))
                pt = f32(pt_of(triplet) / 1000)
                if pt > best:
                    best, mass = pt, f32(mass_of(triplet) / 1000)
                    a, b, c = jets[i], jets[j], jets[k]
    if 100 < mass < 250:
        hist.hist_Topmass.fill(mass, w)

    ab, ac, bc = pair_pt(event, a, b), pair_pt(event, a, c), pair_pt(event, b, c)
    first = b if bc > ab and bc > ac else a
    second = c if (ac > ab and ac > bc) or (bc > ab and bc > ac) else b
    mass = f32(mass_of(add(jet(event, first), jet(event, second))) / 1000)
    if 50 < mass < 120:
        hist.hist_Wmass.fill(mass, w)


def select(event: Event, hist) -> None:
    if not (event.jet_n > 3 and event.met_et > 30000 and (event.trigE or event.trigM)):
        return
    leptons = [k for k in range(event.lep_n) if good_lepton(event, k, 30000, 0.15)]
    if len(leptons) != 1:
        return
    jets = [k for k in range(event.jet_n) if good_jet(event, k, 30000)]
    bjets = [k for k in jets if tagged(event, k)]
    if len(jets) < 4 or len(bjets) < 2:
        return
    (k,) = leptons
    mtw = f32(transverse_mass(lepton(event, k), missing(event)))
    if not mtw > 30000:
        return

    w = event.weight
    lead, leadb = first(jets), first(bjets)
    fill_varied(event, hist, k, w)
    hist.hist_etmiss.fill(event.met_et / 1000, w)
    hist.hist_mtw.fill(mtw / 1000, w)
    fill_leading_lepton(event, hist, k, w)
    hist.hist_n_jets.fill(len(jets), w)
    hist.hist_leadjet_pt.fill(event.jet_pt[lead] / 1000, w)
    hist.hist_leadjet_eta.fill(event.jet_eta[lead], w)
    hist.hist_n_bjets.fill(len(bjets), w)
    hist.hist_leadbjet_pt.fill(event.jet_pt[leadb] / 1000, w)
    hist.hist_leadbjet_eta.fill(event.jet_eta[leadb], w)
    varied = event.jet_pt[lead] / 1000 + event.jet_pt_syst[lead] / 1000 * event.gauss("hist_syst_leadjet_pt", lead)
    hist.hist_syst_leadjet_pt.fill(varied, w)
    fill_masses(event, hist, jets, w)

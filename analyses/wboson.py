"""W boson to a lepton and a neutrino: one isolated lepton, and momentum missing where the neutrino escaped.

The most common of the heavy bosons; its mass shows as the edge of the transverse mass near 80 GeV.
Follows PLB 759 (2016) 601.
"""

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, Scale, f32
from atlasod_tui.engine.booking import fill_leading_lepton, lepton_histograms
from atlasod_tui.engine.objects import good_lepton, lepton, missing
from atlasod_tui.engine.physics import transverse_mass
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="WBoson",
    title="W boson to a lepton and a neutrino",
    label="W #rightarrow l#nu",
    skim="1lep",
    table="WBoson",
    data="periods",
    groups={
        "stop": groups.SINGLE_TOP,
        "ttbar": groups.TTBAR,
        "diboson": groups.DIBOSON,
        "Z": groups.Z_INCLUSIVE,
        "W": groups.W_PTV,
    },
    looks={
        "stop": Look("Single top", "azure"),
        "ttbar": Look("t#bar{t}", "orange"),
        "diboson": Look("Diboson", "indigo"),
        "Z": Look("Z+jets", "pink"),
        "W": Look("W+jets", "green", signal=True),
    },
    main="hist_etmiss",
    look_for="Missing momentum around 40 GeV, half the W mass; hist_mtw falls off at 80 GeV; more W+ than W-.",
    histograms=(
        Histogram("hist_etmiss", 30, 0, 200, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
        Histogram("hist_mtw", 40, 39, 180, "Transverse Mass", " M^{W}_{T} [GeV]"),
        Histogram("hist_mtw_enu", 40, 39, 180, "Transverse Mass", " M^{W #rightarrow e#nu}_{T} [GeV]"),
        Histogram("hist_mtw_munu", 40, 39, 180, "Transverse Mass", " M^{W #rightarrow #mu#nu}_{T} [GeV]"),
        *lepton_histograms(
            "hist_leadlep", "Lepton", "lep", pt=(20, 0, 200), eta=(30, -3, 3), energy=(30, 0, 300), phi=(32, -3.2, 3.2),
            isolation=(20, -0.1, 0.2), z0=(20, -1, 1), d0=(20, -5, 5), y=" Events / bin",
            titles={"z0": "Lepton longitudinal impact parameter", "d0": "Lepton transverse impact parameter"},
            xtitles={"t_ptc": " ptconerel30^{leadlep}", "tetc": " etconerel20^{leadlep}"},
        ),
        Histogram("hist_n_jets", 6, -0.5, 5.5, "Number of Jets", "N_{jets}", "Events"),
        Histogram("hist_leadjet_pt", 20, 0, 120, "Leading Jet Transverse Momentum", "p_{T}^{jet} [GeV]"),
        Histogram("hist_leadjet_eta", 30, -3, 3, "Leading Jet Pseudorapidity", " #eta^{jet}", " Events / bin"),
    ),
    scales=(Scale(("*leptch*",), log=True, lo=100, hi=1e14), Scale(log=True, lo=100, hi=1e12)),
    unplotted=("*_ptc", "*etc", "*z0", "*d0", "hist_leadjet_*"),
    quirks=(
        Quirk("mtw_thrice", "the transverse mass is filled three times: as itself, as mtw_enu and as mtw_munu, of "
              "which one is 0: each event counts twice in the bins and once in the underflow",
              touches=("hist_mtw",), fixed="it is filled once"),
        Quirk("closed_limits", "|d0|/sigma of exactly 5 (e) or 3 (mu) and |z0 sin(theta)| of exactly 0.5 mm pass, "
              "unlike in most other analyses; hardly an event has them"),
        Quirk("mixed_generators", "Z comes from inclusive Powheg samples, W from Sherpa samples in slices of pT"),
    ),
)  # fmt: skip


def select(event: Event, hist, quirk) -> None:
    if not (event.met_et > 30000 and (event.trigE or event.trigM)):
        return
    leptons = [k for k in range(event.lep_n) if good_lepton(event, k, 35000, 0.1, closed=True)]
    if len(leptons) != 1:
        return
    (k,) = leptons
    mtw = f32(transverse_mass(lepton(event, k), missing(event)))
    if not mtw > 60000:
        return

    w = event.weight
    mtw_enu = mtw / 1000 if event.lep_type[k] == 11 else 0.0
    mtw_munu = mtw / 1000 if event.lep_type[k] == 13 else 0.0
    hist.hist_etmiss.fill(event.met_et / 1000, w)
    hist.hist_mtw.fill(mtw / 1000, w)
    hist.hist_mtw_enu.fill(mtw_enu, w)
    hist.hist_mtw_munu.fill(mtw_munu, w)
    if quirk.mtw_thrice:
        hist.hist_mtw.fill(mtw_enu, w)
        hist.hist_mtw.fill(mtw_munu, w)
    fill_leading_lepton(event, hist, k, w)
    hist.hist_n_jets.fill(event.jet_n, w)
    if event.jet_n > 0:
        hist.hist_leadjet_pt.fill(event.jet_pt[0] / 1000, w)
        hist.hist_leadjet_eta.fill(event.jet_eta[0], w)

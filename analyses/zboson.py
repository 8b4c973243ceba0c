"""Z boson to two electrons or two muons: a sharp peak at 91 GeV in the mass of the lepton pair.

Exactly two isolated leptons of opposite charge and equal flavour, and no jet. The peak is so well known that
experiments calibrate their detectors with it. Follows PLB 759 (2016) 601.
"""

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, Scale
from atlasod_tui.engine.booking import fill_leading_lepton, fill_subleading_lepton, lepton_histograms
from atlasod_tui.engine.objects import good_lepton, opposite, pair_mass
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="ZBoson",
    title="Z boson to two leptons",
    label="Z #rightarrow l^{+}l^{-}",
    skim="2lep",
    table="base",
    data="periods",
    groups={
        "W": groups.W_INCLUSIVE,
        "stop": groups.SINGLE_TOP,
        "ttbar": groups.TTBAR,
        "diboson": groups.DIBOSON,
        "Z": groups.Z_INCLUSIVE,
    },
    looks={
        "W": Look("W+jets", "green"),
        "stop": Look("Single top", "azure"),
        "ttbar": Look("t#bar{t}", "orange"),
        "diboson": Look("Diboson", "indigo"),
        "Z": Look("Z #rightarrow l^{+}l^{-}", "pink", signal=True),
    },
    main="hist_mLL",
    look_for="A sharp peak at 91 GeV, the mass of the Z, with next to no background under it.",
    histograms=(
        Histogram("hist_etmiss", 20, 0, 200, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
        Histogram("hist_mLL", 30, 68, 114, "Mass of Dilepton System", " m_{ll} [GeV]"),
        Histogram("hist_ee_mLL", 30, 68, 114, "Mass of Dilepton(ee) System", " m_{ee} [GeV]"),
        Histogram("hist_mumu_mLL", 30, 68, 114, "Mass of Dilepton(#mu#mu) System", " m_{#mu#mu} [GeV]"),
        *lepton_histograms(
            "hist_leadlep", "Leading Lepton", "leadlep", pt=(20, 0, 200), eta=(30, -3, 3), energy=(30, 0, 300),
            phi=(32, -3.2, 3.2), isolation=(40, -0.1, 0.4), z0=(40, -1, 1), d0=(40, -1, 1),
        ),
        *lepton_histograms(
            "hist_subleadlep", "Subleading Lepton", "traillep", pt=(20, 0, 200), eta=(30, -3, 3), energy=(30, 0, 300),
            phi=(32, -3.2, 3.2), isolation=(40, -0.1, 0.4), z0=(40, -1, 1), d0=(40, -1, 1),
            titles={"d0": "Trailing Lepton d0 impact parameter"},
            xtitles={"t_ptc": " ptconerel30^{traillep} [GeV]", "tetc": " etconerel20^{traillep} [GeV]"},
        ),
        Histogram("hist_n_jets", 10, -0.5, 9.5, "Number of Jets", "N^{jets}", "Events"),
        Histogram("hist_leadjet_pt", 20, 0, 200, "Leading Jet Transverse Momentum", "p_{T}^{leadjet} [GeV]"),
        Histogram("hist_leadjet_eta", 30, -3, 3, "Leading Jet Pseudorapidity", " #eta^{leadjet}", " Events / bin"),
    ),
    scales=(Scale(("*leptch*",), log=True, lo=30, hi=1e12), Scale(log=True, lo=30, hi=1e10)),
    unplotted=("*_ptc", "*etc", "*z0", "*d0", "hist_etmiss", "hist_n_jets", "hist_leadjet_*"),
    quirks=(
        Quirk("never_filled", "missing momentum, number of jets and leading jet are booked but never filled",
              touches=("hist_etmiss", "hist_n_jets", "hist_leadjet_*")),
        Quirk("ntuple_order", "the leading lepton is the first in the ntuple, which the release has sorted by pT"),
    ),
)  # fmt: skip

Z_MASS = 91.18  # GeV, as the framework has it


def select(event: Event, hist) -> None:
    if not (event.jet_n == 0 and (event.trigE or event.trigM)):
        return
    leptons = [k for k in range(event.lep_n) if good_lepton(event, k, 25000, 0.15)]
    if len(leptons) != 2:
        return
    a, b = leptons
    if not opposite(event, a, b):
        return
    mass = pair_mass(event, a, b)
    if not abs(mass - Z_MASS) < 25:
        return

    w = event.weight
    if event.lep_type[a] == 11:
        hist.hist_ee_mLL.fill(mass, w)
    else:
        hist.hist_mumu_mLL.fill(mass, w)
    hist.hist_mLL.fill(mass, w)
    fill_leading_lepton(event, hist, a, w)
    fill_subleading_lepton(event, hist, b, w)

"""Higgs boson to four leptons: a narrow peak at 125 GeV in the four-lepton mass, next to Z -> 4l at 91 GeV.

Exactly four isolated electrons or muons that can be two pairs of opposite charge and equal flavour.
Follows JHEP 10 (2017) 132.
"""

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, Scale
from atlasod_tui.engine.booking import lepton_histograms
from atlasod_tui.engine.objects import impact_parameters, isolated, lepton, opposite, pair_mass
from atlasod_tui.engine.physics import add, eta_of, mass_of, phi_of, pt_of, rapidity_of
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="HZZ",
    title="Higgs boson to ZZ* to four leptons",
    label="H #rightarrow ZZ* #rightarrow 4l",
    skim="4lep",
    table="HZZ",
    groups={
        "V": groups.W_INCLUSIVE + groups.Z_INCLUSIVE + groups.SINGLE_TOP + groups.TTBAR + groups.WW + groups.WZ,
        "Z_Z": groups.ZZ,
        "Higgs": groups.HIGGS_ZZ,
    },
    looks={
        "V": Look("Other", "indigo"),
        "Z_Z": Look("ZZ", "azure"),
        "Higgs": Look("Higgs", "red", signal=True),
    },
    group_factors={"Z_Z": 1.3},
    other_skims={"2lep": (*groups.W_INCLUSIVE, *groups.WW, "WqqZll", "WlvZqq", "lvvv")},
    main="mass_four_lep",
    look_for="A peak of a few events per bin at 125 GeV over the flat ZZ* continuum, and Z -> 4l at 91 GeV.",
    histograms=(
        Histogram("hist_mLL1", 30, 50, 106, "Mass of Dilepton System", " m_{ll,1} [GeV]"),
        Histogram("hist_mLL2", 30, 12, 140, "Mass of Dilepton System", " m_{ll,2} [GeV]"),
        Histogram("hist_fourlepsys_pt", 20, 0, 200, "Transverse Momentum of four-lepton system", " p_{T,4l} [GeV]"),
        Histogram("hist_fourlepsys_y", 20, -3, 3, "Rapidity of four-lepton system", " y_{4l} "),
        Histogram("mass_four_lep", 24, 80, 170, "Mass of four-lepton system", " m_{4l} [GeV]"),
        Histogram("mass_ext_four_lep", 30, 80, 250, "Mass of four-lepton system", " m_{4l} [GeV]"),
        Histogram("hist_n_jets", 4, -0.5, 3.5, "Number of Jets", "N_{jets}", "Events"),
        *lepton_histograms(
            "hist_fourlep", " Leptons", "all lep", pt=(5, 0, 200), eta=(10, -3, 3), energy=(10, 0, 300),
            phi=(8, -3.2, 3.2), isolation=(10, -0.1, 0.4), z0=(20, -1, 1), d0=(20, -1, 1), y=" Leptons / bin",
            pt_y="Leptons / bin", titles={"tetc": " Lepton Relative Transverse Energy Isolation",
            "z0": " Lepton z0 impact parameter", "d0": " Lepton d0 impact parameter"},
        ),
    ),
    scales=(
        Scale(("hist_mLL1",), hi=150),
        Scale(("hist_mLL2",), hi=100),
        Scale(("mass_four_lep",), hi=35),
        Scale(("mass_ext_four_lep",), hi=40),
    ),
    unplotted=("*_ptc", "*etc", "*z0", "*d0"),
    quirks=(
        Quirk("last_pairing", "where 4e or 4mu can be paired in two ways the later counts, not the one with the best Z",
              touches=("hist_mLL*",), fixed="the pairing whose leading mass is closest to the Z mass"),
        Quirk("same_sign_pairs", "e+e+ mu-mu- passes, as only the sums of charges and types are checked, and gets "
              "mLL1 = mLL2 = 0", touches=("*",), fixed="such events fail"),
    ),
)  # fmt: skip

Z_MASS = 91.18  # GeV, as the framework has it


def good(event: Event, k: int) -> bool:
    electron = event.lep_type[k] == 11
    if not (event.lep_pt[k] > (7000 if electron else 5000) and abs(event.lep_eta[k]) < (2.47 if electron else 2.5)):
        return False
    return isolated(event, k, 0.3) and impact_parameters(event, k, 5.0 if electron else 3.0, False)


def select(event: Event, hist, quirk) -> None:
    if not (event.trigE or event.trigM):
        return
    leptons = [k for k in range(event.lep_n) if good(event, k)]
    if len(leptons) != 4:
        return
    a, b, c, d = leptons
    if not (event.lep_pt[a] > 25000 and event.lep_pt[b] > 15000 and event.lep_pt[c] > 10000):
        return
    types = event.lep_type[a] + event.lep_type[b] + event.lep_type[c] + event.lep_type[d]
    charge = event.lep_charge[a] + event.lep_charge[b] + event.lep_charge[c] + event.lep_charge[d]
    if charge != 0 or types not in (44, 48, 52):  # 4e, 2e2mu, 4mu
        return

    mll1, mll2 = 0.0, 0.0
    for other in (b, c, d):
        third = c if other == b else b
        fourth = c if other == d else d
        if opposite(event, a, other) and opposite(event, third, fourth):
            m1, m2 = pair_mass(event, a, other), pair_mass(event, third, fourth)
            near, far = (m1, m2) if abs(m1 - Z_MASS) < abs(m2 - Z_MASS) else (m2, m1)
            tied = abs(m1 - Z_MASS) == abs(m2 - Z_MASS)  # the framework leaves the masses as they were
            better = mll1 == 0.0 or abs(near - Z_MASS) < abs(mll1 - Z_MASS)
            if (quirk.last_pairing and not tied) or (not quirk.last_pairing and better):
                mll1, mll2 = near, far
    if mll1 == 0.0 and not quirk.same_sign_pairs:
        return

    w = event.weight
    system = add(add(lepton(event, a), lepton(event, b)), add(lepton(event, c), lepton(event, d)))
    jets = [k for k in range(event.jet_n) if event.jet_pt[k] > 30000 and abs(event.jet_eta[k]) < 4.4]
    hist.hist_mLL1.fill(mll1, w)
    hist.hist_mLL2.fill(mll2, w)
    hist.hist_fourlepsys_pt.fill(pt_of(system) / 1000, w)
    hist.hist_fourlepsys_y.fill(rapidity_of(system), w)
    hist.mass_ext_four_lep.fill(mass_of(system) / 1000, w)
    hist.mass_four_lep.fill(mass_of(system) / 1000, w)
    hist.hist_n_jets.fill(len(jets), w)
    for k in leptons:
        vector = lepton(event, k)
        hist.hist_fourleptpt.fill(pt_of(vector) / 1000, w)
        hist.hist_fourlepteta.fill(eta_of(vector), w)
        hist.hist_fourleptE.fill(vector[3] / 1000, w)
        hist.hist_fourleptphi.fill(phi_of(vector), w)
        hist.hist_fourleptch.fill(event.lep_charge[k], w)
        hist.hist_fourleptID.fill(event.lep_type[k], w)

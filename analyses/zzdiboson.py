"""Two Z bosons produced together: four leptons, as two pairs that each have the mass of a Z.

Rare, with next to no background, and what the Higgs boson to four leptons stands on. Follows PRL 116 (2016) 101801.
"""

from math import inf

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, f32
from atlasod_tui.engine.booking import lepton_histograms
from atlasod_tui.engine.objects import good_lepton, lepton, opposite, pair_mass
from atlasod_tui.engine.physics import add, eta_of, mass_of, phi_of, pt_of, rapidity_of
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="ZZDiBoson",
    title="Two Z bosons to four leptons",
    label="ZZ #rightarrow l^{+}l^{-} l^{+}l^{-}",
    skim="4lep",
    table="base",
    groups={
        "topV": groups.TTBAR + groups.SINGLE_TOP + groups.W_INCLUSIVE + groups.Z_INCLUSIVE,
        "WWZ": groups.WW + groups.WZ,
        "Z_Z": groups.ZZ,
    },
    looks={
        "topV": Look("Other", "green"),
        "WWZ": Look("WW, WZ", "rose"),
        "Z_Z": Look("ZZ", "indigo", signal=True),
    },
    other_skims={"2lep": (*groups.W_INCLUSIVE, *groups.WW, "WqqZll", "WlvZqq", "lvvv")},
    main="hist_fourlepsys_m",
    look_for="Almost only ZZ; hist_fourlepsys_m rises at 182 GeV, where there is enough energy for two Z.",
    histograms=(
        Histogram("hist_mLL1", 18, 64, 118, "Mass of Dilepton System", " m_{ll,1} [GeV]"),
        Histogram("hist_mLL2", 18, 64, 118, "Mass of Dilepton System", " m_{ll,2} [GeV]"),
        Histogram("hist_fourlepsys_pt", 20, 0, 200, "Transverse Momentum of four-lepton system", " p_{T,4l} [GeV]"),
        Histogram("hist_fourlepsys_y", 20, -3, 3, "Rapidity of four-lepton system", " y_{4l} "),
        Histogram("hist_fourlepsys_m", 20, 0, 600, "Mass of four-lepton system", " m_{4l} "),
        *lepton_histograms(
            "hist_fourlep", " Leptons", "all lep", pt=(20, 0, 200), eta=(10, -3, 3), energy=(20, 0, 300),
            phi=(16, -3.2, 3.2), isolation=(10, -0.1, 0.2), z0=(10, -1, 1), d0=(10, -0.2, 0.2), y=" Leptons / bin",
            pt_y=" Leptons / bin", titles={"t_ptc": "Leptons Relative Transverse Momentum Isolation",
            "tetc": " Lepton Relative Transverse Energy Isolation", "z0": " Lepton z0 impact parameter",
            "d0": " Lepton d0 impact parameter"},
        ),
    ),
    unplotted=("*_ptc", "*etc", "*z0", "*d0"),
    quirks=(
        Quirk("no_mass_cut", "4e and 4mu get mLL1 = mLL2 = 0 (underflow) and pass the cut on the masses: the pairing "
              "of equal charges is skipped, but its distance from the Z mass stays 0 and always wins", touches=("*",),
              fixed="the pairing of opposite charges with the smallest sum of distances from the Z mass"),
        Quirk("same_sign_pairs", "e+e+ mu-mu- cannot be paired and passes all the same, with mLL1 = mLL2 = 0",
              touches=("*",), fixed="such events fail"),
    ),
)  # fmt: skip

Z_MASS = 91.18  # GeV, as the framework has it


def select(event: Event, hist, quirk) -> None:
    if not (event.lep_n >= 4 and (event.trigE or event.trigM)):
        return
    leptons = [k for k in range(event.lep_n) if good_lepton(event, k, 20000, 0.15, crack=True)]
    if len(leptons) != 4:
        return
    a, b, c, d = leptons
    types = event.lep_type[a] + event.lep_type[b] + event.lep_type[c] + event.lep_type[d]
    charge = event.lep_charge[a] + event.lep_charge[b] + event.lep_charge[c] + event.lep_charge[d]
    if charge != 0 or types not in (44, 48, 52):  # 4e, 2e2mu, 4mu
        return
    if not (event.lep_pt[a] > 25000 or event.lep_pt[b] > 25000 or event.lep_pt[c] > 25000 or event.lep_pt[d] > 25000):
        return

    mll1, mll2, distance = 0.0, 0.0, inf
    for other in (b, c, d):
        third = c if other == b else b
        fourth = c if other == d else d
        if opposite(event, a, other) and opposite(event, third, fourth):
            m1, m2 = pair_mass(event, a, other), pair_mass(event, third, fourth)
            total = f32(abs(m1 - Z_MASS) + abs(m2 - Z_MASS))
            if total < distance:
                mll1, mll2, distance = m1, m2, total
    if (quirk.no_mass_cut and types != 48) or (quirk.same_sign_pairs and distance == inf):
        mll1, mll2, distance = 0.0, 0.0, 0.0
    if not distance < 50:
        return

    w = event.weight
    system = add(add(lepton(event, a), lepton(event, b)), add(lepton(event, c), lepton(event, d)))
    hist.hist_mLL1.fill(mll1, w)
    hist.hist_mLL2.fill(mll2, w)
    hist.hist_fourlepsys_pt.fill(pt_of(system) / 1000, w)
    hist.hist_fourlepsys_y.fill(rapidity_of(system), w)
    hist.hist_fourlepsys_m.fill(mass_of(system) / 1000, w)
    for k in leptons:
        vector = lepton(event, k)
        hist.hist_fourleptpt.fill(pt_of(vector) / 1000, w)
        hist.hist_fourlepteta.fill(eta_of(vector), w)
        hist.hist_fourleptE.fill(vector[3] / 1000, w)
        hist.hist_fourleptphi.fill(phi_of(vector), w)
        hist.hist_fourleptch.fill(event.lep_charge[k], w)
        hist.hist_fourleptID.fill(event.lep_type[k], w)

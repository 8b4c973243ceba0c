"""A W and a Z boson produced together: three leptons, two of them from the Z, and the missing momentum of a neutrino.

How often the two come together depends on how W and Z couple to each other. Follows PLB 762 (2016) 1.
"""

from math import inf

from atlasod_tui.engine.author import Analysis, Event, Histogram, Look, Quirk, f32
from atlasod_tui.engine.booking import lepton_histograms
from atlasod_tui.engine.objects import good_lepton, lepton, missing, opposite, pair_mass
from atlasod_tui.engine.physics import add, eta_of, phi_of, pt_of, transverse_mass
from atlasod_tui.samples import groups

ANALYSIS = Analysis(
    name="WZDiBoson",
    title="W and Z boson to three leptons",
    label="WZ #rightarrow l#nu ll",
    skim="3lep",
    table="base",
    groups={
        "top": groups.TTBAR + groups.SINGLE_TOP,
        "V": groups.W_INCLUSIVE + groups.Z_INCLUSIVE,
        "VV": groups.WW + groups.ZZ,
        "W_Z": groups.WZ,
    },
    looks={
        "top": Look("Other", "orange"),
        "V": Look("V+jets", "green"),
        "VV": Look("ZZ, WW", "indigo"),
        "W_Z": Look("WZ", "rose", signal=True),
    },
    main="hist_mLL",
    look_for="Nearly all of it is WZ: a Z peak at 91 GeV in hist_mLL, and in hist_mtw the edge of the W near 80 GeV.",
    histograms=(
        Histogram("hist_etmiss", 20, 0, 160, "Missing Transverse Momentum", "E_{T}^{miss} [GeV]"),
        Histogram("hist_mLL", 20, 76, 106, "Mass of Dilepton System", " m_{ll} [GeV]"),
        Histogram("hist_mtw", 20, 0, 200, "Transverse Mass", " M^{W}_{T} [GeV]"),
        Histogram("hist_ptLL", 20, 0, 400, "Transverse momentum of Dilepton System", " p^{ll}_{T} [GeV]"),
        *lepton_histograms(
            "hist_threelep", " Lepton", "all lep", pt=(10, 25, 200), eta=(15, -3, 3), energy=(15, 0, 300),
            phi=(16, -3.2, 3.2), isolation=(10, -0.1, 0.2), z0=(10, -1, 1), d0=(10, -0.2, 0.2), y=" Leptons / bin",
            pt_y=" Leptons / bin",
        ),
    ),
    unplotted=("*_ptc", "*etc", "*z0", "*d0"),
    quirks=(
        Quirk("no_w_lepton_cut", "the lepton of the W has no pT cut of its own beyond the 20 GeV of every lepton, "
              "though the framework's comments mention one"),
        Quirk("ties_fail", "an event whose two possible Z pairs are equally far from the Z mass fails"),
    ),
)  # fmt: skip

Z_MASS = 91.18  # GeV, as the framework has it


def distance(event: Event, a: int, b: int) -> float:
    """Return how far the mass of two leptons is from the Z's; infinitely far if they cannot come from one."""
    return abs(pair_mass(event, a, b) - Z_MASS) if opposite(event, a, b) else inf


def select(event: Event, hist) -> None:
    if not (event.lep_n >= 3 and event.met_et > 30000 and (event.trigE or event.trigM)):
        return
    leptons = [k for k in range(event.lep_n) if good_lepton(event, k, 20000, 0.15)]
    if len(leptons) != 3:
        return
    a, b, c = leptons
    if not (event.lep_pt[a] > 25000 or event.lep_pt[b] > 25000 or event.lep_pt[c] > 25000):
        return

    ab, ac, bc = distance(event, a, b), distance(event, a, c), distance(event, b, c)
    if ab < ac and ab < bc:
        first, second, third = a, b, c
    elif ac < ab and ac < bc:
        first, second, third = a, c, b
    elif bc < ab and bc < ac:
        first, second, third = b, c, a
    else:
        return
    mll = pair_mass(event, first, second)
    mtw = f32(transverse_mass(lepton(event, third), missing(event)))
    if not (abs(mll - Z_MASS) < 10 and mtw > 30000):
        return

    w = event.weight
    hist.hist_mLL.fill(mll, w)
    hist.hist_ptLL.fill(f32(pt_of(add(lepton(event, first), lepton(event, second))) / 1000), w)
    hist.hist_etmiss.fill(event.met_et / 1000, w)
    hist.hist_mtw.fill(mtw / 1000, w)
    for k in leptons:
        vector = lepton(event, k)
        hist.hist_threeleptpt.fill(pt_of(vector) / 1000, w)
        hist.hist_threelepteta.fill(eta_of(vector), w)
        hist.hist_threeleptE.fill(vector[3] / 1000, w)
        hist.hist_threeleptphi.fill(phi_of(vector), w)
        hist.hist_threeleptch.fill(event.lep_charge[k], w)
        hist.hist_threeleptID.fill(event.lep_type[k], w)

"""Option names of the 2020 release, grouped by process for analyses to build their stacks from.

Every name is an option of the original C++ framework (tag 10fb-legacy); `catalogue.sample` knows its file and DSID.
"""

from __future__ import annotations

_JETS = ("CVetoBVeto", "CFilterBVeto", "BFilter")
_PTV_SLICES = (
    *(f"PTV{low}_{high}_{jets}" for low, high in ((0, 70), (70, 140), (140, 280), (280, 500)) for jets in _JETS),
    "PTV500_1000",
    "PTV1000",
)


def _sliced(boson: str) -> tuple[str, ...]:
    return tuple(f"{boson}_{piece}" for piece in _PTV_SLICES)


DATA = ("dataA", "dataB", "dataC", "dataD")

# V+jets comes twice: inclusive (Powheg), and sliced in the boson's pT and the jets' flavour (Sherpa).
# An analysis takes one or the other of a boson, never both.
W_INCLUSIVE = ("Wplusenu", "Wplusmunu", "Wplustaunu", "Wminusenu", "Wminusmunu", "Wminustaunu")
WMUNU_PTV = _sliced("Wmunu")
WENU_PTV = _sliced("Wenu")
WTAUNU_PTV = _sliced("Wtaunu")
W_PTV = WMUNU_PTV + WENU_PTV + WTAUNU_PTV

Z_INCLUSIVE = ("Zee", "Zmumu", "Ztautau")
ZMUMU_PTV = _sliced("Zmumu")
ZEE_PTV = _sliced("Zee")
ZTAUTAU_PTV = _sliced("Ztautau")
Z_PTV = ZMUMU_PTV + ZEE_PTV + ZTAUTAU_PTV

ZZ = ("ZqqZll", "llll", "llvv")
WZ = ("WqqZll", "WlvZqq", "lllv", "lvvv")
WW = ("WpqqWmlv", "WplvWmqq")
DIBOSON = ("ZqqZll", "WqqZll", "WpqqWmlv", "WplvWmqq", "WlvZqq", "llll", "lllv", "llvv", "lvvv")

SINGLE_TOP_T = ("single_top_tchan", "single_antitop_tchan")
SINGLE_TOP_S = ("single_top_schan", "single_antitop_schan")
SINGLE_TOP_WT = ("single_top_wtchan", "single_antitop_wtchan")
SINGLE_TOP = SINGLE_TOP_T + SINGLE_TOP_S + SINGLE_TOP_WT
TTBAR = ("ttbar_lep",)

HIGGS_ZZ = ("ggH125_ZZ4lep", "ZH125_ZZ4lep", "WH125_ZZ4lep", "VBFH125_ZZ4lep")
HIGGS_WW = ("ggH125_WW2lep", "VBFH125_WW2lep")
HIGGS_YY = ("ggH125_gamgam", "VBFH125_gamgam", "WH125_gamgam", "ZH125_gamgam", "ttH125_gamgam")

SLEPTONS = ("slep600DM300",)
ZPRIME = ("ZPrime1000_tt",)

"""The 81 branches of the tree ``mini`` of the 2020 release, in the order of the real files."""

from __future__ import annotations

from atlasod_tui.rootfile.tree_writer import BranchSpec

COLLECTIONS = ("lep", "jet", "photon", "tau", "largeRjet")

_ORDER = """
runNumber/i4 eventNumber/i4 channelNumber/i4 mcWeight/f4 scaleFactor_PILEUP/f4 scaleFactor_ELE/f4 scaleFactor_MUON/f4
scaleFactor_PHOTON/f4 scaleFactor_TAU/f4 scaleFactor_BTAG/f4 scaleFactor_LepTRIGGER/f4 scaleFactor_PhotonTRIGGER/f4
trigE/? trigM/? trigP/?
lep_n/u4 lep_truthMatched[]/? lep_trigMatched[]/? lep_pt[]/f4 lep_eta[]/f4 lep_phi[]/f4 lep_E[]/f4 lep_z0[]/f4
lep_charge[]/i4 lep_type[]/u4 lep_isTightID[]/? lep_ptcone30[]/f4 lep_etcone20[]/f4 lep_trackd0pvunbiased[]/f4
lep_tracksigd0pvunbiased[]/f4
met_et/f4 met_phi/f4
jet_n/u4 jet_pt[]/f4 jet_eta[]/f4 jet_phi[]/f4 jet_E[]/f4 jet_jvt[]/f4 jet_trueflav[]/i4 jet_truthMatched[]/?
jet_MV2c10[]/f4
photon_n/u4 photon_truthMatched[]/? photon_trigMatched[]/? photon_pt[]/f4 photon_eta[]/f4 photon_phi[]/f4 photon_E[]/f4
photon_isTightID[]/? photon_ptcone30[]/f4 photon_etcone20[]/f4 photon_convType[]/i4
tau_n/u4 tau_pt[]/f4 tau_eta[]/f4 tau_phi[]/f4 tau_E[]/f4 tau_isTightID[]/? tau_truthMatched[]/? tau_trigMatched[]/?
tau_nTracks[]/i4 tau_BDTid[]/f4
ditau_m/f4 lep_pt_syst[]/f4 met_et_syst/f4 jet_pt_syst[]/f4 photon_pt_syst[]/f4 tau_pt_syst[]/f4 XSection/f4
SumWeights/f4
largeRjet_n/u4 largeRjet_pt[]/f4 largeRjet_eta[]/f4 largeRjet_phi[]/f4 largeRjet_E[]/f4 largeRjet_m[]/f4
largeRjet_truthMatched[]/f4 largeRjet_D2[]/f4 largeRjet_tau32[]/f4 largeRjet_pt_syst[]/f4
tau_charge[]/i4
"""


def _branch(text: str) -> BranchSpec:
    name, dtype = text.split("/")
    return BranchSpec(name.removesuffix("[]"), dtype, "vector" if name.endswith("[]") else "scalar")


BRANCHES = tuple(_branch(text) for text in _ORDER.split())


def vectors(collection: str) -> tuple[BranchSpec, ...]:
    """Return the branches with one value for each object of a collection."""
    return tuple(spec for spec in BRANCHES if spec.shape == "vector" and spec.name.startswith(f"{collection}_"))

"""The seven skims: what an event must have to be in one, and which samples have a file there."""

from __future__ import annotations

from dataclasses import dataclass

from atlasod_tui.samples import groups


@dataclass(frozen=True)
class Skim:
    """The preselection of a skim, as the release's documentation gives it; GeV."""

    name: str
    leptons: int
    """Electrons and muons above 7 GeV, the hardest above 25 GeV and with a trigger."""
    exact: bool
    """Whether more leptons are too many."""
    samples: tuple[str, ...]
    """Simulated samples, those the analyses of the skim list (option names)."""
    tables: tuple[str, ...]
    """The framework's normalisation tables to take cross-sections from: the first that has the sample. It is that of
    the skim's analyses; where they disagree, not that of SUSY, which lacks generators' filters."""
    most: int = 200_000
    """Data events by default, at most: what the skim's analyses need to show something, no more."""
    taus: bool = False
    photons: bool = False
    large_jets: bool = False


_COMMON = groups.DIBOSON + groups.SINGLE_TOP + groups.TTBAR
_BOOSTED_DIBOSON = ("WlvZqq", "WplvWmqq", "ZqqZll", "WqqZll", "lllv", "llvv", "lvvv")

_SKIMS = (
    Skim("1lep", 1, True, _COMMON + groups.Z_INCLUSIVE + groups.W_INCLUSIVE + groups.W_PTV, ("WBoson", "base")),
    Skim("2lep", 2, False,
         _COMMON + groups.Z_INCLUSIVE + groups.W_INCLUSIVE + groups.Z_PTV + groups.W_PTV + groups.HIGGS_WW
         + groups.SLEPTONS,
         ("base", "HWW", "SUSY")),
    Skim("3lep", 3, True, _COMMON + groups.Z_INCLUSIVE + groups.W_INCLUSIVE, ("base",)),
    Skim("4lep", 4, False,
         (*groups.Z_INCLUSIVE, *groups.SINGLE_TOP, *groups.TTBAR, "lllv", *groups.ZZ, *groups.HIGGS_ZZ), ("HZZ",)),
    Skim("1lep1tau", 1, True, _COMMON + groups.W_PTV + groups.Z_PTV, ("ZTauTau",), most=80_000, taus=True),
    Skim("1largeRjet1lep", 1, True,
         _BOOSTED_DIBOSON + groups.SINGLE_TOP + groups.TTBAR + groups.W_PTV + groups.Z_INCLUSIVE + groups.ZPRIME,
         ("ZPrime",), most=60_000, large_jets=True),
    Skim("GamGam", 0, False, groups.HIGGS_YY, ("Hyy",), photons=True),
)  # fmt: skip

SKIMS = {skim.name: skim for skim in _SKIMS}

NOT_IN_NATURE = (*groups.SLEPTONS, *groups.ZPRIME)
"""Samples of what has not been found: no data are drawn from them."""


def described_twice(skim: Skim) -> frozenset[str]:
    """Return the samples whose events another sample of the skim describes too: data are drawn from the other.

    Bosons with jets come inclusive and in slices of pT; where a skim has both, the slices are what data are drawn from.
    """
    twice: set[str] = set()
    for sliced, inclusive in ((groups.W_PTV, groups.W_INCLUSIVE), (groups.Z_PTV, groups.Z_INCLUSIVE)):
        if set(sliced) <= set(skim.samples):
            twice.update(inclusive)
    return frozenset(twice & set(skim.samples))

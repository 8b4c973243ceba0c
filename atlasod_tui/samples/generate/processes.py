"""Samples and what makes their events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from atlasod_tui.samples import groups
from atlasod_tui.samples.generate import boson, diboson, higgs, top
from atlasod_tui.samples.generate.accept import Objects, accepted, together
from atlasod_tui.samples.generate.hard import Hard
from atlasod_tui.samples.generate.skims import Skim

Maker = Callable[[np.random.Generator, npt.NDArray[np.int64]], Hard]
"""Makes events, one for each number of a component (of which most processes have one)."""

CONTINUUM = "continuum"
"""Photon pairs that come from no Higgs boson: in data only, there is no sample of them."""

_LARGEST = 32_768
"""Events that are made together."""


class Process:
    """Events of one kind for one skim, of a single component or of several in given proportions."""

    def __init__(self, make: Maker, skim: Skim, prompt: int, weights: Sequence[float] = (1.0,)) -> None:
        """Take what makes events, given the component of each; ``prompt`` as `accepted` has it."""
        self._make = make
        self._skim = skim
        self._prompt = prompt
        self._shares = np.array(weights) / np.sum(weights)
        self._efficiency = np.full(len(weights), 0.5)
        """The part of each component's events that the skim has kept so far."""

    def events(self, rng: np.random.Generator, n: int) -> Objects:
        """Return ``n`` events that are in the skim, in random order; the proportions are those in the skim."""
        left = rng.multinomial(n, self._shares)
        parts: list[Objects] = []
        while left.any():
            tries = np.where(left, np.ceil(1.1 * left / self._efficiency) + 4, 0)
            tries = np.ceil(tries * min(1.0, _LARGEST / tries.sum())).astype(np.int64)
            component = np.repeat(np.arange(len(left)), tries)
            events, kept = accepted(rng, self._make(rng, component), self._skim, self._prompt)
            component = component[kept]
            found = np.bincount(component, minlength=len(left))
            rank = np.arange(len(component)) - (np.cumsum(found) - found)[component]
            parts.append(events.take(np.flatnonzero(rank < left[component])))
            left = left - np.minimum(found, left)
            news = 0.7 * self._efficiency + 0.3 * found / np.maximum(tries, 1)
            self._efficiency = np.where(tries > 0, np.maximum(news, 0.005), self._efficiency)
        events = together(parts)
        return events if len(left) == 1 else events.take(rng.permutation(n))


def process(name: str, skim: Skim, mixture: boson.Mixture | None = None) -> Process:
    """Return what makes the events of a sample; W and Z with jets need their mixture of slices."""
    if mixture is not None:
        prompt = 2 if mixture.slices[0].boson == "Z" else 1
        return Process(partial(boson.make, table=mixture.slices, skim=skim), skim, prompt, mixture.weights)
    make, prompt = _top(name, skim) or _higgs(name) or _other(name, skim)
    return Process(lambda rng, component: make(rng, len(component)), skim, prompt)


Recipe = tuple[Callable[[np.random.Generator, int], Hard], int]
"""What makes a number of events, and how many electrons and muons these have by themselves."""


def _top(name: str, skim: Skim) -> Recipe | None:
    most = min(2, max(skim.leptons, 1))
    if name in groups.TTBAR:
        return partial(top.pair, skim=skim), most
    if name in groups.ZPRIME:
        return partial(top.z_prime, skim=skim), 1
    if name not in groups.SINGLE_TOP:
        return None
    channel = next(key for key in ("t", "s", "wt") if name.endswith(f"_{key}chan"))
    charge = -1 if "antitop" in name else 1
    return partial(top.single, channel=channel, charge=charge, skim=skim), most if channel == "wt" else 1


def _higgs(name: str) -> Recipe | None:
    mode = name.partition("125_")[0]
    if name in groups.HIGGS_ZZ:
        return partial(higgs.to_four_leptons, mode=mode), 4
    if name in groups.HIGGS_WW:
        return partial(higgs.to_w_bosons, mode=mode), 2
    if name in groups.HIGGS_YY:
        return partial(higgs.to_photons, mode=mode), 0
    return (higgs.photon_pairs, 0) if name == CONTINUUM else None


def _other(name: str, skim: Skim) -> Recipe:
    if name == "llll":
        return higgs.four_leptons, 4
    if name in groups.SLEPTONS:
        return diboson.sleptons, 2
    prompt = {"lllv": 3, "llvv": 1 if skim.taus else 2, "ZqqZll": 2, "WqqZll": 2}.get(name, 1)
    return partial(diboson.make, name=name, skim=skim), prompt

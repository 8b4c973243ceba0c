"""Which events are in a skim: leptons measured, lost and faked, taus faked, thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atlasod_tui.samples.generate.hard import KINDS, MUON, Columns, Hard, chained, joined, taken
from atlasod_tui.samples.generate.kinematics import Flags, Floats, exponential, normal, signs, uniform
from atlasod_tui.samples.generate.skims import Skim
from atlasod_tui.samples.generate.taus import light_flavour

SOFTEST_LEPTON, LEADING_LEPTON = 7.0, 25.0
SOFTEST_TAU = 20.0
FAKE_MET = 18.0
_FAKED_BESIDES = 0.03
LEADING_PHOTON, SOFTEST_PHOTON = 35.0, 25.0
LARGE_JET = 250.0
ELECTRON_ETA, MUON_ETA, TAU_ETA, PHOTON_ETA, LARGE_JET_ETA = 2.47, 2.5, 2.5, 2.37, 2.0


@dataclass(frozen=True)
class Objects:
    """Events that are in a skim: objects of each kind, and what no detector sees."""

    columns: dict[str, Columns]
    invisible: Floats
    ditau: Floats
    activity: Floats

    def __len__(self) -> int:
        return len(self.ditau)

    def take(self, events: npt.NDArray[np.int64]) -> Objects:
        """Return some events, in that order."""
        columns = {kind: taken(values, events) for kind, values in self.columns.items()}
        return Objects(columns, self.invisible[:, events], self.ditau[events], self.activity[events])


def together(parts: list[Objects]) -> Objects:
    """Return the events of all parts, one part after the other."""
    if len(parts) == 1:
        return parts[0]
    return Objects(
        {kind: chained([part.columns[kind] for part in parts]) for kind in KINDS},
        np.concatenate([part.invisible for part in parts], axis=1),
        np.concatenate([part.ditau for part in parts]),
        np.concatenate([part.activity for part in parts]),
    )


def accepted(rng: np.random.Generator, hard: Hard, skim: Skim, prompt: int) -> tuple[Objects, npt.NDArray[np.int64]]:
    """Measure leptons, taus, photons and large jets; return the events that are in the skim, and which those were.

    Args:
        prompt: How many electrons and muons the process has by itself. Where the skim asks for more, the missing ones
            are fakes: hadrons, or leptons inside of jets. Where it asks for fewer, the others have been lost.
    """
    columns = {kind: hard.columns(kind) for kind in KINDS}
    passes = np.ones(hard.n, bool) if hard.keep is None else hard.keep
    invisible = hard.invisible
    if skim.leptons:
        columns["lepton"], invisible, fine = _leptons(rng, columns["lepton"], invisible, skim, prompt)
        passes = passes & fine
    if skim.taus:
        columns["tau"] = _taus(rng, columns["tau"])
        passes &= columns["tau"]["ok"].sum(axis=0) == 1
    if skim.photons:
        passes &= _photons(rng, columns["photon"])
    if skim.large_jets:
        passes &= _large_jets(rng, columns["large"])
    activity = np.broadcast_to(np.asarray(hard.activity, np.float32), hard.n)
    kept = np.flatnonzero(passes)
    return Objects(columns, invisible, hard.ditau, activity).take(kept), kept


def _leptons(
    rng: np.random.Generator, leptons: Columns, invisible: Floats, skim: Skim, prompt: int
) -> tuple[Columns, Floats, Flags]:
    shape = leptons["ok"].shape
    muons = leptons["kind"] == MUON
    # Resolutions of the detector papers: electrons 10 %/sqrt(E) and 1 %, muons 2 % rising with pT.
    width = np.where(muons, 0.018 + 0.00012 * leptons["pt"], 0.010 + 0.08 / np.sqrt(leptons["pt"] + 1))
    leptons["pt"] *= 1 + np.minimum(width.astype(np.float32), np.float32(0.2)) * normal(rng, 0, 1, shape)
    inside = np.abs(leptons["eta"]) < np.where(muons, np.float32(MUON_ETA), np.float32(ELECTRON_ETA))
    found = 0.97 if prompt <= skim.leptons or not skim.exact else min(0.97, (skim.leptons + 0.3) / prompt)
    seen = leptons["ok"] & inside & (leptons["pt"] > SOFTEST_LEPTON) & (rng.random(shape, dtype=np.float32) < found)
    lost = leptons["ok"] & ~seen & muons  # an electron outside still leaves its energy in the calorimeter
    gone = np.where(lost, leptons["pt"], np.float32(0))
    invisible = invisible + np.stack(
        [(gone * np.cos(leptons["phi"])).sum(axis=0), (gone * np.sin(leptons["phi"])).sum(axis=0)]
    )
    leptons["ok"] = seen
    missing = skim.leptons - seen.sum(axis=0)
    fakes = max(0, skim.leptons - prompt)
    passes = (missing >= 0) & (missing <= fakes) if skim.exact else missing <= fakes
    if fakes:
        leptons = joined([leptons, _fakes(rng, np.arange(fakes)[:, None] < missing)])
        # Jets that look like leptons are measured badly, and those with a lepton inside have a neutrino too.
        invisible = invisible + (missing > 0) * normal(rng, 0, FAKE_MET, invisible.shape)
    return leptons, invisible, passes & (np.where(leptons["ok"], leptons["pt"], 0).max(axis=0) > LEADING_LEPTON)


def _fakes(rng: np.random.Generator, ok: Flags) -> Columns:
    slots, n = ok.shape
    return {
        "pt": np.float32(SOFTEST_LEPTON) + exponential(rng, 11, (slots, n)),
        "eta": np.clip(normal(rng, 0, 1.3, (slots, n)), -2.46, 2.46),
        "phi": uniform(rng, -np.pi, np.pi, (slots, n)),
        "kind": np.stack([light_flavour(rng, n, 0.6) for _ in range(slots)]),
        "charge": np.stack([signs(rng, n) for _ in range(slots)]),
        "prompt": np.zeros((slots, n), bool),
        "ok": ok,
    }


def _taus(rng: np.random.Generator, taus: Columns) -> Columns:
    """Measure taus; where the process has none, a jet or an electron looks like one, and rarely where one is lost."""
    shape = taus["ok"].shape
    lost = taus["ok"].any(axis=0)
    taus["pt"] *= 1 + normal(rng, 0, 0.1, shape)
    taus["ok"] &= (taus["pt"] > SOFTEST_TAU) & (np.abs(taus["eta"]) < TAU_ETA)
    n = shape[1]
    lost &= rng.random(n, dtype=np.float32) > _FAKED_BESIDES
    free = np.logical_not(taus["ok"].any(axis=0) | lost)[None]
    fake: Columns = {
        "pt": np.float32(SOFTEST_TAU) + exponential(rng, 12, (1, n)),
        "eta": np.clip(normal(rng, 0, 1.3, (1, n)), -2.49, 2.49),
        "phi": uniform(rng, -np.pi, np.pi, (1, n)),
        "charge": signs(rng, n)[None],
        "real": np.zeros((1, n), bool),
        "ok": free,
    }
    return joined([taus, fake])


def _photons(rng: np.random.Generator, photons: Columns) -> Flags:
    shape = photons["ok"].shape
    width = 0.009 + 0.08 / np.sqrt(photons["pt"])  # pairs of 125 GeV are 1.8 GeV wide, about as in the detector
    photons["pt"] *= 1 + width * normal(rng, 0, 1, shape)
    hard = photons["pt"] > SOFTEST_PHOTON
    return np.asarray(  # two of two
        (hard & (np.abs(photons["eta"]) < PHOTON_ETA)).all(axis=0) & (photons["pt"].max(axis=0) > LEADING_PHOTON)
    )


def _large_jets(rng: np.random.Generator, jets: Columns) -> Flags:
    shape = jets["ok"].shape
    jets["pt"] *= 1 + normal(rng, 0, 0.06, shape)
    jets["mass"] *= np.maximum(1 + normal(rng, 0, 0.10, shape), np.float32(0.3))
    jets["ok"] &= (jets["pt"] > LARGE_JET) & (np.abs(jets["eta"]) < LARGE_JET_ETA)
    return np.asarray(jets["ok"].any(axis=0))

"""Events of the tree ``mini``: all branches of simulation and of data."""

# ruff: noqa: PLR2004 - shapes and probabilities are numbers

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from atlasod_tui.rootfile.tree_writer import Jagged
from atlasod_tui.samples.generate import detector
from atlasod_tui.samples.generate.accept import Objects
from atlasod_tui.samples.generate.file_plan import FilePlan
from atlasod_tui.samples.generate.flat import Flat, coarse, coarse_azimuth
from atlasod_tui.samples.generate.hard import BOTTOM, ELECTRON, LIGHT, MUON, Columns, joined
from atlasod_tui.samples.generate.kinematics import Flags, Floats, exponential, normal, uniform
from atlasod_tui.samples.generate.schema import BRANCHES, COLLECTIONS, vectors

Arrays = dict[str, npt.NDArray[Any] | Jagged]

SCALE_FACTORS = {
    "PILEUP": 0.15, "ELE": 0.02, "MUON": 0.01, "PHOTON": 0.02, "TAU": 0.03, "BTAG": 0.04, "LepTRIGGER": 0.02,
    "PhotonTRIGGER": 0.01,
}  # fmt: skip
"""Their widths; those of objects that a skim is not selected by are 1."""
SIMULATION_RUN = 284_500
"""Run number of simulated events of the release's period."""
SOFTEST_JET, JET_ETA = 20.0, 2.5
TRIGGER = 26.0
_ONLY_SIMULATION = ("lep_truthMatched", "jet_trueflav", "jet_truthMatched", "photon_truthMatched", "tau_truthMatched",
                    "largeRjet_truthMatched")  # fmt: skip


class Origin(NamedTuple):
    """Where simulated events come from."""

    file: FilePlan
    weight: float
    """Size of the generator's weights."""
    negative: float
    """Part of the events with a negative weight."""
    first: int
    """Number of the first event."""


def data(rng: np.random.Generator, events: Objects, runs: tuple[int, ...], skim: str) -> Arrays:
    """Return events as real data have them: run as channel, no weights, no truth, uncertainties 0."""
    n = len(events)
    run = np.array(runs, np.int32)[rng.integers(len(runs), size=n)]
    scalars: Arrays = {name: np.zeros(n, spec) for name, spec in _scalars().items()}
    scalars |= {
        "runNumber": run,
        "channelNumber": run,
        "eventNumber": rng.integers(1, 2**31 - 1, size=n, dtype=np.int32),
        "XSection": np.ones(n, np.float32),
        "SumWeights": np.ones(n, np.float32),
    }
    flats = _flats(rng, events)
    branches, missing = _measured(rng, events, flats, skim)
    counts = {name: len(flats[name]) for name in COLLECTIONS}
    branches |= {f"{name}_pt_syst": np.zeros(counts[name], np.float32) for name in COLLECTIONS}
    arrays = scalars | missing | _jagged(branches, flats)
    empty = np.zeros(n + 1, np.int64)
    for name in _ONLY_SIMULATION:
        spec = next(spec for spec in BRANCHES if spec.name == name)
        arrays[name] = Jagged(np.empty(0, spec.dtype), empty)
    return arrays


def simulation(rng: np.random.Generator, events: Objects, origin: Origin, skim: str) -> Arrays:
    """Return events as simulation has them: weights, scale factors, truth and uncertainties."""
    n = len(events)
    flats = _flats(rng, events)
    branches, missing = _measured(rng, events, flats, skim)
    weight = np.where(rng.random(n, dtype=np.float32) < origin.negative, -origin.weight, origin.weight)
    scalars: Arrays = {
        "runNumber": np.full(n, SIMULATION_RUN, np.int32),
        "eventNumber": (np.arange(n) + origin.first).astype(np.int32),
        "channelNumber": np.full(n, origin.file.dsid, np.int32),
        "mcWeight": weight.astype(np.float32),
        "XSection": np.full(n, origin.file.xsec_pb, np.float32),
        "SumWeights": np.full(n, origin.file.sum_of_weights, np.float32),
        "met_et_syst": coarse(missing["met_et"] * 0.02 + exponential(rng, 1500, n), 6),
    }
    for name, width in SCALE_FACTORS.items():
        scalars[f"scaleFactor_{name}"] = scale_factor(rng, n, width if name in _used(skim) else 0)
    lepton, jet, photon, tau, large = (flats[name] for name in COLLECTIONS)
    truth: detector.Branches = {
        "lep_truthMatched": lepton["prompt"],
        "jet_trueflav": jet["flavour"],
        "jet_truthMatched": jet["hard"],
        "photon_truthMatched": photon["real"],
        "tau_truthMatched": tau["real"],
        "largeRjet_truthMatched": (large["content"] > 0).astype(np.float32),
        "lep_pt_syst": coarse(branches["lep_pt"] * np.float32(0.004), 6),
        "jet_pt_syst": coarse(branches["jet_pt"] * (np.float32(0.02) + 600 / branches["jet_pt"]), 6),
        "photon_pt_syst": coarse(branches["photon_pt"] * np.float32(0.005), 6),
        "tau_pt_syst": coarse(branches["tau_pt"] * np.float32(0.03), 6),
        "largeRjet_pt_syst": coarse(branches["largeRjet_pt"] * np.float32(0.04), 6),
    }
    return scalars | missing | _jagged(branches | truth, flats)


def _scalars() -> Mapping[str, str]:
    return {spec.name: spec.dtype for spec in BRANCHES if spec.shape == "scalar"}


def _used(skim: str) -> tuple[str, ...]:
    if skim == "GamGam":
        return ("PILEUP", "PHOTON", "PhotonTRIGGER")
    return ("PILEUP", "ELE", "MUON", "BTAG", "LepTRIGGER", *(["TAU"] if skim == "1lep1tau" else []))


def scale_factor(rng: np.random.Generator, n: int, width: float) -> Floats:
    """Return factors in steps of 1/256 around 1 with a mean of exactly 1, whatever is in the event."""
    if width == 0:
        return np.ones(n, np.float32)
    steps = np.rint(np.clip(normal(rng, 0, width * 256, n), -240, 240)) / 256
    return (1 + steps).astype(np.float32, copy=False)


def _flats(rng: np.random.Generator, events: Objects) -> dict[str, Flat]:
    kinds = dict(zip(COLLECTIONS, ("lepton", "jet", "photon", "tau", "large"), strict=True))
    columns = {name: events.columns[kind] for name, kind in kinds.items()}
    columns["jet"] = all_jets(rng, columns["jet"], events.activity)
    return {name: Flat(values) for name, values in columns.items()}


def all_jets(rng: np.random.Generator, jets: Columns, activity: Floats) -> Columns:
    """Measure the jets of the process, and add those of the rest of the collision and of others (pile-up)."""
    slots, n = jets["ok"].shape
    if slots:
        width = np.float32(0.06) + np.float32(0.9) / np.sqrt(jets["pt"] + 5)
        # b jets lose what neutrinos and muons in them have.
        response = np.where(jets["flavour"] == BOTTOM, np.float32(0.92), np.float32(1))
        jets["pt"] *= np.maximum(response + width * normal(rng, 0, 1, (slots, n)), np.float32(0.1))
    extra = np.array([0.4, 0.3, 0.2, 0.1], np.float32)[:, None]
    more = {
        "pt": np.float32(SOFTEST_JET - 3) + exponential(rng, 17, (4, n)),
        "eta": np.clip(normal(rng, 0, 1.6, (4, n)), -4.5, 4.5),
        "phi": uniform(rng, -np.pi, np.pi, (4, n)),
        "flavour": np.full((4, n), LIGHT, np.int32),
        "hard": np.ones((4, n), bool),
    }
    chance = np.minimum(extra * activity, np.float32(0.9))
    chance[3] = 0.06  # pile-up
    more["hard"][3] = False
    more["ok"] = rng.random((4, n), dtype=np.float32) < chance
    columns = joined([jets, more])
    columns["ok"] &= (columns["pt"] > SOFTEST_JET) & (np.abs(columns["eta"]) < JET_ETA)
    return columns


def _measured(
    rng: np.random.Generator, events: Objects, flats: Mapping[str, Flat], skim: str
) -> tuple[detector.Branches, dict[str, Floats | Flags | npt.NDArray[np.uint32]]]:
    """Return the branches that data have too: of objects, and of events."""
    lepton, jet, photon, tau, large = (flats[name] for name in COLLECTIONS)
    branches = detector.leptons(rng, lepton) | detector.jets(rng, jet) | detector.photons(rng, photon)
    branches |= detector.taus(rng, tau) | detector.large_jets(rng, large)
    n = len(events)
    scalars: dict[str, Any] = {f"{name}_n": flats[name].counts for name in COLLECTIONS}
    fired = trigger(rng, lepton)
    branches["lep_trigMatched"] = fired
    branches["photon_trigMatched"] = np.ones(len(photon), bool)
    branches["tau_trigMatched"] = np.zeros(len(tau), bool)
    for name, kind in (("trigE", ELECTRON), ("trigM", MUON)):
        flag = np.zeros(n, bool)
        flag[lepton.events[fired & (lepton["kind"] == kind)]] = True
        scalars[name] = flag
    scalars["trigP"] = np.full(n, skim == "GamGam")
    scalars["met_et"], scalars["met_phi"] = missing_momentum(rng, events, jet)
    scalars["ditau_m"] = _ditau(rng, events, lepton, tau) if len(tau) else np.zeros(n, np.float32)
    return branches, scalars


def missing_momentum(rng: np.random.Generator, events: Objects, jet: Flat) -> tuple[Floats, Floats]:
    """Return size (MeV) and azimuth of the missing transverse momentum: the invisible, smeared with the jets' sum."""
    n = len(events)
    activity = np.bincount(jet.events, weights=jet["pt"], minlength=n).astype(np.float32)
    width = np.sqrt(np.float32(9.0) ** 2 + (np.float32(0.5) ** 2) * activity)
    met = events.invisible + width * normal(rng, 0, 1, (2, n))
    return coarse(np.hypot(met[0], met[1]), 12) * detector.MEV, coarse_azimuth(np.arctan2(met[1], met[0]), 12)


def trigger(rng: np.random.Generator, lepton: Flat) -> Flags:
    """Return which leptons fired a trigger: most hard ones, and the hardest of an event if no other did."""
    fired = (lepton["pt"] > TRIGGER) & (rng.random(len(lepton), dtype=np.float32) < 0.85)
    done = np.zeros(len(lepton.offsets) - 1, bool)
    done[lepton.events[fired]] = True
    first = lepton.first()
    fired[first[~done[lepton.events[first]]]] = True
    return fired


def _ditau(rng: np.random.Generator, events: Objects, lepton: Flat, tau: Flat) -> Floats:
    """Return the missing-mass calculator's result (GeV): the true mass within 14 %, else a guess from what is seen."""
    one, two = lepton.first(), tau.first()
    pair = 2 * lepton["pt"][one] * tau["pt"][two]
    deta = lepton["eta"][one] - tau["eta"][two]
    dphi = lepton["phi"][one] - tau["phi"][two]
    seen = np.sqrt(np.maximum(pair * (np.cosh(deta) - np.cos(dphi)), 0))
    guess = seen * (1 + exponential(rng, 0.45, len(events)))
    mass = np.where(events.ditau > 0, events.ditau * (1 + normal(rng, 0, 0.14, len(events))), guess)
    return coarse(np.maximum(mass, seen), 11)


def _jagged(branches: detector.Branches, flats: Mapping[str, Flat]) -> Arrays:
    return {
        spec.name: Jagged(branches[spec.name], flats[name].offsets)
        for name in COLLECTIONS
        for spec in vectors(name)
        if spec.name in branches
    }

"""What is in the files of the 2016 flavour (8 TeV): arrays that a branch counts, instead of vectors."""

from __future__ import annotations

# ruff: noqa: PLR2004 - shapes and probabilities are numbers
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from atlasod_tui.rootfile.tree_writer import BranchSpec, Jagged
from atlasod_tui.samples.generate import detector, mini
from atlasod_tui.samples.generate.accept import Objects
from atlasod_tui.samples.generate.blocks import mixed
from atlasod_tui.samples.generate.file_plan import FilePlan, rng_for, rng_of
from atlasod_tui.samples.generate.flat import Flat, coarse
from atlasod_tui.samples.generate.hard import BOTTOM, CHARM, ELECTRON, LIGHT, MUON
from atlasod_tui.samples.generate.kinematics import Floats, normal
from atlasod_tui.samples.generate.plan_2016 import SAMPLES, SKIM, STREAMS, data_counts, mixture
from atlasod_tui.samples.generate.processes import Process, process

TIGHT = 512
"""The bit of ``lep_flag`` that says tight."""
_LOOSE = 1
_RUNS = (207490, 207620, 207664, 207772, 207845, 207865, 208123, 208126)
_SIMULATION_RUN = 195_848
_SCALE_FACTORS = {"PILEUP": 0.15, "ELE": 0.02, "MUON": 0.01, "BTAG": 0.04, "TRIGGER": 0.02, "JVFSF": 0.01,
                  "ZVERTEX": 0.02}  # fmt: skip

# MV1: the cut of the analyses, 0.7892, is the 70 % working point.
_MV1 = (0.0, 0.05, 0.20, 0.50, 0.7892, 1.0)
_ABOVE = {
    BOTTOM: (1.0, 0.93, 0.85, 0.77, 0.70, 0.0),
    CHARM: (1.0, 0.80, 0.50, 0.30, 0.20, 0.0),
    LIGHT: (1.0, 0.35, 0.06, 0.02, 0.0075, 0.0),
}

_SCALARS = """
runNumber/i4 eventNumber/i4 channelNumber/i4 mcWeight/f4 pvxp_n/i4 vxp_z/f4 scaleFactor_PILEUP/f4 scaleFactor_ELE/f4
scaleFactor_MUON/f4 scaleFactor_BTAG/f4 scaleFactor_TRIGGER/f4 scaleFactor_JVFSF/f4 scaleFactor_ZVERTEX/f4 trigE/?
trigM/? passGRL/? hasGoodVertex/? lep_n/i4
"""
_LEPTONS = """
truthMatched/? trigMatched/? pt/f4 eta/f4 phi/f4 E/f4 z0/f4 charge/f4 type/u4 flag/u4 ptcone30/f4 etcone20/f4
trackd0pvunbiased/f4 tracksigd0pvunbiased/f4
"""
_JETS = "pt/f4 eta/f4 phi/f4 E/f4 m/f4 jvf/f4 trueflav/i4 truthMatched/i4 SV0/f4 MV1/f4"


def _specs(text: str, prefix: str = "", counter: str = "") -> tuple[BranchSpec, ...]:
    parts = [item.split("/") for item in text.split()]
    return tuple(BranchSpec(prefix + name, dtype, "array" if counter else "scalar", counter) for name, dtype in parts)


BRANCHES = (
    *_specs(_SCALARS),
    *_specs(_LEPTONS, "lep_", "lep_n"),
    *_specs("met_et/f4 met_phi/f4 jet_n/i4 alljet_n/i4"),
    *_specs(_JETS, "jet_", "alljet_n"),
)

Values = dict[str, npt.NDArray[Any]]


def blocks(file: FilePlan) -> Iterator[mini.Arrays]:
    """Return the branches of a file's events, block by block."""
    return _data(file) if file.is_data else _simulation(file)


def _simulation(file: FilePlan) -> Iterator[mini.Arrays]:
    rng = rng_of(file, "events")
    processes = _processes(file.sample)
    shares = list(SAMPLES[file.sample].parts.values() or [1.0])
    first = 1
    for events in mixed(rng, processes, rng.multinomial(file.events, shares).tolist()):
        n = len(events)
        scalars: Values = {
            "runNumber": np.full(n, _SIMULATION_RUN, np.int32),
            "eventNumber": np.arange(first, first + n, dtype=np.int32),
            "channelNumber": np.full(n, file.dsid, np.int32),
            "mcWeight": np.ones(n, np.float32),
        }
        factors = {f"scaleFactor_{name}": mini.scale_factor(rng, n, width) for name, width in _SCALE_FACTORS.items()}
        yield _measured(rng, events, scalars | factors, truth=True)
        first += n


def _data(file: FilePlan) -> Iterator[mini.Arrays]:
    """Make the events of both streams and return those of one."""
    rng = rng_for(file.seed, "2016", "events")
    counts = data_counts(file)
    processes: list[Process] = []
    numbers: list[int] = []
    for name, count in counts.items():
        shares = list(SAMPLES[name].parts.values() or [1.0])
        processes += _processes(name)
        numbers += rng.multinomial(count, shares).tolist()
    for events in mixed(rng, processes, numbers):
        n = len(events)
        run = np.array(_RUNS, np.int32)[rng.integers(len(_RUNS), size=n)]
        scalars: Values = {
            "runNumber": run,
            "eventNumber": rng.integers(1, 2**31 - 1, size=n, dtype=np.int32),
            "channelNumber": run,
            "mcWeight": np.zeros(n, np.float32),
        }
        factors = {f"scaleFactor_{name}": np.ones(n, np.float32) for name in _SCALE_FACTORS}
        arrays = _measured(rng, events, scalars | factors, truth=False)
        yield _of_stream(arrays, file.sample)


def _processes(name: str) -> list[Process]:
    sample = SAMPLES[name]
    if sample.bosons:
        return [process(name, SKIM, mixture(name))]
    return [process(part, SKIM) for part in sample.parts]


def _of_stream(arrays: mini.Arrays, stream: str) -> mini.Arrays:
    first, second = (arrays[trigger] for trigger in STREAMS.values())
    mine = np.asarray(first if STREAMS[stream] == "trigE" else np.asarray(second) & ~np.asarray(first))
    chosen: mini.Arrays = {}
    cuts: dict[int, tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]] = {}
    for name, values in arrays.items():
        if not isinstance(values, Jagged):
            chosen[name] = values[mine]
            continue
        if id(values.offsets) not in cuts:
            counts = np.diff(values.offsets)
            cuts[id(values.offsets)] = np.repeat(mine, counts), np.concatenate([[0], np.cumsum(counts[mine])])
        inside, offsets = cuts[id(values.offsets)]
        chosen[name] = Jagged(values.values[inside], offsets)
    return chosen


def _measured(rng: np.random.Generator, events: Objects, scalars: Values, *, truth: bool) -> mini.Arrays:
    n = len(events)
    lepton = Flat(events.columns["lepton"])
    jet = Flat(mini.all_jets(rng, events.columns["jet"], events.activity))
    found = detector.leptons(rng, lepton)
    tight = found.pop("lep_isTightID")
    fired = mini.trigger(rng, lepton)
    for name, kind in (("trigE", ELECTRON), ("trigM", MUON)):
        scalars[name] = np.zeros(n, bool)
        scalars[name][lepton.events[fired & (lepton["kind"] == kind)]] = True
    scalars["met_et"], scalars["met_phi"] = mini.missing_momentum(rng, events, jet)
    jets = _jets(rng, jet, truth=truth)
    good = jets["jet_pt"] > 25_000
    scalars |= {
        "pvxp_n": rng.poisson(12, n).astype(np.int32) + 1,
        "vxp_z": coarse(normal(rng, 0, 48, n), 8),
        "passGRL": np.ones(n, bool),
        "hasGoodVertex": np.ones(n, bool),
        "lep_n": lepton.counts.astype(np.int32),
        "jet_n": np.bincount(jet.events[good], minlength=n).astype(np.int32),
        "alljet_n": jet.counts.astype(np.int32),
    }
    leptons: Values = found | {
        "lep_truthMatched": lepton["prompt"] & truth,
        "lep_trigMatched": fired,
        "lep_charge": found["lep_charge"].astype(np.float32),
        "lep_flag": np.where(tight, np.uint32(TIGHT | _LOOSE), np.uint32(_LOOSE)),
    }
    arrays: mini.Arrays = dict(scalars)
    arrays |= {name: Jagged(values, lepton.offsets) for name, values in leptons.items()}
    return arrays | {name: Jagged(values, jet.offsets) for name, values in jets.items()}


def _jets(rng: np.random.Generator, flat: Flat, *, truth: bool) -> Values:
    n = len(flat)
    flavour, hard = flat["flavour"], flat["hard"]
    u = rng.random((4, n), dtype=np.float32)
    mass: Floats = flat["pt"] * (np.float32(0.06) + np.float32(0.10) * u[0])
    tag = np.empty(n, np.float32)
    for kind, above in _ABOVE.items():
        which = np.flatnonzero(flavour == kind)
        tag[which] = np.interp(u[1][which], above[::-1], _MV1[::-1])
    vertex = np.where(flavour == BOTTOM, 6 + 6 * normal(rng, 0, 1, n), np.where(u[3] < 0.9, -100.0, 2 * u[2]))
    return detector.four_vector(flat, "jet", mass) | {
        "jet_m": coarse(mass * detector.MEV, 8),
        "jet_jvf": coarse(np.where(hard, 1 - 0.3 * u[2] ** 4, 0.3 * u[2]), 6),
        "jet_trueflav": flavour if truth else np.zeros(n, np.int32),
        "jet_truthMatched": (hard & truth).astype(np.int32),
        "jet_SV0": coarse(vertex, 6),
        "jet_MV1": coarse(tag, 8),
    }

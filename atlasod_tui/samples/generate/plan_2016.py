"""The files of the 2016 flavour (8 TeV, 1 fb-1): samples, cross-sections, acceptances.

DSIDs, names and cross-sections are those of the release's own table (``infofile.py``). There are no skims: an event has
a lepton above 25 GeV. Acceptances are what the release's page on simulated data implies: events in the file over
luminosity and cross-section. Those of Higgs bosons, for which it gives other cross-sections, are estimates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from atlasod_tui.samples.generate.boson import Mixture, Slice
from atlasod_tui.samples.generate.file_plan import FilePlan, rng_for
from atlasod_tui.samples.generate.hard import BOTTOM, ELECTRON, LIGHT, MUON, TAU
from atlasod_tui.samples.generate.skims import Skim

LUMINOSITY_PB = 1_000.0
MOST = 200_000
"""Data events by default, at most, of both streams together."""
SKIM = Skim("2016", 1, False, (), ())
STREAMS = {"DataEgamma": "trigE", "DataMuons": "trigM"}
"""Data files and their triggers; an event of both triggers is in the first."""

_WHOLE, _PART, _LEAST = 5_000, 0.2, 1_000


@dataclass(frozen=True)
class Sample:
    """A simulated sample: its processes, by the names `processes.process` knows, and their shares."""

    dsid: int
    xsec_pb: float
    acceptance: float
    """Part of it that has such a lepton."""
    parts: Mapping[str, float] = field(default_factory=dict)
    bosons: tuple[Slice, ...] = ()
    in_nature: bool = True


def _w(flavour: int, kind: str) -> tuple[Slice, ...]:
    if kind == "NoJets":
        return (Slice("W", flavour, 0, 70, LIGHT),)
    if kind == "Jets":
        return (Slice("W", flavour, 25, 300, LIGHT),)
    return (Slice("W", flavour, 0, 70, BOTTOM),)


def _z(flavour: int) -> tuple[Slice, ...]:
    return (Slice("Z", flavour, 0, 70, LIGHT), Slice("Z", flavour, 70, 400, LIGHT))


SAMPLES = {
    "WW": Sample(105985, 20.90286, 0.52, {"llvv": 0.3, "WplvWmqq": 0.35, "WpqqWmlv": 0.35}),
    "ZZ": Sample(105986, 1.5376, 0.54, {"ZqqZll": 0.75, "llvv": 0.05, "llll": 0.20}),
    "WZ": Sample(105987, 6.9673, 0.52, {"lllv": 0.15, "WlvZqq": 0.55, "WqqZll": 0.30}),
    "stop_tchan_top": Sample(110090, 18.39495, 0.34, {"single_top_tchan": 1}),
    "stop_tchan_antitop": Sample(110091, 9.95976, 0.35, {"single_antitop_tchan": 1}),
    "stop_schan": Sample(110119, 1.817694, 0.33, {"single_top_schan": 0.65, "single_antitop_schan": 0.35}),
    "stop_wtchan": Sample(110140, 22.3014, 0.24, {"single_top_wtchan": 0.5, "single_antitop_wtchan": 0.5}),
    "ttbar_lep": Sample(117050, 137.29749, 0.42, {"ttbar_lep": 1}),
    "Zee": Sample(147770, 1241.2072, 0.60, bosons=_z(ELECTRON)),
    "Zmumu": Sample(147771, 1241.2072, 0.63, bosons=_z(MUON)),
    "Ztautau": Sample(147772, 1240.8988, 0.055, bosons=_z(TAU)),
    "ggH125_ZZ4lep": Sample(160155, 0.00538752, 0.70, {"ggH125_ZZ4lep": 1}),
    "VBFH125_ZZ4lep": Sample(160205, 0.000435528, 0.70, {"VBFH125_ZZ4lep": 1}),
    "ggH125_WW2lep": Sample(161005, 0.21288, 0.45, {"ggH125_WW2lep": 1}),
    "VBFH125_WW2lep": Sample(161055, 0.0181, 0.45, {"VBFH125_WW2lep": 1}),
    "ZPrime1000": Sample(110903, 0.3937, 0.21, {"ZPrime1000_tt": 1}, in_nature=False),
    "WenuWithB": Sample(167740, 154.374, 0.39, bosons=_w(ELECTRON, "WithB")),
    "WenuJetsBVeto": Sample(167741, 591.624, 0.46, bosons=_w(ELECTRON, "Jets")),
    "WenuNoJetsBVeto": Sample(167742, 11324.5, 0.36, bosons=_w(ELECTRON, "NoJets")),
    "WmunuWithB": Sample(167743, 154.429, 0.41, bosons=_w(MUON, "WithB")),
    "WmunuJetsBVeto": Sample(167744, 513.117, 0.46, bosons=_w(MUON, "Jets")),
    "WmunuNoJetsBVeto": Sample(167745, 11404.8, 0.38, bosons=_w(MUON, "NoJets")),
    "WtaunuWithB": Sample(167746, 154.374, 0.036, bosons=_w(TAU, "WithB")),
    "WtaunuJetsBVeto": Sample(167747, 557.095, 0.046, bosons=_w(TAU, "Jets")),
    "WtaunuNoJetsBVeto": Sample(167748, 11359.7, 0.025, bosons=_w(TAU, "NoJets")),
}


def rate(name: str) -> float:
    """Return how much of a sample has a lepton above 25 GeV, in pb."""
    return SAMPLES[name].xsec_pb * SAMPLES[name].acceptance


def mixture(name: str) -> Mixture:
    """Return the slices of a W or Z sample; the hard part of the Z is 6 %."""
    slices = SAMPLES[name].bosons
    return Mixture(slices, (1.0,) if len(slices) == 1 else (0.94, 0.06))


def data_counts(file: FilePlan) -> dict[str, int]:
    """Return how many events of each process both streams have together: the same for either file."""
    names = [name for name, sample in SAMPLES.items() if sample.in_nature]
    luminosity = file.luminosity_pb or 0
    numbers = rng_for(file.seed, "2016", "counts").poisson([rate(name) * luminosity for name in names])
    return dict(zip(names, numbers.tolist(), strict=True))


def files(*, events: int | None, seed: int) -> list[FilePlan]:
    """Return the files, as `plan` describes.

    The data files stand for one luminosity, seen by two triggers. ``events`` of each is the number of both together:
    an event is made for both and kept by one.
    """
    total = sum(rate(name) for name, sample in SAMPLES.items() if sample.in_nature)
    luminosity = min(LUMINOSITY_PB, MOST / total) if events is None else events / total
    scale = 1.0 if events is None else min(1.0, events / MOST)
    plans = []
    for name in STREAMS:
        file = FilePlan(
            path=f"Data/{name}.root", release="2016", skim="", sample=name, dsid=0, events=0, seed=seed,
            luminosity_pb=luminosity,
        )  # fmt: skip
        plans.append(msgspec.structs.replace(file, events=sum(data_counts(file).values())))
    for name, sample in SAMPLES.items():
        mean = rate(name) * luminosity
        number = int(max(min(mean, _WHOLE) + _PART * max(mean - _WHOLE, 0), _LEAST * scale, 20))
        plans.append(
            FilePlan(
                path=f"MC/mc_{sample.dsid}.{name}.root",
                release="2016",
                skim="",
                sample=name,
                dsid=sample.dsid,
                events=number,
                seed=seed,
                xsec_pb=sample.xsec_pb,
                sum_of_weights=number / sample.acceptance,
            )
        )
    return plans

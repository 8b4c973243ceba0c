"""The files of the 2020 flavour (13 TeV): how many events of each sample a skim has, for what luminosity they stand."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.samples import catalogue, groups
from atlasod_tui.samples.generate.file_plan import FilePlan, rng_of
from atlasod_tui.samples.generate.rates import rates, xsec_pb
from atlasod_tui.samples.generate.skims import NOT_IN_NATURE, SKIMS, Skim, described_twice

_PERIODS = ("A", "B", "C", "D")
# Parts of negative weights. Sherpa's are larger in truth (0.15 to 0.25) and would cost statistics here.
_NEGATIVE_SHERPA, _NEGATIVE_SINGLE, _NEGATIVE_POWHEG = 0.08, 0.02, 0.004
_SHERPA = frozenset(groups.W_PTV + groups.Z_PTV + groups.DIBOSON)

# Simulated events: as many as data have of the sample up to the first number and a part of those beyond; at least so
# many; and more of those of which analyses select a small part.
_WHOLE, _PART = 6_000, 0.18
_LEAST = 200
_LEAST_OF = {
    "1lep": {
        "ttbar_lep": 32_000, "single_top_tchan": 6_000, "single_antitop_tchan": 5_000, "W[em]*_PTV*_BFilter": 4_000,
        "W[em]*_PTV70_140_*": 4_000, "W[em]*_PTV140_280_*": 2_000, "W[em]*_PTV0_70_CFilter*": 8_000,
    },
    "2lep": {
        "ttbar_lep": 60_000, "llvv": 15_000, "ggH125_WW2lep": 4_000, "single_*top_wtchan": 5_000, "W*us*nu": 2_000,
        "slep600DM300": 2_000,
    },
    "3lep": {"ttbar_lep": 40_000, "Zee": 16_000, "lllv": 8_000, "llll": 5_000},
    "4lep": {"ttbar_lep": 5_000, "Zee": 5_000, "Zmumu": 5_000, "llll": 8_000, "ggH125_ZZ4lep": 3_000, "*": 1_000},
    "1lep1tau": {
        "ttbar_lep": 10_000, "W[em]*_PTV0_70_CVeto*": 30_000, "W*_PTV0_70_CFilter*": 10_000,
        "W*_PTV0_70_BFilter": 4_000, "W*_PTV70_140_CVeto*": 5_000, "Z[em]*_PTV0_70_CVeto*": 10_000,
        "Ztautau_PTV0_70_CVeto*": 12_000,
    },
    "1largeRjet1lep": {"ZPrime1000_tt": 2_000},
    "GamGam": {"ggH125_gamgam": 6_000, "*": 4_000},
}  # fmt: skip


def files(*, events: int | None, seed: int, skims: Sequence[str] | None) -> list[FilePlan]:
    """Return the files, as `plan` describes.

    Raises:
        UsageError: If a skim is unknown.
    """
    names = tuple(SKIMS) if skims is None else tuple(dict.fromkeys(skims))
    for name in names:
        if name not in SKIMS:
            raise UsageError(f"there is no skim called {name!r} to generate", f"Known are {', '.join(SKIMS)}.")
    return [file for name in names for file in _skim_files(SKIMS[name], events, seed)]


@cache
def truth(skim: Skim) -> dict[str, float]:
    """Return what data of a skim are drawn from: processes and their rates in pb."""
    left_out = {*described_twice(skim), *NOT_IN_NATURE}
    return {name: rate for name, rate in rates(skim).items() if name not in left_out}


def expected(name: str, skim: Skim, luminosity_pb: float) -> float:
    """Return how many events of a process a skim has at a luminosity."""
    return rates(skim)[name] * luminosity_pb


def data_counts(file: FilePlan) -> dict[str, int]:
    """Return how many events of each process a data file has: Poisson numbers."""
    luminosity = file.luminosity_pb or 0
    means = {name: rate * luminosity for name, rate in truth(SKIMS[file.skim]).items()}
    numbers = rng_of(file, "counts").poisson(list(means.values()))
    return dict(zip(means, numbers.tolist(), strict=True))


def _skim_files(skim: Skim, events: int | None, seed: int) -> list[FilePlan]:
    total = sum(truth(skim).values())
    luminosity = min(catalogue.LUMINOSITY_PB, skim.most / total) if events is None else events / total
    files = []
    for period in _PERIODS:
        file = FilePlan(
            path=f"{skim.name}/Data/data_{period}.{skim.name}.root",
            release="2020",
            skim=skim.name,
            sample=f"data{period}",
            dsid=0,
            events=0,
            seed=seed,
            luminosity_pb=luminosity * catalogue.luminosity_pb([period]) / catalogue.LUMINOSITY_PB,
        )
        files.append(msgspec.structs.replace(file, events=sum(data_counts(file).values())))
    scale = 1.0 if events is None else min(1.0, events / skim.most)
    return files + [_simulation(name, skim, luminosity, scale, seed) for name in skim.samples]


def _simulation(name: str, skim: Skim, luminosity: float, scale: float, seed: int) -> FilePlan:
    sample = catalogue.sample(name)
    mean = expected(name, skim, luminosity)
    number = int(max(min(mean, _WHOLE) + _PART * max(mean - _WHOLE, 0), _least(name, skim) * scale, 20))
    xsec = xsec_pb(name, skim)
    size, negative = weights(name)
    return FilePlan(
        path=f"{skim.name}/MC/{sample.stem}.{skim.name}.root",
        release="2020",
        skim=skim.name,
        sample=name,
        dsid=sample.dsid,
        events=number,
        seed=seed,
        xsec_pb=xsec,
        sum_of_weights=number * size * (1 - 2 * negative) * xsec / rates(skim)[name],
    )


def _least(name: str, skim: Skim) -> int:
    """Return the least number of simulated events: the first pattern that fits decides."""
    return next((n for pattern, n in _LEAST_OF.get(skim.name, {}).items() if fnmatchcase(name, pattern)), _LEAST)


def weights(name: str) -> tuple[float, float]:
    """Return the size of a sample's weights and the part that is negative.

    The size gives the mean that the real sample has (``infofile.py``: sum of weights over events). Single tops have 1:
    the framework takes their sign only.
    """
    negative = _NEGATIVE_SHERPA if name in _SHERPA else _NEGATIVE_POWHEG
    if name in groups.SINGLE_TOP:
        return 1.0, _NEGATIVE_SINGLE
    sample = catalogue.sample(name)
    if name in groups.TTBAR or not sample.sum_of_weights or not sample.events:
        return 1.0, negative
    return sample.sum_of_weights / sample.events / (1 - 2 * negative), negative

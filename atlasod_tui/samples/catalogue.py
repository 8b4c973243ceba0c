"""What the 2020 release (13 TeV, 10 fb-1) contains: samples, cross-sections, normalisation tables, luminosity.

The numbers are in ``release_2020.json`` beside this file, read at the first question. The samples are those of the
official ``infofile.py`` (417 entries) and the released files it leaves out; the tables are ``Files_<key>.txt`` of the
C++ framework's plotting step (tag 10fb-legacy). One entry is corrected: ``infofile.py`` gives ZPrime5000_mumu the DSID
1, its released file has 301223.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.samples.groups import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable

SKIMS = ("1lep", "2lep", "3lep", "4lep", "1lep1tau", "1largeRjet1lep", "GamGam", "exactly2lep")

LUMINOSITY_PB = 10_064.0
"""Integrated luminosity of the four data periods together, in 1/pb (``Plotting.cxx``)."""

# fb-1 times ten, as the release documentation rounds them.
_PERIODS = {"A": 5, "B": 19, "C": 29, "D": 47}

Variant = Literal["framework", "fixed"]

# Files_SUSY.txt has the cross-sections before the generator's filter, with an efficiency of 1: 7.1 and 4.6 times the
# other tables'.
_UNFILTERED = {("SUSY", "ZqqZll"): "base", ("SUSY", "WplvWmqq"): "base"}


class Sample(msgspec.Struct, frozen=True):
    """A sample of the release, by the name that the framework calls its option."""

    name: str
    stem: str
    """Its file name up to the skim: ``mc_364169.Wmunu_PTV1000_E_CMS``, ``data_A``."""
    dsid: int
    """Dataset identifier; 0 for collision data."""
    skims: tuple[str, ...] = ()
    """The skims in which the portal has a file of it."""
    framework: bool = False
    """Whether one of the framework's twelve analyses reads it."""
    xsec_pb: float | None = None
    """Cross-section with filter efficiency and k-factor in pb, from ``infofile.py``."""
    sum_of_weights: float | None = None
    """Sum of the generator's weights before the skim, from ``infofile.py``."""
    events: int | None = None
    """Generated events before the skim, from ``infofile.py``."""

    @property
    def period(self) -> str | None:
        """The data period, ``A`` to ``D``; None for simulation."""
        return None if self.dsid else self.stem.removeprefix("data_")


class Normalisation(msgspec.Struct, frozen=True):
    """What simulation is scaled with: luminosity times cross-section over sum of weights."""

    xsec_pb: float
    sum_of_weights: float


class _Release(msgspec.Struct, frozen=True):
    release: str
    samples: tuple[Sample, ...]
    tables: dict[str, dict[str, tuple[float, float]]]


@cache
def _release() -> _Release:
    return msgspec.json.decode(Path(__file__).with_name("release_2020.json").read_bytes(), type=_Release)


@cache
def _by_name() -> dict[str, Sample]:
    data = [
        Sample(name=name, stem=f"data_{name[-1]}", dsid=0, skims=SKIMS, framework=True)
        for name in DATA  # dataA to dataD
    ]
    return {sample.name: sample for sample in (*data, *_release().samples)}


def all_samples(*, every: bool = False) -> tuple[Sample, ...]:
    """Return the samples the framework reads: data first, then by DSID.

    Args:
        every: Also those that no analysis of the framework reads. A name there may end in a skim
            (``Zee_1lep1tau``): the same DSID with the numbers of that skim's files.
    """
    return tuple(sample for sample in _by_name().values() if every or sample.framework)


def sample(name: str) -> Sample:
    """Return the sample of this option name.

    Raises:
        UsageError: If no sample has that name; the hint has the nearest ones.
    """
    found = _by_name().get(name)
    return found if found is not None else _unknown("sample", name, _by_name())


def tables() -> tuple[str, ...]:
    """Return the keys of the framework's normalisation tables: ``base``, ``WBoson``, ``HZZ``..."""
    return tuple(_release().tables)


def table(key: str) -> tuple[str, ...]:
    """Return the option names in a normalisation table.

    Raises:
        UsageError: If there is no such table.
    """
    found = _release().tables.get(key)
    return tuple(found) if found is not None else _unknown("normalisation table", key, _release().tables)


def normalisation(key: str, name: str, variant: Variant = "framework") -> Normalisation:
    """Return the cross-section (pb) and sum of weights that a table of the framework gives a sample.

    The tables disagree in places (ttbar_lep's sum of weights, several diboson cross-sections); ``framework`` keeps each
    as it is. ``fixed`` replaces the cross-sections of ZqqZll and WplvWmqq in the table SUSY, which lack the filter
    efficiency, by the other tables'. The framework rounds the sum of weights to float32 on reading: not done here.

    Raises:
        UsageError: If there is no such table, or the sample is not in it (collision data are in none).
    """
    options = table(key)
    if name not in options:
        _unknown(f"sample in the normalisation table {key}", name, options)
    entries = _release().tables
    xsec, sum_of_weights = entries[key][name]
    if variant == "fixed" and (key, name) in _UNFILTERED:
        xsec = entries[_UNFILTERED[key, name]][name][0]
    return Normalisation(xsec, sum_of_weights)


def luminosity_pb(periods: Iterable[str]) -> float:
    """Return the integrated luminosity of some data periods in 1/pb; each counts once.

    Published are 0.5, 1.9, 2.9 and 4.7 fb-1 for A to D, rounded, and 10 064 /pb for their sum. The rounded values
    (together 10.0 fb-1) are scaled to that sum: 503.2, 1912.16, 2918.56 and 4730.08 /pb.

    Raises:
        UsageError: If a period is not A, B, C or D.
    """
    tenths = 0
    for period in set(periods):
        if period not in _PERIODS:
            _unknown("data period", period, _PERIODS)
        tenths += _PERIODS[period]
    return LUMINOSITY_PB * tenths / sum(_PERIODS.values())


def _unknown(kind: str, name: str, known: Iterable[str]) -> NoReturn:
    import difflib  # noqa: PLC0415 - only for the message

    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`atlasod-tui samples list --all` names every sample."
    raise UsageError(f"there is no {kind} called {name!r}", hint)

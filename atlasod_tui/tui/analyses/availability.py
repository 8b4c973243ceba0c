"""Which samples an analysis needs, and where each of them is: on this machine, in the lake, or nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from atlasod_tui.errors import UsageError
from atlasod_tui.samples import groups
from atlasod_tui.samples.catalogue import sample
from atlasod_tui.samples.find import FileName, parse_name

if TYPE_CHECKING:
    from atlasod_tui.engine.author import Analysis

DATA = "data"
"""The group of the collision data."""


class Where(StrEnum):
    """Where a sample is, in words."""

    LOCAL = "local"
    LAKE = "on the lake"
    MADE = "made when needed"
    """A file of the built-in sample that was not generated yet."""
    SMALL = "left out"
    """A sample that the built-in one has not, as few of its events would be selected."""
    COMING = "coming"
    """A file of a lake that has no replica yet."""
    MISSING = "missing"
    UNKNOWN = "not known yet"


class StockFile(msgspec.Struct, frozen=True):
    """A file of an input; its name may hold anything."""

    name: str
    """Without folder and scope."""
    where: Where
    place: str
    """The folder it is in; of a file that is not on this machine, the dataset or the host."""
    bytes: int | None = None


class Stock:
    """The files of an input.

    Args:
        files: All of them.
        otherwise: Where a sample is of which there is no file: missing, unless that cannot be told yet.
        note: Why there is less than may be expected; as sentences, without escapes.
    """

    def __init__(self, files: Iterable[StockFile] = (), otherwise: Where = Where.MISSING, note: str = "") -> None:
        self.files = tuple(files)
        self.otherwise = otherwise
        self.note = note

    @cached_property
    def _by_sample(self) -> Mapping[tuple[str | int | None, str], list[tuple[FileName, StockFile]]]:
        found: dict[tuple[str | int | None, str], list[tuple[FileName, StockFile]]] = {}
        for file in self.files:
            if (name := parse_name(file.name)) is not None:
                found.setdefault((name.period or name.dsid, name.skim), []).append((name, file))
        return found

    def read(self) -> None:
        """Read the names of the files, which takes its time where there are many: good for a thread."""
        _ = self._by_sample

    @property
    def skims(self) -> tuple[str, ...]:
        """The skims that files are of."""
        return tuple(sorted({skim for _, skim in self._by_sample}))

    def find(self, option: str, skim: str) -> list[tuple[FileName, StockFile]]:
        """Return the files of a sample; none of one that the release does not have."""
        with suppress(UsageError):
            entry = sample(option)
            return self._by_sample.get((entry.period or entry.dsid, skim), [])
        return []


class SampleState(msgspec.Struct, frozen=True):
    """A sample that an analysis needs."""

    name: str
    skim: str
    where: Where
    files: tuple[StockFile, ...] = ()
    twice: bool = False
    """Whether its files hold the same events, so that the analysis refuses them."""

    @property
    def bytes(self) -> int | None:
        """Bytes in all; None if they are known of none."""
        known = [file.bytes for file in self.files if file.bytes is not None]
        return sum(known) if known else None

    @property
    def places(self) -> tuple[str, ...]:
        """The folders, datasets or hosts its files are in."""
        return tuple(dict.fromkeys(file.place for file in self.files))


class GroupState(msgspec.Struct, frozen=True):
    """The samples that are drawn together."""

    name: str
    label: str
    """For the legend, in TLatex."""
    samples: tuple[SampleState, ...]


class Availability(msgspec.Struct, frozen=True):
    """The samples that an analysis needs: the data first, then from the bottom of the stack."""

    groups: tuple[GroupState, ...]

    @property
    def samples(self) -> tuple[SampleState, ...]:
        """Every sample once."""
        return tuple({(one.name, one.skim): one for group in self.groups for one in group.samples}.values())

    @property
    def counts(self) -> Counter[Where]:
        """How many samples are where."""
        return Counter(one.where for one in self.samples)

    @property
    def bytes(self) -> int | None:
        """Bytes of what is there; None if they are known of nothing."""
        known = [one.bytes for one in self.samples if one.bytes is not None]
        return sum(known) if known else None

    @property
    def twice(self) -> tuple[str, ...]:
        """Samples whose events would be counted twice."""
        return tuple(one.name for one in self.samples if one.twice)

    @property
    def hopeless(self) -> bool:
        """Whether there is not a single file."""
        return bool(self.samples) and all(one.where is Where.MISSING for one in self.samples)


def availability(analysis: Analysis, stock: Stock) -> Availability:
    """Return where the samples are that an analysis needs, by the names of files alone."""
    found = [GroupState(DATA, "Data", tuple(_state(name, analysis.skim, stock) for name in groups.DATA))]
    for name, samples in (*analysis.groups.items(), *analysis.overlays.items()):
        look = analysis.looks.get(name)
        states = tuple(_state(option, analysis.skim_of(option), stock) for option in samples)
        found.append(GroupState(name, look.label if look else name, states))
    return Availability(tuple(found))


def _state(option: str, skim: str, stock: Stock) -> SampleState:
    found = stock.find(option, skim)
    if not found:
        return SampleState(option, skim, stock.otherwise)
    wheres = {file.where for _, file in found}
    # What is to be fetched, or made, in part is not there yet.
    where = next(one for one in (Where.COMING, Where.LAKE, Where.MADE, Where.LOCAL) if one in wheres)
    return SampleState(option, skim, where, tuple(file for _, file in found), _counts_twice(found))


def _counts_twice(found: list[tuple[FileName, StockFile]]) -> bool:
    """Return whether files are not one set: the original, or a multiplied file, or the parts of one factor."""
    kinds = {(name.factor, name.part is None) for name, _ in found}
    parts = Counter(name.part for name, _ in found)
    return len(kinds) > 1 or any(count > 1 for count in parts.values())


def summary(there: Availability) -> str:
    """Return how many samples are where, in words: ``14 local, 2 on the lake, 69 missing``."""
    counts = there.counts
    return ", ".join(f"{counts[where]} {where}" for where in Where if counts[where])

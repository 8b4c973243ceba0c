"""The lists of the lake: what the columns show of scopes, datasets and files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from atlasod_tui import shown
from atlasod_tui.lake.model import DID, Dataset, DIDType, FileEntry, Replica, ReplicaState, Scope
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.cells import Cell, Column, end_of
from atlasod_tui.tui.lake.levels import Kind, Level, Row

if TYPE_CHECKING:
    from atlasod_tui.samples.catalogue import Sample
    from atlasod_tui.samples.find import FileName
    from atlasod_tui.tui.looks.look import Glyphs

_COMING = frozenset({ReplicaState.COPYING})
_SHORT = {ReplicaState.TEMPORARY_UNAVAILABLE: "unavailable", ReplicaState.BEING_DELETED: "deleted"}
_SIGNS = 8
"""Cells of the column of replicas."""
_RUN, _RUN_WITHIN = re.compile(r"\.(run[0-9a-f]{8}\.)"), 100
"""What an upload puts behind the account in all its names, and where it is looked for."""
_LEAST_END = 12
"""Cells of a name's end: with fewer, the run is left out."""
_NAMES_ONLY = "names only"
"""Of a dataset of which the bytes are not in this lake."""

Known = Callable[[DID], Sequence[Replica] | None]
"""Tells the replicas of a file; None: not asked yet."""


class OfRelease(NamedTuple):
    """What a file's name says: the parts of the name, and the sample of the release."""

    name: FileName
    sample: Sample | None


def columns(level: Level, replicas: Known, glyphs: Glyphs) -> list[Column[Any]]:
    """Return the columns for what a level lists."""
    if level.spot.kind is Kind.SCOPES:
        return [
            Column("scope", lambda row: row.name, sort=lambda row: row.name),
            Column("owner", lambda row: row.account or "-", 24, sort=lambda row: row.account, from_width=60),
        ]
    shortened = end_of if level.spot.name else cut  # the files of a dataset are of one run
    name: Column[Any] = Column("name", lambda row: short_name(row, level), sort=lambda row: row.did.name, cut=shortened)
    size: Column[Any] = Column(
        "size", lambda row: size_of(row.bytes), 7, right=True, sort=lambda row: row.bytes, from_width=60
    )
    if level.spot.kind is Kind.DATASETS:
        return [
            name,
            Column("type", lambda row: row.type.value, 9, sort=lambda row: row.type.value, from_width=60),
            Column("files", lambda row: _number(row.files), 7, right=True, sort=lambda row: row.files, from_width=60),
            size,
            Column("state", lambda row: _names_only(row, level), 10, from_width=70),
        ]
    return [
        name,
        Column(
            "sample", lambda row: sample_of(row.did.name), 12, sort=lambda row: sample_of(row.did.name), from_width=90
        ),
        size,
        Column("events", lambda row: count_of(row.events), 6, right=True, sort=lambda row: row.events),
        Column("xsec/pb", lambda row: xsec_of(row.did.name), 9, right=True, from_width=120),
        Column("replicas", lambda row: replica_signs(replicas(row.did), glyphs), _SIGNS),
        Column("state", lambda row: replica_word(replicas(row.did)), 11, from_width=70),
    ]


def short_name(row: Dataset | FileEntry, level: Level) -> str:
    """Return a name, with its scope where that is not the one in front."""
    return row.did.name if row.did.scope == level.spot.scope else str(row.did)


def cut(name: str, width: int, *, more: str) -> str:
    """Return what tells a name from its like, escaped, in so many cells: the end, and of what was uploaded the run."""
    run = _RUN.search(name, 0, _RUN_WITHIN) if len(name) > width else None
    if run is None or (room := width - len(run[1]) - 1) < _LEAST_END:
        return end_of(name, width, more=more)
    return more + run[1] + end_of(name[run.end() :], room, more=more)


def text_of(row: Row) -> str:
    """Return what a filter looks at."""
    return row.name if isinstance(row, Scope) else row.did.name


def size_of(size: int | None) -> str:
    """Return a size for people."""
    return "-" if size is None else shown.size(size, "B")


def count_of(number: int | None) -> str:
    """Return a number of events for people."""
    return "-" if number is None else shown.size(number).strip()


@lru_cache(maxsize=4096)
def known(name: str) -> OfRelease | None:
    """Return what a file's name says of the 2020 release; None if it is no name of it."""
    # Not at start-up: the first files are listed later than the first screen.
    from atlasod_tui.samples.find import parse_name  # noqa: PLC0415

    parsed = parse_name(name)
    return None if parsed is None else OfRelease(parsed, _by_stem().get(parsed.stem))


@cache
def _by_stem() -> dict[str, Sample]:
    from atlasod_tui.samples.catalogue import all_samples  # noqa: PLC0415

    return {sample.stem: sample for sample in all_samples(every=True)}


def sample_of(name: str) -> str:
    """Return what a file is: ``data A``, ``MC 363490``, with the number of copies of its events."""
    found = known(name)
    if found is None:
        return ""
    copies = f" x{found.name.factor}" if found.name.factor > 1 else ""
    return (f"data {found.name.period}" if found.name.period else f"MC {found.name.dsid}") + copies


def xsec_of(name: str) -> str:
    """Return the cross-section of a file's sample in pb."""
    found = known(name)
    sample = found and found.sample
    return f"{sample.xsec_pb:.4g}" if sample and sample.xsec_pb is not None else ""


def replica_signs(replicas: Sequence[Replica] | None, glyphs: Glyphs) -> Cell:
    """Return a sign for each storage element, in the order of their names, and how many replicas are there."""
    if replicas is None:
        return Cell("", "muted")
    ordered = sorted(replicas, key=lambda one: one.storage_element)
    there = sum(one.state is ReplicaState.AVAILABLE for one in ordered)
    count = f"{there}/{len(ordered)}"
    signs = "".join(sign(one.state, glyphs) for one in ordered)[: max(_SIGNS - len(count) - 1, 0)]
    return Cell(f"{signs} {count}".strip(), _style(there, len(ordered)))


def replica_word(replicas: Sequence[Replica] | None) -> Cell:
    """Return in words how a file's replicas are: the state of the worst one, ``ok`` if all are there."""
    if replicas is None:
        return Cell("", "muted")
    there = sum(one.state is ReplicaState.AVAILABLE for one in replicas)
    others = [one.state for one in replicas if one.state is not ReplicaState.AVAILABLE]
    if not others:
        return Cell("ok" if there else "no replica", _style(there, len(replicas)))
    worst = next((state for state in others if state not in _COMING), others[0])
    word = _SHORT.get(worst, worst.value)
    return Cell(word, _style(there, len(replicas)))


def sign(state: ReplicaState, glyphs: Glyphs) -> str:
    """Return the sign of a replica's state."""
    if state is ReplicaState.AVAILABLE:
        return glyphs.there
    return glyphs.absent if state in _COMING else glyphs.stuck


def pick_of(row: Row, lake: str) -> Pick | None:
    """Return a row as a pick; a scope cannot be picked."""
    if isinstance(row, Scope):
        return None
    if isinstance(row, Dataset):
        return Pick(row.did, row.type, row.bytes, None, row.files, lake)
    return Pick(row.did, DIDType.FILE, row.bytes, row.events, 1, lake)


def summary(count: int, total: int, kind: Kind, *, loading: bool, filter_text: str) -> str:
    """Return how many rows there are, in words."""
    word = kind.value if total != 1 else kind.value.removesuffix("s")
    if filter_text:
        return f"{_spaced(count)} of {_spaced(total)} {word}"
    return f"{_spaced(total)} {word}" + (" so far" if loading else "")


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _number(value: int | None) -> str:
    return "-" if value is None else _spaced(value)


def _names_only(row: Dataset, level: Level) -> Cell:
    return Cell(_NAMES_ONLY, "muted") if row.did.name in level.names_only else Cell("")


def _style(there: int, of: int) -> str:
    return "bad" if not there else "good" if there == of else "warning"

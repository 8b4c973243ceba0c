"""Scopes and datasets that were listed already, to be gone to by their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from atlasod_tui import shown
from atlasod_tui.lake.model import Dataset, Scope
from atlasod_tui.tui.command import Command
from atlasod_tui.tui.lake.levels import Kind, Level, Spot

_MOST = 2000
"""Names that are offered: more of them would make typing slow."""


def commands(levels: Iterator[Level], go_to: Callable[[list[Spot]], object]) -> Iterator[Command]:
    """Yield what can be gone to.

    Args:
        levels: Those that are known, the nearest first.
        go_to: Goes along a way that begins below the scopes.
    """
    return islice(_all(levels, go_to), _MOST)


def _all(levels: Iterator[Level], go_to: Callable[[list[Spot]], object]) -> Iterator[Command]:
    for level in levels:
        for row in level.rows:
            if isinstance(row, Scope):
                way = [Spot(Kind.DATASETS, row.name)]
                yield Command(f"scope {row.name}", partial(go_to, way), "List the datasets of this scope")
            elif isinstance(row, Dataset):
                way = [Spot(Kind.DATASETS, row.did.scope), Spot(Kind.FILES, row.did.scope, row.did.name)]
                yield Command(f"files {row.did}", partial(go_to, way), f"List the files of this {row.type}{_size(row)}")


def _size(row: Dataset) -> str:
    return "" if row.bytes is None else f", {shown.size(row.bytes, 'B')}"

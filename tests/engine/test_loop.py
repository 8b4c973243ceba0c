"""Cutting trees into pieces: fixed by the file, never by who runs them."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atlasod_tui.engine.loop import cuts


def tree(*boundaries: list[int]) -> Any:
    branches = {f"b{number}": SimpleNamespace(boundaries=np.array(edges)) for number, edges in enumerate(boundaries)}
    return SimpleNamespace(branch=branches.__getitem__, entries=boundaries[0][-1]), list(branches)


def test_a_piece_ends_where_all_branches_have_a_boundary() -> None:
    item, names = tree([0, 50, 100, 200, 300], [0, 100, 130, 200, 300])
    assert cuts(item, names, (0, 300), 60) == [(0, 100), (100, 200), (200, 300)]
    assert cuts(item, names, (0, 300), 100) == [(0, 100), (100, 200), (200, 300)]
    assert cuts(item, names, (0, 300), 101) == [(0, 200), (200, 300)]


def test_without_common_boundaries_a_piece_has_the_size_asked_for() -> None:
    item, names = tree([0, 1000], [0, 999, 1000])
    assert cuts(item, names, (0, 1000), 100)[:3] == [(0, 100), (100, 200), (200, 300)]


@given(st.lists(st.lists(st.integers(1, 999), max_size=8), min_size=1, max_size=4), st.integers(1, 1200))
def test_pieces_cover_every_entry_once(edges: list[list[int]], size: int) -> None:
    item, names = tree(*[[0, *sorted(set(inner)), 1000] for inner in edges])
    found = cuts(item, names, (0, 1000), size)
    assert found[0][0] == 0
    assert found[-1][1] == 1000
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert all(0 < stop - start <= 4 * size for start, stop in found)


def test_a_tree_without_entries_has_no_pieces() -> None:
    item, names = tree([0])
    assert cuts(item, names, (0, 0), 100) == []

"""The planner: where everything goes, for files of any size, without writing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile import merge, records
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.rootfile.merge import copying
from atlasod_tui.rootfile.merge.branches import Clusters, Column, Integers
from atlasod_tui.rootfile.merge.copying import _bytes
from atlasod_tui.rootfile.merge.emission import part_size
from atlasod_tui.rootfile.merge.image import make_image
from atlasod_tui.rootfile.merge.layout import Piece, Stretch
from atlasod_tui.rootfile.merge.source import Place, Source, SourceTree
from atlasod_tui.rootfile.merge.structure import Address
from atlasod_tui.rootfile.merge.trees import merged_clusters
from atlasod_tui.rootfile.tree import Tree, open_tree
from tests.rootfile.reference import DATA

NAMES = ("types_zlib.root", "half_embedded.root", "embedded.root", "no_entries.root")


@cache
def _source(name: str, sizes: tuple[int, ...] = ()) -> Source:
    """Return a source; with ``sizes`` its baskets in the file seem to have these, one after the other."""
    source = merge.read_source(DATA / name)
    if not sizes:
        return source
    trees: dict[Place, SourceTree] = {}
    columns: list[Column] = []
    at, number = 1000, 0
    for place, tree in source.trees.items():
        changed: dict[Address, Column] = {}
        for address, column in tree.tables.columns.items():
            seeks, lengths = column.seeks.copy(), column.sizes.copy()
            for index in np.flatnonzero(seeks):
                seeks[index], lengths[index] = at, sizes[number % len(sizes)]
                at, number = at + int(lengths[index]), number + 1
            changed[address] = replace(column, seeks=seeks, sizes=lengths)
        columns += changed.values()
        trees[place] = replace(tree, tables=replace(tree.tables, columns=changed))
    identity = (hash(sizes), hash(name))  # another file
    return replace(source, trees=trees, image=make_image(columns, at), size=at, identity=identity)


def _size(pieces: Sequence[Piece]) -> int:
    return sum(piece.nbytes if isinstance(piece, Stretch) else part_size(piece) for piece in pieces)


def _write_around(plan: merge.Plan, path: Path) -> None:
    """Write an output without its baskets: a hole, whatever their size."""
    with path.open("wb") as file:
        for pieces, start in ((plan.before, 0), (plan.after, plan.images_begin + plan.bytes_to_copy)):
            file.seek(start)
            for piece in pieces:
                for data in _bytes(piece):
                    file.write(data)
        assert file.tell() == plan.size


def _check_moves(plan: merge.Plan, tree: Tree) -> None:
    """Check that the baskets of all branches lie in the room for them, one behind the other, and cover it."""
    baskets = [basket for name in tree.names() for basket in tree.branch(name).baskets]
    starts = np.array(sorted((basket.address, basket.stored) for basket in baskets), np.int64).reshape(-1, 2)
    if plan.virtual:
        starts = np.unique(starts, axis=0)
    ends = starts.sum(axis=1)
    expected = np.concatenate([[plan.images_begin], ends])
    assert expected[:-1].tolist() == starts[:, 0].tolist()
    assert expected[-1] == plan.images_begin + plan.bytes_to_copy
    for name in tree.names():
        branch = tree.branch(name)
        assert branch.entries == plan.entries["mini"]
        assert branch.boundaries[-1] == branch.entries


SIZES = st.lists(st.integers(100, 100_000_000), min_size=1, max_size=7).map(tuple)
SOURCES = st.builds(_source, st.sampled_from(NAMES), st.just(()) | SIZES)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.tuples(SOURCES, st.integers(1, 4)), min_size=1, max_size=3), virtual=st.booleans())
def test_baskets_cover_their_room(parts: list[tuple[Source, int]], virtual: bool, tmp_path: Path) -> None:
    sequence = [source for source, count in parts for _ in range(count)]
    plan = merge.plan(sequence, "out.root", virtual=virtual)
    assert plan.size == _size(plan.before) + plan.bytes_to_copy + _size(plan.after)
    assert plan.images_begin == _size(plan.before)
    assert plan.entries == {"mini": sum(source.entries["mini"] for source in sequence)}
    different = set(sequence) if virtual else sequence
    assert plan.bytes_to_copy == sum(source.image.size for source in different)
    path = tmp_path / "out.root"
    _write_around(plan, path)
    with open_tree(path) as tree:
        _check_moves(plan, tree)
    path.unlink()


@pytest.mark.parametrize(
    ("size", "big"),
    [(1_990_000_000, False), (2_000_100_000, True), (2_147_400_000, True), (2_148_000_000, True),
     (4_294_900_000, True), (4_296_000_000, True), (50_000_000_000, True)],
)  # fmt: skip
@pytest.mark.parametrize("name", ["types_zlib.root", "objects.root", "merge/contents.root"])
def test_files_of_gigabytes(name: str, size: int, big: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import uproot  # noqa: PLC0415 - slow to import

    monkeypatch.setattr(copying, "_refuse_changed", lambda *_: None)  # the source only seems to be so large
    number = _source(name).image.seeks.size
    source = _source(name, (size // (5 * number),))
    plan = merge.plan([source] * 5, "out.root")
    assert abs(plan.size - size) < 200_000
    path = tmp_path / "out.root"
    _write_around(plan, path)
    with path.open("rb") as file:
        assert (int.from_bytes(file.read(8)[4:]) >= 1_000_000) == big
    with RootFile(path) as file:
        for key in file.list_keys():
            file.record(key)
            assert key.class_name != "TTree" or (key.address > records.BIG) == big
            if key.class_name == "TDirectory":
                for inner in file.list_keys(key):
                    file.record(inner)
    again = merge.read_source(path)
    assert again.entries == {tree: 5 * entries for tree, entries in source.entries.items()}
    assert again.image.size == 5 * source.image.size
    if not name.startswith("merge"):
        with open_tree(path) as tree:
            assert tree.entries == plan.entries["mini"]
    with uproot.open(path) as file:
        for place, entries in plan.entries.items():
            assert file[place].num_entries == entries
    path.unlink()


@pytest.mark.slow
def test_many_copies_make_the_tree_on_the_way(tmp_path: Path) -> None:
    source = _source("types_zlib.root", (1000,))
    plan = merge.plan([source] * 3000, "out.root")
    assert any(not isinstance(piece, bytearray) for piece in plan.after)
    _write_around(plan, tmp_path / "out.root")
    with open_tree(tmp_path / "out.root") as tree:
        _check_moves(plan, tree)
    assert merge.read_source(tmp_path / "out.root").entries == {"mini": 3000 * 70}


def test_too_many_copies() -> None:
    with pytest.raises(AtlasodError, match="list of the baskets of one tree would exceed 1 GB"):
        merge.plan([_source("types_zlib.root")] * 1_000_000, "out.root")


def _iterated(parts: Sequence[tuple[Clusters, int, int]]) -> list[int]:
    """Return where clusters begin, each file on its own: TTree::TClusterIterator."""
    starts, done = [], 0
    for clusters, entries, count in parts:
        for _ in range(count):
            starts += [done + start for start in _walk(clusters.ends, clusters.sizes, clusters.auto_flush, entries)]
            done += entries
    return starts


def _walk(ends: Integers, sizes: Integers, auto_flush: int, entries: int) -> list[int]:
    starts: list[int] = []
    begin = 0
    for end, size in zip(ends, sizes, strict=True):
        starts += range(begin, int(end) + 1, int(size))
        begin = int(end) + 1
    if begin < entries:
        starts += range(begin, entries, auto_flush if auto_flush > 0 else entries)
    return starts


@st.composite
def _clusters(draw: st.DrawFn) -> tuple[Clusters, int, int]:
    lengths = draw(st.lists(st.integers(1, 12), max_size=3))
    sizes = draw(st.lists(st.integers(1, 5), min_size=len(lengths), max_size=len(lengths)))
    behind = draw(st.integers(0, 10))
    flush = draw(st.integers(1, 5) | st.just(-30_000_000) | st.just(0))
    ends = np.cumsum(lengths, dtype=np.int64) - 1
    found = Clusters(ends, np.array(sizes, np.int64), flush)
    return found, sum(lengths) + behind, draw(st.integers(1, 3))


@given(st.lists(_clusters(), min_size=1, max_size=4))
def test_clusters_begin_where_they_did(parts: list[tuple[Clusters, int, int]]) -> None:
    runs, done = [], 0
    for clusters, entries, count in parts:
        runs.append((clusters, entries, done + entries * np.arange(count, dtype=np.int64)))
        done += entries * count
    ends, sizes, flush = merged_clusters(runs)
    assert _walk(ends, sizes, flush, done) == _iterated(parts)
    assert (np.diff(ends, prepend=-1) > 0).all()
    assert flush == parts[-1][0].auto_flush


def test_equal_clusters_need_no_ranges() -> None:
    clusters = Clusters(np.empty(0, np.int64), np.empty(0, np.int64), 10)
    ends, sizes, flush = merged_clusters([(clusters, 30, 30 * np.arange(1000, dtype=np.int64))])
    assert (ends.size, sizes.size, flush) == (0, 0, 10)
    ends, sizes, flush = merged_clusters([(clusters, 35, 35 * np.arange(3, dtype=np.int64))])
    assert (ends.tolist(), sizes.tolist(), flush) == ([34, 69], [10, 10], 10)

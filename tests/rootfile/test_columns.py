"""Columns, compared value by value with those that uproot reads."""

from __future__ import annotations

import os
import random
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from atlasod_tui.engine.loop import read_chunk
from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile import inflate
from atlasod_tui.rootfile.columns import Column, ColumnReader
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.rootfile.workspace import Workspace
from tests.jobs.damage import damage, layout
from tests.rootfile.reference import COMPRESSIONS, DATA, Reference, cut, references, unpack_far

if TYPE_CHECKING:
    from pathlib import Path

    from atlasod_tui.rootfile.tree import Tree

KINDS = {"F": "f4", "D": "f8", "I": "i4", "ui": "u4", "L": "i8", "ul": "u8", "S": "i2", "us": "u2", "B": "i1",
         "ub": "u1", "O": "?", "G": "i8", "ug": "u8"}  # fmt: skip

READ_BY_UPROOT = [f"{kind}_{name}.root" for kind in ("types", "pairs", "4lep") for name in COMPRESSIONS] + [
    "4lep_embedded.root",
    "embedded.root",
    "half_embedded.root",
    "half_embedded_lz4.root",
    "objects.root",
    "offset_map.root",
]


def assert_equal(column: Column, expected: Reference) -> None:
    values, offsets = expected
    assert column.values.dtype == values.dtype
    assert column.values.dtype.isnative
    assert column.values.tobytes() == values.tobytes()
    if offsets is None:
        assert column.offsets is None
    else:
        assert column.offsets is not None
        assert column.offsets.dtype == np.int64
        np.testing.assert_array_equal(column.offsets, offsets)


def odd_runs(tree: Tree, name: str) -> list[tuple[int, int]]:
    """Return all entries, none, single ones, runs that begin and end at or beside baskets, and any others."""
    entries, rng = tree.entries, random.Random(f"{tree.path.name} {name}")  # noqa: S311 - no secret
    edges = [int(edge) for edge in tree.branch(name).boundaries]
    beside = sorted(
        {min(max(edge + step, 0), entries) for edge in rng.sample(edges, min(4, len(edges))) for step in (-1, 0, 1)}
    )
    runs = [(0, entries), (0, 0), (entries, entries), (entries - 1, entries)]
    runs += list(pairwise(beside))
    runs += [tuple(sorted((rng.randint(0, entries), rng.randint(0, entries)))) for _ in range(6)]  # type: ignore[misc]
    runs += [(at, min(at + 7, entries)) for at in range(0, entries, 7)][:12]
    return runs


def assert_file(path: Path, expected: dict[str, Reference]) -> None:
    with open_tree(path) as tree:
        workspace = Workspace()
        assert tree.names() == list(expected)
        for name in tree.names():
            assert_equal(ColumnReader(tree, name, workspace).read(0, tree.entries), expected[name])
        for name in tree.names():
            reader = ColumnReader(tree, name, workspace)
            for start, stop in odd_runs(tree, name):
                assert_equal(reader.read(start, stop), cut(expected[name], start, stop))


@pytest.mark.parametrize("name", READ_BY_UPROOT)
def test_equal_to_uproot(name: str) -> None:
    assert_file(DATA / name, references(DATA / name))


def test_real_collision_data(shared: Path) -> None:
    paths = sorted((shared / "data/atlas-4lep/Data").glob("*.root"))
    assert len(paths) == 4
    for path in paths:
        with open_tree(path) as tree:
            assert len(tree.names()) == 81
            assert all(basket.embedded for name in tree.names() for basket in tree.branch(name).baskets)
        assert_file(path, references(path))


def test_embedded_baskets_without_tables() -> None:
    """uproot does not read them; the file holds what another one does."""
    assert_file(DATA / "embedded_offset_map.root", references(DATA / "embedded.root"))


def test_other_implementation_of_zlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "_libdeflate", lambda: None)
    for name in ("types_zlib.root", "pairs_zlib.root", "4lep_zlib.root"):
        assert_file(DATA / name, references(DATA / name))


def test_every_type() -> None:
    with open_tree(DATA / "types_zlib.root") as tree:
        assert tree.names() == [f"{kind}_{how}" for kind in KINDS for how in ("one", "many")]
        for kind, dtype in KINDS.items():
            one, many = tree.branch(f"{kind}_one"), tree.branch(f"{kind}_many")
            assert (one.shape, one.dtype, many.shape, many.dtype) == ("scalar", dtype, "vector", dtype)
            column = ColumnReader(tree, f"{kind}_many", Workspace()).read(0, tree.entries)
            assert column.offsets is not None
            assert (np.diff(column.offsets) == 0).any()


def test_beyond_two_gigabytes(tmp_path: Path) -> None:
    path = unpack_far(tmp_path / "far.root")
    if path.stat().st_blocks * 512 > 1 << 27:
        pytest.skip("the disk stores holes")
    with open_tree(path) as tree:
        addresses = {basket.address for name in tree.names() for basket in tree.branch(name).baskets}
        assert tree.entries == 40
        for limit in (1 << 31, 1 << 32):
            assert any(address > limit for address in addresses)
    assert_file(path, references(path))


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_columns_with_the_same_lengths_share_offsets(compression: str) -> None:
    path = DATA / f"pairs_{compression}.root"
    expected = references(path)
    with open_tree(path) as tree:
        workspace = Workspace()
        first, second, flag, other = (
            ColumnReader(tree, f"pair_{name}", workspace) for name in ("first", "second", "flag", "other")
        )
        for start, stop in [(0, 100), (0, 200), (100, 200), (200, 300), (0, 500), (30, 70), (250, 250), (90, 310)]:
            offsets = first.read(start, stop).offsets
            assert offsets is not None
            for reader in (second, flag):
                column = reader.read(start, stop, offsets)
                assert_equal(column, cut(expected[reader.branch.name], start, stop))
                if start % 100 == stop % 100 == 0:
                    assert column.offsets is offsets
            assert_equal(other.read(start, stop, offsets), cut(expected["pair_other"], start, stop))


def test_offsets_of_other_entries_are_not_taken() -> None:
    path = DATA / "pairs_zlib.root"
    expected = cut(references(path)["pair_second"], 0, 100)
    with open_tree(path) as tree:
        reader = ColumnReader(tree, "pair_second", Workspace())
        others = [
            np.zeros(101, np.int64),
            np.arange(101),
            np.zeros(7, np.int64),
            3 * np.arange(101),
            np.zeros(1, np.int64),
        ]
        assert expected[1] is not None
        swapped = expected[1].copy()  # as many values in all, but not for each entry
        swapped[50] += 1
        for like in (*others, swapped):
            assert_equal(reader.read(0, 100, like), expected)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize(
    "order", [("other", "first", "second"), ("second", "flag", "other"), ("flag", "other", "first")]
)
def test_columns_of_a_collection_with_different_lengths(compression: str, order: tuple[str, ...]) -> None:
    path = DATA / f"pairs_{compression}.root"
    expected = references(path)
    with open_tree(path) as tree:
        workspace = Workspace()
        readers = [ColumnReader(tree, f"pair_{name}", workspace) for name in order]
        for start, stop in [(0, 500), (0, 200), (200, 300), (200, 500), (240, 260)]:
            for name, column in read_chunk(readers, start, stop).items():
                assert_equal(column, cut(expected[name], start, stop))


def test_columns_stay_when_others_are_read() -> None:
    """Workspaces are used again, columns are not."""
    path = DATA / "4lep_zlib.root"
    expected = references(path)
    with open_tree(path) as tree:
        workspace = Workspace()
        readers = [ColumnReader(tree, name, workspace) for name in tree.names()]
        runs = [(0, 100), (100, 130), (0, 130), (17, 23), (99, 101)]
        columns = [(run, read_chunk(readers, *run)) for run in runs]
        for run, chunk in columns:
            for name, column in chunk.items():
                assert_equal(column, cut(expected[name], *run))


def test_no_entries() -> None:
    with open_tree(DATA / "no_entries.root") as tree:
        assert tree.entries == 0
        for kind, dtype in KINDS.items():
            assert_equal(ColumnReader(tree, f"{kind}_one", Workspace()).read(0, 0), (np.empty(0, dtype), None))
            empty = np.empty(0, dtype), np.zeros(1, np.int64)
            assert_equal(ColumnReader(tree, f"{kind}_many", Workspace()).read(0, 0), empty)


def test_runs_outside_the_tree() -> None:
    with open_tree(DATA / "objects.root") as tree:
        reader = ColumnReader(tree, "value", Workspace())
        for start, stop in [(-1, 3), (0, 91), (5, 4)]:
            with pytest.raises(ValueError, match="of 90"):
                reader.read(start, stop)


@pytest.mark.parametrize("name", ["fixed", "text", "two", "standard", "strings", "nested", "momentum", "reduced"])
def test_types_that_are_refused(name: str) -> None:
    with open_tree(DATA / "mixed.root") as tree, pytest.raises(BadFileError, match=f"'{name}' in mixed.root is '.*'"):
        ColumnReader(tree, name, Workspace())


def test_good_branches_beside_refused_ones() -> None:
    with open_tree(DATA / "mixed.root") as tree:
        workspace = Workspace()
        good = ColumnReader(tree, "good", workspace).read(0, 12)
        np.testing.assert_array_equal(good.values, np.arange(12))
        many = ColumnReader(tree, "good_many", workspace).read(0, 12)
        np.testing.assert_array_equal(many.values, np.repeat(np.arange(12), np.arange(12) % 3))
        np.testing.assert_array_equal(ColumnReader(tree, "n", workspace).read(3, 9).values, np.arange(3, 9) % 5)


def test_a_file_cut_short_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cut.root"
    for name in ("types_zlib.root", "types_none.root", "4lep_lz4.root"):
        path.write_bytes((DATA / name).read_bytes())
        with open_tree(path) as tree:
            reader = ColumnReader(tree, tree.names()[-1], Workspace())
            basket = tree.branch(tree.names()[-1]).baskets[-1]
            os.truncate(path, basket.address + basket.stored // 2)
            with pytest.raises(BadFileError, match=r"cut\.root is damaged: branch .* ended at byte"):
                reader.read(0, tree.entries)
            os.truncate(path, 0)
            with pytest.raises(BadFileError, match="ended at byte"):
                reader.read(0, tree.entries)


def test_a_basket_that_says_something_else_than_the_tree(tmp_path: Path) -> None:
    """Each field of a basket's header that is used."""
    good = (DATA / "pairs_zlib.root").read_bytes()
    with open_tree(DATA / "pairs_zlib.root") as tree:
        basket = tree.branch("pair_first").baskets[2]
    at = basket.address
    key_length = int.from_bytes(good[at + 14 : at + 16], "big")
    fields = {"stored": (0, 4), "object length": (6, 4), "key length": (14, 2), "entries": (key_length - 9, 4),
              "end": (key_length - 5, 4)}  # fmt: skip
    path = tmp_path / "lie.root"
    for field, (where, size) in fields.items():
        value = int.from_bytes(good[at + where : at + where + size], "big")
        for lie in (0, 1, 5, value - 1, value + 1, value + 4, 2 * value, (1 << 8 * size - 1) - 1, (1 << 8 * size) - 1):
            path.write_bytes(good[: at + where] + lie.to_bytes(size, "big") + good[at + where + size :])
            with open_tree(path) as tree:
                reader = ColumnReader(tree, "pair_first", Workspace())
                with pytest.raises(BadFileError, match=r"branch 'pair_first', basket or entry at [23]00: "):
                    reader.read(0, 500)
                assert reader.read(0, 200).values.size, field


@pytest.mark.parametrize("kind", ["types", "pairs"])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_damage(tmp_path: Path, kind: str, compression: str) -> None:
    """Of a damaged file every column is read as it was or refused, where a checksum covers it."""
    path = DATA / f"{kind}_{compression}.root"
    good, places, expected = path.read_bytes(), layout(path), references(path)
    bad_path = tmp_path / "bad.root"
    reasons = []
    for seed in range(400):
        what, bad = damage(good, places, f"{path.name} {seed}")
        bad_path.write_bytes(bad)
        missed = [start for start, stop in places.unprotected if bad[start:stop] != good[start:stop]]
        try:
            with open_tree(bad_path) as tree:
                columns = read_chunk([ColumnReader(tree, name, Workspace()) for name in tree.names()], 0, tree.entries)
        except BadFileError as error:
            reasons.append((error.message, seed, what))
            continue
        if compression in ("none", "zstd") or missed:
            continue
        for name, column in columns.items():
            assert_equal(column, expected[name])
    assert len(reasons) > 100
    assert not [reason for reason in reasons if "bad.root" not in reason[0]]

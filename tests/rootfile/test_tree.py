"""Trees: which one is opened, its branches, where their baskets are, and what is said of those that cannot be read."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
import uproot

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.columns import ColumnReader
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.rootfile.tree import Tree, open_tree
from atlasod_tui.rootfile.workspace import Workspace
from tests.rootfile.reference import COMPRESSIONS, DATA

if TYPE_CHECKING:
    from pathlib import Path

TREES = [path.name for path in sorted(DATA.glob("*.root")) if path.name not in {"unclosed.root", "histograms.root"}]


def places(tree: Tree) -> dict[str, set[tuple[bool, ...]]]:
    """Return, for scalars and for vectors, which of a branch's baskets are embedded."""
    found: dict[str, set[tuple[bool, ...]]] = {"scalar": set(), "vector": set()}
    for name in tree.names():
        branch = tree.branch(name)
        assert branch.shape is not None
        found[branch.shape].add(tuple(basket.embedded is not None for basket in branch.baskets))
    return found


@pytest.mark.parametrize("name", TREES)
def test_branches_and_entries_as_uproot_finds_them(name: str) -> None:
    with open_tree(DATA / name) as tree, uproot.open(DATA / name) as file:
        expected = file["mini"]
        assert tree.names() == [branch.name for branch in expected.branches]
        assert (tree.entries, tree.title) == (expected.num_entries, expected.title)
        for branch in (tree.branch(name) for name in tree.names()):
            edges = branch.boundaries
            assert edges.dtype == np.int64
            assert edges[-1] == tree.entries
            assert (np.diff(edges) > 0).all()


def test_several_baskets_and_clusters() -> None:
    for compression in COMPRESSIONS:
        with open_tree(DATA / f"types_{compression}.root") as tree:
            assert len(tree.branch("D_many").baskets) >= 4
            edges = [set(tree.branch(name).boundaries.tolist()) for name in tree.names()]
            assert {0, 30, 60, 70} <= set.intersection(*edges)


def test_embedded_baskets() -> None:
    for name in ("embedded.root", "embedded_offset_map.root", "4lep_embedded.root"):
        with open_tree(DATA / name) as tree:
            assert all(all(baskets) for kind in places(tree).values() for baskets in kind)
            assert name.startswith("4lep") or len(tree.branch("F_many").baskets) > 3
    for name in ("half_embedded.root", "half_embedded_lz4.root"):
        with open_tree(DATA / name) as tree:
            for baskets in set.union(*places(tree).values()):
                assert baskets[-1]
                assert not any(baskets[:-1])
    with open_tree(DATA / "types_zlib.root") as tree:
        assert not any(any(baskets) for kind in places(tree).values() for baskets in kind)


def test_the_highest_cycle_counts() -> None:
    with RootFile(DATA / "objects.root") as file:
        assert sorted(key.cycle for key in file.list_keys() if key.name == "mini") == [1, 2, 3]
    with open_tree(DATA / "objects.root") as tree:
        assert (tree.entries, tree.title) == (90, "the tree")
        assert tree.name == "mini"


def test_an_older_cycle_does_not_replace_a_damaged_one(tmp_path: Path) -> None:
    good = (DATA / "objects.root").read_bytes()
    with RootFile(DATA / "objects.root") as file:
        newest = max((key for key in file.list_keys() if key.name == "mini"), key=lambda key: key.cycle)
    entry = good.rindex(struct.pack(">i", newest.stored) + b"\0\4")  # in the list of keys at the end of the file
    path = tmp_path / "old.root"
    changes = {15: b"\1", 17: b"\1", 18: b"\0\0\0\x64", 27: b"X", 34: b"n"}  # of the fields of a key
    for at, replacement in changes.items():
        data = bytearray(good)
        data[entry + at : entry + at + len(replacement)] = replacement
        assert data != good
        path.write_bytes(data)
        with pytest.raises(BadFileError, match=r"old\.root"):
            open_tree(path)


def test_another_tree_of_the_file() -> None:
    with open_tree(DATA / "objects.root", "other") as tree:
        assert (tree.entries, tree.names()) == (7, ["value", "many"])
        np.testing.assert_array_equal(ColumnReader(tree, "value", Workspace()).read(0, 7).values, np.arange(1000, 1007))


def test_no_such_tree_names_those_there_are() -> None:
    with pytest.raises(BadFileError, match=r"objects\.root has no tree 'Mini'; it has 'mini', 'other'") as caught:
        open_tree(DATA / "objects.root", "Mini")
    assert caught.value.exit_code == 4
    with pytest.raises(BadFileError, match=r"has no tree 'histogram'"):  # it is there, but is no tree
        open_tree(DATA / "objects.root", "histogram")


def test_no_tree_at_all(tmp_path: Path) -> None:
    path = tmp_path / "none.root"
    with uproot.recreate(path) as file:
        file["histogram"] = np.histogram([1, 2, 3])
    with pytest.raises(BadFileError, match=r"none\.root has no tree 'mini'; it has no tree at all"):
        open_tree(path)


def test_no_such_branch_names_the_nearest() -> None:
    with open_tree(DATA / "4lep_zlib.root") as tree:
        with pytest.raises(BadFileError, match=r"4lep_zlib\.root has no branch 'lep_ptt'; nearest: 'lep_pt'"):
            tree.branch("lep_ptt")
        with pytest.raises(BadFileError, match=r"has no branch 'xyz'$"):
            tree.branch("xyz")


def test_types_for_people() -> None:
    with open_tree(DATA / "mixed.root") as tree:
        types = {name: (tree.branch(name).shape, tree.branch(name).type_name) for name in tree.names()}
    assert types == {
        "good": ("scalar", "int"),
        "good_many": ("vector", "vector<float>"),
        "fixed": (None, "an array"),
        "n": ("scalar", "int"),
        "varying": ("array", "float[n]"),
        "text": (None, "TLeafC"),
        "two": (None, "a structure"),
        "standard": (None, "string"),
        "strings": (None, "vector<string>"),
        "nested": (None, "vector<vector<float> >"),
        "momentum": (None, "TLorentzVector"),
        "reduced": (None, "TLeafD32"),
    }


def test_a_tree_written_by_uproot(tmp_path: Path) -> None:
    path = tmp_path / "uproot.root"
    with uproot.recreate(path) as file:
        file.mktree("mini", {"x": "f4", "k": "i8"})
        for start in (0, 10):
            file["mini"].extend({"x": np.arange(start, start + 10, dtype="f4"), "k": np.arange(start, start + 10)})
        file["histogram"] = np.histogram([1, 2, 3])
    with open_tree(path) as tree:
        for name in ("x", "k"):
            np.testing.assert_array_equal(ColumnReader(tree, name, Workspace()).read(3, 17).values, np.arange(3, 17))


def lie(tmp_path: Path, replace: dict[bytes, bytes]) -> Path:
    """Return an uncompressed file some bytes of which were replaced by others."""
    data = (DATA / "pairs_none.root").read_bytes()
    for old, new in replace.items():
        assert len(old) == len(new)
        assert old in data
        data = data.replace(old, new)
    path = tmp_path / "lie.root"
    path.write_bytes(data)
    return path


def basket_entries(*values: int) -> bytes:
    return struct.pack(f">{len(values)}q", *values)


@pytest.mark.parametrize("wrong", [(0, 100, 100, 300), (0, 100, 90, 300), (1, 100, 200, 300), (0, -100, 200, 300)])
def test_baskets_that_do_not_cover_the_entries(tmp_path: Path, wrong: tuple[int, ...]) -> None:
    path = lie(tmp_path, {basket_entries(0, 100, 200, 300): basket_entries(*wrong)})
    with open_tree(path) as tree, pytest.raises(BadFileError, match="its baskets do not cover its entries"):
        tree.branch("pair_first")


@pytest.mark.parametrize("entries", [499, 501, 1 << 40, -500])
def test_entries_that_do_not_fit(tmp_path: Path, entries: int) -> None:
    """The tree and all its branches agree on a number that their baskets do not hold."""
    path = lie(tmp_path, {struct.pack(">q", 500): struct.pack(">q", entries)})
    with open_tree(path) as tree:
        assert tree.entries == entries
        with pytest.raises(BadFileError, match=r"^(branch 'pair_first' in )?lie\.root.*is damaged"):
            ColumnReader(tree, "pair_first", Workspace()).read(0, max(entries, 0))


def test_a_class_that_says_it_is_longer_than_the_record(tmp_path: Path) -> None:
    data = (DATA / "pairs_none.root").read_bytes()
    with RootFile(DATA / "pairs_none.root") as file:
        [key] = file.list_keys()
    at = key.address + key.key_length
    for count in (0x40000001, 0x4FFFFFFF, 0x40000000 + key.object_length - 5):
        path = tmp_path / "long.root"
        path.write_bytes(data[:at] + struct.pack(">I", count) + data[at + 4 :])
        with pytest.raises(
            BadFileError,
            match=r"the tree 'mini' in long\.root is damaged: an object is longer than its (record|header)",
        ):
            open_tree(path)

"""Every branch of what was merged, as uproot reads it, against the sources one behind the other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.columns import ColumnReader
from atlasod_tui.rootfile.items import TextObject
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.rootfile.tree_writer import BranchSpec, Jagged, TreeWriter
from atlasod_tui.rootfile.workspace import Workspace
from tests.rootfile.merge.merging import (
    ALL,
    MERGE_DATA,
    OF_ALL_TYPES,
    WITHOUT_TABLES,
    check_equal,
    content,
    merge_files,
)
from tests.rootfile.reference import DATA


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("times", [1, 3])
def test_a_file_several_times(name: str, times: int, tmp_path: Path) -> None:
    target = tmp_path / "out.root"
    merge_files([DATA / name], target, times)
    check_equal(target, [DATA / name] * times)


@pytest.mark.parametrize("name", ["types_zlib.root", "4lep_embedded.root", "pairs_none.root", "no_entries.root"])
def test_virtual_copies(name: str, tmp_path: Path) -> None:
    target = tmp_path / "out.root"
    merge_files([DATA / name], target, 7, virtual=True)
    _check_read(target, [DATA / name] * 7)  # uproot waits for ever where two baskets are at one place
    once, seven = (merge.plan([merge.read_source(DATA / name)] * n, "out.root", virtual=True) for n in (1, 7))
    assert once.bytes_to_copy == seven.bytes_to_copy


def test_virtual_copies_are_no_source(tmp_path: Path) -> None:
    merge_files([DATA / "types_zlib.root"], tmp_path / "virtual.root", 2, virtual=True)
    with pytest.raises(BadFileError, match="multiplied with --virtual"):
        merge.read_source(tmp_path / "virtual.root")


@pytest.mark.parametrize("first", range(len(OF_ALL_TYPES)))
def test_different_files_stored_in_all_ways(first: int, tmp_path: Path) -> None:
    names = OF_ALL_TYPES[first:] + OF_ALL_TYPES[:first]
    target = tmp_path / "out.root"
    merge_files([DATA / name for name in names], target)
    check_equal(target, [DATA / name for name in names])


def test_baskets_without_tables(tmp_path: Path) -> None:
    paths = [DATA / name for name in (*WITHOUT_TABLES, "types_lz4.root")]
    merge_files(paths, tmp_path / "out.root", 2)
    _check_read(tmp_path / "out.root", paths * 2)


def test_embedded_counted_arrays(tmp_path: Path) -> None:
    merge_files([DATA / "counted_embedded.root"], tmp_path / "out.root", 3)
    _check_read(tmp_path / "out.root", [DATA / "counted_embedded.root"] * 3)


def _check_read(target: Path, sources: list[Path]) -> None:
    got = _read(target)
    parts = [_read(path) for path in sources]
    for name, (values, lengths) in got.items():
        assert np.concatenate([part[name][0] for part in parts]).tobytes() == values.tobytes()
        assert np.concatenate([part[name][1] for part in parts]).tolist() == lengths.tolist()


def _read(path: Path) -> dict[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    found = {}
    with open_tree(path) as tree:
        for name in tree.names():
            column = ColumnReader(tree, name, Workspace()).read(0, tree.entries)
            lengths = np.empty(0, np.int64) if column.offsets is None else np.diff(column.offsets)
            found[name] = (column.values, lengths)
    return found


def test_a_sequence_comes_in_its_order(tmp_path: Path) -> None:
    names = [DATA / f"types_{name}.root" for name in ("zlib", "none", "none", "zlib")]
    merge_files(names, tmp_path / "out.root", 2)
    check_equal(tmp_path / "out.root", names * 2)


def test_a_file_without_entries_between_others(tmp_path: Path) -> None:
    names = [DATA / name for name in ("types_zlib.root", "no_entries.root", "types_zlib.root")]
    merge_files(names, tmp_path / "out.root")
    check_equal(tmp_path / "out.root", names)


@pytest.mark.slow
def test_a_thousand_times(tmp_path: Path) -> None:
    path, target = DATA / "pairs_zlib.root", tmp_path / "out.root"
    merge_files([path], target, 1000)
    one, many = content(path)["mini"], content(target)["mini"]
    for name, (type_name, values) in many.items():
        assert (type_name, values) == (one[name][0], one[name][1] * 1000)


def test_merging_what_was_merged(tmp_path: Path) -> None:
    paths = [MERGE_DATA / "contents.root", MERGE_DATA / "contents_other.root"]
    merge_files(paths, tmp_path / "two.root")
    merge_files([tmp_path / "two.root", *paths], tmp_path / "four.root", 2)
    check_equal(tmp_path / "four.root", [*paths, *paths] * 2)


@pytest.mark.shared
@pytest.mark.parametrize("period", "ABCD")
def test_real_data(period: str, shared: Path, tmp_path: Path) -> None:
    path = shared / f"data/atlas-4lep/Data/data_{period}.4lep.root"
    merge_files([path], tmp_path / "out.root", 3)
    check_equal(tmp_path / "out.root", [path] * 3)


@pytest.mark.shared
def test_real_data_in_one(shared: Path, tmp_path: Path) -> None:
    paths = sorted((shared / "data/atlas-4lep/Data").glob("*.root"))
    merge_files(paths, tmp_path / "out.root")
    check_equal(tmp_path / "out.root", paths)


@pytest.mark.parametrize("compression", ["ZLIB", "LZ4", "ZSTD", "LZMA"])
def test_files_of_uproot(compression: str, tmp_path: Path) -> None:
    import uproot  # noqa: PLC0415 - slow to import

    path = tmp_path / "uproot.root"
    with uproot.recreate(path, compression=getattr(uproot, compression)(1)) as file:
        tree = file.mktree("mini", {"x": "float32", "many": "var * float64"})
        for size in (5, 7):
            tree.extend({"x": np.arange(size, dtype=np.float32), "many": [[1.5] * (k % 3) for k in range(size)]})
        file["h"] = np.histogram([1.0, 2.0, 2.0])
    merge_files([path], tmp_path / "out.root", 3)
    check_equal(tmp_path / "out.root", [path] * 3)
    with uproot.open(tmp_path / "out.root") as file, uproot.open(path) as source:
        assert file["h"].values().tolist() == (3 * source["h"].values()).tolist()


def test_what_is_beside_the_trees(tmp_path: Path) -> None:
    import uproot  # noqa: PLC0415 - slow to import

    paths = [MERGE_DATA / "contents.root", MERGE_DATA / "contents_other.root"]
    sources = [merge.read_source(path) for path in paths]
    texts = [TextObject("about", "first"), TextObject("config", "no")]
    with pytest.raises(BadFileError, match="has a TNamed of the name 'config' already"):
        merge.plan(sources, "out.root", texts=texts)
    plan = merge.plan(sources, "out.root", texts=texts[:1])
    assert plan.entries == {"mini": 95, "outer/ntuple": 95, "outer/inner/mini": 6}
    assert plan.notes == (
        "The index of the tree 'mini' was dropped.",
        "Kept once, of the first file that has it: 'config', 'number'.",
    )
    merge.copy(plan, tmp_path / "out.root")
    with uproot.open(tmp_path / "out.root") as file, uproot.open(paths[0]) as first:
        assert file.keys() == [*first.keys(), "about;1"]
        assert str(file["about"]) == "first"
        assert file["config"].member("fTitle") == "key=value"
        assert file["mini"].title == "the tree"
        assert file["mini"].aliases == {"twice": "2*n"}
    again = merge.plan([merge.read_source(tmp_path / "out.root")] * 2, "two.root", texts=[TextObject("about", "2")])
    merge.copy(again, tmp_path / "two.root")
    with uproot.open(tmp_path / "two.root") as file:
        assert str(file["about"]) == "2"


def test_bytes_of_baskets_are_added(tmp_path: Path) -> None:
    import uproot  # noqa: PLC0415 - slow to import

    paths = [DATA / "types_zlib.root", DATA / "half_embedded.root"]
    merge_files(paths, tmp_path / "out.root", 2)
    with uproot.open(tmp_path / "out.root") as file:
        tree = file["mini"]
        branches = tree.branches
        for branch in branches:
            assert branch.member("fZipBytes") == branch.member("fBasketBytes").sum()
            keys = [branch.basket_key(number) for number in range(branch.num_baskets)]
            assert branch.member("fTotBytes") == sum(key.fObjlen + key.fKeylen for key in keys)
        for member in ("fZipBytes", "fTotBytes"):
            assert tree.member(member) == sum(branch.member(member) for branch in branches)


@pytest.mark.parametrize(("names", "setting"), [(["none", "lz4", "zlib"], 404), (["none", "none"], 0)])
def test_branches_with_compressed_baskets_say_so(names: list[str], setting: int, tmp_path: Path) -> None:
    import uproot  # noqa: PLC0415 - slow to import

    merge_files([DATA / f"types_{name}.root" for name in names], tmp_path / "out.root")
    with uproot.open(tmp_path / "out.root") as file:
        assert {branch.member("fCompress") for branch in file["mini"].branches} == {setting}


@pytest.mark.parametrize("order", ["few many", "many few", "many few none"])
def test_counters_know_the_largest_of_all_files(order: str, tmp_path: Path) -> None:
    import uproot  # noqa: PLC0415 - slow to import

    specs = [BranchSpec("n", "i4"), BranchSpec("x", "f4", "array", "n")]
    paths = [tmp_path / f"{name}.root" for name in order.split()]
    for path in paths:
        counts = {"few": [1, 2, 0], "many": [1, 7], "none": []}[path.stem]
        offsets = np.cumsum([0, *counts])
        with TreeWriter(path, "mini", "", specs) as writer:
            values = np.arange(offsets[-1], dtype=np.float32)
            writer.fill({"n": np.array(counts, np.int32), "x": Jagged(values, offsets)})
            writer.close()
    merge_files(paths, tmp_path / "out.root")
    check_equal(tmp_path / "out.root", paths)
    with uproot.open(tmp_path / "out.root") as file:
        assert file["mini"]["n"].member("fLeaves")[0].member("fMaximum") == 7


def test_a_long_name_of_the_file_leaves_its_title(tmp_path: Path) -> None:
    merge_files([MERGE_DATA / "odd.root"], tmp_path / "out.root", 2)
    assert merge.read_source(tmp_path / "out.root").title == "a title"


def test_the_highest_cycle_is_used() -> None:
    plan = merge.plan([merge.read_source(DATA / "objects.root")] * 2, "out.root")
    assert plan.entries == {"other": 14, "mini": 180, "inner/mini": 10}


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        merge_files([MERGE_DATA / "contents.root"], tmp_path / folder / "out.root", 3)
    assert (tmp_path / "a/out.root").read_bytes() == (tmp_path / "b/out.root").read_bytes()


def test_other_inputs_give_other_uuids(tmp_path: Path) -> None:
    uuids = set()
    for name, times in (("contents", 2), ("contents", 3), ("contents_other", 2)):
        merge_files([MERGE_DATA / f"{name}.root"], tmp_path / "out.root", times)
        uuids.add((tmp_path / "out.root").read_bytes()[47:63])
    assert len(uuids) == 3


def test_imports_are_light(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from typing import Any
from atlasod_tui.rootfile import merge
merge.copy(merge.plan([merge.read_source(Path({str(DATA / "types_zlib.root")!r}))] * 2, "o"), Path("o"))
print([name for name in ("numba", "uproot", "awkward", "rich", "textual", "click", "cramjam") if name in sys.modules])
"""
    environment = os.environ | {"PYTHONPATH": str(DATA.parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    assert done.stdout == "[]\n"

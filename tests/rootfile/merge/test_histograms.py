"""Histograms that are added: every number of them, against sums made with numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.rootfile.merge.infos import read_infos
from atlasod_tui.rootfile.merge.nodes import Block
from atlasod_tui.rootfile.merge.parsing import parse
from tests.rootfile.merge.merging import MERGE_DATA, merge_files

NAMES = ["simple", "weighted", "labelled", "whole", "plane", "space", "profile", "profile2"]
ADDED = {"fEntries", "fTsumw", "fTsumw2", "fTsumwx", "fTsumwx2", "fTsumwy", "fTsumwy2", "fTsumwxy", "fTsumwz",
         "fTsumwz2", "fTsumwxz", "fTsumwyz", "fSumw2", "fBinEntries", "fBinSumw2", "TArrayF", "TArrayD",
         "TArrayI"}  # fmt: skip


def _numbers(path: Path, name: str) -> dict[str, Any]:
    with RootFile(path) as file:
        infos = read_infos(file)
        key = next(key for key in file.list_keys() if key.name == name)
        block = parse(file.record(key), key.key_length, key.class_name, infos.layouts, lenient=True).block()
    return dict(_members(block))


def _members(block: Block) -> Any:
    for name, value in block.members.items():
        if isinstance(value, Block) and name.startswith("T"):
            yield from _members(value)
        elif isinstance(value, int | float | bytes | np.ndarray):
            yield name, value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("times", [1, 3])
def test_files_are_added(name: str, times: int, tmp_path: Path) -> None:
    paths = [MERGE_DATA / "contents.root", MERGE_DATA / "contents_other.root"]
    merge_files(paths, tmp_path / "out.root", times)
    got = _numbers(tmp_path / "out.root", name)
    one, other = (_numbers(path, name) for path in paths)
    assert got.keys() == one.keys()
    for member, value in got.items():
        if member not in ADDED:
            assert repr(value) == repr(one[member])
        elif isinstance(value, np.ndarray):
            assert value.dtype == one[member].dtype
            limit = 1e-6 if value.itemsize < 8 else 1e-14
            np.testing.assert_allclose(value, times * (one[member] + other[member]), rtol=limit)
        else:
            assert value == pytest.approx(times * (one[member] + other[member]), rel=1e-14)


def test_a_histogram_without_errors_gets_them(tmp_path: Path) -> None:
    paths = [MERGE_DATA / f"histogram_{kind}.root" for kind in ("same", "errors")]
    merge_files(paths, tmp_path / "out.root")
    got = _numbers(tmp_path / "out.root", "h")
    assert got["fSumw2"].tolist() == got["TArrayF"].tolist() == [0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0]


def test_sums_are_left_to_root_where_some_are_missing(tmp_path: Path) -> None:
    paths = [MERGE_DATA / f"histogram_{kind}.root" for kind in ("same", "set")]
    merge_files(paths, tmp_path / "out.root")
    got = _numbers(tmp_path / "out.root", "h")
    assert (got["fTsumw"], got["fTsumwx"], got["fEntries"]) == (0, 0, 3)
    assert got["TArrayF"].tolist() == [0, 0, 0, 8, 1, 0, 0, 0, 0, 0, 0, 0]

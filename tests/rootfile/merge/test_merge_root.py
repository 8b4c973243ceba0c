"""What was merged, in real ROOT: every entry, `hadd` of it, further filling; and its own `hadd` for comparison."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from atlasod_tui.rootfile import merge
from tests.rootfile.conftest import RootCheck
from tests.rootfile.merge.merging import MERGE_DATA, OF_ALL_TYPES, WITHOUT_TABLES, merge_files
from tests.rootfile.reference import DATA

pytestmark = pytest.mark.root

# Every number of every histogram of two files: one that we made, and one that what is behind hadd makes of the others.
HISTOGRAMS = r"""
import sys, json, array, warnings
warnings.simplefilter("ignore")
import ROOT

def numbers(folder, path=""):
    found = {}
    for key in folder.GetListOfKeys():
        item = key.ReadObj()
        if item.InheritsFrom("TDirectory"):
            found.update(numbers(item, path + item.GetName() + "/"))
        elif item.InheritsFrom("TH1"):
            stats = array.array("d", [0.0] * 20)
            item.GetStats(stats)
            cells = range(item.GetNcells())
            found[path + item.GetName()] = [
                item.ClassName(), item.GetEntries(), list(stats), [item.GetBinContent(k) for k in cells],
                [item.GetBinError(k) for k in cells], [item.GetSumw2()[k] for k in range(item.GetSumw2N())],
                [item.GetXaxis().GetBinLabel(k + 1) for k in range(item.GetNbinsX())], item.GetMean(), item.GetStdDev(),
                [function.ClassName() for function in item.GetListOfFunctions()],
            ]
    return found

ours, theirs, *sources = sys.argv[1:]
merger = ROOT.TFileMerger(False)
merger.OutputFile(theirs, "RECREATE")
for name in sources:
    merger.AddFile(name)
merger.Merge()
print(json.dumps([numbers(ROOT.TFile(name)) for name in (ours, theirs)]))
"""


@pytest.mark.slow
def test_files_stored_in_all_ways(root_check: RootCheck, tmp_path: Path) -> None:
    paths = [DATA / name for name in (*OF_ALL_TYPES, *WITHOUT_TABLES)]
    target = tmp_path / "out.root"
    merge_files(paths, target)
    root_check("compare", target, "mini", *paths)
    root_check("update", target, "mini", 300)


def test_a_file_several_times(root_check: RootCheck, tmp_path: Path) -> None:
    path, target = DATA / "4lep_zlib.root", tmp_path / "out.root"
    merge_files([path], target, 3)
    root_check("compare", target, "mini", *[path] * 3)
    root_check("hadd", tmp_path / "hadd.root", target, path)
    root_check("update", target, "mini", 300)


@pytest.mark.parametrize("name", ["counted_half_embedded", "counted_embedded", "merge/clones"])
def test_files_that_uproot_does_not_read(name: str, root_check: RootCheck, tmp_path: Path) -> None:
    path, target = DATA / f"{name}.root", tmp_path / "out.root"
    merge_files([path], target, 3)
    root_check("compare", target, "mini", *[path] * 3)


def test_virtual_copies(root_check: RootCheck, tmp_path: Path) -> None:
    path, target = DATA / "types_zlib.root", tmp_path / "out.root"
    merge_files([path], target, 5, virtual=True)
    root_check("compare", target, "mini", *[path] * 5)
    root_check("hadd", tmp_path / "hadd.root", target, path)


@pytest.mark.shared
def test_real_data(root_check: RootCheck, shared: Path, tmp_path: Path) -> None:
    paths = sorted((shared / "data/atlas-4lep/Data").glob("*.root")) * 2
    merge_files(paths, tmp_path / "out.root")
    root_check("compare", tmp_path / "out.root", "mini", *paths)


def test_trees_histograms_and_directories(root_check: RootCheck, root_python: Path, tmp_path: Path) -> None:
    paths = [MERGE_DATA / "contents.root", MERGE_DATA / "contents_other.root", MERGE_DATA / "contents.root"]
    target = tmp_path / "out.root"
    merge_files(paths, target)
    for tree in ("mini", "outer/ntuple", "outer/inner/mini"):
        root_check("compare", target, tree, *paths)
    arguments: list[str | Path] = [root_python, "-c", HISTOGRAMS, target, tmp_path / "hadd.root", *paths]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    ours, theirs = json.loads(done.stdout)
    assert len(ours) == 9
    assert ours.keys() == theirs.keys()
    for name, numbers in ours.items():
        for mine, other in zip(numbers, theirs[name], strict=True):
            if isinstance(mine, list) and mine and isinstance(mine[0], float):
                assert mine == pytest.approx(other, rel=1e-12, abs=1e-12), name
            else:
                assert mine == (pytest.approx(other, rel=1e-12) if isinstance(mine, float) else other), name


@pytest.mark.parametrize("size", [2_100_000_000, 4_400_000_000])
def test_files_of_gigabytes_without_their_baskets(size: int, root_python: Path, tmp_path: Path) -> None:
    from tests.rootfile.merge.test_plan import _source, _write_around  # noqa: PLC0415

    source = _source("types_zlib.root", (size // (5 * _source("types_zlib.root").image.seeks.size),))
    plan = merge.plan([source] * 5, "out.root")
    _write_around(plan, tmp_path / "out.root")
    code = (
        "import sys, ROOT; f = ROOT.TFile(sys.argv[1]); t = f.Get('mini'); "
        "print(f.TestBit(ROOT.TFile.kRecovered), t.GetEntries(), t.GetBranch('F_one').GetEntries(), f.GetEND())"
    )
    done = subprocess.run(
        [root_python, "-W", "ignore", "-c", code, tmp_path / "out.root"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "350", "350", str(plan.size)], done.stderr

"""Generated samples in real ROOT: every branch of every entry, multiplied, through `hadd`, and filled further."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.samples import generate
from tests.rootfile.conftest import RootCheck
from tests.rootfile.merge.merging import merge_files

pytestmark = pytest.mark.root

_FILES: list[tuple[Literal["2020", "2016"], str]] = [
    ("2020", "GamGam/Data/data_A.GamGam.root"),
    ("2020", "2lep/MC/mc_363492.llvv.2lep.root"),
    ("2020", "1lep1tau/Data/data_D.1lep1tau.root"),
    ("2020", "1largeRjet1lep/MC/mc_301325.ZPrime1000_tt.1largeRjet1lep.root"),
    ("2016", "mc_110903.ZPrime1000.root"),
    ("2016", "DataMuons.root"),
]


@pytest.mark.parametrize(("release", "ending"), _FILES)
def test_a_generated_file(release: Literal["2020", "2016"], ending: str, root_check: RootCheck, tmp_path: Path) -> None:
    (file,) = (file for file in generate.plan(events=1500, release=release) if file.path.endswith(ending))
    made = generate.write(file, tmp_path)
    path = tmp_path / file.path
    with open_tree(path) as tree:
        names, entries = tree.names(), tree.entries
    assert entries == made.written.entries > 0
    answer = root_check("compare", path, "mini", path)
    assert (answer["entries"], answer["branches"]) == (entries, len(names))
    three, added = tmp_path / "three.root", tmp_path / "added.root"
    merge_files([path], three, 3)
    root_check("compare", three, "mini", path, path, path)
    root_check("hadd", added, three, path)
    root_check("update", three, "mini", 20)

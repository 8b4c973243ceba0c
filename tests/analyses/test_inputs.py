from __future__ import annotations

import pytest
import uproot

from atlasod_tui.samples import groups
from atlasod_tui.samples.find import find
from tests.analyses import INPUTS

FILES = {"1lep": 7, "2lep": 11, "3lep": 6, "4lep": 7, "GamGam": 7, "1largeRjet1lep": 8, "1lep1tau": 7}


def test_what_is_there() -> None:
    files = [path for path in INPUTS.rglob("*") if path.is_file()]
    assert {skim: sum(path.parts[-3] == skim for path in files) for skim in FILES} == FILES
    assert len(files) == 53
    assert sum(uproot.open(path)["mini"].num_entries for path in files) == 5106


@pytest.mark.parametrize("skim", FILES)
def test_each_skim_has_data_and_simulation(skim: str) -> None:
    wanted = groups.TTBAR if skim != "GamGam" else groups.HIGGS_YY
    found = find(INPUTS, dict.fromkeys((*groups.DATA, *wanted), skim))
    assert "dataA" in found.files
    assert set(wanted) <= set(found.files)
    assert found.ignored == ()


def test_the_files_hold_no_path_of_the_machine_that_made_them() -> None:
    for path in INPUTS.rglob("*.root"):
        content = path.read_bytes()
        assert content.startswith(b"root")
        assert f"./inputs/{path.relative_to(INPUTS).as_posix()}".encode() in content

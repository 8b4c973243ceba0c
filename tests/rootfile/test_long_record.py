from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.container import Key, RootFile
from atlasod_tui.rootfile.long_record import FarArray, reader
from tests.analyses import INPUTS

SOURCE = INPUTS / "4lep" / "Data" / "data_A.4lep.root"


@pytest.fixture(scope="module")
def virtual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "virtual.root"
    merge.copy(merge.plan([merge.read_source(SOURCE)] * 5000, path.name, virtual=True), path)
    return path


def key_of(file: RootFile) -> Key:
    (key,) = (key for key in file.list_keys() if key.name == "mini")
    return key


def same(one: object, other: object) -> bool:
    """Compare members, to any depth."""
    if isinstance(one, FarArray):
        one = one.load()
    if isinstance(one, np.ndarray):
        return np.array_equal(one, np.asarray(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def test_all_is_as_the_ordinary_reader_finds_it(virtual: Path) -> None:
    with RootFile(virtual) as file:
        key = key_of(file)
        assert key.object_length > 1 << 22
        far, near = reader(file, key).object("TTree"), file.reader(key).object("TTree")
        assert isinstance(far["fBranches"][0]["fBasketSeek"], FarArray)
        for name in ("fName", "fTitle", "fEntries", "fLeaves", "fBranches"):
            one, other = far[name], near[name]
            assert same(_plain(one), _plain(other)), name


def _plain(value: object) -> object:
    """Leave out what leads round in a circle: a leaf knows its counter, which a branch knows too."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if name != "fLeafCount"}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def test_a_file_that_is_cut_short_is_a_sentence(virtual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RootFile(virtual) as file:
        key = key_of(file)
        monkeypatch.setattr(file, "size", key.address + key.stored // 2)
        with pytest.raises(BadFileError):
            reader(file, key).object("TTree")

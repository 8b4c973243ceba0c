"""The look at a file that was multiplied: it finds whatever is not as in the sources, and accepts what is."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from atlasod_tui.errors import AtlasodError, BadFileError
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.rootfile.verify import MAX_SEAMS, _spread, verify
from tests.analyses import INPUTS

FILES = Path(__file__).parents[1] / "data"
DATA_A, DATA_B = (INPUTS / "4lep" / "Data" / f"data_{period}.4lep.root" for period in "AB")
COPIES = 4


def merged(target: Path, sources: list[Path], factor: int = 1, *, virtual: bool = False) -> Path:
    sequence = [merge.read_source(path) for path in sources] * factor
    merge.copy(merge.plan(sequence, target.name, virtual=virtual), target)
    return target


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return merged(tmp_path / "made.root", [DATA_A], COPIES)


@pytest.mark.parametrize("name", ["4lep_embedded", "4lep_none", "4lep_zlib", "4lep_lz4", "4lep_lzma", "4lep_zstd",
                                  "counted_zlib", "counted_embedded", "types_zlib", "pairs_none", "no_entries",
                                  "half_embedded", "embedded_offset_map", "objects",
                                  "merge/contents", "merge/clones", "merge/odd"])  # fmt: skip
@pytest.mark.parametrize("factor", [1, 3, 40])
def test_sound_copies_are_accepted(tmp_path: Path, name: str, factor: int) -> None:
    source = FILES / f"{name}.root"
    try:
        entries = merge.read_source(source).entries
    except AtlasodError as error:
        pytest.fail(f"{error.message}")
    assert verify(merged(tmp_path / "made.root", [source], factor), [source], factor) == {
        tree: factor * number for tree, number in entries.items()
    }


def test_different_files_and_virtual_copies_are_accepted(tmp_path: Path) -> None:
    path = merged(tmp_path / "both.root", [DATA_A, DATA_B], 3)
    assert verify(path, [DATA_A, DATA_B], 3) == {"mini": 3 * 111}
    path = merged(tmp_path / "virtual.root", [DATA_A], 30, virtual=True)
    assert verify(path, [DATA_A], 30, virtual=True)["mini"] % 30 == 0
    with pytest.raises(BadFileError, match="overlap"):
        verify(path, [DATA_A], 30)


def test_other_sources_are_noticed(made: Path) -> None:
    for sources, factor in ([DATA_B], COPIES), ([DATA_A], COPIES + 1), ([DATA_A, DATA_B], COPIES):
        with pytest.raises(BadFileError, match=r"made\.root is not what it should be"):
            verify(made, sources, factor)
    with pytest.raises(BadFileError, match="instead of"):
        verify(made, [FILES / "types_zlib.root"], COPIES)


def test_files_in_another_order_are_noticed(tmp_path: Path) -> None:
    path = merged(tmp_path / "both.root", [DATA_A, DATA_B])
    with pytest.raises(BadFileError, match="not what it should be"):
        verify(path, [DATA_B, DATA_A])


@pytest.mark.parametrize("branch", ["runNumber", "lep_pt", "jet_trueflav"])
@pytest.mark.parametrize("copy", range(COPIES))
def test_a_byte_that_is_wrong_at_a_seam_is_noticed(made: Path, branch: str, copy: int) -> None:
    with open_tree(made) as tree:
        baskets = tree.branch(branch).baskets
        basket = baskets[copy * len(baskets) // COPIES]
    with made.open("r+b") as file:
        file.seek(basket.address + basket.stored - 5)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes((byte[0] ^ 1,)))
    with pytest.raises(BadFileError, match=f"the branch '{branch}' has other bytes in part {copy + 1} of {COPIES}"):
        verify(made, [DATA_A], COPIES)


def test_a_basket_that_is_not_where_its_tree_says_is_noticed(made: Path) -> None:
    with open_tree(made) as tree:
        basket = tree.branch("runNumber").baskets[0]
    with made.open("r+b") as file:
        file.seek(basket.address)
        header = bytearray(file.read(8))
        struct.pack_into(">i", header, 0, basket.stored + 1)
        file.seek(basket.address)
        file.write(header)
    with pytest.raises(BadFileError, match="runNumber"):
        verify(made, [DATA_A], COPIES)


def test_a_file_that_is_cut_short_or_missing_is_a_sentence(made: Path, tmp_path: Path) -> None:
    shutil.copy(made, tmp_path / "short.root")
    with (tmp_path / "short.root").open("r+b") as file:
        file.truncate(made.stat().st_size // 2)
    for path in (tmp_path / "short.root", tmp_path / "missing.root"):
        with pytest.raises(BadFileError, match=path.name):
            verify(path, [DATA_A], COPIES)


def test_the_seams_that_are_looked_at_are_spread() -> None:
    assert _spread(5, 9) == [0, 1, 2, 3, 4]
    chosen = _spread(1000, MAX_SEAMS + 1)
    assert len(chosen) == len(set(chosen)) == MAX_SEAMS + 1
    assert (chosen[:2], chosen[-1]) == ([0, 1], 999)


def test_it_can_be_ended(made: Path) -> None:
    def end() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(made, [DATA_A], COPIES, check=end)


def test_several_trees_of_different_files(tmp_path: Path) -> None:
    sources = [FILES / "merge" / name for name in ("contents.root", "contents_other.root")]
    assert verify(merged(tmp_path / "made.root", sources, 2), sources, 2) == {
        "mini": 2 * (60 + 35), "outer/ntuple": 2 * (60 + 35), "outer/inner/mini": 2 * (3 + 3),
    }  # fmt: skip

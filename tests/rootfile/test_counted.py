"""Counted arrays (``lep_pt[lep_n]``), as ROOT and uproot write them."""

from __future__ import annotations

import re
import struct
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import uproot

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.columns import ColumnReader
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.rootfile.workspace import Workspace
from tests.jobs.damage import Forgery, damage, layout
from tests.rootfile.reference import COMPRESSIONS, DATA, Reference, cut, references
from tests.rootfile.test_columns import assert_equal, assert_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TYPES = {"F": "f4", "D": "f8", "I": "i4", "ui": "u4", "L": "i8", "ul": "u8", "S": "i2", "us": "u2", "B": "i1",
         "ub": "u1", "O": "?", "few_F": "f4", "few_O": "?"}  # fmt: skip
FILES = [f"counted_{name}.root" for name in (*COMPRESSIONS, "half_embedded")] + ["reference.root"]


def first_entries(count: int) -> dict[str, Reference]:
    """Return what the first entries of all these files hold."""
    return {name: cut(column, 0, count) for name, column in references(DATA / "counted_zlib.root").items()}


@pytest.mark.parametrize("name", FILES)
def test_equal_to_uproot(name: str) -> None:
    assert_file(DATA / name, references(DATA / name))


def test_embedded_baskets() -> None:
    """uproot does not read them; the file holds what others do."""
    path = DATA / "counted_embedded.root"
    with open_tree(path) as tree:
        assert all(basket.embedded is not None for name in tree.names() for basket in tree.branch(name).baskets)
        assert len(tree.branch("D").baskets) > 10
    assert_file(path, first_entries(40))
    assert_file(DATA / "counted_half_embedded.root", first_entries(40))


def test_every_type() -> None:
    with open_tree(DATA / "counted_zlib.root") as tree:
        assert tree.names() == ["n", "few", *TYPES]
        for name, dtype in TYPES.items():
            branch = tree.branch(name)
            assert (branch.shape, branch.dtype) == ("array", dtype)
            assert branch.counter == ("few" if name.startswith("few") else "n")
        assert tree.branch("few_F").type_name == "float[few]"


def test_no_entries() -> None:
    with open_tree(DATA / "reference_empty.root") as tree:
        assert tree.branch("F").shape == "array"
        assert_equal(ColumnReader(tree, "F", Workspace()).read(0, 0), (np.empty(0, np.float32), np.zeros(1, np.int64)))


def test_arrays_of_one_counter_share_offsets() -> None:
    expected = references(DATA / "counted_lz4.root")
    with open_tree(DATA / "counted_lz4.root") as tree:
        workspace = Workspace()
        first, second, other = (ColumnReader(tree, name, workspace) for name in ("F", "O", "few_F"))
        for start, stop in ((0, 45), (0, 20), (3, 33), (45, 45)):
            offsets = first.read(start, stop).offsets
            assert offsets is not None
            column = second.read(start, stop, offsets)
            assert column.offsets is offsets
            assert_equal(column, cut(expected["O"], start, stop))
            assert_equal(other.read(start, stop, offsets), cut(expected["few_F"], start, stop))
            assert_equal(first.read(start, stop, np.zeros(3, np.int64)), cut(expected["F"], start, stop))


def test_arrays_are_read_without_numba() -> None:
    code = f"""
import sys
from pathlib import Path
from atlasod_tui.rootfile.columns import ColumnReader
from atlasod_tui.rootfile.tree import open_tree
from atlasod_tui.rootfile.workspace import Workspace
import atlasod_tui.rootfile.tree_writer
with open_tree(Path({str(DATA / "counted_zlib.root")!r})) as tree:
    ColumnReader(tree, "F", Workspace()).read(0, 45)
assert not {{"numba", "uproot", "awkward"}} & sys.modules.keys()
"""
    import subprocess  # noqa: PLC0415 - this test only

    subprocess.run([sys.executable, "-c", code], check=True)


def test_arrays_written_by_uproot(tmp_path: Path) -> None:
    import awkward as ak  # noqa: PLC0415 - slow to import

    path = tmp_path / "uproot.root"
    counts = np.arange(50) % 4
    values = np.arange(int(counts.sum()), dtype="f4")
    with uproot.recreate(path) as file:
        file.mktree("mini", {"pt": "var * float32", "n": "int32"})
        for _ in range(2):
            file["mini"].extend({"pt": ak.unflatten(values, counts), "n": counts})
    with open_tree(path) as tree:
        assert tree.branch("pt").counter == "npt"
        column = ColumnReader(tree, "pt", Workspace()).read(25, 75)
    np.testing.assert_array_equal(
        column.values, np.concatenate([values[counts[:25].sum() :], values[: counts[:25].sum()]])
    )


def test_arrays_of_fixed_length_within_are_refused() -> None:
    with open_tree(DATA / "mixed.root") as tree:
        assert_equal(ColumnReader(tree, "varying", Workspace()).read(0, 12), references_of_varying())
        with pytest.raises(BadFileError, match=r"'fixed' in mixed\.root is 'an array', which cannot be read"):
            ColumnReader(tree, "fixed", Workspace())


def references_of_varying() -> Reference:
    counts = np.arange(12) % 5
    values = np.concatenate([k - np.arange(count) for k, count in enumerate(counts)]).astype(np.float32)
    return values, np.concatenate([[0], np.cumsum(counts)])


def lie(tmp_path: Path, compression: str, branch: str, edit: Callable[[bytearray], object]) -> Path:
    """Return a file with one basket rewritten, whose checksums are right."""
    forgery = Forgery(DATA / f"counted_{compression}.root", compression)
    forgery.edit_basket(branch, 0, edit)
    forgery.write(tmp_path / "lie.root")
    return tmp_path / "lie.root"


def set_number(at: int, value: int) -> Callable[[bytearray], object]:
    return lambda data: struct.pack_into(">i", data, at, value)


@pytest.mark.parametrize("compression", ["none", "zlib", "lz4"])
@pytest.mark.parametrize(
    ("branch", "edit", "reason"),
    [
        ("n", set_number(0, 7), "says"),
        ("n", set_number(4, 6), "says"),
        ("n", set_number(0, -1), "'n' counts -1 to . values"),
        ("n", set_number(0, 1 << 30), "says"),
        ("n", set_number(0, 0x7FFFFFFF), "says"),
        ("D", lambda data: set_number(len(data) - 4 * 3, 4)(data), "its entries are not as long as 'n' says"),
        ("D", lambda data: data.extend(bytes(4)), "its table of entries has another length"),
    ],
)
def test_lengths_that_contradict_each_other(
    tmp_path: Path, compression: str, branch: str, edit: Callable[[bytearray], object], reason: str
) -> None:
    path = lie(tmp_path, compression, branch, edit)
    where = r"^lie\.root is damaged: branch '[nD]', basket or entry at 0: "
    with open_tree(path) as tree, pytest.raises(BadFileError, match=where) as caught:
        ColumnReader(tree, "D", Workspace()).read(0, 45)
    assert re.search(reason, caught.value.message)


def test_titles_do_not_matter(tmp_path: Path) -> None:
    forgery = Forgery(DATA / "counted_zlib.root", "zlib")
    forgery.edit_tree(b"\x04D[n]", b"\x04D[5]")
    forgery.write(tmp_path / "lie.root")
    assert_file(tmp_path / "lie.root", references(DATA / "counted_zlib.root"))


def test_a_counter_that_is_no_integer(tmp_path: Path) -> None:
    """The leaf says of itself that it is of another class; its size and everything else stay."""
    forgery = Forgery(DATA / "counted_zlib.root", "zlib")
    forgery.edit_tree(b"TLeafI\0", b"TLeafF\0")
    forgery.write(tmp_path / "lie.root")
    with open_tree(tmp_path / "lie.root") as tree:
        for name in ("D", "few_O"):
            assert (tree.branch(name).shape, tree.branch(name).counter) == (None, "")
        with pytest.raises(BadFileError, match="which cannot be read"):
            ColumnReader(tree, "D", Workspace())


@pytest.mark.parametrize("compression", [*COMPRESSIONS, "embedded"])
def test_damage(tmp_path: Path, compression: str) -> None:
    """Of a damaged file every column is read as it was or refused, where a checksum covers it."""
    path = DATA / f"counted_{compression}.root"
    good, places = path.read_bytes(), layout(path)
    expected = first_entries(40) if compression == "embedded" else references(path)
    bad_path = tmp_path / "bad.root"
    reasons = []
    for seed in range(300):
        what, bad = damage(good, places, f"{path.name} {seed}")
        bad_path.write_bytes(bad)
        missed = [start for start, stop in places.unprotected if bad[start:stop] != good[start:stop]]
        try:
            with open_tree(bad_path) as tree:
                workspace = Workspace()
                columns = {name: ColumnReader(tree, name, workspace).read(0, tree.entries) for name in tree.names()}
        except BadFileError as error:
            reasons.append((error.message, seed, what))
            continue
        if compression in ("none", "zstd") or missed:
            continue
        for name, column in columns.items():
            assert_equal(column, expected[name])
    assert len(reasons) > 75
    assert not [reason for reason in reasons if "bad.root" not in reason[0]]

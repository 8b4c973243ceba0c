"""Trees written from arrays: read back by uproot and by our own reader, and what is refused."""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest
import uproot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile import baskets, records
from atlasod_tui.rootfile.columns import ColumnReader
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.rootfile.schema import NUMBERS
from atlasod_tui.rootfile.tree import Shape, open_tree
from atlasod_tui.rootfile.tree_writer import BranchSpec, Jagged, TextObject, TreeWriter, Written
from atlasod_tui.rootfile.workspace import Workspace
from tests.rootfile.reference import references
from tests.rootfile.test_write import assert_same, make

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[Any] | Jagged]

Integers = np.ndarray[Any, np.dtype[np.int64]]
NAMES = {dtype: dtype.replace("?", "b1") for dtype in NUMBERS}
EVERYTHING = (
    BranchSpec("n", "i4"),
    BranchSpec("few", "u4"),
    *(BranchSpec(f"{name}_one", dtype) for dtype, name in NAMES.items()),
    *(BranchSpec(f"{name}_many", dtype, "vector") for dtype, name in NAMES.items()),
    *(BranchSpec(f"{name}_array", dtype, "array", "n") for dtype, name in NAMES.items()),
    BranchSpec("few_pt", "f4", "array", "few"),
    BranchSpec("few_flag", "?", "vector"),
)


def offsets_of(counts: Any) -> Integers:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def random_values(rng: np.random.Generator, dtype: str, size: int) -> NDArray[Any]:
    """Return any bits there can be, extreme values and those that are no numbers among them."""
    if dtype == "?":
        return rng.random(size) < 0.5
    return np.frombuffer(rng.bytes(size * np.dtype(dtype).itemsize), dtype)


def random_arrays(specs: Sequence[BranchSpec], entries: int, seed: int = 1, mean: float = 1.5) -> Arrays:
    """Return arrays for the branches; those counted by one branch share their lengths, and so do the vectors."""
    rng = np.random.default_rng(seed)
    counters = dict.fromkeys(spec.counter for spec in specs if spec.shape != "scalar")
    lengths = {name: rng.poisson(mean, entries) for name in counters}
    shared = {name: offsets_of(counts) for name, counts in lengths.items()}
    arrays: Arrays = {}
    for spec in specs:
        if spec.shape == "scalar":
            counted = spec.name in lengths
            arrays[spec.name] = (
                lengths[spec.name].astype(spec.dtype) if counted else random_values(rng, spec.dtype, entries)
            )
        else:
            offsets = shared[spec.counter]
            arrays[spec.name] = Jagged(random_values(rng, spec.dtype, int(offsets[-1])), offsets)
    return arrays


def cut(arrays: Mapping[str, Any], start: int, stop: int) -> Arrays:
    shared: dict[int, Integers] = {}
    parts: Arrays = {}
    for name, array in arrays.items():
        if isinstance(array, Jagged):
            offsets = array.offsets
            own = shared.setdefault(id(offsets), offsets[start : stop + 1] - offsets[start])
            parts[name] = Jagged(array.values[offsets[start] : offsets[stop]], own)
        else:
            parts[name] = array[start:stop]
    return parts


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def write(path: Path, specs: Sequence[BranchSpec], *arrays: Arrays, **options: Any) -> Written:
    with TreeWriter(path, "mini", "a title", specs, **options) as writer:
        for each in arrays:
            writer.fill(each)
        return writer.close()


def assert_columns(path: Path, specs: Sequence[BranchSpec], arrays: Mapping[str, Any]) -> None:
    """Our own reader and uproot find every bit."""
    expected = references(path) if specs else {}
    references.cache_clear()
    with open_tree(path) as tree:
        assert tree.names() == [spec.name for spec in specs]
        assert tree.title == "a title"
        workspace = Workspace()
        for spec in specs:
            branch = tree.branch(spec.name)
            assert (branch.shape, branch.dtype, branch.counter) == (spec.shape, spec.dtype, spec.counter)
            given = arrays[spec.name]
            values, offsets = given if isinstance(given, Jagged) else (given, None)
            column = ColumnReader(tree, spec.name, workspace).read(0, tree.entries)
            for found_values, found_offsets in ((column.values, column.offsets), expected[spec.name]):
                assert found_values.dtype == values.dtype == np.dtype(spec.dtype)
                assert found_values.tobytes() == values.tobytes()
                np.testing.assert_array_equal(found_offsets, offsets)


@pytest.mark.parametrize("entries", [0, 1, 2, 99, 100, 101, 750])
def test_every_type_and_shape(tmp_path: Path, entries: int) -> None:
    arrays = random_arrays(EVERYTHING, entries)
    path = tmp_path / "out.root"
    written = write(path, EVERYTHING, arrays, cluster_entries=100)
    data = path.read_bytes()
    assert written == (entries, len(data), zlib.adler32(data))
    assert names_in(tmp_path) == ["out.root"]
    assert_columns(path, EVERYTHING, arrays)
    with open_tree(path) as tree:
        for name in tree.names():
            edges = [*range(0, entries, 100), entries] if entries else [0]
            assert tree.branch(name).boundaries.tolist() == edges


@pytest.mark.parametrize("mean", [0.0, 0.01, 1.0, 20.0, 300.0])
def test_empty_and_long_entries(tmp_path: Path, mean: float) -> None:
    arrays = random_arrays(EVERYTHING, 60, mean=mean)
    write(tmp_path / "out.root", EVERYTHING, arrays, cluster_entries=25)
    assert_columns(tmp_path / "out.root", EVERYTHING, arrays)


def test_all_entries_of_one_length(tmp_path: Path) -> None:
    specs = [BranchSpec("photon_pt", "f4", "vector"), BranchSpec("photon_flag", "?", "vector")]
    offsets = 2 * np.arange(501)
    arrays: Arrays = {"photon_pt": Jagged(np.arange(1000, dtype="f4"), offsets),
                      "photon_flag": Jagged(np.arange(1000) % 3 == 0, offsets)}  # fmt: skip
    write(tmp_path / "out.root", specs, arrays)
    assert_columns(tmp_path / "out.root", specs, arrays)


def test_bytes_do_not_depend_on_how_entries_are_divided(tmp_path: Path) -> None:
    arrays = random_arrays(EVERYTHING, 1000)
    sizes = {}
    for name, steps in {"one": [1000], "few": [1, 499, 0, 500], "many": [7] * 142 + [6]}.items():
        edges = offsets_of(steps)
        parts = [cut(arrays, int(start), int(stop)) for start, stop in pairwise(edges)]
        (tmp_path / name).mkdir()
        path = tmp_path / name / "out.root"
        sizes[name] = write(path, EVERYTHING, *parts, cluster_entries=300, cluster_bytes=30_000)
    assert len({(tmp_path / name / "out.root").read_bytes() for name in sizes}) == 1
    assert_columns(tmp_path / "one/out.root", EVERYTHING, arrays)
    with open_tree(tmp_path / "one/out.root") as tree:
        edges = tree.branch("n").boundaries
    assert {300, 600, 900, 1000} < set(edges.tolist())  # clusters are kept where the bytes end baskets earlier


@pytest.mark.parametrize(("entries", "flush", "baskets_of_clusters"), [(90, -30_000_000, 0), (230, 100, 2)])
def test_flushed_bytes_are_those_of_whole_clusters(
    entries: int, flush: int, baskets_of_clusters: int, tmp_path: Path
) -> None:
    path = tmp_path / "out.root"
    write(path, EVERYTHING, random_arrays(EVERYTHING, entries), cluster_entries=100)
    with uproot.open(path) as file:
        tree = file["mini"]
        sizes = [branch.member("fBasketBytes") for branch in tree.branches]
        assert tree.member("fAutoFlush") == flush
        assert tree.member("fFlushedBytes") == sum(size[:baskets_of_clusters].sum() for size in sizes)
        assert tree.member("fZipBytes") == sum(size.sum() for size in sizes)


def test_other_names_give_other_uuids_only(tmp_path: Path) -> None:
    arrays = random_arrays(EVERYTHING, 50)
    paths = [tmp_path / name for name in ("a.root", "b.root")]
    for path in paths:
        write(path, EVERYTHING, arrays)
    first, second = (path.read_bytes() for path in paths)
    assert len(first) == len(second)
    differ = np.flatnonzero(np.frombuffer(first, np.uint8) != np.frombuffer(second, np.uint8))
    assert 0 < differ.size < 50


def test_arrays_may_be_changed_after_fill(tmp_path: Path) -> None:
    specs = [BranchSpec("x", "f4"), BranchSpec("v", "i4", "vector")]
    x, values, offsets = np.zeros(10, "f4"), np.zeros(20, "i4"), 2 * np.arange(11)
    with TreeWriter(tmp_path / "out.root", "mini", "a title", specs) as writer:
        for turn in range(3):
            x[:], values[:], offsets[5] = turn, turn, 10 + turn - 1
            writer.fill({"x": x, "v": Jagged(values, offsets)})
        writer.close()
    with open_tree(tmp_path / "out.root") as tree:
        workspace = Workspace()
        np.testing.assert_array_equal(ColumnReader(tree, "x", workspace).read(0, 30).values, np.repeat([0, 1, 2], 10))
        column = ColumnReader(tree, "v", workspace).read(0, 30)
    np.testing.assert_array_equal(column.values, np.repeat([0, 1, 2], 20))
    assert column.offsets is not None
    assert column.offsets[[5, 15, 25]].tolist() == [9, 30, 51]


def test_other_objects(tmp_path: Path) -> None:
    specs = [BranchSpec("x", "f4")]
    path = tmp_path / "out.root"
    histogram = make("hist")
    with TreeWriter(path, "mini", "a title", specs) as writer:
        writer.add(TextObject("atlasod_tui", '{"synthetic": true}' * 50))
        writer.fill({"x": np.arange(5, dtype="f4")})
        writer.add(histogram)
        for name in ("mini", "hist", "a/b", ""):
            with pytest.raises(AtlasodError, match="name"):
                writer.add(TextObject(name, ""))
        writer.close()
    with uproot.open(path) as file:
        assert file.keys() == ["mini;1", "atlasod_tui;1", "hist;1"]
        assert str(file["atlasod_tui"]) == '{"synthetic": true}' * 50
        assert_same(file["hist"], histogram)
        assert file["mini"]["x"].array().tolist() == [0, 1, 2, 3, 4]


def test_numbers_are_cast_where_nothing_is_lost_but_digits(tmp_path: Path) -> None:
    specs = [BranchSpec("f", "f4"), BranchSpec("k", "u4"), BranchSpec("s", "i1")]
    arrays: Arrays = {"f": np.array([1.1, 1e300]), "k": np.array([0, 4294967295]), "s": np.array([-128, 127])}
    write(tmp_path / "out.root", specs, arrays)
    with open_tree(tmp_path / "out.root") as tree:
        columns = {name: ColumnReader(tree, name, Workspace()).read(0, 2).values for name in "fks"}
    assert columns["f"].tolist() == [np.float32(1.1), np.inf]
    assert columns["k"].tolist() == [0, 4294967295]
    assert columns["s"].tolist() == [-128, 127]


def test_arrays_in_other_orders(tmp_path: Path) -> None:
    specs = [BranchSpec("x", "f4"), BranchSpec("b", "?"), BranchSpec("v", "i2", "vector")]
    arrays: Arrays = {
        "x": np.arange(20, dtype=">f4")[::2],
        "b": (np.arange(20) % 3 == 0)[::2],
        "v": Jagged(np.arange(40, dtype="i2")[::-2], 2 * np.arange(11)),
    }
    write(tmp_path / "out.root", specs, arrays)
    native: Arrays = {
        "x": np.arange(0, 20, 2, dtype="f4"),
        "b": np.arange(0, 20, 2) % 3 == 0,
        "v": Jagged(np.arange(39, -1, -2, dtype="i2"), 2 * np.arange(11)),
    }
    assert_columns(tmp_path / "out.root", specs, native)


def test_compressed_baskets_are_no_larger_than_others(tmp_path: Path) -> None:
    arrays = random_arrays(EVERYTHING, 3000, mean=3)
    compressors: dict[str, Callable[[Any], bytes] | None] = {"isal": None, "zlib": zlib.compress, "none": bytes}
    sizes = {}
    for name, compress in compressors.items():
        path = tmp_path / f"{name}.root"
        sizes[name] = write(path, EVERYTHING, arrays, compress=compress).size
        assert_columns(path, EVERYTHING, arrays)
    assert sizes["isal"] < 0.95 * sizes["none"]


def test_bodies_of_several_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baskets, "_MAX_BLOCK", 1000)
    arrays = random_arrays(EVERYTHING, 700)
    write(tmp_path / "out.root", EVERYTHING, arrays)
    assert_columns(tmp_path / "out.root", EVERYTHING, arrays)


def test_more_baskets_than_a_cycle_counts(tmp_path: Path) -> None:
    specs = [BranchSpec("x", "i4")]
    arrays: Arrays = {"x": np.arange(33_000, dtype="i4")}
    write(tmp_path / "out.root", specs, arrays, cluster_entries=1)
    with open_tree(tmp_path / "out.root") as tree:
        assert len(tree.branch("x").baskets) == 33_000
        np.testing.assert_array_equal(ColumnReader(tree, "x", Workspace()).read(32_700, 33_000).values[-5:],
                                      np.arange(32_995, 33_000))  # fmt: skip


def test_beyond_two_gigabytes(tmp_path: Path) -> None:
    """The writer is moved on before a cluster: a file that is nearly all hole."""
    path = tmp_path / "out.root"
    arrays = random_arrays(EVERYTHING, 300)
    with TreeWriter(path, "mini", "a title", EVERYTHING, cluster_entries=100) as writer:
        for start, position in ((0, 0), (100, 2_200_000_000), (200, 4_400_000_000)):
            writer._position = max(writer._position, position)
            writer.fill(cut(arrays, start, start + 100))
        writer.add(TextObject("note", "far away"))
        written = writer.close()
    if path.stat().st_blocks * 512 > 1 << 27:
        pytest.skip("the disk stores holes")
    assert written.size == path.stat().st_size > 4_400_000_000
    assert_columns(path, EVERYTHING, arrays)
    with RootFile(path) as file:
        keys = {key.name: key for key in file.list_keys()}
        assert keys["mini"].address > 4_400_000_000
        assert keys["mini"].key_length == records.key_length(records.key_strings("TTree", "mini", "a title"), big=True)
    with uproot.open(path) as file:
        assert str(file["note"]) == "far away"


@st.composite
def schemas(draw: st.DrawFn) -> list[BranchSpec]:
    count = draw(st.integers(1, 6))
    specs = [BranchSpec("n", draw(st.sampled_from(["i4", "u4"])))]
    for index in range(count):
        shape: Shape = draw(st.sampled_from(get_args(Shape)))
        dtype = draw(st.sampled_from(list(NUMBERS)))
        name = f"{'x' * draw(st.integers(0, 199 - 3))}_{index}"
        specs.append(BranchSpec(name, dtype, shape, "n" if shape == "array" else ""))
    return specs


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    specs=schemas(),
    entries=st.integers(0, 120),
    mean=st.sampled_from([0.0, 0.2, 2.0, 30.0]),
    cluster=st.integers(1, 130),
    room=st.sampled_from([1, 500, 5000, 10**9]),
    steps=st.lists(st.integers(0, 60), max_size=6),
    seed=st.integers(0, 2**32),
)
def test_what_is_written_is_read(
    tmp_path: Path,
    specs: list[BranchSpec],
    entries: int,
    mean: float,
    cluster: int,
    room: int,
    steps: list[int],
    seed: int,
) -> None:
    arrays = random_arrays(specs, entries, seed, mean)
    edges = sorted({0, entries, *(min(int(edge), entries) for edge in np.cumsum([0, *steps]))})
    parts = [cut(arrays, start, stop) for start, stop in pairwise(edges)]
    path = tmp_path / "out.root"
    written = write(path, specs, *parts, cluster_entries=cluster, cluster_bytes=room)
    assert written.entries == entries
    assert written.adler32 == zlib.adler32(path.read_bytes())
    assert_columns(path, specs, arrays)

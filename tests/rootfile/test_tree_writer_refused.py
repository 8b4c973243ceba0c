"""What cannot be written is refused in a sentence, and full disks leave nothing behind."""

from __future__ import annotations

import errno
import os
import resource
import signal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile import part, schema
from atlasod_tui.rootfile.tree_writer import BranchSpec, Jagged, TreeWriter
from tests.rootfile.test_tree_writer import EVERYTHING, names_in, random_arrays, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("specs", "sentence"),
    [
        ([], "has no branches"),
        ([BranchSpec("a b", "f4")], "Branch 'a b' cannot be written: a name has letters"),
        ([BranchSpec("x/F", "f4")], "Branch 'x/F' .* a name has letters"),
        ([BranchSpec("x" * 201, "f4")], "a name has letters"),
        ([BranchSpec("µ", "f4")], "a name has letters"),
        ([BranchSpec("x", "f4"), BranchSpec("x", "i4")], "Branch 'x' .* two of that name"),
        ([BranchSpec("x", "f2")], "Branch 'x' .* 'f2' is none of f4 f8"),
        ([BranchSpec("x", "f4", "matrix")], "Branch 'x' .* 'matrix' is no shape"),  # type: ignore[arg-type]
        ([BranchSpec("n", "i4"), BranchSpec("x", "f4", "vector", "n")], "Branch 'x' .* is no array and has a counter"),
        ([BranchSpec("x", "f4", "array", "n"), BranchSpec("n", "i4")], "Branch 'x' .* counter 'n' is no scalar"),
        ([BranchSpec("n", "f4"), BranchSpec("x", "f4", "array", "n")], "Branch 'x' .* counter 'n' is no scalar"),
        ([BranchSpec("x", "f4", "array")], "Branch 'x' .* counter '' is no scalar"),
    ],
)
def test_branches_that_are_refused(tmp_path: Path, specs: list[BranchSpec], sentence: str) -> None:
    with pytest.raises(AtlasodError, match=sentence):
        TreeWriter(tmp_path / "out.root", "mini", "", specs)
    assert not names_in(tmp_path)


@pytest.mark.parametrize("name", ["", "a/b", "a;1", "a\n"])
def test_names_of_trees_that_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AtlasodError, match="cannot be a name"):
        TreeWriter(tmp_path / "out.root", name, "", [BranchSpec("x", "f4")])


def fours(*offsets: int) -> Jagged:
    return Jagged(np.zeros(4, "f4"), np.array(offsets, np.int64))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"x": None}, "Branch 'x' cannot be filled: there is no array for it"),
        ({"y": np.zeros(3)}, "no branch 'y' to be filled"),
        ({"x": np.zeros(2, "f4")}, "Branch 'x' .* there are 2 entries where the branches before it have 3"),
        ({"x": np.zeros((3, 1), "f4")}, "Branch 'x' .* not a row of numbers"),
        ({"x": np.zeros((), "f4")}, "Branch 'x' .* not a row of numbers"),
        ({"x": np.zeros(3, "i4")}, "Branch 'x' .* its values are int32 instead of float32"),
        ({"x": fours(0, 1, 2, 4)}, "Branch 'x' .* it is a scalar, the array is not"),
        ({"n": np.zeros(3)}, "Branch 'n' .* its values are float64 instead of int32"),
        ({"n": np.array([1, 1, 1 << 31])}, "Branch 'n' .* values do not fit in int32"),
        ({"k": np.array([1, -1, 1])}, "Branch 'k' .* values do not fit in uint32"),
        ({"b": np.zeros(3, "u1")}, "Branch 'b' .* its values are uint8 instead of bool"),
        ({"v": np.zeros(3, "f4")}, "Branch 'v' .* it is a vector, the array is not"),
        ({"v": fours(0, 1, 4)}, "Branch 'v' .* there are 2 entries"),
        ({"v": fours(0, 1, 2, 3)}, "Branch 'v' .* offsets end at 3 of 4 values"),
        ({"v": fours(0, 1, 2, 5)}, "Branch 'v' .* offsets end at 5 of 4 values"),
        ({"v": fours(1, 1, 2, 4)}, "Branch 'v' .* offsets start at 0 and do not fall"),
        ({"v": fours(0, 3, 2, 4)}, "Branch 'v' .* offsets start at 0 and do not fall"),
        ({"v": fours()}, "Branch 'v' .* offsets are a row of int64"),
        (
            {"v": Jagged(np.zeros(4, "f4"), np.array([0, 1, 2, 4], np.int32))},
            "Branch 'v' .* offsets are a row of int64",
        ),
        ({"a": fours(0, 2, 2, 4)}, "Branch 'a' .* its lengths are not those that 'n' says"),
        ({"n": np.array([1, 2, 1])}, "Branch 'a' .* its lengths are not those that 'n' says"),
    ],
)
def test_arrays_that_are_refused(tmp_path: Path, change: dict[str, Any], sentence: str) -> None:
    specs = [BranchSpec("n", "i4"), BranchSpec("x", "f4"), BranchSpec("k", "u4"), BranchSpec("b", "?"),
             BranchSpec("v", "f4", "vector"), BranchSpec("a", "f4", "array", "n")]  # fmt: skip
    good: dict[str, Any] = {"n": np.array([1, 1, 2]), "x": np.zeros(3, "f4"), "k": np.zeros(3, "u4"),
                            "b": np.zeros(3, "?"), "v": fours(0, 3, 3, 4), "a": fours(0, 1, 2, 4)}  # fmt: skip
    bad = {name: array for name, array in (good | change).items() if array is not None}
    path = tmp_path / "out.root"
    with TreeWriter(path, "mini", "a title", specs) as writer:
        writer.fill(good)
        with pytest.raises(AtlasodError, match=sentence):
            writer.fill(bad)
        assert writer.close().entries == 3  # the call that failed left nothing
    with pytest.raises(AtlasodError, match=sentence):
        write(path, specs, bad)


def test_an_entry_too_large_for_a_basket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "MAX_ENTRY", 1000)
    specs = [BranchSpec("v", "f8", "vector")]
    many = Jagged(np.zeros(1000), 100 * np.arange(11))
    write(tmp_path / "out.root", specs, {"v": many})
    with pytest.raises(AtlasodError, match="Branch 'v' cannot be filled: an entry has more than 0 MB"):
        write(tmp_path / "out.root", specs, {"v": Jagged(np.zeros(126), np.array([0, 126]))})


def test_nothing_is_left_without_close(tmp_path: Path) -> None:
    arrays = random_arrays(EVERYTHING, 200)
    with TreeWriter(tmp_path / "out.root", "mini", "", EVERYTHING, cluster_entries=50) as writer:
        writer.fill(arrays)
        assert names_in(tmp_path) == ["out.root.part"]
    assert not names_in(tmp_path)
    with pytest.raises(AtlasodError, match="no array"):
        write(tmp_path / "out.root", EVERYTHING, arrays, {})
    assert not names_in(tmp_path)


def test_no_such_folder(tmp_path: Path) -> None:
    writer = TreeWriter(tmp_path / "none" / "out.root", "mini", "", [BranchSpec("x", "f4")])
    with pytest.raises(AtlasodError, match=r"out\.root' could not be written: No such file"), writer:
        pass


@pytest.mark.parametrize("when", [0, 1, 5, 90, 150])
def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    left = [when]

    def full(fd: int, data: memoryview, position: int) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left[0] -= 1
        return os.pwrite(fd, data, position)

    class Fake:
        pwrite = staticmethod(full)

        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

    monkeypatch.setattr(part, "os", Fake())
    old = tmp_path / "out.root"
    old.write_bytes(b"an older file")
    with pytest.raises(AtlasodError, match=r"out\.root' could not be written: No space left on device") as caught:
        write(old, EVERYTHING, random_arrays(EVERYTHING, 200), cluster_entries=100)
    assert caught.value.hint
    assert names_in(tmp_path) == ["out.root"]
    assert old.read_bytes() == b"an older file"


def test_a_full_disk_cannot_be_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = random_arrays(EVERYTHING, 200)
    with TreeWriter(tmp_path / "out.root", "mini", "", EVERYTHING, cluster_entries=200) as writer:
        with monkeypatch.context() as patch:
            patch.setattr(writer._part, "write", _no_space)
            with pytest.raises(AtlasodError, match="No space left"):
                writer.fill(arrays)
        assert not names_in(tmp_path)
        with pytest.raises(AtlasodError, match="could not be written"):
            writer.close()
    assert not names_in(tmp_path)


def _no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_larger_than_the_limit(tmp_path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, limit[1]))
        with pytest.raises(AtlasodError, match="could not be written: File too large"):
            write(tmp_path / "out.root", EVERYTHING, random_arrays(EVERYTHING, 500), cluster_entries=100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)
    assert not names_in(tmp_path)

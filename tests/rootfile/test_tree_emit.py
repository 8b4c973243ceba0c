"""The record of a TTree, byte by byte against the one that ROOT wrote, and files beyond 2 GB without writing them."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from atlasod_tui.rootfile.container import RootFile, read_key
from atlasod_tui.rootfile.schema import NUMBERS, BranchSpec
from atlasod_tui.rootfile.streamed import Members
from atlasod_tui.rootfile.streamers import streamer_list
from atlasod_tui.rootfile.tree import Tree, open_tree
from atlasod_tui.rootfile.tree_emit import BranchState, TreeState, tree
from tests.rootfile.reference import DATA

LETTERS = {number.letter: dtype for dtype, number in NUMBERS.items()}
VECTORS = {number.vector: dtype for dtype, number in NUMBERS.items()}


def spec_of(members: Members) -> BranchSpec:
    name, title, class_name = members["fName"], members["fTitle"], members.get("fClassName", "")
    if class_name:
        return BranchSpec(name, VECTORS[class_name], "vector")
    what, letter = title.split("/")
    if what == name:
        return BranchSpec(name, LETTERS[letter])
    return BranchSpec(name, LETTERS[letter], "array", what.removeprefix(name).strip("[]"))


def state_of(source: Tree) -> TreeState:
    """Return the sizes and places that ROOT's tree has; the types are ours."""
    specs = [spec_of(members) for members in source._members.values()]
    counters = {spec.counter for spec in specs}
    branches = []
    for spec, members in zip(specs, source._members.values(), strict=True):
        count = members["fWriteBasket"]
        sizes, starts, positions = (members[f"fBasket{name}"][:count].tolist() for name in ("Bytes", "Entry", "Seek"))
        state = BranchState(spec, spec.name in counters, sizes, starts, positions, members["fTotBytes"])
        state.basket_size, state.table_size = members["fBasketSize"], members["fEntryOffsetLen"]
        state.maximum = members["fLeaves"][0].get("fMaximum", 0)
        branches.append(state)
    whole = members_of(source)
    cluster = max(whole["fAutoFlush"], 0)
    return TreeState(source.name, source.title, source.entries, branches, cluster, whole["fFlushedBytes"])


def members_of(source: Tree) -> Members:
    [key] = source.file.list_keys()
    members: Members = source.file.reader(key).object("TTree")
    return members


@pytest.mark.parametrize("name", ["reference.root", "reference_empty.root", "counted_zlib.root"])
def test_equal_to_the_record_of_root(name: str) -> None:
    with open_tree(DATA / name) as source:
        [key] = source.file.list_keys()
        # ROOT sets how many bytes it waits until it saves the unfinished tree again; ours is as in a new tree
        ours, waits = struct.pack(">q", -300_000_000), struct.pack(">q", members_of(source)["fAutoSave"])
        assert tree(state_of(source), key.key_length) == source.file.record(key).replace(waits, ours)


def test_streamer_infos_equal_those_of_root() -> None:
    data = (DATA / "reference.root").read_bytes()
    with RootFile(DATA / "reference.root") as file:
        key, _ = read_key(data, file._streamers_at)
        assert file.record(key) == streamer_list(["TTree"])


def test_positions_in_the_record_count_from_its_key() -> None:
    """The key of a tree beyond 2 GB is longer; classes and leaves are referred to by their distance from it."""
    branches = [
        BranchState(BranchSpec("n", "i4"), counts=True),
        BranchState(BranchSpec("x", "f4", "array", "n"), False),
    ]
    state = TreeState("mini", "", 0, branches)
    near, far = (np.frombuffer(tree(state, length), np.uint8) for length in (60, 68))
    assert near.size == far.size
    places = np.flatnonzero(near != far)
    assert set((far[places].astype(int) - near[places]).tolist()) <= {8, 8 - 256, 1}
    assert 3 <= places.size <= 12  # two leaves in the list and one counter, and classes met before

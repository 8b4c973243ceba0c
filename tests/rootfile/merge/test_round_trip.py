"""Parsing and emitting: every object comes out as it went in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from atlasod_tui.rootfile.container import Key, RootFile
from atlasod_tui.rootfile.histogram import Histogram1D
from atlasod_tui.rootfile.items import TextObject
from atlasod_tui.rootfile.merge.emission import emit, joined, part_size
from atlasod_tui.rootfile.merge.infos import parse_infos, read_infos, union
from atlasod_tui.rootfile.merge.nodes import Block, Pointed, UnknownLayoutError, equal
from atlasod_tui.rootfile.merge.parsing import parse
from atlasod_tui.rootfile.write import file_bytes
from tests.rootfile.reference import DATA

FILES = sorted(path for path in [*DATA.glob("*.root"), *DATA.glob("merge/*.root")] if path.stem not in
               ("unclosed", "rntuple", "references"))  # fmt: skip
# Classes of which streamer infos do not tell enough: they are kept as they are.
_AS_THEY_ARE = ("TF1", "TFormula", "TH1L", "TRef", "TProcessID", "TParameter<double>")


def _objects(file: RootFile) -> list[Key]:
    keys = file.list_keys()
    for key in keys:
        if key.class_name == "TDirectory":
            keys += file.list_keys(key)
    return [key for key in keys if key.class_name != "TDirectory"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_object_of_a_file(path: Path) -> None:
    with RootFile(path) as file:
        infos = read_infos(file)
        for key in _objects(file):
            if key.class_name in _AS_THEY_ARE:
                continue
            data = file.record(key)
            pointed = parse(data, key.key_length, key.class_name, infos.layouts, lenient=True)
            assert joined(emit(pointed, key.key_length)) == data
            if pointed.class_name == "TTree":
                _move(pointed, key, infos.layouts)


def test_what_others_refer_to_is_refused() -> None:
    with RootFile(DATA / "merge/references.root") as file:
        key = next(key for key in file.list_keys() if key.class_name == "TNamed")
        data, infos = file.record(key), read_infos(file)
    with pytest.raises(UnknownLayoutError, match="TRef"):
        parse(data, key.key_length, key.class_name, infos.layouts)


def _move(pointed: Pointed, key: Key, layouts: Any) -> None:
    """Behind a key of another length all references are others, and mean the same."""
    if pointed.block()["fTreeIndex"] is None:
        moved = joined(emit(pointed, key.key_length + 8))
        assert equal(parse(moved, key.key_length + 8, key.class_name, layouts), pointed)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_streamer_infos(path: Path) -> None:
    with RootFile(path) as file:
        infos = read_infos(file)
        data, key_length = file.streamer_record()
    again = union([infos, infos], key_length)
    assert sorted(again) == sorted(data)
    assert list(parse_infos(again, key_length).nodes) == list(union_nodes(infos))


def union_nodes(infos: Any) -> list[Any]:
    rules = [identity for identity in infos.nodes if identity[1:] == (0, 0)]
    return [identity for identity in infos.nodes if identity not in rules] + rules


def test_infos_of_several_files() -> None:
    lists = []
    for name in ("types_zlib.root", "merge/contents.root", "objects.root"):
        with RootFile(DATA / name) as file:
            lists.append(read_infos(file))
    key_length = 64
    both = parse_infos(union(lists, key_length), key_length)
    assert set(both.nodes) == {identity for infos in lists for identity in infos.nodes}


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="/;"), min_size=1)
NUMBERS = arrays(np.float64, 5, elements=st.floats(width=32))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXT, text=st.text(max_size=400), contents=NUMBERS, sumw2=st.none() | NUMBERS, entries=st.floats(0, 1e9))
def test_generated_objects(title: str, text: str, contents: Any, sumw2: Any, entries: float, tmp_path: Path) -> None:
    histogram = Histogram1D("h", title, "x", "y", 3, 0.0, 1.0, contents, sumw2, entries)
    path = tmp_path / "in.root"
    path.write_bytes(
        file_bytes("in.root", {"": [histogram, TextObject("t", text.encode("utf-8", "replace").decode())]})
    )
    with RootFile(path) as file:
        infos = read_infos(file)
        for key in file.list_keys():
            data = file.record(key)
            pointed = parse(data, key.key_length, key.class_name, infos.layouts)
            parts = emit(pointed, key.key_length)
            assert joined(parts) == data
            assert sum(map(part_size, parts)) == len(data)
            assert equal(parse(data, key.key_length, key.class_name, infos.layouts), pointed)


def test_edits_leave_the_nodes_alone() -> None:
    with RootFile(DATA / "objects.root") as file:
        infos = read_infos(file)
        key = next(key for key in file.list_keys() if key.class_name == "TH1F")
        data = file.record(key)
    pointed = parse(data, key.key_length, "TH1F", infos.layouts)
    block = pointed.block()
    owner = block.owner("fEntries")
    assert isinstance(owner, Block)
    edited = joined(emit(pointed, key.key_length, {owner: {"fEntries": 12345.0}}))
    assert edited != data
    assert parse(edited, key.key_length, "TH1F", infos.layouts).block()["fEntries"] == 12345.0
    assert joined(emit(pointed, key.key_length)) == data
    with pytest.raises(UnknownLayoutError, match="has no fNothing"):
        block["fNothing"]

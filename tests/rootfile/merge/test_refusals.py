"""What cannot be merged without loss, and the sentences that say so."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from atlasod_tui.errors import AtlasodError, BadFileError
from atlasod_tui.rootfile import merge
from atlasod_tui.rootfile.merge import branches, source
from tests.rootfile.merge.merging import MERGE_DATA, merge_files
from tests.rootfile.reference import DATA


def _refusal(*names: str) -> str:
    with pytest.raises(BadFileError) as caught:
        merge.plan([merge.read_source(MERGE_DATA / name) for name in names], "out.root")
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (
            "double_leaf",
            "branch 'x' of the tree 'mini' is 'float' in tree_same.root but 'double' in tree_double_leaf.root.",
        ),
        (
            "double_vector",
            (
                "branch 'many' of the tree 'mini' is 'vector<float>' in tree_same.root but 'vector<double>' in "
                "tree_double_vector.root."
            ),
        ),
        ("missing", "branch 'many' of the tree 'mini' is in tree_same.root but not in tree_missing.root."),
        ("extra", "branch 'more' of the tree 'mini' is in tree_extra.root but not in tree_same.root."),
        ("name", "The tree 'mini' is in tree_same.root but not in tree_name.root."),
    ],
)
def test_trees_of_other_structure(other: str, sentence: str) -> None:
    assert _refusal("tree_same.root", f"tree_{other}.root") == sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "tree_fewer.root",
            "branch 'x' of the tree 'mini' in tree_fewer.root has 11 entries where the tree has 10.",
        ),
        (
            "tree_friend.root",
            "the tree 'mini' in tree_friend.root has friend trees, which would not be multiplied with it.",
        ),
        (
            "references.root",
            "references.root: 'ProcessID0' says that objects are referred to by TRef, which a copy would lose.",
        ),
        (
            "rntuple.root",
            "rntuple.root: 'mini' is an RNTuple, which is stored in another way than a TTree.",
        ),
        (
            "one_name.root",
            "one_name.root: 'same' is a TH1F and also a TDirectory: only the newer one would be copied.",
        ),
    ],
)
def test_files_with_what_a_copy_would_lose(name: str, sentence: str) -> None:
    assert _refusal(name) == sentence


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("class", "'h' is a TH1F in histogram_same.root but a TH1D in histogram_class.root."),
        ("axis", "the histogram 'h' has another X axis in histogram_axis.root than in histogram_same.root."),
        ("labels", "the histogram 'h' has other labels on its X axis in histogram_labels.root than in "  # noqa: ISC004
                   "histogram_same.root."),
        ("buffer", "the histogram 'h' in histogram_buffer.root still has entries in its buffer, not in its bins."),
        ("average", "the histogram 'h' in histogram_average.root is an average, which cannot be added."),
    ],
)  # fmt: skip
def test_histograms_that_cannot_be_added(other: str, sentence: str) -> None:
    assert _refusal("histogram_same.root", f"histogram_{other}.root") == sentence


def test_profiles_with_and_without_weights() -> None:
    sentence = "the histogram 'h' was booked differently in profile_weighted.root and profile.root (its fBinSumw2)."
    assert _refusal("profile.root", "profile_weighted.root") == sentence


def test_a_class_that_changed_but_for_its_version(tmp_path: Path) -> None:
    shutil.copyfile(MERGE_DATA / "odd.root", tmp_path / "changed.root")
    one, other = merge.read_source(MERGE_DATA / "odd.root"), merge.read_source(tmp_path / "changed.root")
    shapes = other.infos.shapes
    (named,) = (key for key in shapes if key[0] == "Named")
    changed = replace(
        other, infos=other.infos._replace(shapes=shapes | {named: (("number", 8, 0), *shapes[named][1:])})
    )
    with pytest.raises(BadFileError, match=r"class 'Named' has other members in changed\.root than in odd\.root"):
        merge.plan([one, changed], "out.root")
    assert merge.plan([one, other], "out.root").entries == {"mini": 10}


def test_a_tree_of_a_class_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "TREES", frozenset({"TTree"}))
    sentence = "contents.root: 'outer/ntuple' is a TNtuple, a tree of a class of its own, which is not understood."
    assert _refusal("contents.root") == sentence


def test_a_name_that_means_different_things(tmp_path: Path) -> None:
    os.link(DATA / "objects.root", tmp_path / "objects.root")
    message = _refusal("../objects.root", "tree_same.root")
    assert message == "The tree 'other' is in objects.root but not in tree_same.root."


def test_an_old_version_of_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "_OLDEST_BRANCH", 99)
    assert "was written by a version of ROOT that is too old." in _refusal("tree_same.root")
    monkeypatch.setattr(branches, "_OLDEST_TREE", 99)
    assert _refusal("tree_same.root").startswith("the tree 'mini' in tree_same.root was written by")


def test_nothing() -> None:
    with pytest.raises(AtlasodError, match="nothing to merge"):
        merge.plan([], "out.root")


def test_one_histogram_of_any_kind_is_kept_as_it_is(tmp_path: Path) -> None:
    for kind in ("buffer", "average"):
        merge_files([MERGE_DATA / f"histogram_{kind}.root"], tmp_path / "out.root")


def test_names_are_data(tmp_path: Path) -> None:
    (tmp_path / "a\nb.root").write_bytes(b"no")
    with pytest.raises(BadFileError, match="is not a ROOT file"):
        merge.read_source(tmp_path / "a\nb.root")

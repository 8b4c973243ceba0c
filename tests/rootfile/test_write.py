"""Files of histograms and texts, read back by uproot."""

from __future__ import annotations

import errno
import os
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import uproot
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from atlasod_tui.errors import AtlasodError
from atlasod_tui.rootfile import records
from atlasod_tui.rootfile.histogram import Histogram1D
from atlasod_tui.rootfile.items import Item, TextObject
from atlasod_tui.rootfile.write import file_bytes, write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    Content = Mapping[str, Sequence[Item]]


def make(name: str, nbins: int = 25, *, sumw2: bool = True, seed: int = 1) -> Histogram1D:
    rng = np.random.default_rng(seed)
    contents = rng.normal(100.0, 30.0, nbins + 2)
    squares = contents**2 / 7 if sumw2 else None
    return Histogram1D(name, f"Title of {name}", "m [GeV]", "Events / bin", nbins, 80.0, 250.0, contents, squares, 1234)


def assert_same(read: Any, written: Histogram1D) -> None:
    """What uproot read is what was written, contents rounded to float32."""
    h = written
    assert read.classname == "TH1F"
    assert (read.name, read.title) == (h.name, h.title)
    x, y = read.member("fXaxis"), read.member("fYaxis")
    assert (x.member("fTitle"), y.member("fTitle")) == (h.xtitle, h.ytitle)
    assert (x.member("fNbins"), x.member("fXmin"), x.member("fXmax")) == (h.nbins, h.lo, h.hi)
    assert read.member("fNcells") == h.nbins + 2
    np.testing.assert_array_equal(read.values(flow=True), h.contents.astype(np.float32))
    np.testing.assert_array_equal(read.axis().edges(), np.linspace(h.lo, h.hi, h.nbins + 1))
    squares = np.asarray(read.member("fSumw2"))
    np.testing.assert_array_equal(squares, [] if h.sumw2 is None else h.sumw2)
    assert read.member("fEntries") == h.entries


def assert_content(path: Path, content: Content) -> None:
    """The file has these objects in these directories in this order, and nothing else."""
    expected: list[tuple[str, Item]] = []
    names = []
    for directory, items in content.items():
        names += [directory] if directory else []
        paths = [f"{directory}/{item.name}" if directory else item.name for item in items]
        expected += zip(paths, items, strict=True)
        names += paths
    with uproot.open(path) as file:
        assert file.keys(cycle=False) == names
        assert all(key.endswith(";1") for key in file.keys())  # noqa: SIM118 - a directory of uproot, not a dict
        for name, item in expected:
            read = file[name]
            if isinstance(item, TextObject):
                assert str(read) == item.text
                assert read.classname == "TObjString"
            else:
                assert_same(read, item)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"": []},
        {"": [make("hist_m")]},
        {"": [make("hist_m"), make("hist_n", 1, sumw2=False)]},
        {"empty": []},
        {"ttH125_gamgam": [make("hist_m"), make("hist_n")], "data": [make("hist_m", 100)]},
        {"sub": [make("hist_m")], "": [make("hist_m"), TextObject("manifest", '{"a": "µ"}')]},
        {"": [TextObject("manifest", ""), TextObject("long", '{"name": 1, ' * 20_000)]},
        {"": [TextObject("short", "x" * 254), TextObject("long", "x" * 255)]},
        {"": [make("n" * 254), make("n" * 255), make("n" * 600)], "d" * 300: [make("n" * 300)]},
        {"": [make("größe µ")]},
        {"": [replace(make("hist_m"), title="µ" * 20_000)]},
        {"": [make(f"h{i}", 5) for i in range(300)]},
    ],
    ids=lambda content: "-".join(content)[:10],
)
def test_round_trip(tmp_path: Path, content: Content) -> None:
    path = tmp_path / "out.root"
    write_file(path, content)
    assert_content(path, content)
    assert [file.name for file in tmp_path.iterdir()] == ["out.root"]


@st.composite
def histograms(draw: Callable[[Any], Any]) -> Histogram1D:
    nbins = draw(st.integers(1, 40))
    numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
    texts = st.text(max_size=300)
    lo = draw(st.floats(-1e6, 1e6))
    return Histogram1D(
        name=draw(st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_. ]{0,300}\Z")),
        title=draw(texts),
        xtitle=draw(texts),
        ytitle=draw(texts),
        nbins=nbins,
        lo=lo,
        hi=lo + draw(st.floats(1e-3, 1e6)),
        contents=draw(arrays(np.float64, nbins + 2, elements=numbers)),
        sumw2=draw(st.none() | arrays(np.float64, nbins + 2, elements=st.floats(0, 1e300))),
        entries=draw(st.floats(0, 1e15)),
    )


@settings(deadline=None, max_examples=60)
@given(items=st.lists(histograms(), max_size=4, unique_by=lambda h: h.name), directory=st.sampled_from(["", "sub"]))
def test_any_histogram_survives(
    tmp_path_factory: pytest.TempPathFactory, items: list[Histogram1D], directory: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "out.root"
    write_file(path, {directory: items})
    assert_content(path, {directory: items})


def test_same_results_give_the_same_file() -> None:
    content = {"": [make("hist_m")], "sub": [make("hist_m")]}
    data = file_bytes("a.root", content)
    assert data == file_bytes("a.root", content)
    other = file_bytes("a.root", {"": [make("hist_m", seed=2)], "sub": [make("hist_m")]})
    assert data[47:63] != other[47:63]  # the UUID in the header


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.root"
    path.write_bytes(b"old")
    write_file(path, {"": [make("hist_m")]})
    assert_content(path, {"": [make("hist_m")]})


@pytest.mark.parametrize("failing", ["write", "fsync", "replace"])
def test_a_disk_error_leaves_nothing_and_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "out.root"
    path.write_bytes(b"old")
    if failing == "write":
        monkeypatch.setattr(os, "pwrite", fail)
    elif failing == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(AtlasodError, match="No space left on device") as caught:
        write_file(path, {"": [make("hist_m")]})
    assert caught.value.hint
    assert [file.name for file in tmp_path.iterdir()] == ["out.root"]
    assert path.read_bytes() == b"old"


def test_an_interruption_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "out.root", {"": [make("hist_m")]})
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(AtlasodError, match="could not be written"):
        write_file(tmp_path / "missing" / "out.root", {})


@pytest.mark.parametrize("name", ["", "a/b", "a;1", "a\nb", "\x1b[2J", "\ud800"])
def test_names_a_root_file_cannot_have_are_refused(name: str) -> None:
    with pytest.raises(AtlasodError, match=re.escape(repr(name))):
        file_bytes("a.root", {"": [make(name)]})
    if name:
        with pytest.raises(AtlasodError, match=re.escape(repr(name))):
            file_bytes("a.root", {name: []})


@pytest.mark.parametrize(
    "content",
    [{"": [make("twice"), TextObject("twice", "")]}, {"sub": [make("twice")] * 2}, {"twice": [], "": [make("twice")]}],
)
def test_names_used_twice_are_refused(content: Content) -> None:
    with pytest.raises(AtlasodError, match="'twice'"):
        file_bytes("a.root", content)


def test_a_key_beyond_its_limit_is_refused() -> None:
    with pytest.raises(AtlasodError, match="32 kB"):
        file_bytes("a.root", {"": [make("n" * 33_000)]})
    with pytest.raises(AtlasodError, match="32 kB"):
        file_bytes("a.root", {"d" * 17_000: []})


def test_content_beyond_32_bit_positions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BIG", 5000)
    with pytest.raises(AtlasodError, match="2 GB"):
        file_bytes("a.root", {"": [make(f"h{i}") for i in range(10)]})


def test_writing_is_fast(tmp_path: Path) -> None:
    """A generous bound; the measured time is about 4 ms for each file of 60 histograms."""
    items = [make(f"h{i}", 30) for i in range(60)]
    start = time.process_time()
    for i in range(20):
        write_file(tmp_path / f"{i}.root", {"": items})
    assert time.process_time() - start < 1.0

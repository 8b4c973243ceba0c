"""Histograms read back: the same as uproot reads, of ROOT's files and of our own."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import uproot

from atlasod_tui.errors import BadFileError
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.rootfile.histogram import Histogram1D
from atlasod_tui.rootfile.items import TextObject
from atlasod_tui.rootfile.read_histogram import read_histograms
from atlasod_tui.rootfile.streamed import Reader
from atlasod_tui.rootfile.write import write_file

from .reference import DATA

MADE_BY_ROOT = DATA / "histograms.root"
ONE_DIMENSION = ["C", "S", "I", "L", "F", "D", "weighted", "styled", "odd", "again"]


def compare(path: Path, found: dict[str, Histogram1D]) -> None:
    """Compare histograms with what uproot finds in a file."""
    assert found
    with uproot.open(path) as file:
        for name, histogram in found.items():
            other = file[name]
            axis = other.member("fXaxis")
            assert (histogram.name, histogram.title) == (name, other.title)
            assert (histogram.xtitle, histogram.ytitle) == (
                axis.member("fTitle"),
                other.member("fYaxis").member("fTitle"),
            )
            assert (histogram.nbins, histogram.lo, histogram.hi) == (axis.member("fNbins"), axis.low, axis.high)
            assert histogram.entries == other.member("fEntries")
            assert histogram.contents.dtype == np.float64
            assert histogram.contents.dtype.isnative
            np.testing.assert_array_equal(histogram.contents, np.asarray(other.values(flow=True), np.float64))
            squares = np.asarray(other.member("fSumw2"))
            assert (histogram.sumw2 is not None) == bool(squares.size)
            if histogram.sumw2 is not None:
                np.testing.assert_array_equal(histogram.sumw2, squares)


def test_histograms_of_every_type_that_root_wrote() -> None:
    found = read_histograms(MADE_BY_ROOT)
    assert list(found) == ONE_DIMENSION
    compare(MADE_BY_ROOT, found)
    assert list(found["S"].contents) == [-3, -2, 1, 6, 13, 22, 33]
    assert found["weighted"].sumw2 is not None


def test_contents_that_are_no_numbers_are_kept() -> None:
    contents = read_histograms(MADE_BY_ROOT)["odd"].contents
    np.testing.assert_array_equal(contents, [0, np.nan, np.inf, 0, 0, -np.inf])


def test_of_two_cycles_the_last_counts() -> None:
    assert read_histograms(MADE_BY_ROOT, ["again"])["again"].title == "second"


def test_what_stands_behind_the_list_of_functions() -> None:
    # A pointer that is never null is stored as its object alone, without the class that others have before it.
    with RootFile(MADE_BY_ROOT) as file, uproot.open(MADE_BY_ROOT) as expected:
        (key,) = (key for key in file.list_keys() if key.name == "styled")
        members = Reader(file.record(key), key.key_length, file.streamers()).object("TH1D")
        other = expected["styled"]
        assert [item["@class"] for item in members["fFunctions"]] == ["TF1", "TNamed"]
        assert len(other.member("fFunctions")) == 2
        for name in ("fBufferSize", "fBinStatErrOpt", "fStatOverflows"):
            assert members[name] == other.member(name), name
        np.testing.assert_array_equal(members["TArrayD"], other.values(flow=True))


def test_only_what_is_asked_for() -> None:
    assert list(read_histograms(MADE_BY_ROOT, {"F", "C", "not there", "unequal", "plane", "deep"})) == ["C", "F"]
    assert read_histograms(MADE_BY_ROOT, []) == {}


def test_what_is_not_asked_for_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "half.root"
    write_file(path, {"": [toy("good"), toy("bad")]})
    data = path.read_bytes()
    at = data.index(b"\x03bad")
    path.write_bytes(data[:at] + data[at:].replace(b"\x03bad", b"\x03BAD", 1))  # the key before the object
    assert list(read_histograms(path, ["good"])) == ["good"]
    with pytest.raises(BadFileError, match=r"half\.root is damaged: the directory and the object 'bad' disagree"):
        read_histograms(path)


def toy(name: str, nbins: int = 5, *, squares: bool = True) -> Histogram1D:
    contents = np.random.default_rng(7).normal(0, 3, nbins + 2).astype(np.float32).astype(np.float64)
    sumw2 = contents**2 if squares else None
    return Histogram1D(
        name, f"title of {name}", "m_{4l} [GeV]", "Events", nbins, -1.5, 2.25, contents, sumw2, nbins + 0.5
    )


def test_our_own_come_back(tmp_path: Path) -> None:
    path = tmp_path / "own.root"
    given = [toy("one", 1), toy("many", 1000), toy("ü" * 300), toy("plain", squares=False)]
    write_file(path, {"": [*given, TextObject("manifest", "{}")], "below": [toy("deep")]})
    found = read_histograms(path)
    assert list(found) == [histogram.name for histogram in given]
    compare(path, found)
    for histogram in given:
        np.testing.assert_array_equal(found[histogram.name].contents, histogram.contents)


def test_a_file_without_objects(tmp_path: Path) -> None:
    write_file(tmp_path / "none.root", {"": []})
    assert read_histograms(tmp_path / "none.root") == {}


@pytest.mark.shared
def test_the_reference_files(shared: Path) -> None:
    files = sorted((shared / "data/synthetic-13tev/reference").glob("*/*.root"))
    assert len(files) > 50
    for path in files[::7]:
        found = read_histograms(path)
        with uproot.open(path) as file:
            assert set(found) == set(file.keys(cycle=False))
        compare(path, found)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it.root is empty"),
        (b"<html>404</html>", "it.root is not a ROOT file but a web page"),
        (MADE_BY_ROOT.read_bytes()[:5000], "it.root is cut short: it has 5000 of"),
    ],
)
def test_files_that_are_none(content: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "it.root"
    path.write_bytes(content)
    with pytest.raises(BadFileError, match=says):
        read_histograms(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match=r"gone\.root cannot be opened: No such file"):
        read_histograms(tmp_path / "gone.root")


AXIS = struct.pack(">idd", 5, -1.5, 2.25)
CELLS = struct.pack(">i", 7) + bytes(8)


def uncompressed(path: Path) -> bytes:
    """Return a file of one histogram, 5 bins from -1.5 to 2.25, without compression: it can be made to lie."""
    with uproot.recreate(path, compression=None) as file:
        file["h"] = np.histogram([0.5, 1.0, 1.0], 5, (-1.5, 2.25))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (AXIS, struct.pack(">idd", 6, -1.5, 2.25), "7 contents and 0 squares for 6 bins"),
        (AXIS, struct.pack(">idd", -1, -1.5, 2.25), "it has -1 bins from -1.5 to 2.25"),
        (AXIS, struct.pack(">idd", 5, -1.5, -2.25), "it has 5 bins from -1.5 to -2.25"),
        (AXIS, struct.pack(">idd", 5, np.nan, 2.25), "it has 5 bins from nan to 2.25"),
        (AXIS, struct.pack(">idd", 5, -1.5, np.inf), "it has 5 bins from -1.5 to inf"),
        (CELLS, struct.pack(">i", -7) + bytes(8), "negative length"),
        (CELLS, struct.pack(">i", 9999) + bytes(8), "is damaged"),
    ],
    ids=["more bins", "no bins", "upside down", "nan", "inf", "negative", "long"],
)
def test_histograms_that_cannot_be(old: bytes, new: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / "lie.root"
    data = uncompressed(path)
    assert old in data
    path.write_bytes(data.replace(old, new))
    with pytest.raises(BadFileError) as caught:
        read_histograms(path)
    assert caught.value.message.startswith("the histogram 'h' in lie.root is damaged")
    assert says in caught.value.message


@pytest.mark.parametrize("source", ["root", "uncompressed"])
def test_damage_is_found_or_harmless(source: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.root"
    good = MADE_BY_ROOT.read_bytes() if source == "root" else uncompressed(path)
    messages: list[str] = []
    for seed in range(400):
        rng = random.Random(seed)  # noqa: S311 - no secret
        data = bytearray(good)
        for _ in range(rng.choice((1, 1, 4, 30))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            read_histograms(path)
        except BadFileError as error:
            messages.append(error.message)
    assert len(messages) > 100
    assert all("bad.root" in message for message in messages)


def test_neither_uproot_nor_numba_is_imported() -> None:
    code = "from pathlib import Path; from atlasod_tui.rootfile.read_histogram import read_histograms\n"
    code += "import sys; assert read_histograms(Path(sys.argv[1])); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, MADE_BY_ROOT], capture_output=True, text=True, check=True)
    assert not {"uproot", "awkward", "numba", "matplotlib"} & set(done.stdout.split())

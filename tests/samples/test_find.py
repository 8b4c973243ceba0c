from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlasod_tui.errors import UsageError
from atlasod_tui.samples.catalogue import SKIMS
from atlasod_tui.samples.find import FileName, Found, find, parse_name

HZZ = {"dataA": "4lep", "dataB": "4lep", "llll": "4lep", "ggH125_ZZ4lep": "4lep", "WqqZll": "2lep"}
LLLL = "mc_363490.llll.4lep"


def make(top: Path, *names: str) -> Path:
    for name in names:
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return top


def names_of(found: Found) -> dict[str, list[str]]:
    return {option: [file.path.name for file in files] for option, files in found.files.items()}


def refusal(top: Path | list[Path], wanted: dict[str, str] = HZZ, choose: str | None = None) -> UsageError:
    with pytest.raises(UsageError) as raised:
        find(top, wanted, choose)
    return raised.value


# Names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("data_A.GamGam.root", FileName("data_A", "GamGam", period="A")),
        ("data_A.GamGam.x10.root", FileName("data_A", "GamGam", period="A", factor=10)),
        ("data_A.GamGam.x10.003.root", FileName("data_A", "GamGam", period="A", factor=10, part=3)),
        ("data_A.GamGam.x10.virtual.root", FileName("data_A", "GamGam", period="A", factor=10, virtual=True)),
        (
            "data_A.GamGam.x10.virtual.003.root",
            FileName("data_A", "GamGam", period="A", factor=10, part=3, virtual=True),
        ),
        ("mc_345060.ggH125_ZZ4lep.4lep.root", FileName("mc_345060.ggH125_ZZ4lep", "4lep", dsid=345060)),
        ("mc_410000.ttbar_lep.1largeRjet1lep.root", FileName("mc_410000.ttbar_lep", "1largeRjet1lep", dsid=410000)),
        ("jane-1_b.run0123abcd.data_A.GamGam.x2.root", FileName("data_A", "GamGam", period="A", factor=2)),
        ("a.run00000000.b.run11111111.data_A.GamGam.root", FileName("data_A", "GamGam", period="A")),
    ],
)
def test_names_of_the_release(text: str, name: FileName) -> None:
    assert parse_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "data_E.4lep.root",
        "data_A.5lep.root",
        "data_A.root",
        "data_A.4lep.root~",
        "data_A.4lep.root.part",
        ".data_A.4lep.root",
        "data_A.4lep.root\n",
        "data_A.4lep.x0.root",
        "data_A.4lep.x10.3.root",
        "data_A.4lep.003.root",
        "data_A.4lep.virtual.root",
        "data_A.4lep.x10.003.virtual.root",
        "mc_105985.WW.root",
        "mc_34506.ggH125_ZZ4lep.4lep.root",
        "mc_345060.4lep.root",
        "mc_345060.a b.4lep.root",
        "mc_\u0663\u0664\u0665\u0660\u0666\u0660.ggH125_ZZ4lep.4lep.root",
        "ODEO_FEB2025_v0_GamGam_data15_periodD.GamGam.root",
        "jane.run0123abc.data_A.GamGam.root",
        "jane.run0123ABCD.data_A.GamGam.root",
        ".run0123abcd.data_A.GamGam.root",
        "jane.data_A.GamGam.root",
    ],
)
def test_other_names(text: str) -> None:
    assert parse_name(text) is None


@given(
    stem=st.one_of(
        st.sampled_from(["data_A", "data_B", "data_C", "data_D"]),
        st.from_regex(r"mc_[0-9]{6}\.[A-Za-z0-9_+-]{1,30}", fullmatch=True).filter(str.isascii),
    ),
    skim=st.sampled_from(SKIMS),
    factor=st.one_of(st.none(), st.integers(1, 999_999_999)),
    part=st.one_of(st.none(), st.integers(0, 99_999)),
)
def test_a_name_says_what_it_was_made_of(stem: str, skim: str, factor: int | None, part: int | None) -> None:
    copies = "" if factor is None else f".x{factor}" + ("" if part is None else f".{part:03d}")
    name = parse_name(f"{stem}.{skim}{copies}.root")
    assert name is not None
    assert (name.stem, name.skim, name.factor) == (stem, skim, factor or 1)
    assert name.part == (part if factor else None)
    assert (name.period is None) != (name.dsid is None)


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_none(text: str) -> None:
    name = parse_name(text)
    assert name is None or f"{name.stem}.{name.skim}." in text


# Layouts


@pytest.mark.parametrize(
    "layout",
    [
        ["4lep/Data/data_A.4lep.root", f"4lep/MC/{LLLL}.root", "2lep/MC/mc_363358.WqqZll.2lep.root"],
        ["data_A.4lep.root", f"{LLLL}.root", "mc_363358.WqqZll.2lep.root"],
        ["x/Data-4lep/Data/data_A.4lep.root", f"x/MC-1-4lep/tmp1/{LLLL}.root", "x/tmp2/mc_363358.WqqZll.2lep.root"],
    ],
    ids=["release", "flat", "portal"],
)
def test_layouts(tmp_path: Path, layout: list[str]) -> None:
    found = find(make(tmp_path, *layout), HZZ)
    assert names_of(found) == {
        "dataA": ["data_A.4lep.root"],
        "llll": [f"{LLLL}.root"],
        "WqqZll": ["mc_363358.WqqZll.2lep.root"],
    }
    assert found.absent == ("dataB", "ggH125_ZZ4lep")
    assert [found.factor(name) for name in found.files] == [1, 1, 1]
    assert (found.ignored, found.unreadable, found.left_out) == ((), (), ())


def test_the_dsid_counts_not_the_text(tmp_path: Path) -> None:
    found = find(make(tmp_path, "mc_345060.renamed.4lep.root", "data_A.4lep.root"), HZZ)
    assert names_of(found)["ggH125_ZZ4lep"] == ["mc_345060.renamed.4lep.root"]


def test_leftovers_are_no_files(tmp_path: Path) -> None:
    make(
        tmp_path,
        "data_A.4lep.root",
        "data_B.4lep.root~",
        "data_B.4lep.root.part",
        ".data_B.4lep.root",
        ".trash/data_B.4lep.root",
        "FilesToProcess.txt~",
        "notes.root",
        "mc_999999.new.4lep.root",
        f"{LLLL}.root/readme.txt",
    )
    (tmp_path / "data_B.4lep.root").symlink_to("gone")
    found = find(tmp_path, HZZ)
    assert list(found.files) == ["dataA"]
    assert [path.name for path in found.ignored] == ["mc_999999.new.4lep.root", "notes.root"]
    assert {option: [link.path.name for link in links] for option, links in found.dead.items()} == {
        "dataB": ["data_B.4lep.root"]
    }
    assert "dataB" not in found.absent


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    make(tmp_path, "data_A.4lep.root")
    os.mkfifo(tmp_path / "data_B.4lep.root")
    found = find(tmp_path, HZZ)
    assert (found.dead, found.ignored) == ({}, (tmp_path / "data_B.4lep.root",))


def test_links_to_folders_are_followed_once(tmp_path: Path) -> None:
    make(tmp_path / "elsewhere", "data_B.4lep.root")
    top = make(tmp_path / "top", "real/data_A.4lep.root")
    (top / "real" / "up").symlink_to(top)
    (top / "again").symlink_to("real")
    (top / "linked").symlink_to(tmp_path / "elsewhere")
    (top / "loop").symlink_to("loop")
    found = find(top, HZZ)
    assert [file.path for file in found.files["dataA"]] == [top / "real" / "data_A.4lep.root"]
    assert [file.path for file in found.files["dataB"]] == [top / "linked" / "data_B.4lep.root"]


def test_unreadable_folders_are_named_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = make(tmp_path, "data_A.4lep.root", "closed/data_B.4lep.root")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find(top, HZZ)
    assert found.unreadable == (top / "closed",)
    assert found.absent == ("dataB", "llll", "ggH125_ZZ4lep", "WqqZll")
    assert "closed" in refusal(top, {"llll": "4lep"}).message
    assert "cannot be read" in refusal(top / "closed").message


def test_given_files_and_folders(tmp_path: Path) -> None:
    make(tmp_path, "a/data_A.4lep.root", "b/data_B.4lep.root", "b/data_A.4lep.root")
    found = find([tmp_path / "a" / "data_A.4lep.root", tmp_path / "b"], {"dataB": "4lep"})
    assert names_of(found) == {"dataB": ["data_B.4lep.root"]}
    assert names_of(find(tmp_path / "a" / "data_A.4lep.root", HZZ)) == {"dataA": ["data_A.4lep.root"]}
    assert "no file or folder" in refusal([tmp_path / "c.root"]).message


def test_a_skim_is_taken_only_where_wanted(tmp_path: Path) -> None:
    make(tmp_path, "data_A.2lep.root", "data_A.exactly2lep.root")
    assert names_of(find(tmp_path, {"dataA": "2lep"})) == {"dataA": ["data_A.2lep.root"]}
    assert names_of(find(tmp_path, {"dataA": "exactly2lep"})) == {"dataA": ["data_A.exactly2lep.root"]}
    os.remove(tmp_path / "data_A.2lep.root")  # noqa: PTH107
    assert "exactly2lep, but 2lep (dataA)" in refusal(tmp_path, {"dataA": "2lep"}).message


# Copies


def test_parts_of_one_factor_add_up(tmp_path: Path) -> None:
    make(tmp_path, "data_A.4lep.x10.002.root", "data_A.4lep.x10.001.root", f"{LLLL}.x5.root")
    found = find(tmp_path, HZZ)
    assert names_of(found)["dataA"] == ["data_A.4lep.x10.001.root", "data_A.4lep.x10.002.root"]
    assert [file.part for file in found.files["dataA"]] == [1, 2]
    assert (found.factor("dataA"), found.factor("llll")) == (20, 5)


def test_parts_may_share_their_bytes(tmp_path: Path) -> None:
    make(tmp_path, "data_A.4lep.x10.001.root")
    (tmp_path / "data_A.4lep.x10.002.root").hardlink_to(tmp_path / "data_A.4lep.x10.001.root")
    assert find(tmp_path, HZZ).factor("dataA") == 20


def test_a_second_link_is_the_same_file(tmp_path: Path) -> None:
    make(tmp_path, "a/data_A.4lep.root")
    (tmp_path / "data_A.4lep.root").symlink_to(tmp_path / "a" / "data_A.4lep.root")
    assert find(tmp_path, HZZ).factor("dataA") == 1


@pytest.mark.parametrize(
    ("files", "hints"),
    [
        (["data_A.4lep.root", "data_A.4lep.x10.root"], ["*4lep.root", "*.x10.*"]),
        (["data_A.4lep.root", "data_A.4lep.x1.001.root"], ["*4lep.root", "*.x1.*.root"]),
        (["data_A.4lep.x10.root", "data_A.4lep.x20.root"], ["*.x10.*", "*.x20.*"]),
        (["data_A.4lep.x10.root", "data_A.4lep.x10.001.root"], ["*.x10.root", "*.x10.*.root"]),
        (["old/4lep/data_A.4lep.root", "new/4lep/data_A.4lep.root"], ["new/*", "old/*"]),
        (["data_A.4lep.root", "copy/data_A.4lep.root"], ["copy/*"]),
        (["a/data_A.4lep.x10.001.root", "a/data_A.4lep.x10.002.root", "b/data_A.4lep.x10.001.root"], ["a/*", "b/*"]),
        (["mc_363490.llll.4lep.root", "mc_363490.four.4lep.root"], ["mc_363490.four.4lep.root", f"{LLLL}.root"]),
    ],
)
def test_counting_twice_is_refused_unless_chosen(tmp_path: Path, files: list[str], hints: list[str]) -> None:
    error = refusal(make(tmp_path, *files))
    assert "would be counted twice" in error.message
    assert error.exit_code == 2
    suggested = error.hint.removesuffix(".").replace("'", "").split("--samples ")[1:]
    assert [text.removesuffix(" or ") for text in suggested] == hints
    for pattern in hints:
        assert find(tmp_path, HZZ, pattern).files


def test_how_many_samples_are_counted_twice(tmp_path: Path) -> None:
    make(tmp_path, "o/data_A.4lep.root", "m/data_A.4lep.x2.root", "o/data_B.4lep.root", "m/data_B.4lep.x2.root")
    error = refusal(tmp_path)
    assert "(so would 1 more)" in error.message
    assert "'o/data_A.4lep.root' and 'm/data_A.4lep.x2.root'" in error.message


# Choosing


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("ggH*", ["ggH125_ZZ4lep"]),
        ("345060", ["ggH125_ZZ4lep"]),
        ("data?", ["dataA"]),
        ("*.2lep.root", ["WqqZll"]),
        ("MC/*", ["ggH125_ZZ4lep", "WqqZll"]),
        ("*", ["dataA", "ggH125_ZZ4lep", "WqqZll"]),
    ],
)
def test_choosing_by_option_dsid_name_or_path(tmp_path: Path, pattern: str, chosen: list[str]) -> None:
    make(tmp_path, "Data/data_A.4lep.root", "MC/mc_345060.x.4lep.root", "MC/mc_363358.WqqZll.2lep.root")
    found = find(tmp_path, HZZ, pattern)
    assert list(found.files) == chosen
    assert found.absent == ("dataB", "llll")
    assert set(found.left_out) == {"dataA", "ggH125_ZZ4lep", "WqqZll"} - set(chosen)


def test_choosing_nothing(tmp_path: Path) -> None:
    error = refusal(make(tmp_path, "data_A.4lep.root"), choose="ttbar*")
    assert "'ttbar*'" in error.message
    assert "dataA" in error.hint


# Nothing there


def test_a_missing_folder_names_its_neighbour(tmp_path: Path) -> None:
    make(tmp_path, "samples/data_A.4lep.root")
    error = refusal(tmp_path / "sample")
    assert "no file or folder" in error.message
    assert str(tmp_path / "samples") in error.hint
    assert refusal(tmp_path / "far" / "away").hint == "Check the path."


def test_another_skim(tmp_path: Path) -> None:
    make(tmp_path, "data_A.2lep.root", "mc_363358.WqqZll.2lep.root", "mc_361106.Zee.2lep.root")
    message = refusal(tmp_path).message
    assert message.endswith("has files of skim 2lep, but 4lep (dataA, dataB, llll, ggH125_ZZ4lep) is needed")
    assert list(find(tmp_path, HZZ, "W*").files) == ["WqqZll"]


def test_the_right_skim_without_a_wanted_sample(tmp_path: Path) -> None:
    message = refusal(make(tmp_path, "mc_410000.ttbar_lep.4lep.root")).message
    assert "has mc_410000.ttbar_lep, but none of the samples needed of skim 4lep" in message


def test_other_files_only(tmp_path: Path) -> None:
    assert "has no ROOT file" in refusal(make(tmp_path, "readme.txt")).message
    error = refusal(make(tmp_path, "evil\x1b[31m.root"))
    assert "has the name of a sample" in error.message
    assert "\x1b" not in error.message
    assert "mc_345060.ggH125_ZZ4lep.4lep.root" in error.hint


def test_one_file_is_no_two_samples(tmp_path: Path) -> None:
    make(tmp_path, "mc_361106.Zee.1lep1tau.root")
    message = refusal(tmp_path, {"Zee": "1lep1tau", "Zee_1lep1tau": "1lep1tau"}).message
    assert "same files" in message


def test_an_unknown_option(tmp_path: Path) -> None:
    assert "no sample called 'Zeee'" in refusal(make(tmp_path, "data_A.4lep.root"), {"Zeee": "4lep"}).message

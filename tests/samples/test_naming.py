from __future__ import annotations

import pytest

from atlasod_tui.samples.find import parse_name
from atlasod_tui.samples.naming import Copies, merged, multiplied, parse, without_run


@pytest.mark.parametrize(
    ("name", "factor", "options", "expected"),
    [
        ("data_A.GamGam.root", 10, {}, ["data_A.GamGam.x10.root"]),
        ("data_A.GamGam.x3.root", 10, {}, ["data_A.GamGam.x30.root"]),
        ("data_A.GamGam.root", 10, {"files": 2}, ["data_A.GamGam.x10.001.root", "data_A.GamGam.x10.002.root"]),
        ("data_A.GamGam.root", 10, {"virtual": True}, ["data_A.GamGam.x10.virtual.root"]),
        ("data_A.GamGam.root", 2, {"virtual": True, "files": 2},
         ["data_A.GamGam.x2.virtual.001.root", "data_A.GamGam.x2.virtual.002.root"]),
        ("data_A.GamGam.x3.002.root", 10, {}, ["data_A.GamGam.x30.002.root"]),
        ("data_A.GamGam.x3.002.root", 2, {"files": 2}, ["data_A.GamGam.x6.003.root", "data_A.GamGam.x6.004.root"]),
        ("foo.root", 10, {}, ["foo.x10.root"]),
        ("foo", 10, {}, ["foo.x10.root"]),
        ("foo.dat", 2, {}, ["foo.dat.x2.root"]),
        ("foo.root", 1, {"files": 1}, ["foo.x1.root"]),
        ("a\nb.root", 2, {}, ["a\nb.x2.root"]),
    ],
)  # fmt: skip
def test_names_of_copies(name: str, factor: int, options: dict[str, int], expected: list[str]) -> None:
    assert multiplied(name, factor, **options) == expected  # type: ignore[arg-type]


def test_a_thousand_files_have_names_of_one_length() -> None:
    names = multiplied("foo.root", 2, files=1000)
    assert (names[0], names[-1]) == ("foo.x2.0001.root", "foo.x2.1000.root")
    assert len({len(name) for name in names}) == 1


@pytest.mark.parametrize(("factor", "virtual", "files"), [(1, False, 1), (10, False, 3), (5, True, 1), (7, True, 12)])
def test_the_names_of_samples_tell_what_is_in_them(factor: int, virtual: bool, files: int) -> None:
    for number, name in enumerate(multiplied("mc_363490.llll.4lep.root", factor, files=files, virtual=virtual), 1):
        known = parse_name(name)
        assert known is not None
        assert (known.stem, known.skim, known.factor, known.virtual) == ("mc_363490.llll", "4lep", factor, virtual)
        assert known.part == (number if files > 1 else None)


def test_a_merged_file_has_the_name_it_was_given() -> None:
    assert merged("all", 1) == merged("all.root", 1) == ["all.root"]
    assert merged("all", 3) == ["all.x3.root"]
    assert merged("all", 1, files=2) == ["all.x1.001.root", "all.x1.002.root"]


def test_what_an_ending_says() -> None:
    assert parse("foo.x10.virtual.003.root") == Copies("foo", 10, 3, virtual=True)
    assert parse("foo.virtual.root") == Copies("foo.virtual")
    assert parse("x10.root") == Copies("x10")
    assert parse("") == Copies("")


def test_the_run_that_uploaded_a_file_is_left_out() -> None:
    assert without_run("jane.run0123abcd.data_A.4lep.x2.root") == "data_A.4lep.x2.root"
    assert without_run("a.run00000000.b-c.run11111111.foo.root") == "foo.root"
    assert without_run("foo.run12.root") == "foo.run12.root"
    assert without_run("jane.run0123abcd.") == "jane.run0123abcd."

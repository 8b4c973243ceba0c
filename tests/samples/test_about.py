from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import uproot

from atlasod_tui.errors import BadFileError, UsageError
from atlasod_tui.rootfile.container import RootFile
from atlasod_tui.rootfile.items import TextObject
from atlasod_tui.rootfile.write import write_file
from atlasod_tui.samples import about
from atlasod_tui.samples.about import About
from atlasod_tui.samples.catalogue import LUMINOSITY_PB, luminosity_pb

DATA = About(synthetic=True, luminosity_pb=500.0, seed=7)
LLLL = About(synthetic=True, xsec_pb=1.25, sum_of_weights=100.0, seed=7)


def read(path: Path) -> About | None:
    with RootFile(path) as file:
        return about.read(file)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    told = About(synthetic=True, luminosity_pb=0.1, factor=3, virtual=True, sources=["data_A.4lep.root", "\u03b3"])
    write_file(tmp_path / "a.root", {"": [about.text(told)]})
    assert read(tmp_path / "a.root") == told
    with uproot.open(tmp_path / "a.root") as file:
        assert msgspec.json.decode(str(file["atlasod_tui"]), type=About) == told


def test_a_name_that_is_no_utf_8_cannot_be_told() -> None:
    with pytest.raises(UsageError, match=r"'\\udcff.root' is not valid UTF-8"):
        about.text(About(sources=["\udcff.root"]))


def test_a_file_may_say_nothing(tmp_path: Path) -> None:
    write_file(tmp_path / "a.root", {"": [TextObject("manifest", "{}")], "atlasod_tui": [TextObject("a", "b")]})
    assert read(tmp_path / "a.root") is None


@pytest.mark.parametrize("text", ["", "nonsense", '{"factor": 0}', '{"factor": "3"}', '{"luminosity_pb": -1}', "[]"])
def test_nonsense_is_damage(tmp_path: Path, text: str) -> None:
    write_file(tmp_path / "a.root", {"": [TextObject("atlasod_tui", text)]})
    with pytest.raises(BadFileError, match=r"a\.root says about itself"):
        read(tmp_path / "a.root")


def test_a_name_tells_what_a_file_does_not() -> None:
    assert about.of("data_A.4lep.x10.virtual.root", None) == About(
        factor=10, virtual=True, sources=["data_A.4lep.root"]
    )
    assert about.of("foo.x10.root", None) == About(sources=["foo.x10.root"])
    assert about.of("data_A.4lep.x10.root", About(factor=3)).factor == 3
    assert about.of("new.root", About(sources=["old.root"])).sources == ["old.root"]


def test_copies_keep_the_numbers_of_one() -> None:
    once = about.of("data_A.4lep.root", DATA)
    tenfold = about.multiplied([once], 10)
    assert (tenfold.factor, tenfold.luminosity_pb, tenfold.seed, tenfold.synthetic) == (10, 500.0, 7, True)
    assert about.multiplied([tenfold], 3, virtual=True).factor == 30
    assert about.multiplied([tenfold], 3).sources == ["data_A.4lep.root"]


def test_parts_of_the_same_events_are_more_copies() -> None:
    part = about.multiplied([about.of("data_A.4lep.root", DATA)], 10)
    assert about.multiplied([part, part, part], 2) == about.multiplied([about.of("data_A.4lep.root", DATA)], 60)


def test_luminosities_of_different_data_add_up() -> None:
    other = about.of("data_B.4lep.root", About(synthetic=True, luminosity_pb=1900.0, seed=7))
    both = about.multiplied([about.of("data_A.4lep.root", DATA), other], 3)
    assert (both.factor, both.luminosity_pb, both.seed) == (3, 2400.0, 7)
    assert both.sources == ["data_A.4lep.root", "data_B.4lep.root"]
    twice = about.multiplied([other], 2)
    uneven = about.multiplied([about.of("data_A.4lep.root", DATA), twice], 1)
    assert (uneven.factor, uneven.luminosity_pb) == (1, 500.0 + 2 * 1900.0)
    mixed = about.multiplied([about.of("data_A.4lep.root", DATA), about.of("data_B.4lep.root", None)], 1)
    assert (mixed.luminosity_pb, mixed.synthetic) == (500.0 + luminosity_pb("B"), True)
    unknown = about.multiplied([about.of("data_A.4lep.root", DATA), about.of("mine.root", None)], 1)
    assert (unknown.luminosity_pb, unknown.synthetic) == (None, True)


def test_the_same_file_generated_twice_with_other_numbers_of_events_is_different_events() -> None:
    name = "data_A.4lep.root"
    longer = about.of(name, msgspec.structs.replace(DATA, luminosity_pb=1000.0))
    both = about.multiplied([about.of(name, DATA), longer], 1)
    assert (both.factor, both.luminosity_pb, both.seed) == (1, 1500.0, 7)


def test_data_of_the_release_that_are_merged_have_the_luminosity_of_their_periods() -> None:
    parts = [about.of(f"data_{period}.4lep.root", None) for period in "ABCD"]
    whole = about.multiplied(parts, 3)
    assert whole.factor == 3
    assert whole.luminosity_pb == pytest.approx(LUMINOSITY_PB)
    uneven = about.multiplied([parts[0], about.multiplied(parts[1:2], 2)], 1)
    assert (uneven.factor, uneven.luminosity_pb) == (1, luminosity_pb("A") + 2 * luminosity_pb("B"))
    assert about.multiplied(parts[:1], 3).luminosity_pb is None


def test_sums_of_weights_of_one_process_add_up() -> None:
    name = "mc_363490.llll.4lep.root"
    other = about.of(name, msgspec.structs.replace(LLLL, seed=8, sum_of_weights=50.0))
    both = about.multiplied([about.of(name, LLLL), other], 2)
    assert (both.factor, both.sum_of_weights, both.xsec_pb, both.seed) == (2, 150.0, 1.25, None)
    assert both.sources == [name]
    another = about.of("mc_1.root", msgspec.structs.replace(LLLL, xsec_pb=2.0))
    mixed = about.multiplied([about.of(name, LLLL), another], 2)
    assert (mixed.xsec_pb, mixed.sum_of_weights) == (None, None)


def test_two_processes_of_one_cross_section_are_two() -> None:
    parts = [about.of(f"mc_{name}.2lep.root", LLLL) for name in ("361107.Zmumu", "361108.Ztautau")]
    both = about.multiplied(parts, 1)
    assert (both.xsec_pb, both.sum_of_weights) == (None, None)

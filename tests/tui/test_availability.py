from __future__ import annotations

import pytest

from atlasod_tui.engine.registry import analysis
from atlasod_tui.tui.analyses.availability import Availability, Stock, StockFile, Where, availability, summary


def stock(*names: str, where: Where = Where.LOCAL, size: int | None = 10) -> Stock:
    return Stock([StockFile(name, where, "/d", size) for name in names])


def state(there: Availability, name: str) -> Where:
    return next(one.where for one in there.samples if one.name == name)


def test_samples_are_found_by_the_names_of_their_files() -> None:
    local = [StockFile("data_A.4lep.root", Where.LOCAL, "/d", 7)]
    lake = [StockFile(f"mc_{name}.4lep.root", Where.LAKE, "s:set", 100) for name in ("363490.llll", "345060.x")]
    there = availability(analysis("HZZ"), Stock([*local, *lake]))
    assert [group.name for group in there.groups] == ["data", "V", "Z_Z", "Higgs"]
    assert state(there, "dataA") is Where.LOCAL
    assert (state(there, "llll"), state(there, "ggH125_ZZ4lep")) == (Where.LAKE, Where.LAKE)
    assert there.counts == {Where.LOCAL: 1, Where.LAKE: 2, Where.MISSING: 30}
    assert summary(there) == "1 local, 2 on the lake, 30 missing"
    assert there.bytes == 207
    assert not there.hopeless


def test_a_sample_of_another_skim_is_another_sample() -> None:
    there = availability(analysis("HZZ"), stock("data_A.2lep.root", "mc_361100.Wplusenu.4lep.root"))
    assert there.hopeless
    there = availability(analysis("HZZ"), stock("mc_361100.Wplusenu.2lep.root"))
    assert state(there, "Wplusenu") is Where.LOCAL


def test_names_of_nothing_are_passed_over() -> None:
    assert availability(analysis("HZZ"), stock("x.root", "", "\x1b[2J", "data_A.4lep.root.part")).hopeless


def test_multiplied_files_in_parts_are_one_set_and_two_factors_are_not() -> None:
    parts = availability(analysis("HZZ"), stock("data_A.4lep.x4.001.root", "jane.run0123abcd.data_A.4lep.x4.002.root"))
    assert (parts.twice, state(parts, "dataA")) == ((), Where.LOCAL)
    assert availability(analysis("HZZ"), stock("data_A.4lep.root", "data_A.4lep.x4.root")).twice == ("dataA",)
    assert availability(analysis("HZZ"), stock("data_A.4lep.root", "data_A.4lep.root")).twice == ("dataA",)


def test_what_is_there_in_part_is_to_be_fetched() -> None:
    files = [
        StockFile("data_A.4lep.x4.001.root", Where.LOCAL, "/d"),
        StockFile("data_A.4lep.x4.002.root", Where.LAKE, "s:set"),
        StockFile("data_B.4lep.x4.001.root", Where.LAKE, "s:set"),
        StockFile("data_B.4lep.x4.002.root", Where.COMING, "s:set"),
    ]
    there = availability(analysis("HZZ"), Stock(files))
    assert (state(there, "dataA"), state(there, "dataB")) == (Where.LAKE, Where.COMING)
    assert summary(there) == "1 on the lake, 1 coming, 31 missing"
    assert there.samples[0].places == ("/d", "s:set")
    assert there.bytes is None


@pytest.mark.parametrize("otherwise", [Where.MADE, Where.UNKNOWN])
def test_what_cannot_be_told_yet_is_not_missing(otherwise: Where) -> None:
    there = availability(analysis("Hyy"), Stock(otherwise=otherwise))
    assert set(there.counts) == {otherwise}
    assert not there.hopeless

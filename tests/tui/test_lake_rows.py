"""What the lists of the lake show of their rows, whatever these are called."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from atlasod_tui.lake.model import DID, Dataset, DIDType, FileEntry, Replica, ReplicaState, Scope
from atlasod_tui.tui.basket import Pick
from atlasod_tui.tui.cells import Cell
from atlasod_tui.tui.lake.levels import Kind, Level, Row, Spot
from atlasod_tui.tui.lake.rows import (
    columns,
    cut,
    pick_of,
    replica_signs,
    replica_word,
    sample_of,
    short_name,
    summary,
    text_of,
    xsec_of,
)
from atlasod_tui.tui.looks.look import ASCII, UNICODE
from tests.tui import fake_content as content
from tests.tui import hostile

LEVELS = {
    Kind.SCOPES: Level(Spot()),
    Kind.DATASETS: Level(Spot(Kind.DATASETS, "opendata")),
    Kind.FILES: Level(Spot(Kind.FILES, "opendata", "2020.4lep")),
}
FILE = content.FILES[DID("opendata", "mc_345060.ggH125_ZZ4lep.4lep.root")]


def shown(level: Level, row: Row) -> dict[str, str]:
    """Return what each column shows of a row."""
    found: dict[str, str] = {}
    for column in columns(level, lambda _: content.replicas(FILE), UNICODE):
        cell = column.cell(row)
        found[column.title] = cell.text if isinstance(cell, Cell) else cell
    return found


def replicas(*states: ReplicaState) -> list[Replica]:
    """Return replicas in these states, on storage elements in that order."""
    return [Replica(FILE, f"RSE{number}", (), state) for number, state in enumerate(states)]


@pytest.mark.parametrize(
    ("name", "at_80"),
    [
        ("student.run0123abcd.2020.4lep.x3", "student.run0123abcd.2020.4lep.x3"),
        ("student.run0123abcd.mc_363490.llll.4lep.x3", "…run0123abcd.mc_363490.llll.4lep.x3"),
        ("student.runa123abcd.mc_345060.ggH125_ZZ4lep.4lep.x30.root", "…runa123abcd.…_ZZ4lep.4lep.x30.root"),
        ("mc_345060.ggH125_ZZ4lep.ATLAS.Open.Data.4lep.root", "…5_ZZ4lep.ATLAS.Open.Data.4lep.root"),
        ("s.run0123abcd." + "\x1b" * 30, "…run0123abcd.…b" + "\\x1b" * 5),
    ],
    ids=["whole", "of-a-run", "long-of-a-run", "of-the-release", "hostile"],
)
def test_a_name_that_is_cut_keeps_what_tells_it_from_others(name: str, at_80: str) -> None:
    for width in (*range(1, 60), 35):
        assert cell_len(cut(name, width, more="…")) <= width
        assert not set(cut(name, width, more="…")) & hostile.FORBIDDEN
    assert columns(LEVELS[Kind.DATASETS], lambda _: (), UNICODE)[0].cut is cut
    assert cut(name, 35, more="…") == at_80


def test_columns_of_a_file() -> None:
    assert shown(LEVELS[Kind.FILES], FILE) == {
        "name": "mc_345060.ggH125_ZZ4lep.4lep.root",
        "sample": "MC 345060",
        "size": "50.5 MB",
        "events": "299 k",
        "xsec/pb": "0.006024",
        "replicas": "!●○ 1/3",
        "state": "bad",
    }


def test_columns_of_datasets_and_scopes() -> None:
    dataset = Dataset(DID("opendata", "2020.4lep"), DIDType.DATASET, 18, 308 * 10**6)
    expected = {"name": "2020.4lep", "type": "dataset", "files": "18", "size": "308 MB", "state": ""}
    assert shown(LEVELS[Kind.DATASETS], dataset) == expected
    container = Dataset(DID("opendata", "2020"), DIDType.CONTAINER)
    assert shown(LEVELS[Kind.DATASETS], container)["files"] == "-"
    assert shown(LEVELS[Kind.SCOPES], Scope("opendata")) == {"scope": "opendata", "owner": "-"}
    level = Level(LEVELS[Kind.DATASETS].spot, names_only=frozenset({"2020.4lep"}))
    assert shown(level, dataset)["state"] == "names only"


def test_the_scope_stands_before_names_of_another_one() -> None:
    file = FileEntry(DID("user.student", "a.root"))
    assert short_name(file, LEVELS[Kind.FILES]) == "user.student:a.root"


@pytest.mark.parametrize(
    ("name", "sample", "xsec"),
    [
        ("data_A.4lep.root", "data A", ""),
        ("mc_363490.llll.4lep.root", "MC 363490", "1.258"),
        ("student.run0123abcd.mc_363490.llll.4lep.x3.root", "MC 363490 x3", "1.258"),
        ("something.root", "", ""),
    ],
)
def test_what_a_name_says(name: str, sample: str, xsec: str) -> None:
    assert (sample_of(name), xsec_of(name)) == (sample, xsec)


AVAILABLE, COPYING, BAD = ReplicaState.AVAILABLE, ReplicaState.COPYING, ReplicaState.BAD


@pytest.mark.parametrize(
    ("states", "signs", "in_ascii", "word", "style"),
    [
        ([AVAILABLE, AVAILABLE], "●● 2/2", "** 2/2", "ok", "good"),
        ([AVAILABLE, COPYING], "●○ 1/2", "*o 1/2", "copying", "warning"),
        ([COPYING, BAD, AVAILABLE], "○!● 1/3", "o!* 1/3", "bad", "warning"),
        ([ReplicaState.TEMPORARY_UNAVAILABLE], "! 0/1", "! 0/1", "unavailable", "bad"),
        ([ReplicaState.BEING_DELETED], "! 0/1", "! 0/1", "deleted", "bad"),
        ([], "0/0", "0/0", "no replica", "bad"),
        ([AVAILABLE] * 12, "●● 12/12", "** 12/12", "ok", "good"),
    ],
)
def test_replicas_in_signs_and_words(
    states: list[ReplicaState], signs: str, in_ascii: str, word: str, style: str
) -> None:
    assert replica_signs(replicas(*states), UNICODE) == (signs, style)
    assert replica_signs(replicas(*states), ASCII).text == in_ascii
    assert replica_word(replicas(*states)) == (word, style)


def test_nothing_is_said_of_replicas_before_they_are_known() -> None:
    assert replica_signs(None, UNICODE).text == replica_word(None).text == ""


def test_picks_know_what_is_known() -> None:
    assert pick_of(Scope("opendata"), "fake") is None
    assert pick_of(FILE, "fake") == Pick(FILE.did, DIDType.FILE, FILE.bytes, FILE.events, 1, "fake")
    dataset = Dataset(DID("s", "d"), DIDType.CONTAINER, 3, 5)
    assert pick_of(dataset, "fake") == Pick(dataset.did, DIDType.CONTAINER, 5, None, 3, "fake")


@pytest.mark.parametrize(
    ("count", "total", "wishes", "words"),
    [
        (18, 18, {}, "18 files"),
        (1, 1, {}, "1 file"),
        (12400, 12400, {"loading": True}, "12 400 files so far"),
        (3, 18, {"filter_text": "zee"}, "3 of 18 files"),
    ],
)
def test_how_much_there_is(count: int, total: int, wishes: dict[str, Any], words: str) -> None:
    asked = {"loading": False, "filter_text": "", **wishes}
    assert summary(count, total, Kind.FILES, **asked) == words


@pytest.mark.parametrize("name", hostile.NAMES, ids=hostile.IDS)
def test_any_name_will_do(name: str) -> None:
    rows: list[tuple[Kind, Row]] = [
        (Kind.SCOPES, Scope(name, name)),
        (Kind.DATASETS, Dataset(DID(name, name))),
        (Kind.FILES, FileEntry(DID(name, name))),
    ]
    for kind, row in rows:
        assert text_of(row) == name
        for column in columns(LEVELS[kind], lambda _: None, UNICODE):
            column.cell(row)
            if column.sort is not None:
                column.sort(row)

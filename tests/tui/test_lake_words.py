"""The sentences of the lake's page, word for word."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from atlasod_tui.errors import AtlasodError, LakeAwayError, LakeError, LoginError
from atlasod_tui.lake.model import DID, DIDType
from atlasod_tui.tui.basket import Basket, Pick
from atlasod_tui.tui.cells import Line
from atlasod_tui.tui.lake.levels import Kind, Level, Row, Spot
from atlasod_tui.tui.widgets.lake_words import Seen, basket_line, clock, empty, status, trouble
from atlasod_tui.tui.world import World
from tests.tui import fake_content as content
from tests.tui import hostile
from tests.tui.fake_content import NOW
from tests.tui.piloting import make_world

FILES = Spot(Kind.FILES, "opendata", "2020.4lep")
ROWS: list[Row] = list(content.CONTENT[DID("opendata", "2020.4lep")])
BEFORE = NOW - timedelta(hours=2)
AWAY = "Lake unreachable (cached listing from 10:03 UTC). R retry · analyses on local files still work."


def level(**facts: Any) -> Level:
    """Return a level of files."""
    return Level(FILES, **{"rows": ROWS, "complete": True, "at": NOW, **facts})


def joined(line: Line) -> str:
    """Return the text of a line."""
    return "".join(part.text for part in line).rstrip()


def told(one: Level, seen: Seen | None = None, width: int = 160) -> list[str]:
    """Return the lines above a list."""
    return [joined(line) for line in status(one, seen or Seen(len(one.rows)), make_world(), width)]


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (level(), ""),
        (level(since=BEFORE), AWAY),
        (level(since=BEFORE, complete=False), ""),
        (level(since=BEFORE, complete=False, error=LakeAwayError("it hangs")), AWAY),
        (
            level(rows=[], complete=False, error=LakeAwayError("the lake fake does not answer")),
            "Lake unreachable: the lake fake does not answer. R retry · analyses on local files still work.",
        ),
        (
            level(complete=False, error=LakeAwayError("the agent ended")),
            "The listing breaks off: the agent ended. R retry · analyses on local files still work.",
        ),
        (level(error=LoginError("the token has ended", "`login` helps")), "The token has ended. I log in · R retry"),
        (
            level(error=LakeError("there is no such scope", "Look again")),
            "There is no such scope. Look again. R retry.",
        ),
    ],
)
def test_what_is_wrong(one: Level, sentence: str) -> None:
    assert trouble(one, make_world()) == sentence


def test_the_line_above_a_list() -> None:
    assert told(level()) == [" 18 files · as of 12:03 UTC"]
    assert told(level(), Seen(3, "zee", "size", True)) == [" 3 of 18 files · filter /zee · by size ▼ · as of 12:03 UTC"]
    assert told(level(complete=False, loading=True)) == [" 18 files so far · asking fake…"]
    assert told(level(loading=True, since=BEFORE, complete=False)) == [
        " 18 files · asking fake, cached listing from 10:03 UTC…"
    ]
    assert told(level(since=BEFORE), width=60) == [
        " 18 files",
        " Lake unreachable (cached listing from 10:03 UTC). R retry ·",
        " analyses on local files still work.",
    ]
    assert told(level(rows=[], error=LakeError("no"), at=None, complete=False)) == [" files"]


def test_the_date_is_told_where_it_is_another_one() -> None:
    assert clock(NOW - timedelta(days=3), NOW) == "11 Mar 12:03 UTC"


def test_a_clock_far_from_greenwich_tells_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert clock(NOW, NOW) == "12:03 UTC"


def nothing(one: Level, filter_text: str = "", world: World | None = None) -> list[str]:
    """Return what stands in place of rows."""
    return empty(one, filter_text, world or make_world(), 76).splitlines()


@pytest.mark.parametrize(
    ("one", "filter_text", "expected"),
    [
        (level(), "zee", ["No files match `/zee`.", "esc clears the filter."]),
        (level(rows=[], loading=True), "", ["Asking fake for files…"]),
        (level(rows=[]), "", ["2020.4lep holds no files.", "esc goes back."]),
        (level(rows=[], complete=False), "", ["R asks for files."]),
        (Level(Spot(), complete=True), "", ["This lake has no scopes."]),
        (
            Level(Spot(Kind.DATASETS, "results"), complete=True),
            "",
            ["The scope results has no datasets.", "w searches by metadata."],
        ),
        (
            Level(Spot(Kind.FILES, "opendata", "", "*", (("factor", "3"),)), complete=True),
            "",
            ["Nothing in opendata meets `factor=3`.", "w searches by metadata."],
        ),
        (
            level(rows=[], error=LakeAwayError("it hangs"), complete=False),
            "",
            ["Lake unreachable: it hangs. R retry · analyses on local files still work."],
        ),
    ],
)
def test_what_stands_in_place_of_rows(one: Level, filter_text: str, expected: list[str]) -> None:
    assert nothing(one, filter_text) == expected


def test_without_a_lake_one_is_to_be_chosen() -> None:
    world = make_world()
    world.lake = None
    told = nothing(Level(Spot()), world=world)
    assert told == ["No lake is chosen yet.", "L lists them, with a sandbox to practise in."]


def test_keys_are_the_user_s_own() -> None:
    world = make_world(keys={"app.refresh": "f5"})
    assert "f5 retry" in trouble(level(error=LakeAwayError("it hangs")), world)


def picks(number: int, lake: str = "fake") -> list[Pick]:
    """Return some picks."""
    return [Pick(DID("s", f"data_{n}.root"), DIDType.FILE, 10**8, 1000, 1, lake) for n in range(number)]


def test_the_basket() -> None:
    world = make_world()
    assert joined(basket_line(Basket(), world, 80)) == " · Nothing picked yet: space on a file or a dataset."
    basket = Basket(picks(3))
    keys = " m multiply  a analyse  f fetch  c put back"
    assert joined(basket_line(basket, world, 80)) == " ▶ 3 picked · 300 MB · 3 k events  " + keys
    narrow = joined(basket_line(basket, world, 60))  # where sums would push the keys out
    assert narrow.split("   ")[0] == " ▶ 3 picked"
    assert narrow.endswith(keys)
    wide = joined(basket_line(basket, world, 139))
    assert wide.startswith(" ▶ 3 picked · 300 MB · 3 k events  data_0.root, data_1.root, data_2.root ")
    assert wide.endswith(keys)
    assert joined(basket_line(basket, world, 140)).endswith("   c put back")  # the key bar has the others
    other = joined(basket_line(Basket([*picks(1), *picks(2, "sandbox")]), world, 140))
    assert other.startswith(" ▶ 3 picked · 2 of another lake · ")
    unknown = joined(basket_line(Basket([Pick(DID("s", "d"), DIDType.CONTAINER, lake="fake")]), world, 140))
    assert unknown.startswith(" ▶ 1 picked  d ")


@pytest.mark.parametrize("name", hostile.NAMES, ids=hostile.IDS)
def test_hostile_texts_are_harmless(name: str) -> None:
    world = make_world()
    spot = Spot(Kind.FILES, name, name)
    errors: list[AtlasodError] = [LakeError(name, name), LoginError(name), LakeAwayError(name)]
    said = [empty(Level(spot, complete=True), name, world, 76), empty(Level(spot, rows=ROWS), name, world, 76)]
    for error in errors:
        said += told(Level(spot, rows=ROWS, error=error), Seen(0, name), 80)
        said.append(empty(Level(spot, error=error), "", world, 76))
    basket = Basket([Pick(DID(name, name), lake="fake"), Pick(DID(name, f"{name}2"), lake=name)])
    said += [joined(basket_line(basket, world, width)) for width in (80, 200)]
    for text in said:
        assert not set(text) & (hostile.FORBIDDEN - {"\n"})

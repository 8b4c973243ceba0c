"""The lake's page: the way down and back, details, filter, picks, a lake that is slow, away, or another one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from textual.events import Key
from textual.widgets import Input

from atlasod_tui.errors import LakeAwayError, LoginError
from atlasod_tui.lake.agent.protocol import Datasets, Files, Replicas, Scopes, Show
from atlasod_tui.lake.model import DID
from atlasod_tui.tui import wishes
from atlasod_tui.tui.widgets.key_bar import KeyBar
from tests.tui import hostile
from tests.tui.fake_content import NOW
from tests.tui.fake_lake import FakeLake
from tests.tui.lake_app import walking
from tests.tui.piloting import in_loop, make_world

WIDE = (160, 48)
BEFORE = NOW - timedelta(hours=2)


@in_loop
async def test_the_way_down_and_back_asks_nothing_twice() -> None:
    lake = FakeLake()
    async with walking(lake) as walk:
        await walk.open("opendata", "2020.4lep")
        await walk.sees("opendata ▸ 2020.4lep", "18 files · as of 12:03 UTC", "data_A.4lep.root", "!●○ 1/3", "bad")
        await walk.press("down", "down", "escape")
        await walk.sees("9 datasets")
        assert walk.row() == "2020.4lep"
        await walk.press("right")
        await walk.sees("18 files")
        assert walk.row() == "data_C.4lep.root"
        await walk.press("left", "left")
        await walk.sees("3 scopes")
        assert walk.row() == "opendata"
        await walk.press("escape", "escape")
        assert walk.app.is_running
        assert [len(lake.questions(kind)) for kind in (Scopes, Datasets, Files, Replicas)] == [1, 1, 1, 1]
        await walk.press("R")
        await walk.until(lambda: len(lake.questions(Scopes)) == 2)


@in_loop
async def test_containers_list_the_files_of_all_they_contain() -> None:
    async with walking() as walk:
        await walk.open("opendata", "2020")
        await walk.sees("22 files", "data_A.4lep.root")


@in_loop
async def test_datasets_of_the_sandbox_that_are_names_only_say_so() -> None:
    async with walking(FakeLake("sandbox")) as walk:
        await walk.open("opendata")
        await walk.sees("names only")
        assert walk.page.levels.here.names_only == {"2020.GamGam"}


@in_loop
async def test_details_in_place_of_the_list() -> None:
    async with walking() as walk:
        await walk.open("opendata", "2020.4lep", "mc_363490.llll.4lep.root")
        await walk.sees(
            "replicas: 2 of 3 there", "! INFN_NAPOLI-DCACHE: unavailable", "ends 2026-03-21 11:03 UTC, in 6 d 23 h"
        )
        assert "18 files" not in walk.text
        assert walk.page.why_not("lake.filter")
        copied, same = walk.page.copied(), walk.page.equivalent()
        assert copied is not None
        assert same is not None
        assert copied.text == "opendata:mc_363490.llll.4lep.root"
        assert same.arguments == ("show", "--lake", "fake", "opendata:mc_363490.llll.4lep.root")
        await walk.press("down", *["down"] * 8)
        assert walk.page.copied() == walk.page.details.cursor.copied  # type: ignore[union-attr]
        assert walk.page.copied().what == "URL"  # type: ignore[union-attr]
        await walk.press("escape")
        await walk.sees("18 files")
        assert walk.row() == "mc_363490.llll.4lep.root"


@in_loop
async def test_a_running_cursor_asks_once_where_the_details_are_always_there() -> None:
    lake = FakeLake()
    async with walking(lake, WIDE) as walk:
        await walk.open("opendata", "2020.4lep")
        await walk.sees("on this machine: ~/data")
        asked = len(lake.questions(Show))
        await walk.press(*["down"] * 12)
        await walk.sees("opendata:mc_363356.ZqqZll.4lep.root")
        await walk.until(lambda: len(lake.questions(Show)) == asked + 1)
        assert "2020.GamGam.data" in walk.text  # the list above is beside it
        await walk.press("shift+tab", "down", "enter")
        await walk.until(lambda: walk.page.crumbs()[-1] != "2020.4lep")
        assert walk.page.crumbs() == ["opendata", "2020.4lep.all"]
        await walk.pilot.resize_terminal(80, 24)
        await walk.until(lambda: not walk.page.details.display)


@in_loop
async def test_filter_and_order() -> None:
    async with walking() as walk:
        await walk.open("opendata", "2020.4lep")
        await walk.press("slash", *"Zee")
        await walk.sees("1 of 18 files · filter /Zee")
        assert walk.row() == "mc_361106.Zee.4lep.root"
        await walk.press("enter")
        await walk.until(lambda: not walk.page.query_one("#filter", Input).display)
        assert walk.page.equivalent().pipe == ("grep", "-i", "^[^:]*:[^ ]*zee")  # type: ignore[union-attr]
        await walk.press("escape")
        await walk.sees("18 files · as of")
        assert walk.row() == "data_A.4lep.root"
        await walk.press("slash", *"xyz")
        await walk.sees("No files match `/xyz`.", "esc clears the filter.")
        await walk.press("escape", "s", "s", "S")
        await walk.sees("by size ▼")
        assert walk.row() == "mc_363490.llll.4lep.root"


@in_loop
async def test_picks_and_what_is_done_with_them() -> None:
    async with walking() as walk:
        assert walk.page.why_not("lake.multiply")
        await walk.open("opendata", "2020.4lep")
        await walk.press("space", "space")
        await walk.sees(
            "2 picked · 103 kB · 195 events", "m multiply  a analyse  f fetch  c put back", " ● data_A.4lep.root"
        )
        await walk.press("down", "v", "down", "space")
        await walk.sees("4 picked")
        await walk.press("asterisk")
        await walk.sees("14 picked")
        await walk.press("U", "U")
        await walk.sees("2 picked")
        await walk.press("m", "a", "f", "u", "c")
        await walk.sees("Nothing picked yet: space on a file or a dataset.")
        await walk.press("U", "c", "m")
        await walk.until(lambda: len(walk.app.wished) == 5)
        picked, analysed, got, uploaded, under = walk.app.wished
        assert [pick.did.name for pick in picked.picks] == ["data_A.4lep.root", "data_B.4lep.root"]
        assert (analysed.picks, got.picks) == (picked.picks, picked.picks)
        assert uploaded == wishes.UploadWanted(None)
        assert [pick.did.name for pick in under.picks] == [walk.row()]


@in_loop
async def test_a_listing_from_memory_while_the_lake_is_away() -> None:
    lake = FakeLake(remembers=BEFORE, failure=LakeAwayError("the lake fake does not answer"))
    async with walking(lake) as walk:
        await walk.sees("opendata", "Lake unreachable (cached listing from 10:03 UTC). R retry", "fake away")
        await walk.open("opendata")
        await walk.sees("2020.4lep", "cached listing from 10:03")
        lake.agent.failure = None
        await walk.press("R")
        await walk.sees("9 datasets · as of 12:03 UTC", "fake ok")


@in_loop
async def test_nothing_remembered_and_the_lake_away_or_wanting_a_login() -> None:
    lake = FakeLake(failure=LakeAwayError("the lake fake does not answer"))
    async with walking(lake) as walk:
        await walk.sees("Lake unreachable: the lake fake does not answer. R retry", "files still work.")
        lake.agent.failure = LoginError("the token has ended")
        await walk.press("R")
        await walk.sees("The token has ended. I log in · R retry")
        await walk.press("I")
        await walk.until(lambda: walk.app.wished)
        assert walk.app.wished == [wishes.LoginWanted("fake")]


@in_loop
async def test_a_hung_lake_takes_no_keys_away() -> None:
    lake = FakeLake(remembers=BEFORE, gates={"every": asyncio.Event()})
    async with walking(lake) as walk:
        await walk.sees("asking fake, cached listing from 10:03 UTC…", "user.student")
        await walk.press("down", "down")
        assert walk.row() == "user.student"
        await walk.press("up", "up", "enter")
        await walk.sees("2020.GamGam.data")
        await walk.press("escape")
        await walk.until(lambda: walk.page.crumbs() == ["scopes"])
        assert lake.agent.cancelled == 1  # what nobody looks at is not waited for
        lake.agent.gates["every"].set()
        await walk.sees("3 scopes · as of 12:03 UTC")
        assert walk.row() == "opendata"


@in_loop
async def test_many_rows_arrive_while_keys_work() -> None:
    lake = FakeLake(many=20_000, gates={"rest": asyncio.Event()})
    async with walking(lake) as walk:
        await walk.open("opendata")
        walk.page.here.seek(("opendata", "many"))
        await walk.press("enter")
        await walk.sees("2 000 files so far · asking fake")
        await walk.press("down", "down", "down")
        lake.agent.gates["rest"].set()
        await walk.sees("20 000 files · as of")
        await walk.until(lambda: walk.page.here.count == 20_000)  # each has its place by now
        assert walk.row() == "file.000003.GamGam.root"
        await walk.press("G", "slash", *"19999")
        await walk.sees("1 of 20 000 files")
        await walk.press("escape", "escape", "enter")
        await walk.until(lambda: walk.row() == "file.019999.GamGam.root")
        assert len(lake.questions(Files)) == 1


@in_loop
async def test_keys_pressed_before_the_rows_come_are_done_when_they_come() -> None:
    gate = asyncio.Event()
    async with walking(FakeLake(gates={"files": gate})) as walk:
        await walk.open("opendata")
        walk.page.here.seek(("opendata", "2020.4lep"))
        await walk.press("enter")
        await walk.until(lambda: walk.page.crumbs()[-1] == "2020.4lep")
        await walk.press("G", "up", "space", "g", "down", "space")
        assert not walk.app.world.basket
        gate.set()
        await walk.sees("18 files", "2 picked")
        await walk.until(lambda: walk.row() == "data_C.4lep.root")
        assert [pick.did.name for pick in walk.app.world.basket] == [
            "mc_410000.ttbar_lep.4lep.root",
            "data_B.4lep.root",
        ]
        await walk.press("up")
        assert walk.row() == "data_B.4lep.root"


@in_loop
async def test_keys_pressed_for_a_list_that_was_left_are_forgotten() -> None:
    gate = asyncio.Event()
    async with walking(FakeLake(gates={"files": gate})) as walk:
        await walk.open("opendata")
        for name in ("2020.4lep", "2020.empty"):
            walk.page.here.seek(("opendata", name))
            await walk.press("enter")
            await walk.until(lambda name=name: walk.page.crumbs()[-1] == name)
            await walk.press("down", "space")
            if name == "2020.4lep":
                await walk.press("escape")
                await walk.until(lambda: len(walk.page.tables) == 2)
                assert walk.row() == "2020.4lep"
        assert walk.page.here.ahead
        gate.set()
        await walk.sees("0 files")
        assert not walk.page.here.ahead
        await walk.press("escape")
        await walk.open("2020.4lep")
        assert walk.row() == "data_A.4lep.root"
        assert not walk.app.world.basket


@in_loop
async def test_what_is_pressed_right_after_a_row_is_opened_is_for_what_it_holds() -> None:
    async with walking() as walk:
        await walk.open("opendata")
        for key in ("down", "enter", "down", "space"):  # as they come in one packet
            walk.app.post_message(Key(key, None))
        await walk.until(lambda: walk.row() == "data_C.4lep.root")
        assert [pick.did.name for pick in walk.app.world.basket] == ["data_B.4lep.root"]
        await walk.press("escape")
        await walk.until(lambda: walk.page.crumbs() == ["opendata"])
        assert walk.row() == "2020.4lep"
        await walk.press("down")
        assert walk.row() == "2020.4lep.all"


@in_loop
async def test_the_session_is_found_again() -> None:
    async with walking() as walk:
        await walk.open("opendata", "2020.4lep")
        await walk.press("s", "s", "slash", *"llll", "enter", "down")
        await walk.until(lambda: walk.row() == "mc_363490.llll.4lep.root")
        kept = walk.page.remembered()
    lake, world = FakeLake(), make_world()
    world.lake, world.memory.kept.pages = lake, {"lake": kept}
    lake._changed = lambda: world.tell("lake")
    async with walking(world=world) as walk:
        await walk.sees("opendata ▸ 2020.4lep", "of 18 files · filter /llll · by size ▲")
        await walk.until(lambda: walk.row() == "mc_363490.llll.4lep.root")
        assert not lake.questions(Scopes)
        await walk.press("escape", "escape")
        await walk.sees("9 datasets")
        await walk.until(lambda: walk.row() == "2020.4lep")
        await walk.press("escape")
        await walk.sees("3 scopes")


@in_loop
async def test_another_lake_and_back() -> None:
    first, second = FakeLake(), FakeLake("other")
    async with walking(first) as walk:
        second._changed = first._changed
        await walk.open("opendata", "2020.4lep")
        await walk.press("down", "space")
        walk.app.world.lake = second
        walk.app.world.tell("lake")
        await walk.sees("other ok", "3 scopes", "1 picked · 1 of another lake")
        assert walk.page.wanted() == ()
        walk.app.world.lake = first
        walk.app.world.tell("lake")
        await walk.sees("opendata ▸ 2020.4lep", "18 files")
        await walk.until(lambda: walk.row() == "data_C.4lep.root")
        assert len(first.questions(Files)) == 1


@in_loop
async def test_without_a_lake_one_is_to_be_chosen() -> None:
    world = make_world()
    world.lake = None
    world.memory.kept.lake = ""
    async with walking(world=world) as walk:
        await walk.until(lambda: "No lake is chosen yet." in walk.page.here.placeholder)
        assert walk.page.why_not("lake.search")
        assert walk.page.equivalent() is None


@pytest.mark.parametrize("size", [(80, 24), WIDE])
@in_loop
async def test_hostile_names_are_harmless(size: tuple[int, int]) -> None:
    async with walking(FakeLake(hostile=hostile.NAMES), size) as walk:

        def harmless() -> None:
            assert not set(walk.text) & (hostile.FORBIDDEN - {"\n"})

        await walk.open("opendata", "hostile")
        await walk.sees("12 files", "[link=file:///etc/passwd]x[/link]")
        harmless()
        await walk.press("asterisk")
        await walk.sees("12 picked")
        harmless()
        for name in hostile.NAMES:
            walk.page.here.seek(("opendata", name))
            walk.page.action_details()
            await walk.until(lambda: walk.page.details.card is not None and walk.page.details.card.asked)
            harmless()
            assert walk.page.copied().text == str(DID("opendata", name))  # type: ignore[union-attr]
            assert walk.page.equivalent() is not None
            await walk.press("escape")
        await walk.press("escape", "escape")
        await walk.sees("15 scopes")
        harmless()
        for name in hostile.NAMES[:3]:
            await walk.open(name)
            harmless()
            await walk.press("escape")
            await walk.until(lambda: len(walk.page.levels.way) == 1)


@in_loop
async def test_it_is_told_for_how_long_a_lake_has_been_asked_and_when_it_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("atlasod_tui.tui.screens.lake_lists.COUNTED_EVERY", 0.01)
    gate, later = asyncio.Event(), timedelta()
    world = make_world(FakeLake(gates={"every": gate}), now=lambda: NOW + later)
    async with walking(world=world) as walk:
        await walk.sees("Asking fake for scopes")
        assert "s so far" not in walk.text
        later = timedelta(seconds=17)
        await walk.sees("17 s so far; after 120 s without an answer it is given up.", "asking fake for 17 s")
        later = timedelta(seconds=18)
        await walk.sees("18 s so far")
        gate.set()
        await walk.sees("3 scopes")
        await walk.until(lambda: walk.page._clock is None)


@in_loop
async def test_the_key_bar_says_what_can_be_done_here() -> None:
    def bar() -> str:
        return walk.text.splitlines()[-1]

    async with walking() as walk:
        await walk.sees("opendata")
        await walk.until(lambda: bar().startswith(" enter open  / filter  i details  L lakes"))  # scopes are not picked
        await walk.open("opendata", "2020.4lep")
        await walk.until(lambda: bar() == " space pick  enter open  / filter  i details  ? help  : command")
        await walk.pilot.click(KeyBar, offset=(2, 0))
        await walk.sees("1 picked")
        walk.page.here.seek(("opendata", "mc_363490.llll.4lep.root"))
        await walk.press("i")
        await walk.until(lambda: walk.page.details.card is not None and walk.page.details.card.asked)
        while walk.page.rule is None:
            await walk.press("down")
        await walk.until(lambda: bar() == " r extend rule  x end rule  enter open  a analyse  ? help  : command")

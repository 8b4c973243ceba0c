"""The dialogs of the lake's page: search, another lake, until when a rule holds, and its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlasod_tui.errors import LakeError
from atlasod_tui.lake.agent.protocol import Datasets, FindFiles, Show
from atlasod_tui.tui import wishes
from atlasod_tui.tui.lake.levels import Kind, Spot
from atlasod_tui.tui.widgets.field import Field
from tests.tui.fake_lake import FakeLake
from tests.tui.lake_app import Walk, walking
from tests.tui.piloting import FakeVerbs, in_loop

RULE = "b" * 32


@in_loop
async def test_a_search_is_a_list_of_its_own() -> None:
    lake = FakeLake()
    async with walking(lake) as walk:
        await walk.open("user.student")
        await walk.press("w", *"factor=3")
        await walk.sees("$ atlasod-tui ls --lake fake --where factor=3 'user.student:*'")
        await walk.press("down", "up", "f4")
        await walk.sees("lake.datasets('user.student', '*', {'factor': '3'})")
        await walk.press("escape", "enter")
        await walk.sees("user.student ▸ search: factor=3", "1 dataset · as of")
        await walk.until(lambda: walk.row() == "run0123abcd.x3")
        assert Datasets("user.student", "*", {"factor": "3"}) in lake.questions(Datasets)
        same = walk.page.equivalent()
        assert same is not None
        assert same.arguments == ("ls", "--lake", "fake", "--where", "factor=3", "user.student:*")
        await walk.open("run0123abcd.x3")
        await walk.sees("mc_363490.llll.4lep.x3.root")
        await walk.press("escape", "escape")
        await walk.sees("2 datasets")


@in_loop
async def test_a_search_for_files_and_what_cannot_be_searched() -> None:
    lake = FakeLake()
    async with walking(lake) as walk:
        await walk.open("opendata", "2020.4lep")
        await walk.press("w", *"name=a", "enter")
        await walk.sees("! A name is no condition. It is given as SCOPE:PATTERN.")
        await walk.press(*["backspace"] * 6, *"dsid=363490", "enter")
        await walk.sees("1 file", "mc_363490.llll.4lep.root")
        assert lake.questions(FindFiles) == [FindFiles("opendata", "*", {"dsid": "363490"})]
        assert walk.page.levels.here.spot == Spot(Kind.FILES, "opendata", "", "*", (("dsid", "363490"),))
        await walk.press("w", *"skim=no", "enter")
        await walk.sees("Nothing in opendata meets `skim=no`.", "w searches by metadata.")


@pytest.mark.parametrize(
    ("where", "scope", "kind", "sentence"),
    [
        ("a", "opendata", "datasets", "! 'a' is no condition."),
        ("a='b", "opendata", "datasets", "! A quotation mark has no other one."),
        ("", "", "datasets", "! Which scope?"),
        ("", "opendata", "rules", "! 'rules' is not what can be searched for."),
    ],
)
@in_loop
async def test_what_cannot_be_understood_stays_in_the_dialog(where: str, scope: str, kind: str, sentence: str) -> None:
    from atlasod_tui.tui.dialogs.search import Search  # noqa: PLC0415 - of this test only

    async with walking() as walk:
        await walk.sees("3 scopes")
        await walk.press("w")
        dialog = walk.app.screen
        assert isinstance(dialog, Search)
        for name, text in (("where", where), ("scope", scope), ("for", kind)):
            dialog.query_one(f"#{name}", Field).input.value = text
        await walk.press("enter")
        await walk.sees(sentence)
        assert walk.app.screen is dialog


@in_loop
async def test_another_lake_is_chosen(tmp_path: Path) -> None:
    async with walking() as walk:
        await walk.sees("3 scopes")
        await walk.press("L")
        await walk.sees("the public portal, read-only", "for practice; not installed yet: installs it")
        await walk.press("g", "down", "enter")
        await walk.until(lambda: walk.app.wished)
        assert walk.app.wished == [wishes.LakeChosen("opendata")]
        await walk.press("L")
        await walk.sees("or a folder")
        await walk.press("tab", *"/nowhere", "enter")
        await walk.sees("! /nowhere is no folder.")
        walk.app.screen.query_one("#folder", Field).input.value = str(tmp_path)
        await walk.press("enter")
        await walk.until(lambda: len(walk.app.wished) == 2)
        assert walk.app.wished[1].name == str(tmp_path)
        for lake in ("/data/june", str(Path.cwd()), "/data/july"):
            walk.app.world.memory.went_to(lake)
        await walk.press("L")
        await walk.sees("the folder /data/july", "the folder /data/june")
        await walk.press("G", "up", "up", "enter")  # where the program was started is there once
        await walk.until(lambda: len(walk.app.wished) == 3)
        assert walk.app.wished[2].name == str(Path.cwd())


async def go_to_rule(walk: Walk) -> None:
    """Go to the rule in the details of a dataset."""
    await walk.open("opendata")
    walk.page.here.seek(("opendata", "2020.4lep"))
    await walk.press("i")
    await walk.sees("○ replicating on CC_DCACHE")
    while walk.page.rule is None or walk.page.rule.id != RULE:
        await walk.press("down")


@in_loop
async def test_a_rule_is_extended() -> None:
    lake, verbs = FakeLake(), FakeVerbs()
    async with walking(lake, verbs=verbs) as walk:
        await go_to_rule(walk)
        asked = len(lake.questions(Show))
        await walk.press("r")
        await walk.sees("ends 2026-03-21 11:03 UTC, in 6 d 23 h", "7d = until Sat 21 Mar 2026 (UTC)")
        await walk.press(*["backspace"] * 2, *"30d", "enter")
        await walk.until(lambda: verbs.ran)
        assert verbs.ran == [["rules", "extend", "--lake", "fake", "--lifetime", "30d", RULE, "--json"]]
        await walk.sees("The rule holds 30d")
        await walk.until(lambda: len(lake.questions(Show)) == asked + 1)


@in_loop
async def test_a_rule_is_ended_only_after_a_question() -> None:
    verbs = FakeVerbs()
    async with walking(verbs=verbs) as walk:
        await go_to_rule(walk)
        await walk.press("x", "enter")  # Cancel
        await walk.sees("○ replicating on CC_DCACHE")
        assert verbs.ran == []
        await walk.press("x")
        await walk.sees("$ atlasod-tui rules remove --lake fake", "what no other rule keeps: this cannot")
        await walk.press("y", *"2020.4lep", "enter", "y", "enter")  # what is under the rule is typed
        await walk.until(lambda: verbs.ran)
        assert verbs.ran == [["rules", "remove", "--lake", "fake", RULE, "--json"]]
        await walk.sees("The rule has ended.")


@in_loop
async def test_what_fails_is_a_card_and_the_dialog_stays() -> None:
    verbs = FakeVerbs({"rules extend": LakeError("the rule is another account's", "Ask its owner.")})
    async with walking(verbs=verbs) as walk:
        await go_to_rule(walk)
        await walk.press("r", "enter")
        await walk.sees("rule is another account's", "Ask its owner.")
        await walk.press("escape")
        await walk.sees("lifetime")


@in_loop
async def test_nothing_is_changed_where_only_reading_is_allowed() -> None:
    async with walking(read_only=True) as walk:
        await go_to_rule(walk)
        await walk.press("x")
        await walk.sees("--read-only: the lake is not")
        await walk.press("r", "u")
        assert walk.app.screen is walk.page
        assert walk.app.wished == []

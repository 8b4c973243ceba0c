"""The palette: what fits comes first, what cannot be done now comes last and says why, a preview can be taken back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.widgets import Input

from atlasod_tui.errors import LakeError
from atlasod_tui.tui import wishes
from atlasod_tui.tui.acting import READ_ONLY
from atlasod_tui.tui.command import MOST_FOUND, Command, found, rank
from atlasod_tui.tui.dialogs.commands import Commands
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from atlasod_tui.tui.looks import theme_files
from tests.tui.hostile import FORBIDDEN, NAMES
from tests.tui.piloting import make_world, text_of, until
from tests.tui.small_app import SmallApp


def named(*names: str, **fields: Any) -> list[Command]:
    return [Command(name, lambda: None, **fields) for name in names]


def names(query: str, commands: list[Command]) -> list[str]:
    return [command.name for command in found(query, commands)]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        *[("jobs", "jobs", 0), ("jo", "jobs", 1), ("dark", "theme dark", 2), ("ark", "theme dark", 3)],
        *[("thd", "theme dark", 4), ("hzz", "analyse hzz", 2), ("zh", "analyse hzz", 9), ("x", "", 9)],
    ],
)
def test_how_well_a_name_fits(query: str, text: str, expected: int) -> None:
    assert rank(query, text) == expected


def test_the_best_comes_first_and_the_order_stays_otherwise() -> None:
    commands = named("go job", "jumble of b", "jobs", "job 1", "theme dark", "plot")
    assert names("job", commands) == ["jobs", "job 1", "go job", "jumble of b"]
    assert names("JB", commands) == ["go job", "jumble of b", "jobs", "job 1"]
    assert names("", commands) == [command.name for command in commands]


def test_aliases_and_words_of_the_description_are_found() -> None:
    commands = [*named("lake", aliases=("datalake",)), *named("plots", about="Show what the lake holds")]
    assert names("datal", commands) == ["lake"]
    assert names("lake", commands) == ["lake", "plots"]
    assert names("swtl", commands) == []  # letters scattered over a description


def test_what_is_refused_comes_last() -> None:
    commands = [*named("upload", refused="Not now."), *named("unload", "up", "multiply")]
    assert names("u", commands) == ["unload", "up", "multiply", "upload"]
    assert names("upl", commands) == ["upload", "multiply"]  # which is not what was meant


def test_a_hundred_thousand_datasets_are_no_more_than_can_be_read() -> None:
    commands = named(*(f"scope data{number}" for number in range(20_000)))
    assert len(found("scope data1", commands)) == MOST_FOUND
    assert names("data19999", commands) == ["scope data19999"]


def walked(app: SmallApp, steps: Any, size: tuple[int, int] = (80, 24)) -> None:
    async def walk() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.press("colon")
            await until(pilot, lambda: isinstance(app.screen, Commands) and "Hyy" in every_name(app))
            await steps(pilot)

    asyncio.run(walk())


def every_name(app: SmallApp) -> str:
    screen = app.screen
    assert isinstance(screen, Commands)
    return " ".join(command.name for command in screen._commands)


def top(app: SmallApp) -> str:
    """Return the line under the cursor."""
    return next((line for line in text_of(app).splitlines() if "\u25b6" in line), "").strip("\u2502 ")


def test_an_action_of_the_page_is_done_by_its_name() -> None:
    app = SmallApp(make_world())

    async def steps(pilot: Pilot[Any]) -> None:
        await pilot.press(*"mult")
        await until(pilot, lambda: top(app).startswith("\u25b6 multiply"))
        assert top(app).split()[-1] == "m"
        await pilot.press("enter")
        await until(pilot, lambda: app.page.done == ["lake.multiply"])
        assert app.screen is app.page
        await pilot.press("colon", *":q", "enter")
        await until(pilot, lambda: app.page.done[-1] == "app.quit")

    walked(app, steps)


def test_what_cannot_be_done_now_says_why_and_stays() -> None:
    app = SmallApp(make_world(read_only=True))

    async def steps(pilot: Pilot[Any]) -> None:
        await pilot.press(*"upl")
        await until(pilot, lambda: top(app).startswith("\u25b6 upload"))
        assert READ_ONLY[:30] in top(app)
        await pilot.press("enter")
        await until(pilot, lambda: READ_ONLY in app.notes)
        assert isinstance(app.screen, Commands)
        assert app.page.done == []

    walked(app, steps)


def test_lakes_analyses_and_folders_are_gone_to(tmp_path: Path) -> None:
    app = SmallApp(make_world())

    async def steps(pilot: Pilot[Any]) -> None:
        await pilot.press(*"use opend", "enter")
        await until(pilot, lambda: len(app.wishes) == 1)
        await pilot.press("colon", *"hzz")
        await until(pilot, lambda: top(app).startswith("\u25b6 analyse HZZ"))
        await pilot.press("enter")
        await until(pilot, lambda: len(app.wishes) == 2)
        await pilot.press("colon")
        await until(pilot, lambda: isinstance(app.screen, Commands))
        app.screen.query_one(Input).value = f"use {tmp_path}"
        await pilot.press("enter")
        await until(pilot, lambda: len(app.wishes) == 3)
        lake, analysis, folder = app.wishes
        assert lake == wishes.LakeChosen("opendata") or lake.name == "opendata"
        assert (analysis.name, folder.name) == ("HZZ", str(tmp_path))

    walked(app, steps)


def test_themes_are_worn_while_the_cursor_is_on_them() -> None:
    app = SmallApp(make_world(), theme_files.read_all())

    async def steps(pilot: Pilot[Any]) -> None:
        await pilot.press(*"theme ")
        await until(pilot, lambda: top(app).startswith("\u25b6 theme ansi16"))
        await until(pilot, lambda: app.theme == "ansi16")
        await pilot.press("down")
        await until(pilot, lambda: app.theme == "colour-blind")
        await pilot.press(*"zz")
        await until(pilot, lambda: app.theme == "dark")
        await pilot.press("backspace", "backspace", "down", "escape")
        await until(pilot, lambda: app.screen is app.page)
        assert app.theme == "dark"
        await pilot.press("colon", *"theme light")
        await until(pilot, lambda: app.theme == "light")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.page and app.theme == "light")
        assert app.world.memory.kept.theme == "light"

    walked(app, steps)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_what_a_page_offers_is_done_and_shown_harmlessly(size: tuple[int, int]) -> None:
    app = SmallApp(make_world())

    async def steps(pilot: Pilot[Any]) -> None:
        await pilot.press(*"scope ")
        await until(pilot, lambda: top(app).startswith("\u25b6 scope "))
        shown = text_of(app)
        await pilot.press("pagedown")
        await until(pilot, lambda: top(app))
        shown += "\n" + text_of(app)
        assert not FORBIDDEN - {"\n"} & set(shown)
        assert "[bold red]" in shown
        assert [line for line in shown.splitlines() if cell_len(line) > size[0]] == []
        await pilot.press("pageup", "pageup", "down", "up", "enter")
        await until(pilot, lambda: app.page.done == [NAMES[0]])

    walked(app, steps, size)


def test_nothing_that_fits_is_said() -> None:
    app = SmallApp(make_world())

    async def steps(pilot: Pilot[Any]) -> None:
        await pilot.press(*"qqqq")
        await until(pilot, lambda: "No command has these letters" in text_of(app))
        await pilot.press("enter")
        assert isinstance(app.screen, Commands)

    walked(app, steps)


def test_a_command_that_fails_is_told_of() -> None:
    app = SmallApp(make_world())

    def fail() -> None:
        raise LakeError("the lake is dry")

    async def steps(pilot: Pilot[Any]) -> None:
        assert isinstance(app.screen, Commands)
        app.screen._commands.append(Command("drain", fail))
        await pilot.press(*"drain", "enter")
        await until(pilot, lambda: isinstance(app.screen, ErrorCard))

    walked(app, steps)

"""The picker of themes: worn while the cursor is on them, kept or put back; files read anew."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.app import App

from atlasod_tui import config, paths
from atlasod_tui.tui.dialogs.themes import Themes
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.widgets.table import VirtualTable
from tests.tui.dressed_app import DressedApp
from tests.tui.piloting import make_world, text_of, until


def app_of(name: str = "dark") -> DressedApp:
    return DressedApp(make_world(look=Look(theme_files.named(name))), theme_files.read_all())


def inks(app: App[Any]) -> set[str]:
    """Return every colour on the screen."""
    strips = app.screen._compositor.render_strips()
    styles = {segment.style for strip in strips for segment in strip if segment.style}
    return {str(colour.name) for style in styles for colour in (style.color, style.bgcolor) if colour}


def test_each_is_worn_at_once_and_the_old_one_comes_back() -> None:
    async def walk() -> None:
        app = app_of()
        async with app.run_test(size=(80, 24)) as pilot:
            answers: list[str | None] = []
            app.push_screen(Themes(app.world), answers.append)
            await until(pilot, lambda: "colour-blind" in text_of(app))
            assert isinstance(app.focused, VirtualTable)
            assert getattr(app.focused.cursor, "name", "") == "dark"
            await pilot.press("down", "down")
            await until(pilot, lambda: app.theme == "mono")
            assert app.world.look.mono
            await until(pilot, lambda: not inks(app) - {"default"})
            await pilot.press("up")
            await until(pilot, lambda: app.theme == "light")
            await until(pilot, lambda: len(inks(app)) > 3)
            assert app.world.look.palette.name == "light"
            await pilot.press("escape")
            await until(pilot, lambda: answers == [None])
            assert (app.theme, app.world.look.theme.name) == ("dark", "dark")
            assert app.world.memory.kept.theme == ""

    asyncio.run(walk())


def test_enter_keeps_it_for_next_time() -> None:
    async def walk() -> None:
        app = app_of()
        async with app.run_test(size=(80, 24)) as pilot:
            app.push_screen(Themes(app.world))
            await until(pilot, lambda: "colour-blind" in text_of(app))
            await pilot.press("down", "enter")
            await until(pilot, lambda: not isinstance(app.screen, Themes))
            assert app.theme == "light"
            assert app.world.memory.kept.theme == "light"

    asyncio.run(walk())


def test_where_it_is_of_no_use_next_time_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def walk() -> None:
        monkeypatch.setenv("ATLASOD_TUI_THEME", "projector")
        config.load.cache_clear()
        app = app_of("projector")
        async with app.run_test(size=(80, 24)) as pilot:
            app.push_screen(Themes(app.world))
            await until(pilot, lambda: "colour-blind" in text_of(app))
            await pilot.press("up", "enter")
            await until(pilot, lambda: len(app._notifications) == 1)
            assert [notice.message for notice in app._notifications] == [
                "Next time it is projector again: the settings name it."
            ]

    asyncio.run(walk())


def test_files_are_read_anew_and_wrong_ones_are_told_of_at_once() -> None:
    async def walk() -> None:
        app = app_of()
        folder = paths.config_dir() / "themes"
        folder.mkdir(parents=True)
        async with app.run_test(size=(80, 24)) as pilot:
            (folder / "mine.toml").write_text("primary = '#ff0000'\nabout = 'my own [bold]'")
            (folder / "dark.toml").write_text("primary = '#00ff00'\nbackground = '#001100'")
            (folder / "one.toml").write_text("primary = 1")
            (folder / "two.toml").write_text("secondary = '#000000'")
            app.push_screen(Themes(app.world))
            await until(pilot, lambda: "my own [bold]" in text_of(app))
            await until(pilot, lambda: len(app._notifications) == 1)
            (notice,) = app._notifications
            assert [word in notice.message for word in ("one.toml", "two.toml")] == [True, True]
            assert app.world.look.theme.primary == "#00ff00"
            await until(pilot, lambda: "#001100" in inks(app))
            (folder / "dark.toml").unlink()
            await pilot.press("escape")
            assert "primary" in await app.reread_themes()
            await until(pilot, lambda: "#001100" not in inks(app))

    asyncio.run(walk())


def test_a_dialog_is_covered_where_the_terminal_is_too_small_and_is_there_again() -> None:
    async def walk() -> None:
        app = app_of()
        async with app.run_test(size=(80, 24)) as pilot:
            app.push_screen(Themes(app.world))
            await until(pilot, lambda: "colour-blind" in text_of(app))
            await pilot.resize_terminal(59, 15)
            await until(pilot, lambda: "60x16 needed, here are 59x15" in " ".join(text_of(app).split()))
            await pilot.press("down", "enter", "t", "escape")
            await pilot.resize_terminal(40, 3)
            await until(pilot, lambda: "here are 40x3" in " ".join(text_of(app).split()))
            await pilot.resize_terminal(80, 24)
            await until(pilot, lambda: "colour-blind" in text_of(app))
            assert isinstance(app.screen, Themes)
            assert app.theme == "dark"

    asyncio.run(walk())

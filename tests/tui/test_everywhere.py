"""What works on every page of the real program: help, commands, the same as a command, copying, read-only."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from atlasod_tui.errors import LakeError
from atlasod_tui.tui import actions
from atlasod_tui.tui.acting import READ_ONLY
from atlasod_tui.tui.actions import Place
from atlasod_tui.tui.app import PAGES, AtlasodApp
from atlasod_tui.tui.command import Command
from atlasod_tui.tui.dialogs.commands import Commands
from atlasod_tui.tui.dialogs.equivalent import EquivalentDialog
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from atlasod_tui.tui.dialogs.glossary import Glossary
from atlasod_tui.tui.jobs.watch import JobWatch
from tests.tui.in_pty import PROGRAM, Pty
from tests.tui.piloting import make_world, text_of, until

Steps = Callable[[AtlasodApp, Pilot[Any]], Awaitable[None]]


def walked(steps: Steps, size: tuple[int, int] = (80, 24), **wishes: Any) -> None:
    app = AtlasodApp(make_world(jobs=JobWatch(), **wishes))

    async def walk() -> None:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: "opendata" in text_of(app))
            await steps(app, pilot)

    asyncio.run(walk())


def notes(app: AtlasodApp) -> list[str]:
    return [str(note.message) for note in app._notifications]


def offered(screen: Screen[Any]) -> list[Command]:
    assert isinstance(screen, Commands)
    return screen._commands


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_each_page_has_help_and_commands_and_esc_goes_back(size: tuple[int, int]) -> None:
    async def steps(app: AtlasodApp, pilot: Pilot[Any]) -> None:
        for key, place in zip("4321", [Place.PLOTS, Place.JOBS, Place.ANALYSES, Place.LAKE], strict=True):
            await pilot.press(key)
            await until(pilot, lambda place=place: app.page is not None and app.page.place is place)  # type: ignore[misc]
            page = app.screen
            await pilot.press("question_mark")
            await until(pilot, lambda place=place: f"Keys: {place}" in text_of(app))  # type: ignore[misc]
            await pilot.press("escape", "colon")
            await until(pilot, lambda: isinstance(app.screen, Commands))
            names = {command.name for command in offered(app.screen)}
            assert {(action.aliases or (action.name,))[0] for action in actions.of(place)} <= names
            await pilot.press("escape", "f3")
            await until(pilot, lambda: isinstance(app.screen, Glossary))
            await pilot.press("escape", "escape", "escape", "escape")
            await until(pilot, lambda page=page: app.screen is page)  # type: ignore[misc]
        assert app.is_running

    walked(steps, size)


def test_pages_are_gone_to_by_name() -> None:
    async def steps(app: AtlasodApp, pilot: Pilot[Any]) -> None:
        for place in [*PAGES, Place.LAKE]:
            await pilot.press("colon", *place.value.lower(), "enter")
            await until(pilot, lambda place=place: app.screen is app.page and app.page.place is place)  # type: ignore[misc]
        await pilot.press("3", "colon", *"scope opend", "enter")
        await until(pilot, lambda: app.page is not None and app.page.crumbs() == ["opendata"])
        await until(pilot, lambda: "2020.4lep.data" in text_of(app))
        await pilot.press("2", "colon", *"files opend", "enter")
        await until(pilot, lambda: app.page is not None and len(app.page.crumbs()) == 2)
        await pilot.press("colon", *"analyse hzz")
        await until(pilot, lambda: "\u25b6 analyse HZZ" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.page is not None and app.page.place is Place.ANALYSES)
        await until(pilot, lambda: app.page is not None and app.page.remembered()["cursor"] == "HZZ")

    walked(steps)


def test_what_the_lake_shows_is_shown_as_a_command_and_copied() -> None:
    async def steps(app: AtlasodApp, pilot: Pilot[Any]) -> None:
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, EquivalentDialog))
        assert "--lake fake" in text_of(app)
        await pilot.press("escape", "y")
        await until(pilot, lambda: app.clipboard)
        assert notes(app)[-1].startswith("Copied the ")
        await pilot.press("Y")
        await until(pilot, lambda: app.at_exit == [app.clipboard])

    walked(steps)


def test_the_last_error_is_shown_again_whole() -> None:
    async def steps(app: AtlasodApp, pilot: Pilot[Any]) -> None:
        await pilot.press("e")
        await until(pilot, lambda: notes(app) == ["There has been no error."])
        assert app.page is not None
        app.page.fail(LakeError("the lake is dry", "Wait for rain."))
        await until(pilot, lambda: isinstance(app.screen, ErrorCard))
        await pilot.press("escape", "e")
        await until(pilot, lambda: "Exit code of the command: 3" in text_of(app))

    walked(steps)


def test_read_only_refuses_what_changes_the_lake_wherever_it_is_asked_for() -> None:
    refused = [action for action in actions.of(Place.LAKE) if action.changes]

    async def steps(app: AtlasodApp, pilot: Pilot[Any]) -> None:
        assert refused
        assert "read-only" in text_of(app).splitlines()[0]
        for number, action in enumerate(refused, 1):
            await pilot.press(action.keys.split(",")[0])
            await until(pilot, lambda number=number: len(notes(app)) == number)  # type: ignore[misc]
            assert app.screen is app.page
        assert set(notes(app)) == {READ_ONLY}
        bar = text_of(app).splitlines()[-1]
        assert " details " in bar
        assert not [action.name for action in refused if f" {action.name} " in bar]
        await pilot.press("colon", *refused[0].aliases[0])
        await until(pilot, lambda: READ_ONLY[:20] in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Commands))

    walked(steps, (160, 48), read_only=True)


def test_own_keys_copying_and_what_is_printed_at_exit_in_a_terminal(home: Path, tmp_path: Path) -> None:
    (tmp_path / "4lep").mkdir()
    (tmp_path / "4lep" / "data_A.4lep.root").write_bytes(b"root")
    settings = home / "config" / "atlasod-tui" / "config.toml"
    settings.parent.mkdir()
    settings.write_text('[keys]\napp.quit = "Q"\napp.fly = "x"\n')
    with Pty([*PROGRAM, "--lake", str(tmp_path)], {}) as terminal:
        terminal.until(lambda written: b"no such action" in written and b"local" in written)
        terminal.press(b"y")
        terminal.until(lambda written: b"\x1b]52;c;" + b64encode(b"local") in written)
        terminal.press(b"Yq")
        terminal.until("printed when")
        terminal.press(b"Q")
        assert terminal.ended() == 0
    assert terminal.written.rpartition(b"\x1b[?1049l")[2].rstrip().endswith(b"local")

"""How the welcome, the picker of themes, and a terminal that is too small look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.dialogs.themes import Themes
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.screens.welcome import Guide
from atlasod_tui.tui.world import World
from tests.tui.piloting import FakeVerbs, text_of, until
from tests.tui.test_welcome import JOB, WelcomeApp, see, view, world_of

LOOKS = [("dark", (80, 24)), ("light", (160, 48)), ("mono", (80, 24)), ("projector", (160, 48))]


def world_in(theme: str) -> World:
    world = world_of(look=Look(theme_files.named(theme)))
    world.verbs = FakeVerbs({"sandbox up": {"job": JOB}})
    return world


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_the_welcome(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    async def install(pilot: Pilot[Any]) -> None:
        await pilot.press("s")
        await until(pilot, lambda: "The installation begins" in text_of(pilot.app))
        running = view(State.RUNNING, phase="fetching, numpy", done=24, total=96, unit="packages")
        see(world, running)
        await until(pilot, lambda: "24/96 packages" in text_of(pilot.app))

    world = world_in(theme)
    assert snap_compare(WelcomeApp(world), terminal_size=size, run_before=install)


@pytest.mark.parametrize(("theme", "size"), LOOKS[:2])
def test_the_guide(snap_compare: Any, theme: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(pilot: Pilot[Any]) -> None:
        await pilot.press("r")
        await until(pilot, lambda: isinstance(pilot.app.screen, Guide) and "RUCIO_CONFIG" in text_of(pilot.app))

    monkeypatch.setattr("atlasod_tui.paths.config_dir", lambda: Path.home() / ".config" / "atlasod-tui")
    assert snap_compare(WelcomeApp(world_in(theme)), terminal_size=size, run_before=read)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_the_picker(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    async def choose(pilot: Pilot[Any]) -> None:
        pilot.app.push_screen(Themes(world))
        await until(pilot, lambda: "colour-blind" in text_of(pilot.app))

    world = world_in(theme)
    assert snap_compare(WelcomeApp(world), terminal_size=size, run_before=choose)


def test_too_small(snap_compare: Any) -> None:
    async def wait(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "terminal too small" in text_of(pilot.app))

    assert snap_compare(WelcomeApp(world_in("dark")), terminal_size=(52, 14), run_before=wait)

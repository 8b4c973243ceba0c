"""How help, glossary, commands, the same as a command, and errors look, on stable data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from atlasod_tui.errors import LakeAwayError
from atlasod_tui.tui.dialog import Dialog
from atlasod_tui.tui.dialogs.equivalent import EquivalentDialog
from atlasod_tui.tui.dialogs.error_card import ErrorCard
from atlasod_tui.tui.dialogs.glossary import Glossary
from atlasod_tui.tui.equivalent import Equivalent
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.world import World
from tests.tui.dialog_app import DialogApp
from tests.tui.piloting import make_world, text_of, until
from tests.tui.small_app import SmallApp

LOOKS = [("dark", (80, 24)), ("light", (160, 48)), ("mono", (80, 24))]
SAME = Equivalent(
    "Multiply",
    (
        *("multiply", "--detach", "--factor", "3", "--rse", "IN2P3_LAPP-DCACHE,CC_DCACHE", "--lifetime", "7d"),
        *("--lake", "sandbox", "opendata:mc_345060.ggH125_ZZ4lep.4lep.root", "opendata:data with a blank.root"),
    ),
    "from atlasod_tui.lake.model import DID\nfrom atlasod_tui.lake.profiles import open_lake\n\n"
    "lake = open_lake('sandbox')\nfor file in lake.files(DID('opendata', '2020.4lep')):\n    print(file.did)\n",
)
AWAY = LakeAwayError("the lake sandbox does not answer", "Its agent was ended after 30 s.")


def dialog(theme: str, make: Callable[[World], Dialog[Any]]) -> DialogApp:
    return DialogApp(make_world(look=Look(theme_files.named(theme))), make)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_help(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[Any]) -> None:
        await pilot.press("question_mark")
        await until(pilot, lambda: "Keys: Lake" in text_of(pilot.app))

    app = SmallApp(make_world(look=Look(theme_files.named(theme)), read_only=True))
    assert snap_compare(app, terminal_size=size, run_before=walk)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_commands(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[Any]) -> None:
        await pilot.press("colon", *"an", "down")
        await until(pilot, lambda: "analyse Hyy" in text_of(pilot.app))

    app = SmallApp(make_world(look=Look(theme_files.named(theme))))
    assert snap_compare(app, terminal_size=size, run_before=walk)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_glossary(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "Antiparticle" in text_of(pilot.app))
        await pilot.press(*"rule")
        await until(pilot, lambda: "Antiparticle" not in text_of(pilot.app))

    assert snap_compare(dialog(theme, Glossary), terminal_size=size, run_before=walk)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_the_same_as_a_command(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "In a shell" in text_of(pilot.app))

    app = dialog(theme, lambda world: EquivalentDialog(world, SAME))
    assert snap_compare(app, terminal_size=size, run_before=walk)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_an_error(snap_compare: Any, theme: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "asks again" in text_of(pilot.app))

    app = dialog(theme, lambda world: ErrorCard(world, AWAY))
    assert snap_compare(app, terminal_size=size, run_before=walk)

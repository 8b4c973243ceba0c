"""What the start of the screen leaves alone; who imports whom inside the room is a contract in ``pyproject.toml``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from atlasod_tui import tui

CHECKOUT = Path(tui.__file__).parents[2]
LIBRARIES = {
    *("numpy", "rucio", "matplotlib", "mplhep", "numba", "llvmlite", "uproot", "awkward", "psutil", "hist", "cramjam"),
    *("requests", "click", "pygments", "markdown_it"),
}
ROOMS = {
    *("atlasod_tui.cli.verbs", "atlasod_tui.plots", "atlasod_tui.sandbox", "atlasod_tui.engine", "atlasod_tui.samples"),
    *("atlasod_tui.jobs.control", "atlasod_tui.lake.profiles", "atlasod_tui.lake.rucio.lake"),
}
LATER = {
    f"atlasod_tui.tui.{name}"
    for name in ("screens.analyses", "screens.jobs", "screens.plots", "dialogs.help", "dialogs.commands", "keys.keymap")
}
"""Of the room itself: what is not on the first page."""


def modules_after(code: str) -> set[str]:
    command = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=CHECKOUT)
    return set(done.stdout.split())


def test_the_start_of_the_screen_imports_nothing_heavy() -> None:
    names = modules_after("import atlasod_tui.__main__, atlasod_tui.tui.app, atlasod_tui.tui.launch")
    assert "textual.app" in names
    assert (LIBRARIES | ROOMS | LATER) & names == set()


def test_the_first_paint_imports_nothing_heavy() -> None:
    code = """
import asyncio
from atlasod_tui.tui.app import AtlasodApp
from tests.tui.piloting import make_world
async def walk():
    async with AtlasodApp(make_world()).run_test() as pilot:
        await pilot.pause()
asyncio.run(walk())
"""
    assert LIBRARIES & modules_after(code) == set()

"""The whole exercise on the screen, against the real sandbox: with Textual's pilot, and in a real terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from atlasod_tui import processes
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.jobs.watch import JobWatch
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.world import World
from tests.lake.walk import walk
from tests.tui.piloting import text_of, until
from tests.tui.tmux import Tmux

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.lake.conftest import Sandbox

pytestmark = pytest.mark.slow
_TMUX_KEYS = {"enter": "Enter", "escape": "Escape", "space": "Space", "tab": "Tab", "shift+tab": "BTab", "down": "Down",
              "slash": "/"}  # fmt: skip


class Piloted:
    """The program in this process."""

    def __init__(self, pilot: Pilot[Any]) -> None:
        self._pilot = pilot

    async def keys(self, *names: str) -> None:
        await self._pilot.press(*names)

    async def text(self, text: str) -> None:
        await self._pilot.press(*text)

    async def until(self, wanted: Callable[[str], object], why: str, deadline: float = 30) -> str:  # noqa: ARG002
        seen = ""

        def holds() -> object:
            nonlocal seen
            seen = text_of(self._pilot.app)
            return wanted(seen)

        await until(self._pilot, holds, deadline)
        return seen


class InTmux:
    """The program in a real terminal."""

    def __init__(self, tmux: Tmux) -> None:
        self._tmux = tmux

    async def keys(self, *names: str) -> None:
        for name in names:
            self._tmux.keys(_TMUX_KEYS.get(name, name))
            await asyncio.sleep(0.02)  # an escape directly before another key would be alt and that key

    async def text(self, text: str) -> None:
        self._tmux.type(text)

    async def until(self, wanted: Callable[[str], object], why: str, deadline: float = 30) -> str:
        try:
            return self._tmux.until(wanted, deadline)
        except AssertionError as error:
            raise AssertionError(f"{why}: {error}") from None


@pytest.fixture
def working(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the sandbox there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(sandbox.data))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_with_the_pilot(working: Path) -> None:
    async def run() -> None:
        app = AtlasodApp(World(JobWatch(), Look()), "sandbox")
        async with app.run_test(size=(80, 24)) as pilot:
            await walk(Piloted(pilot), "pilot")
        assert app.return_code == 0

    asyncio.run(run())
    assert (working / "atlasod-Hyy" / "HyyAnalysis.root").is_file()
    assert len(list(working.glob("*.GamGam.x3.root"))) == 9


def test_in_a_real_terminal(working: Path) -> None:
    given = processes.environment()
    environment = {name: given[name] for name in given if name.startswith(("XDG_", "PYTHONPATH"))} | {
        "LC_ALL": "C.UTF-8"
    }
    command = [sys.executable, "-m", "atlasod_tui", "--lake", "sandbox"]
    with Tmux(working, command, environment) as tmux:
        asyncio.run(walk(InTmux(tmux), "tmux"))
        tmux.until("[ended with 0]")
    assert (working / "atlasod-Hyy" / "HyyAnalysis.root").is_file()

"""The whole exercise on the screen, against the real sandbox: with Textual's pilot, and in a real terminal."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from atlasod_tui import processes
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.jobs.watch import JobWatch
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.world import World
from tests.lake.terminals import InTmux, Piloted
from tests.lake.walk import walk
from tests.tui.tmux import Tmux

if TYPE_CHECKING:
    from tests.lake.conftest import Sandbox

pytestmark = pytest.mark.slow


@pytest.fixture
def working(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the sandbox there."""
    monkeypatch.setenv("XDG_DATA_HOME", str(sandbox.data))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_with_the_pilot(working: Path) -> None:
    async def run() -> None:
        app = AtlasodApp(World(JobWatch(), Look()), "sandbox")
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
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

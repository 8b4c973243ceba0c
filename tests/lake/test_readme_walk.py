"""The first walk of the README, key by key: from the welcome on a fresh machine to the date of the rule."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from atlasod_tui import config
from atlasod_tui.sandbox import control
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.jobs.watch import JobWatch
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.world import World
from tests.lake.conftest import installed
from tests.lake.terminals import Piloted
from tests.lake.walk import CURSOR, Terminal

README = Path(__file__).resolve().parents[2] / "README.md"
_NAMES = {"enter": "enter", "space": "space", "tab": "tab", "down": "down", "esc": "escape", "/": "slash"}
_SLOW = 60.0


class Step(NamedTuple):
    """A line of the walk: what is pressed or typed, and what is then to be seen, one after the other."""

    keys: list[str]
    seen: list[str]


def the_walk() -> list[Step]:
    """Return the steps of the README."""
    (block,) = re.findall(r"### A first walk.*?```text\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    lines = [re.split(r" {2,}", line, maxsplit=1) for line in block.splitlines()]
    return [Step(keys.split(" "), re.findall(r'"([^"]+)"', words)) for keys, words in lines]


async def walk(terminal: Terminal) -> None:
    """Do as the README says."""
    for step in the_walk():
        for key in step.keys:
            if key in _NAMES or len(key) == 1:
                await terminal.keys(_NAMES.get(key, key))
            else:
                await terminal.text(key)
        for text in step.seen:
            await terminal.until(partial(_shows, text), f"{step.keys}: {text}", _SLOW)
            if re.fullmatch(r".*\d (scopes|datasets?)", text):  # how many there are is told before they are listed
                await terminal.until(lambda screen: f"\n{CURSOR}" in screen, f"{step.keys}: the cursor")


def _shows(text: str, screen: str) -> bool:
    return text in " ".join(screen.split())


@pytest.fixture
def fresh(sandbox_environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder on a machine without any Rucio, where the sandbox's packages need not be fetched again."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    installed(tmp_path / "data", sandbox_environment)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    yield tmp_path / "work"
    control.down()


def test_the_walk_is_one() -> None:
    steps = the_walk()
    assert len(steps) > 20
    assert all(step.seen for step in steps if step.keys not in (["3", "tab", "tab", "tab"], ["q"]))


@pytest.mark.slow
def test_each_key_does_what_the_readme_says(fresh: Path) -> None:
    config.load.cache_clear()

    async def run() -> None:
        app = AtlasodApp(World(JobWatch(), Look()))
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await Piloted(pilot).until(lambda screen: "No Rucio is configured here yet" in screen, "the welcome")
            await walk(Piloted(pilot))
        assert app.return_code == 0

    asyncio.run(run())
    assert (fresh / "atlasod-HZZ" / "HZZAnalysis.root").is_file()
    assert len(list(fresh.glob("*.4lep.x3.root"))) == 22

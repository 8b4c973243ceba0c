"""Makes the README's pictures: the real program, a real Rucio, real jobs.

    python -m tests.tui.screenshots

A sandbox of its own is started for them, in a home that is thrown away. Its environment is that of your own sandbox,
which is installed first where it is not there: that takes a minute and the network.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlasod_tui.cli.main import run
from atlasod_tui.sandbox import install, layout, template
from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.jobs.watch import JobWatch
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.world import World
from tests.lake.conftest import started
from tests.lake.terminals import Piloted
from tests.lake.walk import go_to, shows
from tests.tui.screenshots.picture import FOLDER, keep

if TYPE_CHECKING:
    from textual.pilot import Pilot

SMALL, LARGE = (80, 24), (160, 48)
_SLOW = 60.0
_FACTOR = 600
"""Copies of the samples of 10 fb⁻¹ that keep an analysis busy for as long as its picture takes."""


def main() -> int:
    """Make them all."""
    with layout.alone() as lock:
        install.install(_progress, lock)
        template.make(_progress, lock)
    environment = layout.environment()
    with tempfile.TemporaryDirectory() as folder, living_in(Path(folder)):
        asyncio.run(_welcome())
        with started(Path(folder) / "lake", environment):
            os.environ["XDG_DATA_HOME"] = str(Path(folder) / "lake")
            _generate()
            asyncio.run(_exercise())
    sizes = {path.name: path.stat().st_size for path in sorted(FOLDER.glob("*.svg"))}
    sys.stdout.write("".join(f"{size:>8} {name}\n" for name, size in sizes.items()))
    return 0


@contextmanager
def living_in(folder: Path) -> Iterator[None]:
    """Live in a home that shows nothing of the machine: paths in it begin with ``~``."""
    home = folder / "home"
    (home / "lesson").mkdir(parents=True)
    for kind in ("config", "state", "data", "cache"):
        (home / kind).mkdir()
        os.environ[f"XDG_{kind.upper()}_HOME"] = str(home / kind)
    for variable in [name for name in os.environ if name.startswith(("ATLASOD_TUI_", "RUCIO"))]:
        del os.environ[variable]
    os.environ |= {"HOME": str(home), "TZ": "UTC", "COLORTERM": "truecolor"}
    time.tzset()
    before = Path.cwd()
    os.chdir(home / "lesson")
    try:
        yield
    finally:
        os.chdir(before)


def _progress(*told: object) -> None:
    sys.stderr.write(f"{' '.join(map(str, told))}\n")


def _generate() -> None:
    """Make samples of 10 fb⁻¹, and many more of the same that take no room."""
    with redirect_stdout(io.StringIO()):
        assert run(["samples", "generate", "--to", "samples", "--skim", "4lep", "--quiet"]) == 0
        words = ["--factor", str(_FACTOR), "--virtual", "--to", "more/4lep", "--quiet"]
        assert run(["multiply", "samples/4lep", *words]) == 0


def _program(lake: str | None, theme: str = "dark") -> AtlasodApp:
    themes = theme_files.read_all()
    return AtlasodApp(World(JobWatch(), Look(themes.found[theme])), lake, themes)


async def _welcome() -> None:
    app = _program(None)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await shows(Piloted(pilot), "No Rucio is configured here yet", "A practice lake")
        keep(app, "welcome")


class _Scenes:
    """Somebody at the program, who takes pictures.

    Args:
        pilot: Of the program, which is small unless a picture is taken.
    """

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot = pilot
        self.terminal = Piloted(pilot)

    async def small(self, name: str, *texts: str) -> None:
        """Take a picture as soon as it shows these texts."""
        await self.terminal.until(
            lambda screen: all(text in screen for text in texts) and "Looking" not in screen, name, _SLOW
        )
        keep(self.pilot.app, name)

    async def large(self, name: str, *texts: str) -> None:
        """Take one of a large terminal."""
        await self.pilot.resize_terminal(*LARGE)
        await self.small(name, *texts)
        await self.pilot.resize_terminal(*SMALL)

    async def pick(self) -> None:
        """Browse, and pick two datasets."""
        await go_to(self.terminal, "ATLAS_OD_GENERATED")
        await self.terminal.keys("enter")
        for name in ("generated.GamGam.Data", "generated.GamGam.MC"):
            await go_to(self.terminal, name)
            await self.terminal.keys("space")
        await self.terminal.keys("up")
        await self.large("lake", "2 picked", "5 of 5 files, 361 kB", "never ends")

    async def multiply(self) -> None:
        """Multiply them to two storage elements."""
        await self.terminal.keys("m")
        await shows(self.terminal, "Multiply 2 picks", "CC_DCACHE", "reads 9 files")
        await self.terminal.text("3")
        await self.terminal.keys("tab", "tab", "tab", "space", "down", "down", "space", "tab")
        await self.terminal.text("1d")
        await self.small("multiply", "[2] IN2P3_LAPP-DCACHE", "writes 9 files, about 6.61 MB", "1d = until")
        await self.terminal.keys("tab", "tab", "tab", "enter")
        await shows(self.terminal, "Multiply 2 picks, 2.2 MB?")
        await self.terminal.keys("y", "enter")
        await self.terminal.until(lambda screen: "Multiply 2 picks" not in screen, "the job started")
        await self.terminal.keys("3")
        await self.terminal.until(lambda screen: re.search("done +multiply ATLAS_OD", screen), "multiplied", _SLOW)

    async def input(self, folder: str) -> None:
        """Let HZZ read a folder."""
        await self.terminal.keys("2")
        await go_to(self.terminal, "HZZ ")
        await self.terminal.keys("i")
        await shows(self.terminal, "Where do the samples come from?")
        await self.terminal.keys("tab")
        await self.terminal.text(folder)
        await self.terminal.keys("enter")
        await shows(self.terminal, f"input: the folder ~/lesson/{folder}")

    async def run(self) -> None:
        """Run HZZ; its plots come to the front."""
        await self.terminal.keys("a")
        await shows(self.terminal, "Run HZZ", "[ Run ... ]", "reads 22 files")
        await self.terminal.keys("y", "enter")
        await shows(self.terminal, "Run HZZ?")
        await self.terminal.keys("y", "enter")

    async def watch(self) -> None:
        """See an analysis at work."""
        await self.input("more/4lep")
        await self.run()
        await self.terminal.until(lambda screen: re.search(r"analyse HZZ.* [4-9]\d%", screen), "some of it", _SLOW)
        await self.terminal.keys("3", "down")  # what is told of the one at work names this machine
        await self.small("jobs", "running", "ended")
        await self.terminal.keys("4")
        await self.terminal.until(lambda screen: re.search(r"live: (8[4-9]|9\d) %", screen), "most of it", _SLOW)
        await self.large("filling", "live:", "running")
        await self.terminal.keys("3", "up", "x")
        await self.terminal.until(lambda screen: "running" not in screen and "cancelling" not in screen, "ended", _SLOW)

    async def see(self) -> None:
        """See an analysis and its plot."""
        await self.input("samples/4lep")
        await self.large("analyses", "golden")
        await self.run()
        await self.large("plot", "Data / Pred", "What to look for")

    async def upload(self) -> None:
        """Upload the result."""
        await self.terminal.keys("u")
        await shows(self.terminal, "[x] HZZAnalysis.root", "CC_DCACHE")
        await self.terminal.keys("tab", "space", "down", "down", "space", "tab")
        await self.terminal.text("2d")
        await shows(self.terminal, "2d = until", "uploads 1 file")
        await self.terminal.keys("tab", "tab", "tab", "enter")
        await self.small("upload", "Upload atlasod-HZZ?", "$ atlasod-tui put", "[ Cancel ]")
        await self.terminal.keys("escape", "escape")


async def _exercise() -> None:
    app = _program("sandbox")
    async with app.run_test(size=SMALL) as pilot:
        scenes = _Scenes(pilot)
        await scenes.pick()
        await scenes.multiply()
        await scenes.see()
        await scenes.upload()
        await scenes.watch()


if __name__ == "__main__":
    sys.exit(main())

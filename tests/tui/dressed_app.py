"""``python -m tests.tui.dressed_app``: an app of many widgets that is fitted to its terminal as the program is."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import Any, ClassVar

from textual.containers import VerticalScroll
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Checkbox, Input, OptionList, ProgressBar, Static

from atlasod_tui import config
from atlasod_tui.jobs.status import State
from atlasod_tui.tui.dress import Dressed
from atlasod_tui.tui.looks import fallbacks, terminal, theme_files
from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.memory import Memory
from atlasod_tui.tui.orders.verbs import Verbs
from atlasod_tui.tui.widgets.too_small import TooSmall
from atlasod_tui.tui.world import World
from tests.tui.piloting import FakeJobs


class Many(Screen[None]):
    """Many widgets."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look

    def compose(self) -> Iterable[Any]:
        """Show them."""
        glyphs = self.look.glyphs
        yield Static(f"{glyphs.picked} picked {glyphs.crumb} {glyphs.more}", id="glyphs")
        yield Static(" ".join(f"{glyphs.state(state)} {state}" for state in State), id="states")
        yield Static(glyphs.filled(0.43, 20) + glyphs.levels, id="bar")
        yield Static("[$text-success]good[/] [$text-error]bad[/] [$text-muted]muted[/]", id="words")
        yield Input("text")
        yield OptionList("one", "two \u00e9 \u5bbd", "three")
        yield Checkbox("check")
        yield ProgressBar(100)
        with VerticalScroll():
            yield Static("\n".join(map(str, range(100))))

    def on_mount(self) -> None:
        """Put the keys on the list."""
        self.query_one(OptionList).focus()

    def on_resize(self, event: Resize) -> None:
        """Say so where there is too little room."""
        TooSmall.cover(self, event.size)


class DressedApp(Dressed):
    """The app; ``q`` quits, ``t`` changes to the next theme."""

    CSS = """
    #glyphs { border: $edge $border; }
    OptionList { border: $edge-focus $border; height: 5; }
    VerticalScroll { height: 3; }
    """
    BINDINGS: ClassVar[list[Any]] = [("q", "quit", "quit"), ("t", "next", "next")]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, world: World, themes: theme_files.ThemeFiles) -> None:
        super().__init__()
        self.dress(world, themes)

    def get_default_screen(self) -> Screen[Any]:
        """Show many widgets."""
        return Many(self.world.look)

    def action_next(self) -> None:
        """Wear the next theme."""
        names = sorted(self.themes.found)
        self.wear(names[(names.index(self.theme) + 1) % len(names)])


def main() -> None:
    """Run it in this terminal."""
    refusal = terminal.refusal(os.environ, (sys.stdin, sys.stdout, sys.stderr), shutil.get_terminal_size())
    if refusal is not None:
        raise refusal
    themes = theme_files.read_all()
    choice = fallbacks.choose(os.environ, sys.stdout, config.load(), themes.found, ascii_only="--ascii" in sys.argv)
    look = Look(themes.found[choice.theme], ascii=choice.ascii, console=choice.console)
    world = World(FakeJobs(), look, memory=Memory(), verbs=Verbs())  # type: ignore[arg-type]
    DressedApp(world, themes).run()


if __name__ == "__main__":
    main()

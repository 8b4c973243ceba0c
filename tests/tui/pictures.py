"""Pictures of the program: one run of it is looked at in both sizes and in several themes."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from textual.screen import Screen
from textual.widgets._toast import Toast

from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.looks import theme_files
from atlasod_tui.tui.widgets.plot_canvas import PlotCanvas
from tests.tui.piloting import DEADLINE, make_world, text_of

if TYPE_CHECKING:
    from types import ModuleType

    from textual.pilot import Pilot

    from atlasod_tui.tui.world import World

Size = tuple[int, int]

SMALL, LARGE = (80, 24), (160, 48)
LOOKS = ((SMALL, "dark"), (SMALL, "mono"), (LARGE, "light"), (LARGE, "dark"))
"""In the order in which they cost least."""
BASES = {"LakeLists", "PlotsKeys", "PlotsMaking", "JobDoing", "Choice", "Form", "TypingDialog"}
"""What no one sees: others are made of them."""
_FAR = 60
"""Seconds to what is not waited for."""
_QUIET = 3
"""Times in a row that nothing is under way, until it is believed."""
_UNSEEN = re.compile(
    r' clip-path="url\(#terminal-line-\d+\)"|<clipPath id="terminal-line-\d+">.*?</clipPath>\s*', re.DOTALL
)


class Seat:
    """Whoever sits before the program.

    Attributes:
        app: The program.
    """

    def __init__(self, pilot: Pilot[Any]) -> None:
        self.pilot = pilot
        self.app: Any = pilot.app

    async def press(self, *keys: str) -> None:
        """Press keys, each when the one before has had its effect."""
        await self.pilot.press(*keys)

    async def sees(self, *texts: str) -> None:
        """Wait until some texts are there, and nothing is under way."""
        await self._until(lambda: not self._missing(texts))

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await self._until(lambda: True)

    async def picture(self) -> str:
        """Return what is seen, without what no eye can see."""
        for screen in self.app.screen_stack:
            for canvas in screen.query(PlotCanvas):
                canvas._cuts = {}  # where lines are cut tells what was there before
                canvas.refresh()
        await self.settled()
        svg = re.sub(r"\bterminal-\d+-", "terminal-", self.app.export_screenshot(simplify=True))
        lines = _UNSEEN.sub("", svg).replace("&#160;", "\N{NO-BREAK SPACE}").split("\n")
        return "\n".join(line.rstrip(" ") for line in lines)

    def _missing(self, texts: tuple[str, ...]) -> list[str]:
        seen = text_of(self.app) if texts else ""
        return [text for text in texts if text not in seen]

    async def _until(self, holds: Callable[[], bool]) -> None:
        end, quiet = time.monotonic() + DEADLINE, 0
        while quiet < _QUIET:
            assert time.monotonic() < end, f"not within {DEADLINE:g} s:\n{text_of(self.app)}"
            await asyncio.sleep(0.001)
            if _busy(self.app) or not holds():
                quiet = 0
            elif stale := [screen for screen in self.app.screen_stack if _painting(screen)]:
                for screen in stale:
                    screen._on_timer_update()
                quiet = 0
            else:
                quiet += 1


Way = Callable[[Seat], Awaitable[None]]


async def begin(_: Seat) -> None:
    """Stay where the program begins."""


def then(way: Way, *keys: str) -> Way:
    """Return a way that goes on with some keys."""

    async def go(seat: Seat) -> None:
        await way(seat)
        await seat.press(*keys)

    return go


@dataclass(frozen=True)
class Scene:
    """Something to be seen of the program.

    Attributes:
        name: Of the scene.
        shows: The class of the screen in front.
        way: What leads there.
        sees: What is to be read there in each size.
        world: Makes the world it happens in.
        looks: Sizes and themes.
    """

    name: str
    shows: type[Screen[Any]]
    way: Way = begin
    sees: tuple[str, ...] = ()
    world: Callable[[], World] = make_world
    looks: tuple[tuple[Size, str], ...] = LOOKS


def seen_of(*packages: ModuleType) -> Iterator[type[Screen[Any]]]:
    """Yield the classes of all pages or dialogs that there are in some packages."""
    for package in packages:
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for _, each in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if issubclass(each, Screen) and each.__module__ == module.name and each.__name__ not in BASES:
                    yield each


def named(size: Size, theme: str) -> str:
    """Return the name of a picture among those of its scene."""
    return f"{size[0]}x{size[1]}.{theme}"


async def pictures(scene: Scene) -> dict[str, str]:
    """Return the pictures of a scene by their size and theme; the program runs once for all of them."""
    found = {}
    app = AtlasodApp(scene.world(), themes=theme_files.read_all())
    async with app.run_test(size=scene.looks[0][0], notifications=True) as pilot:
        seat = Seat(pilot)
        with _attentive(seat):
            await seat.settled()
            await scene.way(seat)
            for size, theme in scene.looks:
                app.wear(theme)
                if app.size != size:
                    await pilot.resize_terminal(*size)
                await seat.sees(*scene.sees)
                assert type(app.screen) is scene.shows
                found[named(size, theme)] = await seat.picture()
    return found


@contextmanager
def _attentive(seat: Seat) -> Iterator[None]:
    """Have Textual's pilot wait for what is under way, where it guesses by the load of the processor."""

    async def idle(*_: float) -> None:
        await seat.settled()

    with patch("textual.app.wait_for_idle", idle), patch("textual.pilot.wait_for_idle", idle):
        yield


def _busy(app: Any) -> bool:
    """Return whether anything is about to change what is seen: messages, workers, timers that go off once."""
    if any(not worker.is_finished for worker in app.workers):
        return True
    nodes = [app, *(node for screen in app.screen_stack for node in screen.walk_children(with_self=True))]
    return any(node.message_queue_size or node._next_callbacks or _waiting(node) for node in nodes)


def _waiting(node: Any) -> bool:
    return not isinstance(node, Toast) and any(
        timer._repeat is not None and timer._interval < _FAR and timer._task is not None and not timer._task.done()
        for timer in list(node._timers)
    )


def _painting(screen: Any) -> bool:
    """Return whether something of a screen is still to be painted; a page is seen behind a dialog."""
    if screen is screen.app.screen:
        return bool(screen._layout_required or screen._dirty_widgets or screen._repaint_required or screen._callbacks)
    return bool(screen.is_current and (screen._layout_required or screen._dirty_widgets))

"""Pictures of the program: one run of it is looked at in both sizes and in several themes."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.widgets._toast import Toast

from atlasod_tui.tui.app import AtlasodApp
from atlasod_tui.tui.looks import theme_files
from tests.tui.piloting import make_world, text_of, until

if TYPE_CHECKING:
    from textual.pilot import Pilot
    from textual.screen import Screen

    from atlasod_tui.tui.world import World

SMALL, LARGE = (80, 24), (160, 48)
LOOKS = ((SMALL, "dark"), (SMALL, "mono"), (LARGE, "light"), (LARGE, "dark"))
"""In the order in which they cost least."""


class Seat:
    """Whoever sits before the program.

    Attributes:
        app: The program.
        pilot: Its keys.
        folder: An empty one.
    """

    def __init__(self, pilot: Pilot[Any], folder: Path) -> None:
        self.pilot, self.folder = pilot, folder
        self.app: Any = pilot.app

    async def press(self, *keys: str) -> None:
        """Press keys, each when the one before has had its effect."""
        for key in keys:
            await self.pilot.press(key)
            await self.settled()

    async def sees(self, *texts: str) -> None:
        """Wait until some texts are there, and nothing is under way."""
        for text in texts:
            await until(self.pilot, lambda text=text: text in text_of(self.app))  # type: ignore[misc]
        await self.settled()

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await until(self.pilot, lambda: not busy(self.app))

    def picture(self) -> str:
        """Return what is seen, without what no eye can see."""
        svg = re.sub(r"\bterminal-\d+-", "terminal-", self.app.export_screenshot())
        svg = re.sub(r' clip-path="url\(#terminal-line-\d+\)"|<clipPath id="terminal-line-.*?</clipPath>\n*', "", svg, flags=re.S)
        return "\n".join(line.rstrip(" \t") for line in svg.replace("&#160;", "\N{NO-BREAK SPACE}").split("\n"))


Way = Callable[[Seat], Awaitable[None]]


async def begin(seat: Seat) -> None:
    """Go nowhere."""
    await seat.settled()


@dataclass(frozen=True)
class Scene:
    """Something to be seen of the program.

    Attributes:
        name: Of its pictures.
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
    looks: tuple[tuple[tuple[int, int], str], ...] = field(default=LOOKS)

    @property
    def pictures(self) -> list[str]:
        """The names of its pictures."""
        return [name_of(self, *look) for look in self.looks]


def name_of(scene: Scene, size: tuple[int, int], theme: str) -> str:
    """Return the name of a picture."""
    return f"{scene.name}.{size[0]}x{size[1]}.{theme}"


async def pictures(scene: Scene, folder: Path) -> dict[str, str]:
    """Return the pictures of a scene by their names; the program runs once for all of them."""
    found = {}
    app = AtlasodApp(scene.world(), themes=theme_files.read_all())
    async with app.run_test(size=scene.looks[0][0], notifications=True) as pilot:
        seat = Seat(pilot, folder)
        await seat.settled()
        await scene.way(seat)
        for size, theme in scene.looks:
            app.wear(theme)
            if app.size != size:
                await pilot.resize_terminal(*size)
            await seat.sees(*scene.sees)
            assert type(app.screen) is scene.shows
            found[name_of(scene, size, theme)] = seat.picture()
    return found


def busy(app: Any) -> bool:
    """Return whether anything is about to change what is seen."""
    nodes = [app, *(node for screen in app.screen_stack for node in screen.walk_children(with_self=True))]
    return any(worker.is_running or worker.state.name == "PENDING" for worker in app.workers) or any(
        _pending(node) for node in nodes if not isinstance(node, Toast)
    )


def _pending(node: Any) -> bool:
    """Return whether a timer is to go off once; those that go on for ever are no news."""
    timers: Iterator[Any] = iter(list(node._timers))
    return any(timer._repeat is not None and timer._task is not None and not timer._task.done() for timer in timers)

"""How tests walk through the screen: a world on stable data, and waiting for what is to be seen."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, cast

from textual._context import visible_screen_stack

from atlasod_tui.tui.looks.look import Look
from atlasod_tui.tui.memory import Memory
from atlasod_tui.tui.orders.verbs import Told, Verbs
from atlasod_tui.tui.world import World
from tests.tui.fake_content import NOW
from tests.tui.fake_lake import FakeLake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App
    from textual.pilot import Pilot

    from atlasod_tui.tui.jobs.watch import JobWatch

DEADLINE = 10.0


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Let a test be a coroutine; fixtures and parameters are its arguments."""

    @functools.wraps(test)
    def run(*arguments: Any, **options: Any) -> None:
        asyncio.run(test(*arguments, **options))

    return run


async def until(pilot: Pilot[Any], predicate: Callable[[], object], deadline: float = DEADLINE) -> None:
    """Wait until something holds, and what it led to is on the screen.

    Raises:
        AssertionError: If it does not hold in time.
    """
    end = time.monotonic() + deadline
    while not predicate():
        assert time.monotonic() < end, f"not within {deadline:g} s:\n{text_of(pilot.app)}"
        await asyncio.sleep(0.01)
    await pilot.pause()


def text_of(app: App[Any]) -> str:
    """Return what the screen in front shows, as lines of text without their trailing blanks."""
    visible_screen_stack.set(app._background_screens)  # or dialogs keep a blank page behind them
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


class FakeJobs:
    """No jobs at all."""

    jobs: tuple[Any, ...] = ()
    active: tuple[Any, ...] = ()
    recent: tuple[Any, ...] = ()
    complete = True

    def start(self, changed: object, ended: object) -> None:
        """Watch nothing."""

    def look_now(self) -> None:
        """Nothing is to be seen."""

    def show(self, place: str, ids: Iterable[str]) -> None:
        """Nothing is shown."""


class FakeVerbs(Verbs):
    """Verbs that note what they were to run, and tell what a test wants.

    Attributes:
        ran: The arguments of each.
        answers: First argument, or the first two with a blank, to a document or to an error.
    """

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.answers = answers or {}
        self.ran: list[list[str]] = []

    async def run(self, arguments: Sequence[str]) -> Told:
        """Note it, and answer."""
        self.ran.append(list(arguments))
        for words in (2, 1):
            answer = self.answers.get(" ".join(arguments[:words]))
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                return Told(answer, "", 0)
        return Told({}, "", 0)


def make_world(lake: FakeLake | None = None, **wishes: Any) -> World:
    """Return a world whose clock stands still, with a fake lake, no jobs, and nothing remembered.

    Args:
        lake: Another fake lake.
        wishes: Fields of `World`.
    """
    wishes.setdefault("jobs", cast("JobWatch", FakeJobs()))
    wishes.setdefault("look", Look())
    wishes.setdefault("memory", Memory())
    wishes.setdefault("verbs", FakeVerbs())
    wishes.setdefault("now", lambda: NOW)
    world = World(lake=lake if lake is not None else FakeLake(), **wishes)
    world.lake._changed = lambda: world.tell("lake")  # type: ignore[union-attr]  # a fake one
    return world

"""The first page of someone without a lake."""

from __future__ import annotations

from atlasod_tui.jobs.status import State
from atlasod_tui.tui.screens.welcome import Guide, Welcome
from atlasod_tui.tui.world import World
from tests.tui.pictures import Scene, Seat, then
from tests.tui.scenes.stable import world
from tests.tui.test_welcome import JOB, see, view


def installs() -> World:
    """Return a world where the sandbox can be installed."""
    return world(answers={"sandbox up": {"job": JOB}})


async def welcome(seat: Seat) -> None:
    """Begin without a lake."""
    seat.app.world.lake = None
    seat.app.world.tell("lake")
    seat.app.welcome()
    await seat.sees("Welcome!")


async def install(seat: Seat) -> None:
    """Have the sandbox installed."""
    await then(welcome, "s")(seat)
    see(seat.app.world, view(State.RUNNING, phase="fetching, numpy", done=24, total=96, unit="packages"))


SCENES = (
    Scene("welcome", Welcome, welcome, ("practice lake",), installs),
    Scene("welcome.installing", Welcome, install, ("24/96 packages",), installs),
    Scene("welcome.folder", Welcome, then(welcome, "f"), ("Folder:",), installs),
    Scene("welcome.guide", Guide, then(welcome, "r"), ("RUCIO_CONFIG",), installs),
)

"""The page of the lake, and its dialogs."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from atlasod_tui.errors import LakeAwayError, UsageError
from atlasod_tui.tui.dialogs.confirm import Confirm
from atlasod_tui.tui.dialogs.get import GetDialog
from atlasod_tui.tui.dialogs.lakes import Lakes
from atlasod_tui.tui.dialogs.multiply import MultiplyDialog
from atlasod_tui.tui.dialogs.rules import ExtendRule
from atlasod_tui.tui.dialogs.search import Search
from atlasod_tui.tui.dialogs.upload import UploadDialog
from atlasod_tui.tui.lake.levels import identity
from atlasod_tui.tui.screens.lake import LakePage
from atlasod_tui.tui.world import World
from tests.tui.fake_content import CC, NOW
from tests.tui.fake_lake import FakeLake
from tests.tui.making_jobs import view
from tests.tui.pictures import Scene, Seat, then
from tests.tui.scenes.stable import RESULT, world

_WORKING = (
    view(3),
    view(2, title="multiply mc_361106.Zee x4", unit="B", done=1_200_000_000, total=2_100_000_000, rate=9.6e7),
)


async def open_(seat: Seat, *names: str) -> None:
    """Open rows by their names, one after the other."""
    page = seat.app.page
    await seat.sees("opendata")
    for name in names:
        table = page.here
        table.seek(next(key for key in map(identity, table.rows) if name in key))
        await seat.press("enter")


async def to_datasets(seat: Seat) -> None:
    """Go to the datasets of a scope."""
    await open_(seat, "opendata")


async def to_files(seat: Seat) -> None:
    """Go to files, see where they are, and pick two."""
    await open_(seat, "opendata", "2020.4lep")
    await seat.sees("2/2")
    await seat.press("space", "space", "down")


async def to_nothing(seat: Seat) -> None:
    """Filter away all there is."""
    await open_(seat, "opendata", "2020.4lep")
    await seat.press("slash", *"zeee")


async def to_details(seat: Seat) -> None:
    """Go to the rules of a dataset."""
    await open_(seat, "opendata")
    page = seat.app.page
    page.here.seek(("opendata", "2020.4lep"))
    await seat.press("i")
    while page.rule is None or page.rule.id[0] != "b":
        await seat.press("down")


async def details_of_a_file(seat: Seat) -> None:
    """Show all of a file."""
    await open_(seat, "opendata", "2020.4lep")
    page = seat.app.page
    page.here.seek(("opendata", "mc_363490.llll.4lep.root"))
    await seat.press("i")


async def upload(seat: Seat) -> None:
    """Choose files of a result, and a storage element."""
    await seat.app.push_screen(UploadDialog(seat.app.world, RESULT))
    await seat.sees("m4l.png", CC)
    await seat.press("down", "space", "tab", "space")


AWAY = LakeAwayError("the lake fake does not answer", "Its agent was ended after 30 s.")


def away() -> World:
    """Return a world whose lake is away, and remembered."""
    return world(lake=FakeLake(remembers=NOW - timedelta(hours=2), failure=AWAY))


def refusing() -> World:
    """Return a world where nothing can be multiplied."""
    return world(answers={"multiply --dry-run": UsageError("the disk is full", "Choose another --to.")})


working = partial(world, *_WORKING)
to_multiply = then(to_files, "m", "tab", "tab", "tab", "space")
to_what_is_wrong = then(to_multiply, "down", "space", *["shift+tab"] * 3, "0")

SCENES = (
    Scene("lake.scopes", LakePage, sees=("user.student",)),
    Scene("lake.datasets", LakePage, to_datasets, ("2020.4lep.data",), working),
    Scene("lake.files", LakePage, to_files, ("2 picked",), working),
    Scene("lake.no-match", LakePage, to_nothing, ("No files match",)),
    Scene("lake.details", LakePage, to_details, ("replicating",)),
    Scene("lake.details-of-file", LakePage, details_of_a_file, ("6298e6cb",)),
    Scene("lake.away", LakePage, to_datasets, ("Lake unreachable",), away),
    Scene("lake.multiply", MultiplyDialog, to_multiply, ("would be left", CC), world),
    Scene("lake.multiply-wrong", MultiplyDialog, to_what_is_wrong, ("A number from",), refusing),
    Scene("lake.multiply-confirm", Confirm, then(to_multiply, "y", "enter"), ("[ Multiply ]",), world),
    Scene("lake.get", GetDialog, then(to_datasets, "f"), ("would be left",), world),
    Scene("lake.upload", UploadDialog, upload, ("m4l.png",), world),
    Scene("lake.search", Search, then(to_datasets, "w", *"skim=4lep"), ("--where skim=4lep",)),
    Scene("lake.extend-rule", ExtendRule, then(to_details, "r"), ("7d = until",)),
    Scene("lake.end-rule", Confirm, then(to_details, "x"), ("what no other rule keeps",)),
    Scene("lake.lakes", Lakes, then(to_datasets, "L"), ("the CERN Open Data portal",)),
)
